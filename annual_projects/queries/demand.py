"""What people ask for, counted from the voices themselves: how much of all they say it is, and whether it grows.

A voice is every case that was not withdrawn and complains of nobody: complaints about somebody are answered one by
one and are no demand for a project. Followers of a merged case count: each is somebody who said it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_
from urllib.parse import urlencode

from django.db.models import Count, Q, QuerySet, TextField, Value
from django.db.models.functions import Concat
from django.utils.translation import gettext as _

from annual_projects.models import Candidate, Edition, Topic
from annual_projects.states import CandidateState, Source
from core.workdays import midnight
from directory.models import Area
from suggestions.models import Category, Suggestion
from suggestions.states import State

ADMINISTRATIVE = "administrative"  # the kind of category whose voices ask for an administrative service


@dataclass(frozen=True)
class Period:
    """Whole days of Shanghai, both included."""

    starts: date
    ends: date

    @property
    def days(self) -> int:
        return (self.ends - self.starts).days + 1

    @property
    def before(self) -> "Period":
        """The same number of days just before."""
        return Period(self.starts - timedelta(days=self.days), self.starts - timedelta(days=1))

    @property
    def since(self) -> datetime:
        return midnight(self.starts)

    @property
    def until(self) -> datetime:
        """The first moment after it."""
        return midnight(self.ends + timedelta(days=1))


def year_before(day: date) -> Period:
    """The twelve months that end on a day."""
    try:
        start = day.replace(year=day.year - 1)
    except ValueError:  # 29 February
        start = day.replace(year=day.year - 1, day=28)
    return Period(start + timedelta(days=1), day)


About = tuple[str | None, str | None, str | None, tuple[str, ...]]  # category, area, topic, words


@dataclass(frozen=True)
class Demand:
    """Something people ask for: about a category or topic, from an area, in a period, in some words (any of them)."""

    period: Period
    category: Category | None = None
    area: Area | None = None
    topic: Topic | None = None
    words: Sequence[str] = ()

    @property
    def key(self) -> str:
        """A short plain name for an address."""
        if self.topic:
            return self.topic.code
        return self.category.code if self.category else "demand"

    @property
    def about(self) -> About:
        """What it is about, whatever the period."""
        category, area, topic = (one.pk if one else None for one in (self.category, self.area, self.topic))
        return category, area, topic, tuple(self.words)

    @property
    def address(self) -> str:
        """The query by which the page of demand shows it alone."""
        category, area, topic, words = self.about
        asked = {"starts": self.period.starts, "ends": self.period.ends, "category": category, "topic": topic}
        return urlencode(
            {name: value for name, value in {**asked, "area": area, "words": " ".join(words)}.items() if value}
        )

    @property
    def label(self) -> str:
        """What it is, in the language of the page."""
        about = self.topic or self.category
        parts = [self.area.local_name if self.area else "", about.local_name if about else "", " ".join(self.words)]
        return " · ".join(part for part in parts if part) or _("Everything people told us")

    @property
    def is_administrative(self) -> bool:
        about = self.category or (self.topic.category if self.topic else None)
        return about is not None and about.kind == ADMINISTRATIVE


@dataclass(frozen=True)
class Counted:
    """A demand in figures. ``administrative`` is the number of all administrative requests, None where it is none."""

    count: int
    before: int
    all: int
    administrative: int | None

    @property
    def share(self) -> int | None:
        """Of all voices, in basis points."""
        return basis_points(self.count, self.all)

    @property
    def administrative_share(self) -> int | None:
        """Of the administrative requests, in basis points; None where it is none."""
        return basis_points(self.count, self.administrative) if self.administrative is not None else None

    @property
    def growth(self) -> int | None:
        """Against the period before, in basis points; None where nothing was said then."""
        if not self.before:
            return None
        return round_half_up(10_000 * (self.count - self.before), self.before)


def round_half_up(numerator: int, denominator: int) -> int:
    """The nearest whole number, a half away from zero; whole numbers only, so that everybody gets the same."""
    sign = -1 if numerator < 0 else 1
    return sign * ((2 * abs(numerator) + denominator) // (2 * denominator))


def basis_points(part: int, whole: int | None) -> int | None:
    """Part of a whole in hundredths of a percent; None where there is no whole."""
    return round_half_up(10_000 * part, whole) if whole else None


def said(period: Period) -> QuerySet[Suggestion]:
    """Every voice of a period and of the one before it."""
    within = Suggestion.objects.filter(created_at__gte=period.before.since, created_at__lt=period.until)
    return within.exclude(state=State.WITHDRAWN).naming_nobody()


def matching(demand: Demand) -> Q:
    """Which voices say it; ``words`` is the annotation with all that was written."""
    wanted = Q()
    if demand.category:
        wanted &= Q(category=demand.category)
    if demand.area:
        wanted &= Q(area__code__startswith=demand.area.code)
    if demand.topic:
        wanted &= Q(category=demand.topic.category_id) & _any_of(demand.topic.words)
    if demand.words:
        wanted &= _any_of(demand.words)
    return wanted or ~Q(pk=None)


def _any_of(words: Sequence[str]) -> Q:
    return reduce(or_, (Q(written__contains=word) for word in words))


WRITTEN = Concat("title", Value(" "), "body", output_field=TextField())


def voices(demand: Demand) -> QuerySet[Suggestion]:
    """The voices of the demand in its period."""
    now = said(demand.period).filter(created_at__gte=demand.period.since)
    return now.annotate(written=WRITTEN).filter(matching(demand))


def count(demand: Demand) -> Counted:
    """The demand in figures; one statement."""
    now = Q(created_at__gte=demand.period.since)
    says_it = matching(demand)
    row = (
        said(demand.period)
        .annotate(written=WRITTEN)
        .aggregate(
            count=Count("pk", filter=now & says_it),
            before=Count("pk", filter=~now & says_it),
            all=Count("pk", filter=now),
            administrative=Count("pk", filter=now & Q(category__kind=ADMINISTRATIVE)),
        )
    )
    return Counted(**row if demand.is_administrative else row | {"administrative": None})


def candidates_made(edition: Edition) -> dict[About, Candidate]:
    """By what they are about, the candidates that were made of demands and not turned down; one statement."""
    turned_down = (CandidateState.REJECTED, CandidateState.WITHDRAWN)
    made = edition.candidates.filter(source=Source.DEMAND, evidence__isnull=False).exclude(state__in=turned_down)
    backed = [(one.evidence, one) for one in made.select_related("evidence").order_by("-pk")]
    return {(by.category_id, by.area_id, by.topic_id, tuple(by.words)): one for by, one in backed}
