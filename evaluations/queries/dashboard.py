"""What the dashboards show, read from the rollups (``Score``) and never from answers; a fixed number of statements.

Waves of the population and of people the police had to do with are never put together: every read is of one kind.
A figure below the floors is not read out of the database at all: its row says that it is hidden, and no more.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, F, Q, QuerySet, Sum, Value, When

from directory.models import Area, Unit
from evaluations.models import PooledScore, Score, ScoringRun
from evaluations.scoring.together import together
from evaluations.states import Indicator, SubjectKind, WaveKind, WaveState

MOST_ROUNDS = 8
CITY = ""
UNIT_INDICATORS = (Indicator.SATISFACTION, Indicator.ATTITUDE)
OFFICER_INDICATORS = (Indicator.SATISFACTION, Indicator.ATTITUDE, Indicator.VISIBILITY, Indicator.FAMILIARITY)
NUMBERS = ("points", "low", "high", "shrunk", "shrunk_low", "shrunk_high", "reliability", "rank_low", "rank_high")


@dataclass(frozen=True)
class Choice:
    """What a reader looks at: waves of one kind, one indicator, with or without the flagged interviews."""

    kind: WaveKind = WaveKind.POPULATION
    indicator: Indicator = Indicator.SATISFACTION
    without_flagged: bool = False


@dataclass(frozen=True)
class Figure:
    """One figure of a subject, or several together; points of a hundred, None where it is hidden or not there."""

    points: float | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    n_eff: float | None = None
    shrunk: float | None = None
    shrunk_low: float | None = None
    shrunk_high: float | None = None
    reliability: float | None = None
    rank_low: float | None = None
    rank_high: float | None = None
    peers: int = 0
    signal: int = 0
    of: int = 0  # how many shown figures it was put together from, 0 for one of its own
    waves: tuple[str, ...] = ()  # of a figure over several rounds, the newest first

    @property
    def is_shown(self) -> bool:
        return self.points is not None


HIDDEN = Figure()


def published_runs(without_flagged: bool = False) -> list[ScoringRun]:
    """The current runs of all published waves, the earliest first; one statement."""
    runs = ScoringRun.objects.filter(
        is_current=True, without_flagged=without_flagged, wave__state=WaveState.PUBLISHED
    ).select_related("wave__pollster")
    return list(runs.order_by("wave__ends", "wave_id"))


@dataclass(frozen=True)
class Look:
    """What a reader chose, everything that is published, and of it the last rounds of the chosen kind."""

    choice: Choice
    published: list[ScoringRun]
    runs: list[ScoringRun]

    @property
    def newest(self) -> ScoringRun | None:
        return self.runs[-1] if self.runs else None


def look(choice: Choice) -> Look:
    """The rounds that a choice leads to, the earliest first; one statement."""
    published = published_runs(choice.without_flagged)
    return Look(choice, published, [run for run in published if run.wave.kind == choice.kind][-MOST_ROUNDS:])


Group = tuple[int, str, str, str]  # run, indicator, kind of subject ("" is the city), peer group


def overview(runs: Sequence[ScoringRun]) -> dict[Group, Figure]:
    """Of each round and indicator the city's figure, and those of each peer group together; one statement."""
    return _together(Score.objects.filter(run__in=runs), ("run", "indicator", "subject__kind", "subject__peer_group"))


def of_county(runs: Sequence[ScoringRun], county: Area) -> dict[tuple[Any, ...], Figure]:
    """By round and indicator, the shown units of a county together; one statement."""
    there = Score.objects.filter(
        run__in=runs,
        subject__wave__in=[run.wave_id for run in runs],
        subject__kind=SubjectKind.UNIT,
        subject__unit__area__code__startswith=county.code,
    )
    return _together(there, ("run", "indicator"))


def _together(scores: QuerySet[Score], by: tuple[str, ...]) -> dict[Any, Figure]:
    """The shown ones among the rows by these keys; a group of which nothing is shown is left out."""
    rows = (
        scores.filter(is_shown=True)
        .order_by()
        .values_list(*by)
        .annotate(
            count=Count("pk"),
            answers=Sum("n"),
            size=Sum("n_eff"),
            weighted=Sum(F("points") * F("n_eff")),
            lowest=Sum("low"),
            highest=Sum("high"),
        )
    )
    width = len(by)
    return {tuple(key or "" for key in row[:width]): _figure_of(*row[width:]) for row in rows}


def _figure_of(count: int, answers: Any, size: Any, weighted: Any, low: Any, high: Any) -> Figure:
    """One figure as it stands, several with the interval of all of them."""
    if not count or not size:
        return HIDDEN
    if count == 1:
        return Figure(float(weighted / size), float(low), float(high), answers, float(size))
    made = together([(float(weighted / size) / 100, float(size))])
    if made is None:
        return HIDDEN
    return Figure(made.share * 100, made.low * 100, made.high * 100, answers, made.n_eff, of=count)


def figure_of(score: Score | PooledScore) -> Figure:
    """The figure of a row that is shown."""
    row = {f"shown_{name}": getattr(score, name) for name in (*NUMBERS, "n", "n_eff", "peers", "signal")}
    return replace(_figure(row), waves=tuple(getattr(score, "waves", ())))


@dataclass(frozen=True)
class Place:
    """A unit as a wave asked about it, with its figures by indicator."""

    code: str
    name: str
    area: str
    peer_group: str
    figures: dict[str, Figure]

    def figure(self, indicator: str) -> Figure:
        return self.figures.get(indicator, HIDDEN)


def _if_shown(name: str) -> Case:
    """A column that is empty where the figure is hidden."""
    return Case(When(is_shown=True, then=F(name)), default=Value(None))


def _shown_columns() -> dict[str, Case]:
    return {f"shown_{name}": _if_shown(name) for name in (*NUMBERS, "n", "n_eff", "peers", "signal")}


def _figure(row: Any) -> Figure:
    numbers = {name: row[f"shown_{name}"] for name in (*NUMBERS, "n_eff")}
    values: dict[str, Any] = {name: None if value is None else float(value) for name, value in numbers.items()}
    return Figure(**values, n=row["shown_n"], peers=row["shown_peers"] or 0, signal=row["shown_signal"] or 0)


def units(run: ScoringRun | None, county: Area | None = None) -> list[Place]:
    """Every unit a round asked about, hidden figures without anything; in the order of names; one statement."""
    if run is None:
        return []
    of_units = Score.objects.filter(run=run, subject__wave=run.wave_id, subject__kind=SubjectKind.UNIT)
    asked = of_units.filter(Q(n__gt=0) | Q(dont_know__gt=0))
    if county is not None:
        asked = asked.filter(subject__unit__area__code__startswith=county.code)
    rows = asked.values(
        "indicator",
        code=F("subject__unit__code"),
        name=F("subject__unit__name"),
        name_en=F("subject__unit__name_en"),
        area=F("subject__unit__area_id"),
        group=F("subject__peer_group"),
        **_shown_columns(),
    )
    found: dict[str, Place] = {}
    for row in rows.order_by("subject__unit__path", "indicator"):
        name = Unit(name=row["name"], name_en=row["name_en"]).local_name
        place = found.setdefault(row["code"], Place(row["code"], name, row["area"] or "", row["group"], {}))
        place.figures[row["indicator"]] = _figure(row)
    return list(found.values())


def counties() -> list[Area]:
    """One statement."""
    return list(Area.objects.filter(level=Area.Level.COUNTY).order_by("code"))


def by_county(places: Iterable[Place], indicator: str) -> dict[str, Figure]:
    """The shown units of each county together, by its code; hidden ones are in no sum and cannot be taken out of it."""
    parts: dict[str, list[Figure]] = defaultdict(list)
    for place in places:
        figure = place.figure(indicator)
        if figure.is_shown:
            parts[place.area[:6]].append(figure)
    return {code: _put_together(figures) for code, figures in parts.items()}


def _put_together(figures: Sequence[Figure]) -> Figure:
    made = together([((f.points or 0.0) / 100, f.n_eff or 0.0) for f in figures])
    if made is None:
        return HIDDEN
    answers = sum(f.n or 0 for f in figures)
    return Figure(made.share * 100, made.low * 100, made.high * 100, answers, made.n_eff, of=len(figures))


def of_subject(runs: Sequence[ScoringRun], **subject: Any) -> dict[tuple[int, str], Figure]:
    """By round and indicator, one unit's or officer's own figures; one statement."""
    asked = Score.objects.filter(Q(n__gt=0) | Q(dont_know__gt=0), run__in=runs, **subject)
    rows = asked.order_by().values("run_id", "indicator", **_shown_columns())
    return {(row["run_id"], row["indicator"]): _figure(row) for row in rows}


def officers(run: ScoringRun | None, indicator: str, who: QuerySet[Any]) -> QuerySet[Score]:
    """The shown figures of these officers in a round, with whom they are about; to be paged by ``-shrunk`` and key."""
    if run is None:
        return Score.objects.none()
    shown = Score.objects.filter(run=run, indicator=indicator, is_shown=True, shrunk__isnull=False)
    return shown.filter(subject__kind=SubjectKind.OFFICER, subject__officer__in=who).select_related(
        "subject__officer", "subject__unit"
    )


def over_several(run: ScoringRun | None, who: QuerySet[Any]) -> QuerySet[PooledScore]:
    """The figures over several rounds up to this one, of these officers of whom the round alone knows too little."""
    if run is None:
        return PooledScore.objects.none()
    told = PooledScore.objects.filter(run=run, shrunk__isnull=False, subject__officer__in=who)
    return told.select_related("subject__officer", "subject__unit")


def hidden_officers(run: ScoringRun | None, indicator: str, who: QuerySet[Any]) -> int:
    """Of how many officers nothing may be shown, not over several rounds either; one statement."""
    if run is None:
        return 0
    asked = Score.objects.filter(Q(n__gt=0) | Q(dont_know__gt=0), run=run, indicator=indicator, is_shown=False)
    known = over_several(run, who).filter(indicator=indicator).values("subject")
    return asked.filter(subject__kind=SubjectKind.OFFICER, subject__officer__in=who).exclude(subject__in=known).count()


def newest_of_unit(unit: Unit, kind: WaveKind = WaveKind.POPULATION) -> tuple[ScoringRun | None, dict[Any, Figure]]:
    """The newest round in which figures of a unit are shown, and these by round and indicator; one statement."""
    shown = Score.objects.filter(
        is_shown=True, subject__unit=unit, subject__officer=None, run__is_current=True, run__without_flagged=False,
        run__wave__state=WaveState.PUBLISHED, run__wave__kind=kind,
    ).select_related("run__wave__pollster")  # fmt: skip
    scores = list(shown.order_by("-run__wave__ends", "-run__wave_id")[: len(UNIT_INDICATORS)])
    run = scores[0].run if scores else None
    return run, {(one.run_id, one.indicator): figure_of(one) for one in scores if one.run == run}


def newly_published(since: datetime) -> ScoringRun | None:
    """The newest of the waves published from a moment on; one statement."""
    runs = ScoringRun.objects.filter(
        is_current=True, without_flagged=False, wave__state=WaveState.PUBLISHED, wave__published_at__gte=since
    )
    return runs.select_related("wave").order_by("-wave__published_at", "-wave__ends", "-wave_id").first()
