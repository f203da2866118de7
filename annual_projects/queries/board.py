"""The demand board: every category, topic and place with its count, its shares and its growth, in five statements."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from django.db import connection
from django.db.models import BooleanField, Case, CharField, Count, Q, When
from django.db.models.functions import Substr

from annual_projects.models import Topic
from annual_projects.queries.demand import ADMINISTRATIVE, WRITTEN, Counted, Demand, Period, matching, said
from directory.models import Area
from suggestions.models import Category

AREA_DIGITS = {4: 6, 6: 9, 9: 12}  # below the city its counties, below a county its towns, below a town its communities
MOST_TOPICS = 40


@dataclass(frozen=True)
class Row:
    """One line of the board, with the demand that a click makes a candidate of."""

    demand: Demand
    name: str
    counted: Counted


@dataclass(frozen=True)
class Board:
    """The whole board; ``all`` and ``administrative`` are what the shares are taken of."""

    about: Demand
    all: int
    administrative: int
    before: int
    categories: list[Row] = field(default_factory=list)
    topics: list[Row] = field(default_factory=list)
    areas: list[Row] = field(default_factory=list)


def board(about: Demand) -> Board:
    """Counts by category, topic and area within ``about``; six statements at most, however many voices.

    A category or area in ``about`` narrows the topics and areas, a topic or words the areas; the shares stay shares of
    everything in the period.
    """
    known = Category.objects.in_bulk()
    cells = _cells(about)
    asked = sum(cell.now for cell in cells if known[cell.category].kind == ADMINISTRATIVE)
    whole = Board(about, sum(cell.now for cell in cells), asked, sum(cell.then for cell in cells))
    here = [cell for cell in cells if cell.is_here]
    return replace(
        whole,
        categories=_category_rows(whole, known, here),
        topics=_topic_rows(whole),
        areas=_area_rows(whole, here),
    )


@dataclass(frozen=True)
class Cell:
    """Voices of one category from one part of the area the board is about, in the period and in the one before."""

    category: str
    part: str | None
    is_here: bool
    now: int
    then: int


def _counts(period: Period) -> dict[str, Count]:
    return {
        "now": Count("pk", filter=Q(created_at__gte=period.since)),
        "then": Count("pk", filter=Q(created_at__lt=period.since)),
    }


def _cells(about: Demand) -> list[Cell]:
    """Everything that was said, by category and part of the area; outside the area it has no part."""
    here = Q(area__code__startswith=about.area.code) if about.area else Q(pk__isnull=False)
    part = Case(When(here, then=Substr("area", 1, _digits(about))), output_field=CharField())
    is_here = Case(When(here, then=True), default=False, output_field=BooleanField())
    rows = (
        said(about.period)
        .annotate(part=part, is_here=is_here)
        .values("category", "part", "is_here")
        .annotate(**_counts(about.period))
        .order_by()
    )
    return [Cell(*cell) for cell in rows.values_list("category", "part", "is_here", "now", "then")]


def _digits(about: Demand) -> int:
    """How much of an area's code names the parts of the area the board is about."""
    return AREA_DIGITS.get(len(about.area.code) if about.area else 4, 12)


def _counted(whole: Board, demand: Demand, now: int, then: int) -> Counted:
    return Counted(now, then, whole.all, whole.administrative if demand.is_administrative else None)


def _sorted(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (-row.counted.count, row.name))


def _sums(cells: Iterable[tuple[str | None, int, int]]) -> dict[str, tuple[int, int]]:
    """Now and then by key; what has no key is left out."""
    sums: dict[str, tuple[int, int]] = {}
    for key, now, then in cells:
        if key:
            before = sums.get(key, (0, 0))
            sums[key] = (before[0] + now, before[1] + then)
    return sums


def _category_rows(whole: Board, known: dict[str, Category], here: list[Cell]) -> list[Row]:
    rows = []
    for code, (now, then) in _sums((cell.category, cell.now, cell.then) for cell in here).items():
        demand = replace(whole.about, category=known[code], topic=None, words=())
        rows.append(Row(demand, known[code].local_name, _counted(whole, demand, now, then)))
    return _sorted(rows)


def _area_rows(whole: Board, here: list[Cell]) -> list[Row]:
    """By the parts of the area the board is about."""
    about, digits = whole.about, _digits(whole.about)
    if about.topic or about.words:
        found = _saying_it(about, digits)
    else:
        wanted = [cell for cell in here if about.category is None or cell.category == about.category.pk]
        found = _sums((cell.part, cell.now, cell.then) for cell in wanted)
    rows = []
    for code, area in Area.objects.in_bulk([code for code in found if len(code) == digits]).items():
        if about.area is None or code != about.area.code:
            demand = replace(about, area=area)
            rows.append(Row(demand, area.local_name, _counted(whole, demand, *found[code])))
    return _sorted(rows)


def _saying_it(about: Demand, digits: int) -> dict[str, tuple[int, int]]:
    """The voices that say a topic or words, by part of the area."""
    rows = (
        said(about.period)
        .annotate(written=WRITTEN, part=Substr("area", 1, digits))
        .filter(matching(about))
        .values("part")
        .annotate(**_counts(about.period))
        .order_by()
    )
    return _sums(rows.values_list("part", "now", "then"))


BY_TOPIC = """
    WITH topics AS MATERIALIZED (
        SELECT t.code, t.category_id,
               (SELECT array_agg('%%' || regexp_replace(w, '([%%_\\\\])', '\\\\\\1', 'g') || '%%')
                FROM unnest(t.words) w) AS patterns
        FROM annual_projects_topic t
        WHERE t.is_active AND (%(category)s IS NULL OR t.category_id = %(category)s)
    )
    SELECT t.code,
           count(*) FILTER (WHERE said.created_at >= %(since)s),
           count(*) FILTER (WHERE said.created_at < %(since)s)
    FROM topics t
    JOIN suggestions_suggestion said ON said.category_id = t.category_id
    WHERE said.created_at >= %(before)s AND said.created_at < %(until)s
      AND said.state <> 'withdrawn'
      AND (%(area)s IS NULL OR starts_with(said.area_id, %(area)s))
      AND (said.title || ' ' || said.body) LIKE ANY (t.patterns)
      AND NOT EXISTS (SELECT 1 FROM suggestions_subject s WHERE s.suggestion_id = said.id AND s.cleared_at IS NULL)
      AND NOT said.seems_complaint
    GROUP BY t.code
"""


def _topic_rows(whole: Board) -> list[Row]:
    period, about = whole.about.period, whole.about
    parameters = {
        "category": about.category.pk if about.category else None,
        "area": about.area.pk if about.area else None,
        "before": period.before.since,
        "since": period.since,
        "until": period.until,
    }
    with connection.cursor() as cursor:
        cursor.execute(BY_TOPIC, parameters)
        counted = {code: (now, then) for code, now, then in cursor.fetchall()}
    known = Topic.objects.filter(pk__in=counted).select_related("category") if counted else []
    rows = []
    for topic in known:
        demand = replace(about, topic=topic, category=None, words=())
        rows.append(Row(demand, topic.local_name, _counted(whole, demand, *counted[topic.pk])))
    return _sorted(rows)[:MOST_TOPICS]
