"""Recovered losses as a chart; it stands beside the polls and takes nothing from them."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from core.charts import Chart, Series, Tone
from core.small_cells import FEW
from evaluations.charts import TOO_FEW
from evaluations.queries.outcomes import YearOfRecovery


def recovery(years: Sequence[YearOfRecovery]) -> Chart:
    """What came back of what was lost, and both senses of «solved», by the year of the case."""
    shown = [one if one.is_shown else None for one in years]
    cases = [one.recovery.cases if one.is_shown else FEW for one in years]

    def row(label: str, values: Sequence[Any], tone: Tone, **own: Any) -> Series:
        percents = [None if value is None else float(value) * 100 for value in values]
        return Series(label, percents, words=[str(TOO_FEW)] * len(years), tone=tone, **own)

    rates = [one.recovery.rate if one else None for one in shown]
    usual = [one.recovery.solved_usually if one else None for one in shown]
    huzhou = [one.recovery.solved_in_huzhou if one else None for one in shown]
    return Chart(
        _("What came back of what was stolen"),
        "line",
        [str(one.year) for one in years],
        [
            row(_("Recovery rate"), rates, "own", n=cases),
            row(_("Solved: a suspect was found"), usual, "ink"),
            row(_("Solved by the Huzhou standard: part of the loss came back too"), huzhou, "lake"),
        ],
        unit="%",
        places=1,
        heading=_("Year of the case"),
        summary=_recovery_words([one for one in years if one.is_shown]),
        as_of=max((one.as_of for one in years), default=None),
        note=_("Recovery rate: everything recovered by everything lost, in yuan, in cases of that year."),
    )


def _recovery_words(years: Sequence[YearOfRecovery]) -> str:
    if not years:
        return str(TOO_FEW)
    ends = [(one.year, float(one.recovery.rate or 0) * 100) for one in (years[0], years[-1])]
    words = {"first": ends[0][0], "before": ends[0][1], "last": ends[1][0], "after": ends[1][1]}
    return (
        _("Of what was lost, %(before).1f%% came back in cases of %(first)s, %(after).1f%% in those of %(last)s.")
        % words
    )
