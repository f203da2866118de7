"""Called to account, at the desk: cases by deadline, what the rows prove, one case and its next step, one's own."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import DomainError, NotAllowed, Text
from core.pages import SeeOther, add_domain_error, private_response
from evaluations import services
from evaluations.access.accountability import (
    concerning,
    handled_cases,
    may_handle_some,
    reaches_only_oneself,
    visible_cases,
)
from evaluations.forms.judging import AnswerForm, ByRankForm, DecideForm, DropForm, HearForm, OpenForm, SpeakForm
from evaluations.models import AccountabilityCase
from evaluations.queries import accountable, findings
from evaluations.queries.accountable import FOLDERS, RUNNING
from evaluations.services.accounting import SPEAKS_IN
from evaluations.states import CASE_TRANSITIONS, CaseState, Ground

Forms = dict[str, forms.Form]


@dataclass(frozen=True)
class Verb:
    """One step of a case: its form, its service, the button, and what is said when it is done."""

    form: type[forms.Form]
    act: Callable[..., AccountabilityCase]
    to: CaseState | None
    button: Text
    done: Text


VERBS = {
    "open": Verb(OpenForm, services.open_case, CaseState.OPENED, _("Make it a case"), _("The case is open.")),
    "hear": Verb(HearForm, services.hear, CaseState.HEARD, _("Write down the hearing"), _("Written down.")),
    "decide": Verb(DecideForm, services.decide, CaseState.DECIDED, _("Decide this"), _("Decided.")),
    "answer": Verb(
        AnswerForm, services.answer_in_public, CaseState.ANSWERED, _("Answer in public"),
        _("Answered. Everybody can read it now."),
    ),
    "drop": Verb(
        DropForm, services.drop, CaseState.DROPPED, _("Drop it with these reasons"), _("Dropped with reasons.")
    ),
    "speak": Verb(SpeakForm, services.speak, None, _("Send your side"), _("It stands in the record now.")),
}  # fmt: skip


@require_safe
@private_response
def index(request: HttpRequest) -> HttpResponse:
    """The cases this person may read, and apart from them those about themselves."""
    folder = request.GET.get("folder", RUNNING)
    folder = folder if folder in FOLDERS else RUNNING
    here = reverse("evaluations:desk_accountability")
    tabs = [
        {"label": label, "url": f"{here}?folder={name}" if name != RUNNING else here, "current": name == folder}
        for name, label in FOLDERS.items()
    ]
    context = {
        "page": accountable.page_of_cases(request.user, folder=folder, cursor=request.GET.get("cursor")),
        "mine": accountable.about_oneself(request.user),
        "folder": folder,
        "tabs": tabs,
        "may_handle": may_handle_some(request.user),
        "own_only": reaches_only_oneself(request.user),
    }
    return render(request, "evaluations/desk_accountability.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@private_response
def found(request: HttpRequest) -> HttpResponse:
    """What the rows prove and nobody has opened yet; a button opens the inquiry."""
    if not may_handle_some(request.user):
        raise Http404
    if request.method != "POST":
        return _findings(request)
    try:
        made = services.open_inquiry(request.POST.get("key", ""), by=request.user)
    except NotAllowed:
        raise
    except DomainError as error:
        return _findings(request, refused=error.message, status=error.status)
    messages.success(request, str(_("The inquiry is open.")))
    return SeeOther(reverse("evaluations:desk_accountability_case", args=[made.number]))


def _findings(request: HttpRequest, refused: Text = "", status: int = 200) -> HttpResponse:
    offered = findings.offered_to(request.user)
    rows = [(one, accountable.evidence_lines(one.ground, one.rows)) for one in offered.findings]
    context = {"rows": rows, "more": offered.count - len(rows), "refused": refused}
    return render(request, "evaluations/desk_findings.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@private_response
def by_rank(request: HttpRequest) -> HttpResponse:
    """An inquiry into an officer who stands low; it stays one unless something is proven."""
    if not may_handle_some(request.user):
        raise Http404
    form = ByRankForm(request.POST or None)
    if request.method != "POST":
        return render(request, "evaluations/desk_by_rank.html", {"form": form})
    if not form.is_valid():
        return render(request, "evaluations/desk_by_rank.html", {"form": form}, status=422)
    try:
        made = services.open_inquiry_by_rank(by=request.user, **form.cleaned_data)
    except DomainError as error:
        add_domain_error(form, error)
        return render(request, "evaluations/desk_by_rank.html", {"form": form}, status=error.status)
    messages.success(request, str(_("The inquiry is open.")))
    return SeeOther(reverse("evaluations:desk_accountability_case", args=[made.number]))


@require_safe
@private_response
def case(request: HttpRequest, number: str) -> HttpResponse:
    """One case, for who may read it, or for the person it calls to account."""
    return _page(request, _shown(request, number), {})


@require_POST
@private_response
def act(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """Take one step; where it is refused the page says why and keeps what was typed."""
    shown = _shown(request, number)
    step = VERBS.get(verb)
    if step is None:
        raise Http404
    form = step.form(request.POST)
    if not form.is_valid():
        return _page(request, shown, {verb: form}, status=422)
    try:
        step.act(shown, by=request.user, **form.cleaned_data)
    except NotAllowed:
        raise
    except DomainError as error:
        add_domain_error(form, error)
        return _page(request, _shown(request, number), {verb: form}, status=error.status)
    messages.success(request, str(step.done))
    return SeeOther(reverse("evaluations:desk_accountability_case", args=[number]))


def _shown(request: HttpRequest, number: str) -> AccountabilityCase:
    """The case, if it is among those the user may read or calls this user to account."""
    for cases in (visible_cases(request.user), concerning(request.user)):
        one = accountable.detailed(cases).filter(number=number).first()
        if one is not None:
            return one
    raise Http404


def _page(request: HttpRequest, shown: AccountabilityCase, bound: Forms, status: int = 200) -> HttpResponse:
    if not visible_cases(request.user).filter(pk=shown.pk).exists():
        return _own_page(request, shown, bound, status)
    may_handle = handled_cases(request.user).filter(pk=shown.pk).exists()
    steps = _steps(shown, bound) if may_handle else []
    context = {
        "case": shown,
        "evidence": accountable.evidence_lines(shown.evidence.get("ground", ""), shown.evidence.get("rows", [])),
        "thread": accountable.thread(shown),
        "next": next((one for one in steps if one["name"] != "drop"), None),
        "drop": next((one for one in steps if one["name"] == "drop"), None),
        "refused": _refused(bound),
        "proven": _beside_the_rank(shown) if may_handle else None,
        "by_rank": shown.ground == Ground.RANK,
    }
    return render(request, "evaluations/desk_accountability_case.html", context, status=status)


def _steps(shown: AccountabilityCase, bound: Forms) -> list[dict[str, Any]]:
    ways = CASE_TRANSITIONS.get(CaseState(shown.state), ())
    return [
        {"name": name, "form": bound.get(name) or verb.form(), "button": verb.button, "sent": name in bound}
        for name, verb in VERBS.items()
        if verb.to in ways
    ]


def _refused(bound: Forms) -> list[str]:
    """Why a step was refused that is not offered any more, as the page has no form left to say it on."""
    return [str(error) for form in bound.values() for errors in form.errors.values() for error in errors]


def _beside_the_rank(shown: AccountabilityCase) -> list[str] | None:
    """What is proven beside a low rank, in lines; None where the inquiry is not by rank."""
    if shown.ground != Ground.RANK or shown.state != CaseState.INQUIRY:
        return None
    proven = findings.about(shown.officer, shown.unit)
    return [line for one in proven for line in accountable.evidence_lines(one.ground, one.rows)]


def _own_page(request: HttpRequest, shown: AccountabilityCase, bound: Forms, status: int) -> HttpResponse:
    """What the person concerned reads, and where they speak."""
    rows = shown.evidence.get("rows", [])
    context = {
        "case": shown,
        "evidence": accountable.evidence_lines(shown.evidence.get("ground", ""), rows, for_concerned=True),
        "thread": accountable.thread(shown, for_concerned=True),
        "form": (bound.get("speak") or SpeakForm()) if shown.state in SPEAKS_IN else None,
        "refused": _refused(bound),
    }
    return render(request, "evaluations/desk_accountability_mine.html", context, status=status)
