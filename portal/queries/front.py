"""The home page, a unit's page and a plaza day: what the rooms below know of them, put together."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, F, Q, QuerySet

from core.small_cells import K
from core.thread import Node
from directory.models import Unit
from plaza.models import ActivityDay
from portal.queries import figures
from suggestions import states
from suggestions.models import Suggestion
from suggestions.queries import board
from suggestions.queries.figures import COUNTED, OpenFigures, unit_figures
from suggestions.states import State

LAST_ANSWERS = 3
LONGEST_QUOTE = 90


def answered() -> QuerySet[Suggestion]:
    """Published cases that have an answer, the newest answer first; two statements."""
    settled = board.published().filter(board.ANSWERED, state__in=[State.REPLIED, State.CLOSED])
    return settled.order_by("-replied_at", "-pk")


@dataclass(frozen=True)
class SaidAndAnswered:
    """A voice and what was answered, as two nodes of the thread."""

    case: Suggestion
    nodes: list[Node]


def what_voices_changed(limit: int = LAST_ANSWERS) -> list[SaidAndAnswered]:
    """The last published answers, each with what had been said; two statements."""
    return [SaidAndAnswered(case, said_and_answered(case)) for case in answered()[:limit]]


def said_and_answered(case: Suggestion) -> list[Node]:
    """What was said and what was answered; asks for ``answers`` beforehand."""
    place = case.area.local_name if case.area else ""
    said = Node(case.public_title, case.created_at, place, kind="said", url=case.public_url)
    answers = case.answers  # type: ignore[attr-defined]  # put there by board.published
    if not answers:
        return [said]
    reply = answers[-1]
    return [said, Node(case.unit.local_name, reply.signed_at, text=shortened(reply.public_text), kind="reply")]


def shortened(text: str, length: int = LONGEST_QUOTE) -> str:
    """The first words of an answer, without its greeting lines broken."""
    flat = " ".join(text.split())
    return flat if len(flat) <= length else f"{flat[:length].rstrip()}…"


@dataclass(frozen=True)
class UnitPage:
    """The open figures of a unit, None where they may not be shown; whether the ratings may be; the last answers."""

    figures: OpenFigures | None
    with_ratings: bool
    answers: list[Suggestion]


def unit_page(unit: Unit) -> UnitPage:
    """Four statements, and three more once a minute."""
    shown = figures.units_shown()
    counted = unit_figures(unit) if unit.path in shown.cases else None
    answers = answered().filter(unit__path__startswith=unit.path)[:LAST_ANSWERS]
    return UnitPage(counted, unit.path in shown.ratings, list(answers))


@dataclass(frozen=True)
class Voices:
    """How many spoke on a plaza day and how many of them were answered; None below ten."""

    said: int | None
    answered: int | None


def voices_of(days: Iterable[ActivityDay]) -> dict[int, Voices]:
    """By the day's key; one statement."""
    counted = (
        Suggestion.objects.filter(COUNTED, plaza_day__in=list(days))
        .values("plaza_day")
        .order_by()
        .annotate(said=Count("pk"), answered=Count("pk", filter=Q(state__in=states.ANSWERED)))
    )
    return {row["plaza_day"]: Voices(_at_least(row["said"]), _at_least(row["answered"])) for row in counted}


def _at_least(count: int) -> int | None:
    return count if count >= K else None


def published_on(day: ActivityDay, limit: int = 30) -> list[Suggestion]:
    """What was said on a plaza day and published, answered ones first; two statements."""
    said = board.published().filter(plaza_day=day)
    return list(said.order_by(F("replied_at").desc(nulls_last=True), "-pk")[:limit])
