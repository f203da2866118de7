"""The desk of an edition: all years, one year with what comes next, its plan, the demand board, and the freeze."""

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annual_projects import services
from annual_projects.forms.desk import DemandForm, first_year_free
from annual_projects.forms.plan import PlanForm
from annual_projects.models import Edition
from annual_projects.pages import desk_page, edition_or_404
from annual_projects.queries import board as boards
from annual_projects.queries import demand as demands
from annual_projects.queries import editions
from annual_projects.services import freezing
from annual_projects.services.editions import missing_for
from annual_projects.states import BEFORE_FREEZE, WITH_PROJECTS, CandidateState
from annual_projects.views.public import timetable
from core import clock, policy
from core.errors import DomainError, NotAllowed
from core.pages import SeeOther, private_response, submit_form


@require_safe
@private_response
def index(request: HttpRequest) -> HttpResponse:
    """Every year, and the way to a new one."""
    return desk_page(request, "desk_index", {"editions": list(editions.editions(request.user))})


@require_safe
@private_response
def edition(request: HttpRequest, year: int) -> HttpResponse:
    """Where the year stands, and what comes next."""
    shown = edition_or_404(request, year)
    following = shown.next_phase
    context = {
        "edition": shown,
        "timetable": timetable(shown),
        "counts": _counts(shown),
        "following": following,
        "due": following is not None and clock.now() >= shown.starts(following),
        "missing": missing_for(shown, following) if following else "",
        "ten": editions.ten(shown) if shown.phase in WITH_PROJECTS else [],
    }
    return desk_page(request, "desk_edition", context)


def _counts(shown: Edition) -> list[tuple[Any, str, int]]:
    """Every state a candidate can be in, with how many are; one statement."""
    counted = dict(shown.candidates.order_by().values_list("state").annotate(n=Count("pk")))
    return [(state.label, state.value, counted.get(state.value, 0)) for state in CandidateState]


@require_http_methods(["GET", "HEAD", "POST"])
@private_response
def new(request: HttpRequest) -> HttpResponse:
    """Set up a new year."""
    form = PlanForm(request.POST if request.method == "POST" else None)
    form.fields["year"].initial = first_year_free()
    if request.method == "POST":
        result = submit_form(form, lambda said: services.create_edition(said["year"], form.plan(), by=request.user))
        if result.done:
            messages.success(request, _("Set up. Ideas are collected from the first date on."))
            return SeeOther(reverse("annual_projects:desk_edition", args=[result.value.year]))
        return desk_page(request, "desk_plan", {"form": form}, status=result.status)
    return desk_page(request, "desk_plan", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@private_response
def plan(request: HttpRequest, year: int) -> HttpResponse:
    """Change the plan of a year."""
    shown = edition_or_404(request, year)
    form = PlanForm(request.POST if request.method == "POST" else None, edition=shown)
    status = 200
    if request.method == "POST":
        result = submit_form(form, lambda said: services.change_edition(shown, form.plan(shown), by=request.user))
        if result.done:
            messages.success(request, _("Saved."))
            return SeeOther(reverse("annual_projects:desk_edition", args=[year]))
        status = result.status
    return desk_page(request, "desk_plan", {"form": form, "edition": shown}, status=status)


@require_POST
@private_response
def advance(request: HttpRequest, year: int) -> HttpResponse:
    """Begin the next phase now that its hour has come."""
    return _do(request, year, lambda shown: services.advance(shown, by=request.user), _("The next phase has begun."))


def _do(request: HttpRequest, year: int, act: Any, done: str, back: str = "desk_edition") -> HttpResponse:
    """Try it and go back, with the reason where it was refused."""
    shown = edition_or_404(request, year)
    try:
        act(shown)
    except NotAllowed:
        raise
    except DomainError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, done)
    return SeeOther(reverse(f"annual_projects:{back}", args=[year]))


# --- the demand board ---------------------------------------------------------------------------------------------


@require_safe
@private_response
def demand(request: HttpRequest, year: int) -> HttpResponse:
    """What people ask for: by category, topic and place, with shares and growth."""
    shown = edition_or_404(request, year)
    about = DemandForm(request.GET).demand()
    context = {
        "edition": shown,
        "form": DemandForm(initial=_initial(about)),
        "about": about,
        "board": boards.board(about),
        "counted": demands.count(about),
        "narrowed": bool(about.category or about.area or about.topic or about.words),
        "made": demands.candidates_made(shown),
        "may_make": shown.phase in BEFORE_FREEZE and not shown.is_frozen,
    }
    return desk_page(request, "desk_demand", context)


def _initial(about: demands.Demand) -> dict[str, Any]:
    """What was understood of the address, for the fields of the filter."""
    return {
        "starts": about.period.starts,
        "ends": about.period.ends,
        "category": about.category,
        "area": about.area,
        "words": " ".join(about.words),
    }


@require_POST
@private_response
def make_candidate(request: HttpRequest, year: int) -> HttpResponse:
    """One click: the demand becomes a candidate, its evidence with it."""
    shown = edition_or_404(request, year)
    about = DemandForm(request.POST).demand()
    try:
        made = services.candidate_from_demand(shown, about, by=request.user)
    except NotAllowed:
        raise
    except DomainError as error:
        messages.error(request, str(error.message))
        return SeeOther(reverse("annual_projects:desk_demand", args=[year]))
    messages.success(request, _("A candidate now, with its evidence. Say in plain words what is to be done."))
    return SeeOther(reverse("annual_projects:desk_candidate", args=[year, made.slug]))


# --- the freeze ---------------------------------------------------------------------------------------------------


@require_safe
@private_response
def freeze(request: HttpRequest, year: int) -> HttpResponse:
    """The list as it would be frozen, who proposed it, and who may confirm it."""
    shown = edition_or_404(request, year)
    proposed = shown.freeze_proposed_by_id is not None
    context = {
        "edition": shown,
        "listed": list(shown.candidates.on_the_ballot().select_related("lead_unit", "category", "evidence")),
        "missing": "" if shown.is_frozen else freezing.what_is_missing(shown),
        "changed": proposed and not shown.is_frozen and services.digest(shown) != shown.freeze_digest,
        "may_propose": policy.can(request.user, "prepare", "edition"),
        "may_confirm": policy.can(request.user, "freeze", "edition") and shown.freeze_proposed_by_id != request.user.pk,
    }
    return desk_page(request, "desk_freeze", context)


@require_POST
@private_response
def freeze_step(request: HttpRequest, year: int, step: str) -> HttpResponse:
    """Propose, confirm or recall the freeze."""
    seen = request.POST.get("seen", "")[:64]
    steps = {
        "propose": (
            lambda one: services.propose_freeze(one, by=request.user),
            _("Proposed. A second person confirms."),
        ),
        "confirm": (
            lambda one: services.confirm_freeze(one, by=request.user, seen=seen),
            _("Frozen. The list stands now."),
        ),
        "recall": (lambda one: services.recall_freeze(one, by=request.user), _("Taken back. The list is open again.")),
    }
    if step not in steps:
        raise Http404
    return _do(request, year, *steps[step], back="desk_freeze")
