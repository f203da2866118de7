"""The open board and the open files."""

import csv
from collections.abc import Iterable, Iterator
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from core.charts import BYTE_ORDER_MARK
from core.requests import absolute
from core.small_cells import FEW
from portal import charts
from portal.files import FILES, HEADS
from portal.files import audit_heads as heads
from portal.queries import board as boards
from portal.queries import figures
from portal.tiles import tiles

FORMULAS = ("=", "+", "-", "@", "\t", "\r")


@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """How the city answers: today, and over twelve whole months."""
    counted, as_of = figures.city()
    shown = boards.board()
    context = {
        "tiles": tiles(counted, with_days=True),
        "as_of": as_of,
        "span": charts.span(shown.window),
        "charts": [
            ("months", charts.by_month(shown)),
            ("districts", charts.by_county(shown)),
            ("subjects", charts.by_category(shown)),
        ],
    }
    return render(request, "portal/open.html", context)


@require_safe
def files(request: HttpRequest) -> HttpResponse:
    """Which files there are, and what every column means."""
    return render(request, "portal/data.html", {"files": FILES.values()})


@require_safe
def package(request: HttpRequest) -> JsonResponse:
    """The same for programs, as a Frictionless data package."""
    resources = [
        {
            "name": one.name,
            "title": str(one.title),
            "description": str(one.text),
            "path": absolute(request, reverse("portal:open_file", args=[one.name])),
            "format": "csv",
            "encoding": "utf-8",
            "schema": {
                "fields": [
                    {"name": column.name, "type": column.type, "description": str(column.meaning)}
                    for column in one.columns
                ],
                "missingValues": ["", FEW],
            },
        }
        for one in FILES.values()
    ]
    return JsonResponse({"name": "police-e-plaza", "resources": resources}, json_dumps_params={"ensure_ascii": False})


@require_safe
def file(request: HttpRequest, name: str) -> StreamingHttpResponse:
    """One open file, streamed."""
    if name not in FILES:
        raise Http404
    return _csv(f"{name}.csv", FILES[name].header, FILES[name].rows())


@require_safe
def audit_heads(request: HttpRequest) -> StreamingHttpResponse:
    """The daily heads of the audit ledger."""
    return _csv("heads.csv", HEADS, heads(), mark="")


class _Line:
    """What the writer of the csv module writes to; hands the line back."""

    @staticmethod
    def write(line: str) -> str:
        return line


def _csv(name: str, header: Iterable[str], rows: Iterable[Iterable[Any]], mark: str = BYTE_ORDER_MARK) -> Any:
    writer = csv.writer(_Line())

    def lines() -> Iterator[str]:
        yield mark + writer.writerow(header)
        for row in rows:
            yield writer.writerow([_plain(cell) for cell in row])

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "public, max-age=60"
    return response


def _plain(cell: Any) -> Any:
    """Words that a spreadsheet would run as a formula get an apostrophe in front."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULAS) else cell
