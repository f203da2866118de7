"""The desk of candidates: all of a year by state, and one with everything that can be done with it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from annual_projects import services
from annual_projects.forms.desk import DescriptionForm, MergeForm, ReasonForm, ReviewForm
from annual_projects.models import Candidate, CandidateVoice, Edition
from annual_projects.pages import desk_page, edition_or_404
from annual_projects.queries import editions
from annual_projects.states import CANDIDATES, UNDECIDED, CandidateState, Who, may
from core import keyset, policy
from core.pages import SeeOther, private_response, submit_form
from core.text import clean

NEWEST_FIRST = ("-created_at", "-id")
C = CandidateState


@dataclass(frozen=True)
class Verb:
    """What the desk can do with a candidate: the policy it needs, the states it starts from, and its words."""

    action: str
    states: tuple[CandidateState, ...]
    run: Callable[..., Any]
    form: Callable[..., forms.Form] | None
    done: Promise


def _take_up(candidate: Candidate, form: Any, by: Any) -> Any:
    return services.take_up(candidate, by=by)


VERBS: dict[str, Verb] = {
    "describe": Verb(
        "prepare",
        (*UNDECIDED, C.ACCEPTED),
        lambda candidate, form, by: services.describe(candidate, form.description(), by=by),
        DescriptionForm,
        _("Saved."),
    ),
    "take_up": Verb(
        "prepare", (C.NOMINATED, C.REJECTED, C.ACCEPTED, C.MERGED), _take_up, None, _("It is being looked at now.")
    ),
    "review": Verb(
        "decide",
        (C.UNDER_REVIEW,),
        lambda candidate, form, by: services.review(candidate, form.found(), by=by),
        lambda data, candidate: ReviewForm(data),
        _("Decided."),
    ),
    "merge": Verb(
        "prepare",
        UNDECIDED,
        lambda candidate, form, by: services.merge(candidate, into=form.cleaned_data["into"], by=by),
        MergeForm,
        _("Put together. Voices and proposers went along."),
    ),
    "withdraw": Verb(
        "prepare",
        (C.NOMINATED, C.UNDER_REVIEW, C.ACCEPTED),
        lambda candidate, form, by: services.withdraw(candidate, by=by, **form.cleaned_data),
        lambda data, candidate: ReasonForm(data),
        _("Taken off."),
    ),
}


def _make(verb: Verb, data: Any, candidate: Candidate) -> forms.Form:
    return verb.form(data, candidate=candidate) if verb.form else forms.Form(data)


def possible(user: Any, candidate: Candidate) -> set[str]:
    """The verbs this user can do to this candidate now."""
    if candidate.edition.is_frozen:
        return set()
    found = {name for name, verb in VERBS.items() if candidate.state in verb.states}
    found = {name for name in found if policy.can(user, VERBS[name].action, "edition")}
    who = Who.ADMIN if policy.can(user, "decide", "edition") else Who.DESK
    if not may(CANDIDATES, candidate.state, C.UNDER_REVIEW, who):
        found -= {"take_up"}
    if not may(CANDIDATES, candidate.state, C.WITHDRAWN, who):
        found -= {"withdraw"}
    return found


@require_safe
@private_response
def index(request: HttpRequest, year: int) -> HttpResponse:
    """A year's candidates by state."""
    shown = edition_or_404(request, year)
    state = request.GET.get("state", "")
    counted = dict(shown.candidates.order_by().values_list("state").annotate(n=Count("pk")))
    if state not in CandidateState.values:
        state = (
            C.NOMINATED if counted.get(C.NOMINATED) else C.UNDER_REVIEW if counted.get(C.UNDER_REVIEW) else C.ACCEPTED
        )
    tabs = [
        {"label": one.label, "url": f"?state={one.value}", "count": counted.get(one.value, 0), "current": one == state}
        for one in CandidateState
    ]
    rows = shown.candidates.filter(state=state).select_related(
        "evidence", "category", "area", "lead_unit", "merged_into"
    )
    rows = rows.annotate(
        voice_count=editions.count_of(CandidateVoice.objects.filter(candidate=OuterRef("pk")), "candidate"),
        nomination_count=Count("nominations"),
    )
    page = keyset.page(rows, key=NEWEST_FIRST, cursor=request.GET.get("cursor"), size=30)
    context = {"edition": shown, "tabs": tabs, "page": page, "state": CandidateState(state)}
    return desk_page(request, "desk_candidates", context)


@require_safe
@private_response
def candidate(request: HttpRequest, year: int, slug: str) -> HttpResponse:
    """One candidate: the case for it, who proposed it, and what can be done."""
    return _page(request, _candidate_or_404(request, year, slug))


def _candidate_or_404(request: HttpRequest, year: int, slug: str) -> Candidate:
    shown: Edition = edition_or_404(request, year)
    found = shown.candidates.select_related(
        "edition", "evidence__topic", "evidence__category", "category", "area", "lead_unit", "merged_into", "decided_by"
    )
    one = found.filter(slug=clean(slug)).first()
    if one is None:
        raise Http404
    return one


def _page(
    request: HttpRequest, shown: Candidate, refused: dict[str, forms.Form] | None = None, status: int = 200
) -> HttpResponse:
    able = possible(request.user, shown)
    refused = refused or {}
    context = {
        "candidate": shown,
        "edition": shown.edition,
        "evidence": getattr(shown, "evidence", None),
        "backing": editions.backing(shown),
        "nominations": shown.nominations.select_related("candidate"),
        "members": shown.members.all(),
        "able": able,
        "forms": {name: refused.get(name) or _make(VERBS[name], None, shown) for name in able},
    }
    return desk_page(request, "desk_candidate", context, status=status)


@require_POST
@private_response
def act(request: HttpRequest, year: int, slug: str, verb: str) -> HttpResponse:
    """Do one thing with a candidate; what was typed stays where it is refused."""
    if verb not in VERBS:
        raise Http404
    shown = _candidate_or_404(request, year, slug)
    form = _make(VERBS[verb], request.POST, shown)
    result = submit_form(form, lambda said: VERBS[verb].run(shown, form, by=request.user))
    if not result.done:
        again = _candidate_or_404(request, year, slug)
        return _page(request, again, {verb: form}, result.status)
    messages.success(request, str(VERBS[verb].done))
    done: Candidate = result.value
    address = reverse("annual_projects:desk_candidate", args=[year, done.slug])
    return SeeOther(address)
