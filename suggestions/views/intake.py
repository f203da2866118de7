"""Intake: a clerk at a window, on the telephone or on a square writes down what somebody says."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from core.errors import Invalid, Unavailable
from core.pages import add_domain_error, private_response
from suggestions import services
from suggestions.forms.office import AT_THE_DESK, IntakeForm
from suggestions.services import Receipt
from suggestions.states import Channel
from suggestions.tracking import KeptReceipt
from suggestions.views import speak


@require_http_methods(["GET", "HEAD", "POST"])
@private_response
def new(request: HttpRequest) -> HttpResponse:
    """The form; sent, it answers with the receipt itself, so that the code lies nowhere, not even sealed in a session.

    Reloading the receipt sends the same form again and gets the same receipt (P1); leaving it shows the code no more.
    """
    if request.method != "POST":
        return _page(request, IntakeForm(initial=_as_before(request)))
    form = IntakeForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        receipt = services.submit(
            speak.sorted_by_its_words(form.voice(), request),
            idempotency_key=form.cleaned_data["idempotency_key"],
            entered_by=request.user,
            files=form.cleaned_data["attachments"],
        )
    except (Invalid, Unavailable) as error:
        add_domain_error(form, error)
        if isinstance(error, Invalid) and "idempotency_key" in error.fields:
            form.renew_key()
        return _page(request, form, status=error.status)
    return _receipt(request, receipt)


def _as_before(request: HttpRequest) -> dict[str, Any]:
    """How the last voice came in, for the next one: ``?channel=plaza&day=3``; what makes no sense is left out."""
    before: dict[str, Any] = {}
    if request.GET.get("channel") in AT_THE_DESK:
        before["channel"] = request.GET["channel"]
    if request.GET.get("day", "").isdecimal():
        before["plaza_day"] = request.GET["day"]
    return before


def _page(request: HttpRequest, form: IntakeForm, *, status: int = 200) -> HttpResponse:
    context = {"form": form, "units": speak.units_to_name(), "files_lost": bool(request.FILES)}
    return render(request, "suggestions/intake.html", context, status=status)


def _receipt(request: HttpRequest, receipt: Receipt) -> HttpResponse:
    kept = KeptReceipt(receipt.suggestion, receipt.tracking_code, receipt.again)
    context = speak.on_the_receipt(request, kept) | {"clerk": True, "next_voice": _next_voice(receipt)}
    return render(request, "suggestions/intake_receipt.html", context)


def _next_voice(receipt: Receipt) -> str:
    """The empty form for the next person in the queue, with the same channel and day."""
    case = receipt.suggestion
    same = {"channel": case.channel}
    if case.channel == Channel.PLAZA:
        same["day"] = str(case.plaza_day_id)
    return f"{reverse('suggestions:intake')}?{urlencode(same)}"
