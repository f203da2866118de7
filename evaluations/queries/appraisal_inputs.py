"""What the appraisals of a scheme are worked out from: scores that may be shown, and what became of voices.

The number of statements depends on the parts of the scheme, never on how many officers there are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from core.workdays import SHANGHAI
from evaluations.models import Component, PooledScore, Scheme, Score, Subject, Wave
from evaluations.queries.voices import counted
from evaluations.scoring.appraisal import FEWEST_CASES
from evaluations.scoring.floors import (
    FEWEST_ANSWERS,
    FEWEST_EFFECTIVE,
    FEWEST_EFFECTIVE_UNIT,
    LEAST_RELIABILITY,
)
from evaluations.sources import SOURCES, Source, Whose
from evaluations.states import SubjectKind, WaveState

FLOORS: dict[str, dict[str, Any]] = {
    SubjectKind.OFFICER: {
        "n": FEWEST_ANSWERS, "n_eff": f"{FEWEST_EFFECTIVE:g}", "reliability": f"{LEAST_RELIABILITY:g}",
    },
    SubjectKind.UNIT: {"n": FEWEST_ANSWERS, "n_eff": f"{FEWEST_EFFECTIVE_UNIT:g}"},
}  # fmt: skip
Known = Score | PooledScore
NO_POLL, NOT_ASKED, NOT_ENOUGH, FEW_CASES = "no_poll", "not_asked", "not_enough", "few_cases"
STANDING = (WaveState.FROZEN, WaveState.PUBLISHED)


@dataclass(frozen=True)
class Appraised:
    """Who is appraised, as they were when the public was asked."""

    officer_id: int | None
    unit_id: int
    above_id: int | None


@dataclass(frozen=True)
class Facts:
    """The inputs by component of one who is appraised, and why there are none for the others."""

    whom: Appraised
    inputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)


def gather(scheme: Scheme, components: Sequence[Component], left_out: Sequence[str]) -> list[Facts]:
    """The inputs of everybody whom the polls of the year asked about; empty without such a poll."""
    sources = [SOURCES[component.key] for component in components]
    waves = _waves(scheme, sources)
    found = [Facts(whom) for whom in _appraised(scheme, waves)]
    scores = _scores(scheme, waves, sources)
    for source in sources:
        if source.is_public:
            _take_scores(source, waves, scores, found, scheme)
        else:
            _take_voices(source, scheme, left_out, found)
    return found


def anybody_asked_about(scheme: Scheme) -> bool:
    """Whether a poll of the year that stands asked about anybody of the scheme; two statements."""
    sources = [SOURCES[component.key] for component in scheme.components.all()]
    return _asked(scheme, _waves(scheme, sources)).exists()


def _asked(scheme: Scheme, waves: Mapping[str, Wave]) -> QuerySet[Subject]:
    asked = Subject.objects.filter(wave__in=waves.values(), kind=scheme.about)
    return asked.filter(role=scheme.role) if scheme.role else asked


def _waves(scheme: Scheme, sources: Sequence[Source]) -> dict[str, Wave]:
    """Of each kind that is used the last wave of the year that stands; kinds are never put together."""
    kinds = {source.kind for source in sources if source.kind}
    standing = Wave.objects.filter(year=scheme.year, kind__in=kinds, state__in=STANDING)
    return {wave.kind: wave for wave in standing.order_by("kind", "-ends", "-code").distinct("kind")}


def _appraised(scheme: Scheme, waves: Mapping[str, Wave]) -> list[Appraised]:
    """Everybody of the role, with the unit of the latest wave."""
    asked = _asked(scheme, waves).select_related("unit", "wave")
    found: dict[int, Appraised] = {}
    for one in asked.order_by("-wave__ends", "-wave__code", "code"):
        key = one.officer_id or one.unit_id
        found.setdefault(key, Appraised(one.officer_id, one.unit_id, one.unit.parent_id))
    return list(found.values())


def _scores(scheme: Scheme, waves: Mapping[str, Wave], sources: Sequence[Source]) -> dict[tuple[Any, ...], Known]:
    """The current figures by wave, indicator, whom, and whether flagged interviews are left out; two statements.

    Of the wave alone where it may be shown, else over several waves of its kind, where there is such a figure.
    """
    of_the_polls: dict[str, Any] = {
        "run__wave__in": waves.values(), "run__is_current": True, "subject__kind": scheme.about,
        "indicator__in": {source.indicator for source in sources if source.indicator},
    }  # fmt: skip
    rows: list[Known] = [
        *Score.objects.filter(**of_the_polls).select_related("run", "subject"),
        *PooledScore.objects.filter(**of_the_polls).select_related("run", "subject"),
    ]
    found: dict[tuple[Any, ...], Known] = {}
    for row in rows:
        whom = row.subject.officer_id or row.subject.unit_id  # type: ignore[union-attr]
        key = (row.run.wave_id, row.indicator, whom, row.run.without_flagged)
        if key not in found or not found[key].is_shown:
            found[key] = row
    return found


def _take_scores(
    source: Source,
    waves: Mapping[str, Wave],
    scores: Mapping[tuple[Any, ...], Known],
    found: list[Facts],
    scheme: Scheme,
) -> None:
    wave = waves.get(str(source.kind))
    for one in found:
        if wave is None:
            one.missing[source.key] = NO_POLL
            continue
        key = (wave.pk, source.indicator, one.whom.officer_id or one.whom.unit_id)
        score, everything = scores.get((*key, True)), scores.get((*key, False))
        if score is None or not score.n:
            one.missing[source.key] = NOT_ASKED
        elif not score.is_shown or everything is None:
            one.missing[source.key] = NOT_ENOUGH
        else:
            one.inputs[source.key] = _poll_inputs(wave, score, everything, FLOORS[scheme.about])


def _poll_inputs(wave: Wave, score: Known, everything: Known, floor: dict[str, Any]) -> dict[str, Any]:
    """What is known, without the interviews that look odd; with them beside it. ``waves``: of a figure over several."""
    several, stands_on = {}, score.run.inputs_sha256
    if isinstance(score, PooledScore):
        several, stands_on = {"waves": score.waves}, score.run.pool_sha256
    return several | {
        "from": "poll",
        "wave": wave.code,
        "indicator": score.indicator,
        "n": score.n,
        **{name: _words(getattr(score, name)) for name in ("n_eff", "points", "low", "high", "reliability")},
        "with_flagged": _words(everything.points),
        "floor": floor,
        "formula": score.run.version,
        "scored_from": stands_on,
    }


def _words(value: Any) -> str | None:
    return None if value is None else str(value)


def year_of(scheme: Scheme) -> tuple[datetime, datetime]:
    """The year of the scheme in Shanghai, as far as it has passed."""
    first, last = (datetime(year, 1, 1, tzinfo=SHANGHAI) for year in (scheme.year, scheme.year + 1))
    return first, min(last, timezone.now())


def _take_voices(source: Source, scheme: Scheme, left_out: Sequence[str], found: list[Facts]) -> None:
    since, until = year_of(scheme)
    of_units = scheme.about == SubjectKind.UNIT
    if source.measure is None:
        return
    rows = counted(source.measure, source.whose, since, until, left_out, of_units=of_units)
    about = {
        "from": "cases", "measure": str(source.measure), "whose": str(source.whose), "floor": {"cases": FEWEST_CASES},
        "since": _day(since), "until": _day(until),
    }  # fmt: skip
    for one in found:
        whose = Whose.UNIT if of_units and source.whose == Whose.OWN else source.whose
        key = {Whose.OWN: one.whom.officer_id, Whose.UNIT: one.whom.unit_id, Whose.ABOVE: one.whom.above_id}[whose]
        row = rows.get(key or 0)
        if row is None or row["cases"] < FEWEST_CASES:
            one.missing[source.key] = FEW_CASES
        else:
            one.inputs[source.key] = about | row


def _day(moment: datetime) -> str:
    day: date = moment.astimezone(SHANGHAI).date()
    return day.isoformat()
