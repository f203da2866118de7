"""The public board: what others said and what the police answered."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.errors import DomainError
from core.pages import SeeOther
from core.requests import HtmxHttpRequest, absolute
from core.text import clean
from directory.models import Unit
from suggestions import services, states, timeline
from suggestions.forms.citizen import BoardForm
from suggestions.models import Attachment, Suggestion, Supporter
from suggestions.queries import board
from suggestions.queries.board import Published
from suggestions.views.pages import send_file


@require_safe
def index(request: HtmxHttpRequest) -> HttpResponse:
    """Search and filter what was published."""
    form = BoardForm(request.GET)
    wanted = form.wanted
    page = board.search(
        wanted.get("q", ""),
        category=_code(wanted.get("category")),
        area=_code(wanted.get("area")),
        unit=wanted.get("unit"),
        state=wanted.get("state"),
        year=wanted.get("year"),
        cursor=request.GET.get("cursor"),
    )
    unit = Unit.objects.filter(code=wanted["unit"]).first() if "unit" in wanted else None
    context = {"form": form, "page": page, "unit": unit, "filtered": bool(wanted), "q": wanted.get("q", "")}
    context["narrowed"] = bool(wanted.keys() - {"q", "unit"})
    template = "suggestions/board.html#results" if request.htmx else "suggestions/board.html"
    return render(request, template, context)


def _code(chosen: Any) -> str | None:
    return chosen.pk if chosen else None


def _published(number: str) -> Published:
    try:
        return board.public_case(clean(number))
    except Suggestion.DoesNotExist:
        raise Http404 from None


@require_safe
def case(request: HttpRequest, number: str) -> HttpResponse:
    """One published case: what was said, the thread, the reply, and how many support it."""
    shown = _published(number)
    steps = board.public_thread(shown)
    supported = request.user.is_authenticated and Supporter.objects.filter(suggestion=shown, user=request.user).exists()
    reply = shown.answers[-1] if shown.answers and not shown.is_open else None
    context = {
        "case": shown,
        "reply": reply,
        "unread": reply is None and shown.state in states.ANSWERED,
        "thread": timeline.nodes(shown, steps, reader="public", reply_above=reply is not None),
        "pictures": [file for file in shown.attachments.all() if file.is_public],
        "supported": supported,
        "said_by": 1 + shown.support_count + shown.follower_count,
        "address": absolute(request, shown.public_url),
    }
    return render(request, "suggestions/case.html", context)


@require_POST
def support(request: HtmxHttpRequest, number: str) -> HttpResponse:
    """Say «me too»; a second time changes nothing."""
    shown = _published(number)
    try:
        services.support(shown, user=request.user)
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Thank you. You support this now; you need not write it again."))
    if request.htmx:
        return render(request, "suggestions/case.html#support", {"case": _published(number), "supported": True})
    return SeeOther(f"{reverse('suggestions:case', args=[number])}#support")


@require_safe
def attachment(request: HttpRequest, number: str, pk: int) -> FileResponse:
    """A picture the triage desk has shown with a published case."""
    shown = _published(number)
    file = Attachment.objects.select_related("suggestion").filter(suggestion=shown, pk=pk, is_public=True).first()
    if file is None:
        raise Http404
    return send_file(file)
