"""A unit's public card: how to reach it, who works there, how it answers."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from directory import queries
from directory.models import Officer, Unit
from directory.paper import paper, wanted_sheet
from evaluations import tiles as polls
from evaluations.queries import dashboard
from portal.queries.front import unit_page
from portal.tiles import tiles


@require_safe
def unit(request: HttpRequest, code: str) -> HttpResponse:
    """The card of one active unit, or paper with ``?print=``."""
    try:
        shown: Any = queries.public_card(code)
    except Unit.DoesNotExist:
        raise Http404 from None
    chiefs = [officer for officer in shown.staff if officer.position == Officer.Position.CHIEF]
    if sheet := wanted_sheet(request):
        shown.chiefs = chiefs
        return paper(request, sheet, shown.get_absolute_url(), officer=None, unit=shown)
    page = unit_page(shown)
    context = {
        "unit": shown,
        "page": page,
        "tiles": tiles(page.figures, with_ratings=page.with_ratings, with_days=True) if page.figures else [],
        "as_of": timezone.localdate(),
        **_polled(shown),
    }
    return render(request, "directory/unit.html", context)


def _polled(unit: Unit) -> dict[str, Any]:
    """What the public thinks of a station by the newest poll of residents, if that may be shown; one statement."""
    run, figures = dashboard.newest_of_unit(unit) if unit.kind == Unit.Kind.STATION else (None, {})
    if run is None:
        return {"polled": [], "basis": ""}
    return {"polled": polls.of_indicators(run, figures, dashboard.UNIT_INDICATORS), "basis": polls.basis(run)}
