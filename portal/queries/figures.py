"""Open figures, ready to be shown: counts by month, county, category and unit, small groups hidden (P14)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Avg, Count, DurationField, Expression, ExpressionWrapper, F, Q, QuerySet
from django.db.models.functions import Substr, TruncMonth
from django.utils import timezone

from core import small_cells
from core.small_cells import K, Showing
from core.workdays import SHANGHAI
from directory.models import Unit
from suggestions.models import Rating, Suggestion
from suggestions.queries.figures import ANSWERED, COUNTED, SATISFIED, OpenFigures, open_figures

FRESH = 60  # seconds that a figure may be old
MONTHS = 12
DAY = 86_400


@dataclass(frozen=True)
class Counts:
    """What a group of cases came to."""

    received: int = 0
    replied: int = 0
    on_time: int = 0
    rated: int = 0
    satisfied: int = 0
    days: float | None = None


@dataclass(frozen=True)
class Group:
    """A group and what may be shown of it: of the cases and answers, and of the ratings."""

    key: str
    name: str
    counts: Counts
    cases: Showing = "shown"
    ratings: Showing = "shown"

    @property
    def voices(self) -> Showing:
        """What may be said of the cases received, who may be ten where the answers are fewer."""
        return "partner" if self.cases == "few" and self.counts.received >= K else self.cases

    @property
    def received(self) -> int | None:
        return self.counts.received if self.cases == "shown" else None

    @property
    def replied(self) -> int | None:
        return self.counts.replied if self.cases == "shown" else None

    @property
    def rated(self) -> int | None:
        return self.counts.rated if self.ratings == "shown" else None

    @property
    def reply_rate(self) -> float | None:
        return self.counts.replied / self.counts.received if self.cases == "shown" else None

    @property
    def on_time_rate(self) -> float | None:
        return self.counts.on_time / self.counts.replied if self.cases == "shown" else None

    @property
    def satisfaction(self) -> float | None:
        return self.counts.satisfied / self.counts.rated if self.ratings == "shown" else None

    @property
    def days(self) -> float | None:
        return self.counts.days if self.cases == "shown" else None


@dataclass(frozen=True)
class Window:
    """The last twelve whole months: from the first day of one to the first day of this month."""

    start: date
    end: date

    @classmethod
    def of(cls, today: date) -> "Window":
        end = today.replace(day=1)
        return cls(end.replace(year=end.year - 1), end)

    @property
    def months(self) -> list[date]:
        first = self.start.year * 12 + self.start.month - 1
        return [date((first + n) // 12, (first + n) % 12 + 1, 1) for n in range(MONTHS)]

    @property
    def last(self) -> date:
        """The last day."""
        return self.end - timedelta(days=1)

    def within(self, field: str) -> Q:
        """The moments of the window, by the clock of Shanghai."""
        start, end = (datetime(day.year, day.month, day.day, tzinfo=SHANGHAI) for day in (self.start, self.end))
        return Q(**{f"{field}__gte": start, f"{field}__lt": end})


MONTH = TruncMonth("created_at", tzinfo=SHANGHAI)
COUNTY = Substr("area_id", 1, 6)
CATEGORY = F("category_id")


def counts_by(window: Window, *keys: Expression | F) -> dict[Any, Counts]:
    """Counts of the cases received in the window, by a key, or by a tuple of two; two statements."""
    named = {f"key{place}": key for place, key in enumerate(keys)}
    cases = Suggestion.objects.filter(window.within("created_at")).annotate(**named)
    counts = {_key(row, named): row for row in _cases(cases.filter(COUNTED).values(*named))}
    for row in _ratings(cases, named):
        counts.setdefault(_key(row, named), {}).update(row)
    return {key: _as_counts(row) for key, row in counts.items()}


def _cases(grouped: QuerySet[Any]) -> Iterable[dict[str, Any]]:
    took = ExpressionWrapper(F("replied_at") - F("created_at"), output_field=DurationField())
    return grouped.order_by().annotate(
        received=Count("pk"),
        replied=Count("pk", filter=ANSWERED),
        on_time=Count("pk", filter=ANSWERED & Q(replied_at__lte=F("due_at"))),
        took=Avg(took, filter=ANSWERED),
    )


def _ratings(cases: QuerySet[Suggestion], named: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    rated = Count("ratings")
    satisfied = Count("ratings", filter=Q(ratings__level__gte=SATISFIED))
    found = cases.filter(ratings__isnull=False).values(*named).order_by()
    return found.annotate(rated=rated, satisfied=satisfied)


def _key(row: Mapping[str, Any], named: Mapping[str, Any]) -> Any:
    values = tuple(_plain(row[name]) for name in named)
    return values[0] if len(values) == 1 else values


def _plain(value: Any) -> Any:
    return timezone.localtime(value, SHANGHAI).date() if isinstance(value, datetime) else value or ""


def _as_counts(row: Mapping[str, Any]) -> Counts:
    took = row.get("took")
    numbers = {name: row.get(name, 0) for name in ("received", "replied", "on_time", "rated", "satisfied")}
    return Counts(**numbers, days=took.total_seconds() / DAY if took else None)


def groups(counts: Mapping[Any, Counts], names: Mapping[Any, str]) -> list[Group]:
    """The groups in the order of their names, small ones and their partners hidden.

    Answers decide about cases too, since there are never more answers than cases; ratings are looked at below the
    answers. Where nothing can be told apart, every group is hidden.
    """
    of = {key: counts.get(key, Counts()) for key in names}
    replied = [one.replied for one in of.values()]
    cases = small_cells.line(replied).cells
    ratings = small_cells.line([one.rated for one in of.values()], ceilings=replied).cells
    return [
        Group(str(key), names[key], one, shown, "partner" if shown != "shown" and one.rated >= K else rated)
        for (key, one), shown, rated in zip(of.items(), cases, ratings, strict=True)
    ]


def in_known(counts: Mapping[str, Counts], names: Mapping[str, str]) -> dict[str, Counts]:
    """Cases of the whole city, and of places no longer in the list, count as without a place."""
    known = {key: one for key, one in counts.items() if key in names and key}
    rest = [one for key, one in counts.items() if key not in known]
    return {**known, "": _sum(rest)}


def _sum(parts: Iterable[Counts]) -> Counts:
    parts = list(parts)
    replied = sum(one.replied for one in parts)
    days = sum((one.days or 0) * one.replied for one in parts) / replied if replied else None
    names = ("received", "on_time", "rated", "satisfied")
    return Counts(replied=replied, days=days, **{name: sum(getattr(one, name) for one in parts) for name in names})


# --- the city and its units, kept for a minute -------------------------------------------------------------------


def city() -> tuple[OpenFigures, datetime]:
    """The figures of the whole city since the beginning, and when they were counted; at most two statements."""
    kept = cache.get("portal:city")
    if kept is None:
        kept = open_figures(), timezone.now()
        cache.set("portal:city", kept, FRESH)
    return kept


@dataclass(frozen=True)
class UnitsShown:
    """The paths of the units whose figures may be shown: of cases and answers, and of ratings."""

    cases: frozenset[str]
    ratings: frozenset[str]


def units_shown() -> UnitsShown:
    """Which units have enough answers, and enough ratings, that no small number can be worked out; three statements."""
    kept = cache.get("portal:units")
    if kept is None:
        paths = list(Unit.objects.values_list("path", flat=True))
        of_unit = Suggestion.objects.filter(COUNTED & ANSWERED).values_list("unit__path").order_by()
        rated = Rating.objects.values_list("reply__unit__path").order_by()
        replied_below = _below(paths, dict(of_unit.annotate(n=Count("pk"))))
        rated_below = _below(paths, dict(rated.annotate(n=Count("pk"))))
        cases = small_cells.shown_in_a_tree(replied_below)
        ratings = small_cells.shown_in_a_tree(rated_below, ceilings=replied_below)
        kept = UnitsShown(frozenset(cases), frozenset(cases & ratings))
        cache.set("portal:units", kept, FRESH)
    return kept


def _below(paths: Iterable[str], own: Mapping[str, int]) -> dict[str, int]:
    """The count of each unit with all that is below it."""
    return {path: sum(n for other, n in own.items() if other.startswith(path)) for path in paths}
