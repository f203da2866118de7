"""Figures of polls as tiles: a value with interval, n, what it is a share of and its day; or that there are too few."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from core.figures import Tile, share_tile
from directory.models import Unit
from evaluations.charts import CITY_INDICATORS, TOO_FEW, label_of, positive_words
from evaluations.models import ScoringRun
from evaluations.queries.dashboard import CITY, HIDDEN, UNIT_INDICATORS, Figure, Group
from evaluations.queries.outcomes import YearOfRecovery
from evaluations.states import SubjectKind
from suggestions.queries.figures import OpenFigures


def of_figure(label: str, figure: Figure, run: ScoringRun) -> Tile:
    """One figure of a poll, in points of a hundred."""
    if figure.points is None or figure.low is None or figure.high is None:
        return Tile("–", label, note=str(TOO_FEW))
    low, high = f"{figure.low:.1f}%", f"{figure.high:.1f}%"
    return Tile(f"{figure.points:.1f}%", label, low=low, high=high, n=f"{figure.n:,}", day=run.wave.ends)


def of_city(run: ScoringRun, figures: Mapping[Group, Figure]) -> list[Tile]:
    """What was asked about the city, and all its stations that may be shown together."""
    own = [(label_of(name), figures.get((run.pk, name, CITY, ""), HIDDEN)) for name in CITY_INDICATORS]
    group = f"unit-{Unit.Kind.STATION}"
    stations = [
        (
            _("%(what)s of the stations") % {"what": label_of(name)},
            figures.get((run.pk, name, SubjectKind.UNIT, group), HIDDEN),
        )
        for name in UNIT_INDICATORS
    ]
    return [of_figure(label, figure, run) for label, figure in [*own, *stations]]


def of_indicators(run: ScoringRun, figures: Mapping[Any, Figure], indicators: Sequence[str]) -> list[Tile]:
    """One subject's newest figures; an indicator that was not asked about it is left out."""
    there = [(name, figures[run.pk, name]) for name in indicators if (run.pk, name) in figures]
    return [of_figure(label_of(name), figure, run) for name, figure in there]


def internal(counted: OpenFigures) -> list[Tile]:
    """How the police answered by its own count, and how the answers were rated: internal components, not a poll."""
    return [
        share_tile(counted.on_time_rate, _("Answered in time"), counted.replied, _("the answers")),
        share_tile(counted.satisfaction, _("Satisfied with the answer"), counted.rated, _("the ratings")),
    ]


def of_recovery(years: Sequence[YearOfRecovery]) -> list[Tile]:
    """The recovery rate of the first and the last year that may be shown."""
    shown = [one for one in years if one.is_shown]
    ends = [shown[0], shown[-1]] if len(shown) > 1 else shown
    return [
        Tile(
            f"{(one.recovery.rate or 0) * 100:.0f}%",
            _("Recovery rate %(year)s") % {"year": one.year},
            n=f"{one.recovery.cases:,}",
            of=_("the loss"),
            day=one.as_of,
        )
        for one in ends
    ]


def basis(run: ScoringRun) -> str:
    """Who asked, how many, and which answers count as good."""
    words = {"who": run.wave.pollster.local_name, "n": f"{run.responses_count:,}"}
    asked = _("Asked by %(who)s in %(n)s interviews.") % words
    return f"{asked} {positive_words(run.wave.positive_levels)}"
