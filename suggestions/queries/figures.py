"""Open figures, always from the rows themselves: how many, how soon, how content."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q, QuerySet

from directory.models import Unit
from suggestions import states
from suggestions.models import Rating, Suggestion
from suggestions.states import State

SATISFIED = 3  # «fairly satisfied» and better, as the national scale counts


@dataclass(frozen=True)
class OpenFigures:
    """Counts, and shares of one (None where there is nothing to take a share of)."""

    received: int
    replied: int
    on_time: int
    rated: int
    satisfied: int
    average_days: float | None

    @property
    def reply_rate(self) -> float | None:
        return self.replied / self.received if self.received else None

    @property
    def on_time_rate(self) -> float | None:
        return self.on_time / self.replied if self.replied else None

    @property
    def satisfaction(self) -> float | None:
        return self.satisfied / self.rated if self.rated else None


ANSWERED = Q(state__in=states.ANSWERED)
COUNTED = ~Q(state__in=[State.WITHDRAWN, State.MERGED])


def _figures(cases: QuerySet[Suggestion], ratings: QuerySet[Rating]) -> OpenFigures:
    """Two statements: the cases, and the ratings."""
    took = ExpressionWrapper(F("replied_at") - F("created_at"), output_field=DurationField())
    counted = cases.filter(COUNTED).aggregate(
        received=Count("pk"),
        replied=Count("pk", filter=ANSWERED),
        on_time=Count("pk", filter=ANSWERED & Q(replied_at__lte=F("due_at"))),
        took=Avg(took, filter=ANSWERED),
    )
    rated = ratings.aggregate(rated=Count("pk"), satisfied=Count("pk", filter=Q(level__gte=SATISFIED)))
    days = counted.pop("took")
    return OpenFigures(**counted, **rated, average_days=days.total_seconds() / 86_400 if days else None)


def open_figures(since: datetime | None = None, until: datetime | None = None) -> OpenFigures:
    """The whole city, of what was said from one moment to another or since the beginning; two statements."""
    cases = Suggestion.objects.all()
    cases = cases.filter(created_at__gte=since) if since else cases
    cases = cases.filter(created_at__lt=until) if until else cases
    return _figures(cases, Rating.objects.filter(suggestion__in=cases))


def unit_figures(unit: Unit, since: datetime | None = None) -> OpenFigures:
    """One unit and all below it, with what was thought of the answers they gave; two statements."""
    cases = Suggestion.objects.filter(unit__path__startswith=unit.path)
    ratings = Rating.objects.filter(reply__unit__path__startswith=unit.path)
    if since:
        cases, ratings = cases.filter(created_at__gte=since), ratings.filter(suggestion__created_at__gte=since)
    return _figures(cases, ratings)


def by_group(field: str, since: datetime | None = None) -> list[dict[str, Any]]:
    """Received, replied, on time by a field of the case (e.g. ``category__name``); one statement."""
    cases = Suggestion.objects.filter(COUNTED)
    if since:
        cases = cases.filter(created_at__gte=since)
    rows = cases.values(group=F(field)).annotate(
        received=Count("pk"),
        replied=Count("pk", filter=ANSWERED),
        on_time=Count("pk", filter=ANSWERED & Q(replied_at__lte=F("due_at"))),
    )
    return [dict(row) for row in rows.order_by("-received")]
