"""Propose, join, take back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from annual_projects import services
from annual_projects.forms.public import JoinForm, NominateForm
from annual_projects.models import Edition, Nomination
from annual_projects.pages import edition_or_404
from annual_projects.queries import editions
from annual_projects.states import Phase
from annual_projects.views.public import candidate_page, visible_candidate
from core import ratelimit
from core.errors import DomainError
from core.pages import SeeOther, private_response, submit_form

HOUR = 3600
MOST_AN_HOUR = 20


@require_http_methods(["GET", "HEAD", "POST"])
@private_response
def nominate(request: HttpRequest, year: int) -> HttpResponse:
    """Propose something for the year."""
    shown = edition_or_404(request, year)
    if request.method != "POST":
        return _page(request, shown, NominateForm())
    form = NominateForm(request.POST)
    result = submit_form(form, lambda said: _nominate(request, shown, form))
    if not result.done:
        return _page(request, shown, form, status=result.status)
    messages.success(request, _("Thank you. We look at it, and you see here what becomes of it."))
    made: Nomination = result.value
    return SeeOther(made.candidate.get_absolute_url())


def _nominate(request: HttpRequest, shown: Edition, form: NominateForm) -> Nomination:
    ratelimit.hit(f"user:{request.user.pk}", group="nominate", limit=MOST_AN_HOUR, seconds=HOUR)
    key = form.cleaned_data["idempotency_key"]
    return services.nominate(shown, form.idea(), user=request.user, idempotency_key=key)


def _page(request: HttpRequest, shown: Edition, form: NominateForm, *, status: int = 200) -> HttpResponse:
    context = {
        "edition": shown,
        "form": form,
        "open": shown.phase == Phase.COLLECTING,
        "others": editions.candidates(shown)[:12] if shown.phase == Phase.COLLECTING else [],
        "mine": editions.mine(shown, request.user),
    }
    return render(request, "annual_projects/nominate.html", context, status=status)


@require_POST
@private_response
def join(request: HttpRequest, year: int, slug: str) -> HttpResponse:
    """«I want this too.»"""
    shown = visible_candidate(request, year, slug)
    form = JoinForm(request.POST)
    result = submit_form(
        form,
        lambda said: services.join(
            shown, user=request.user, words=said["text"], idempotency_key=said["idempotency_key"]
        ),
    )
    if not result.done:
        return candidate_page(request, shown, form, result.status)
    messages.success(request, _("Thank you. Your proposal counts with the others."))
    return SeeOther(shown.get_absolute_url())


@require_POST
@private_response
def take_back(request: HttpRequest, year: int, slug: str) -> HttpResponse:
    """Whoever proposed it takes it back."""
    shown = visible_candidate(request, year, slug)
    try:
        services.take_back(shown, user=request.user)
    except DomainError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("Taken back."))
    return SeeOther(shown.edition.get_absolute_url())
