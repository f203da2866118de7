"""Cards to cut and posters of a unit or an officer, with a QR code that leads to their page."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.requests import absolute

SHEETS = ("card", "poster")
CARDS_A_SHEET = range(8)


def wanted_sheet(request: HttpRequest) -> str:
    """The sheet of paper that ``?print=`` asks for, or none."""
    wanted = request.GET.get("print", "")
    return wanted if wanted in SHEETS else ""


def paper(request: HttpRequest, sheet: str, path: str, **content: Any) -> HttpResponse:
    """A sheet of cards to cut or a poster; its QR code leads to ``path``."""
    context = {"back": path, "address": absolute(request, path), "copies": CARDS_A_SHEET, **content}
    return render(request, f"directory/print_{sheet}.html", context)
