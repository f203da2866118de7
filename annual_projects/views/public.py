"""What anybody reads: all editions, one edition, one candidate."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from annual_projects import thread
from annual_projects.forms.public import JoinForm
from annual_projects.models import Candidate, Edition
from annual_projects.pages import edition_or_404, keep_seed, shuffle_seed
from annual_projects.queries import editions
from annual_projects.shuffle import shuffled
from annual_projects.states import UNDECIDED, WITH_PROJECTS, Phase
from core.requests import absolute
from core.text import clean
from core.thread import Node


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Every year."""
    return render(request, "annual_projects/index.html", {"editions": list(editions.editions(request.user))})


@require_safe
def edition(request: HttpRequest, year: int) -> HttpResponse:
    """One year: where it stands, its timetable, and the candidates in this reader's order or the ten with progress."""
    shown = edition_or_404(request, year)
    ten = editions.ten(shown) if shown.phase in WITH_PROJECTS else []
    seed = shuffle_seed(request)
    context: dict[str, Any] = {
        "edition": shown,
        "timetable": timetable(shown),
        "ten": ten,
        "candidates": [] if ten else shuffled(editions.candidates(shown), seed=seed, year=year),
        "mine": editions.mine(shown, request.user),
        "may_nominate": shown.phase == Phase.COLLECTING,
    }
    return keep_seed(request, render(request, "annual_projects/edition.html", context), seed)


def timetable(shown: Edition) -> list[Node]:
    """The phases as a thread: behind us, now, to come."""
    here = list(Phase).index(Phase(shown.phase))
    return [
        Node(str(phase.label), at=starts, done=number <= here, current=number == here, kind="step")
        for number, (phase, starts) in enumerate(shown.timetable)
    ]


@require_safe
def candidate(request: HttpRequest, year: int, slug: str) -> HttpResponse:
    """The case for one candidate, with the voices behind it."""
    return candidate_page(request, visible_candidate(request, year, slug), JoinForm())


def visible_candidate(request: HttpRequest, year: int, slug: str) -> Candidate:
    """Raises: Http404 for one that does not exist for this user."""
    try:
        return editions.candidate_for(request.user, year, clean(slug))
    except Candidate.DoesNotExist:
        raise Http404 from None


def candidate_page(request: HttpRequest, shown: Candidate, join: JoinForm, status: int = 200) -> HttpResponse:
    """The page, with what was typed to join where that was refused."""
    behind = editions.backing(shown)
    theirs = editions.mine(shown.edition, request.user)
    own = next((nomination for nomination in theirs if nomination.candidate_id == shown.pk), None)
    open_to_join = shown.edition.phase == Phase.COLLECTING and shown.state in UNDECIDED
    context = {
        "candidate": shown,
        "edition": shown.edition,
        "evidence": getattr(shown, "evidence", None),
        "backing": behind,
        "thread": thread.candidate_nodes(shown, behind),
        "own": own,
        "join": join if open_to_join and own is None else None,
        "refused": join if join.errors else None,
        "project": getattr(shown, "project", None),
        "address": absolute(request, shown.get_absolute_url()),
    }
    return render(request, "annual_projects/candidate.html", context, status=status)
