"""What the public thinks of its police: the city, a county, a unit; and the wall. Everybody may look."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core import policy
from core.workdays import SHANGHAI
from directory.models import Area, Unit
from evaluations import charts, outcome_charts, tiles
from evaluations.access.figures import visible_officers
from evaluations.models import ScoringRun
from evaluations.queries import dashboard, outcomes
from evaluations.queries.dashboard import UNIT_INDICATORS, Choice, Look
from evaluations.states import Indicator, WaveKind
from suggestions.queries.figures import OpenFigures, open_figures

MOST_OFFICERS_OF_A_UNIT = 100


def looked_at(request: HttpRequest, indicators: Iterable[str] = UNIT_INDICATORS) -> Look:
    """What the address asks for; anything unknown is the usual. One statement."""
    kind, indicator = request.GET.get("kind", ""), request.GET.get("indicator", "")
    choice = Choice(
        WaveKind(kind) if kind in WaveKind.values else WaveKind.POPULATION,
        Indicator(indicator) if indicator in list(indicators) else Indicator.SATISFACTION,
        request.GET.get("flagged") == "without",
    )
    return dashboard.look(choice)


def shared(look: Look, indicators: Iterable[str] = UNIT_INDICATORS) -> dict[str, Any]:
    """The head of every dashboard: of which kind, the newest round, and what can be chosen."""
    choice = look.choice
    return {
        "choice": choice,
        "run": look.newest,
        "basis": tiles.basis(look.newest) if look.newest else "",
        "kinds": [
            _tab(choice, label=str(kind.label).capitalize(), kind=kind, current=kind == choice.kind)
            for kind in WaveKind
        ],
        "indicators": [
            _tab(choice, label=charts.label_of(name), indicator=name, current=name == choice.indicator)
            for name in indicators
        ],
        "flagged_link": _link(choice, flagged="" if choice.without_flagged else "without"),
    }


def _tab(choice: Choice, *, label: str, current: bool, **change: str) -> dict[str, Any]:
    return {"label": label, "url": _link(choice, **change), "current": current}


def _link(choice: Choice, **change: str) -> str:
    flagged = "without" if choice.without_flagged else ""
    asked = {"kind": choice.kind.value, "indicator": choice.indicator.value, "flagged": flagged} | change
    return "?" + "&".join(f"{name}={value}" for name, value in asked.items() if value)


@require_safe
def city(request: HttpRequest) -> HttpResponse:
    """The whole city; ``wall`` asks for the big screen. Eight statements, and those of who is signed in."""
    look = looked_at(request)
    choice, runs, run = look.choice, look.runs, look.newest
    figures = dashboard.overview(runs)
    years = outcomes.recovery_by_year()
    context = shared(look) | {
        "tiles": tiles.of_city(run, figures) if run else [],
        "internal": tiles.internal(_of_twelve_months()),
        "assessments": list(outcomes.assessments()),
        "sees_officers": policy.can(request.user, "read", "figures of an officer"),
    }
    places, areas = dashboard.units(run), dashboard.counties()
    by_county = dashboard.by_county(places, choice.indicator)
    if "wall" in request.GET:
        return render(request, "evaluations/wall.html", context | _wall(run, areas, by_county, years, choice))
    drawn = [("recovery", outcome_charts.recovery(years))] if years else []
    polls = (
        [
            ("trend", charts.trend(runs, figures)),
            ("stations", charts.stations_trend(runs, figures)),
            ("counties", charts.counties(run, areas, by_county, choice.indicator)),
            ("funnel", charts.funnel(run, places, choice.indicator)),
            ("spread", charts.distribution(run, places, choice.indicator)),
            ("peers", charts.peer_groups(run, figures)),
        ]
        if run
        else []
    )
    more = {
        "polls": dict(polls),
        "recovery": drawn,
        "waves": look.published[::-1],
        "years": _years(look.published),
    }
    return render(request, "evaluations/city.html", context | more)


def _years(runs: Iterable[ScoringRun]) -> list[int]:
    return sorted({run.wave.year for run in runs}, reverse=True)


def _of_twelve_months() -> OpenFigures:
    """Of what was said in the last twelve whole months: a month that grows would show what single people said."""
    end = timezone.localdate().replace(day=1)
    start = end.replace(year=end.year - 1)
    return open_figures(_midnight(start), _midnight(end))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)


def _wall(run: ScoringRun | None, areas: list[Area], by_county: Any, years: Any, choice: Choice) -> dict[str, Any]:
    chart = charts.counties(run, areas, by_county, choice.indicator) if run else None
    squares = []
    for place, area in enumerate(areas if chart else []):
        figure = by_county.get(area.code, dashboard.HIDDEN)
        column, row = charts.SPOTS.get(area.code, (place, 2))
        squares.append({
            "name": area.local_name, "figure": figure, "shade": chart.shade(figure.points) if chart else None,
            "column": column + 1, "row": row + 1,
        })  # fmt: skip
    return {"squares": squares, "what": charts.label_of(choice.indicator), "recovery": tiles.of_recovery(years)}


@require_safe
def county(request: HttpRequest, county: int) -> HttpResponse:
    """A county or district: its stations from round to round, and each of them. Four statements."""
    area = get_object_or_404(Area, code=str(county), level=Area.Level.COUNTY)
    look = looked_at(request)
    choice, runs, run = look.choice, look.runs, look.newest
    places, over = dashboard.units(run, area), dashboard.of_county(runs, area)
    drawn = [("trend", charts.own_trend(runs, over, UNIT_INDICATORS))] if runs else []
    if run and places:
        drawn.insert(0, ("units", charts.units(run, places, choice.indicator)))
    context = shared(look) | {
        "area": area,
        "tiles": tiles.of_indicators(run, over, UNIT_INDICATORS) if run else [],
        "charts": drawn,
        "places": places,
    }
    return render(request, "evaluations/county.html", context)


@require_safe
def unit(request: HttpRequest, code: str) -> HttpResponse:
    """A unit from round to round; its officers for who may see them. Four statements, five with officers."""
    shown = get_object_or_404(Unit.objects.select_related("area"), code=code)
    look = looked_at(request)
    choice, runs, run = look.choice, look.runs, look.newest
    figures = dashboard.of_subject(runs, subject__unit=shown, subject__officer=None)
    context = shared(look) | {
        "unit": shown,
        "area": Area.objects.filter(code=shown.area_id[:6], level="county").first() if shown.area_id else None,
        "tiles": tiles.of_indicators(run, figures, UNIT_INDICATORS) if run else [],
        "charts": [("trend", charts.own_trend(runs, figures, UNIT_INDICATORS))] if figures else [],
        "rank": _rank(figures, run, choice),
        "officers": _officers(request, run, choice, shown),
    }
    return render(request, "evaluations/unit.html", context)


def _rank(figures: Any, run: ScoringRun | None, choice: Choice) -> str:
    """Where the unit stands among its peers, with how unsure that is."""
    figure = figures.get((run.pk, choice.indicator), dashboard.HIDDEN) if run else dashboard.HIDDEN
    words = charts.rank_words(figure)
    if not words:
        return ""
    stands = {-1: _("lower than chance explains"), 1: _("higher than chance explains")}
    more = stands.get(figure.signal, _("not more than chance explains"))
    return _("Rank among those who do the same work: %(rank)s (95%% interval); %(more)s.") % {
        "rank": words,
        "more": more,
    }


def _officers(request: HttpRequest, run: ScoringRun | None, choice: Choice, shown: Unit) -> Any:
    """The officers of the unit as a chart, for who may see them."""
    if run is None or not request.user.is_authenticated:
        return None
    who = visible_officers(request.user)
    scores = list(
        dashboard.officers(run, choice.indicator, who)
        .filter(subject__unit=shown)
        .order_by("-shrunk", "pk")[:MOST_OFFICERS_OF_A_UNIT]
    )
    return charts.officers(run, scores, choice.indicator) if scores else None
