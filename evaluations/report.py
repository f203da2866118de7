"""The year's report as data for ``templates/pdf/evaluations.typ``: words, figures with intervals, and their sources."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.day_words import day
from directory.models import Area
from evaluations import charts, tiles
from evaluations.models import ExternalAssessment, ScoringRun
from evaluations.queries import dashboard, outcomes
from evaluations.queries.dashboard import HIDDEN, UNIT_INDICATORS, Figure, Place
from evaluations.queries.outcomes import YearOfRecovery


def report_data(year: int) -> dict[str, Any] | None:
    """What was published about the year; None where nothing was. Four statements and two for each wave."""
    runs = [run for run in dashboard.published_runs() if run.wave.year == year]
    if not runs:
        return None
    areas = dashboard.counties()
    return {
        "title": _("How the public judged its police in %(year)s") % {"year": year},
        "lede": _(
            "A third party asks; the police do not mark themselves. "
            "Where too few answered, nothing is published."
        ),
        "axis": _("The line is the interval (95%), the dot the figure; from 60 to 100."),
        "heads": [_("What"), _("Figure"), _("Interval (95%)"), "n", ""],
        "station_heads": [
            _("Station"), _("Figure"), _("Interval (95%)"), "n", "", _("Rank with its interval"), _("More than chance?")
        ],
        "waves": [_wave(run, areas) for run in runs],
        "beside": _beside(outcomes.recovery_by_year(), list(outcomes.assessments())),
        "how": [_("How to read this"), _how()],
        "foot": _("Figures and inputs: %(address)s") % {"address": "/evaluations/"},
        "at": max(run.wave.published_at for run in runs if run.wave.published_at),
    }  # fmt: skip


def _how() -> list[str]:
    return [
        _("Shares are in percent of those who answered; «does not know» counts as neither good nor bad."),
        _("Those who answered are weighted to the population by district, age and sex."),
        _("A station is shown from 100 effective answers on, in the figures with and without odd interviews."),
        _("Rank intervals that overlap say that the order is not known."),
        _("Residents and people the police had to do with are two polls and are never averaged together."),
    ]


def _wave(run: ScoringRun, areas: Sequence[Area]) -> dict[str, Any]:
    """One round: the city, the districts, the stations by question, and where all of it can be checked."""
    figures, places = dashboard.overview([run]), dashboard.units(run)
    city = [_cells(one.label, one) for one in tiles.of_city(run, figures)]
    return {
        "title": run.wave.title,
        "kind": run.wave.get_kind_display(),
        "basis": tiles.basis(run),
        "city": city,
        "questions": [_question(run, places, areas, name) for name in UNIT_INDICATORS],
        "source": [
            _("Published on %(day)s") % {"day": day(run.wave.published_at)} if run.wave.published_at else "",
            _("Formula %(version)s, inputs SHA-256 %(hash)s") % {"version": run.version, "hash": run.inputs_sha256},
            f"/open/polls/{run.wave.code}/scores.csv · inputs.csv",
        ],
    }


def _cells(label: str, one: tiles.Tile) -> dict[str, Any]:
    if not one.low:
        return {"label": label, "value": str(charts.TOO_FEW), "shown": False}
    numbers = {name: float(getattr(one, name).rstrip("%")) for name in ("low", "high", "value")}
    told = {"label": label, "value": one.value, "interval": f"{one.low} – {one.high}", "n": one.n}
    return told | {"shown": True, "at": numbers}


def _question(run: ScoringRun, places: Sequence[Place], areas: Sequence[Area], name: str) -> dict[str, Any]:
    together: Mapping[str, Figure] = dashboard.by_county(places, name)
    districts = [_cells(area.local_name, tiles.of_figure("", together.get(area.code, HIDDEN), run)) for area in areas]
    shown = [one for one in places if one.figure(name).is_shown]
    stations = [
        _cells(one.name, tiles.of_figure("", one.figure(name), run))
        | {"rank": charts.rank_words(one.figure(name)), "signal": charts.signal_words(one.figure(name))}
        for one in shown
    ]
    hidden = [one.name for one in places if not one.figure(name).is_shown]
    return {
        "title": charts.label_of(name),
        "districts": [_("By county and district: stations that may be shown, together"), districts],
        "stations": [_("Stations"), stations],
        "hidden": _("Too few answers, not published: %(names)s") % {"names": str(_(", ")).join(hidden)}
        if hidden
        else "",
    }


def _beside(years: Sequence[YearOfRecovery], found: Sequence[ExternalAssessment]) -> dict[str, Any]:
    english = (get_language() or "").startswith("en")
    assessed = [
        [
            f"{one.year} {(one.indicator_en if english else '') or one.indicator}",
            f"{one.value}%",
            f"{(one.body_en if english else '') or one.body}{_('; ')}{one.source}",
        ]
        for one in found
    ]
    rates = [
        [str(one.year), f"{one.recovery.cases:,}", _percent(one.recovery.rate), _percent(one.recovery.solved_usually),
         _percent(one.recovery.solved_in_huzhou), one.as_of.isoformat()]
        for one in years if one.is_shown
    ]  # fmt: skip
    return {
        "title": _("Beside the polls, never counted into them"),
        "assessed": [_("Assessed by others"), assessed],
        "recovery": [
            _("What came back of what was stolen"),
            [
                _("Year of the case"),
                _("Cases"),
                _("Recovery rate"),
                _("Suspect found"),
                _("Huzhou standard"),
                _("as of"),
            ],
            rates,
        ],
    }


def _percent(share: Any) -> str:
    return "–" if share is None else f"{float(share) * 100:.1f}%"
