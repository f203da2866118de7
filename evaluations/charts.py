"""The dashboards as charts: what is drawn, with which interval, and the words that stand where nothing may be shown."""

from collections.abc import Iterable, Mapping, Sequence
from math import ceil, floor
from statistics import median
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.charts import Chart, Limit, Series, Tone
from directory.models import Area, Officer, Unit
from evaluations.models import PooledScore, Score, ScoringRun
from evaluations.queries.dashboard import CITY, HIDDEN, UNIT_INDICATORS, Figure, Group, Place, figure_of
from evaluations.scoring import funnel as funnels
from evaluations.scoring.shrinkage import FEWEST_PEERS
from evaluations.states import Indicator, SubjectKind

TOO_FEW = gettext_lazy("Too few answers: not published")
TONES: dict[str, Tone] = {
    Indicator.SAFETY: "lake",
    Indicator.VISIBILITY: "ink",
    Indicator.SATISFACTION: "own",
    Indicator.ATTITUDE: "ink",
}
SPOTS = {"330522": (0, 0), "330502": (1, 0), "330503": (2, 0), "330523": (0, 1), "330521": (1, 1)}  # as they lie
STEPS = (60, 75, 85, 95)
GRID = 24  # points at which the limits of a funnel are worked out
CITY_INDICATORS = (Indicator.SAFETY, Indicator.VISIBILITY)


def label_of(indicator: str) -> str:
    return str(Indicator(indicator).label).capitalize()


def positive_words(levels: Iterable[int]) -> str:
    """Which answers count as good; stands with every figure of a poll."""
    told = str(_(", ")).join(str(level) for level in sorted(levels))
    return _("Of the answers 1 to 5, %(levels)s count as good.") % {"levels": told}


def peer_label(group: str) -> str:
    """A peer group in words: community officer, station."""
    role, _dash, kind = group.partition("-")
    of_unit = str(dict(Unit.Kind.choices).get(kind, kind))
    if role == SubjectKind.UNIT:
        return of_unit
    post = str(dict(Officer.Position.choices).get(role, role))
    return _("%(post)s, %(unit)s") % {"post": post, "unit": of_unit}


MEASURED, BELIEVED = ("points", "low", "high"), ("shrunk", "shrunk_low", "shrunk_high")


def _series(label: str, figures: Sequence[Figure], tone: Tone = "", columns: Sequence[str] = MEASURED) -> Series:
    """A figure with its interval and n: what was measured, or what is believed after a look at the peers."""
    values, low, high = ([getattr(one, name) for one in figures] for name in columns)
    words = [str(TOO_FEW)] * len(figures)
    return Series(label, values, low=low, high=high, n=[one.n for one in figures], words=words, tone=tone)


def _options(run: ScoringRun | None, **own: Any) -> dict[str, Any]:
    options: dict[str, Any] = {"unit": "%", "places": 1}
    if run is not None:
        options |= {"as_of": run.wave.ends, "note": positive_words(run.wave.positive_levels)}
    return options | own


def trend(runs: Sequence[ScoringRun], figures: Mapping[Group, Figure]) -> Chart:
    """The city from round to round: what was asked about it as a whole."""
    return _group_trend(_("The city from round to round"), runs, figures, CITY_INDICATORS, (CITY, ""))


def stations_trend(runs: Sequence[ScoringRun], figures: Mapping[Group, Figure]) -> Chart:
    """All stations that may be shown together, from round to round."""
    stations = (SubjectKind.UNIT, f"unit-{Unit.Kind.STATION}")
    return _group_trend(_("The stations together from round to round"), runs, figures, UNIT_INDICATORS, stations)


def _group_trend(
    title: str,
    runs: Sequence[ScoringRun],
    figures: Mapping[Group, Figure],
    indicators: Iterable[Indicator],
    whose: tuple[str, str],
) -> Chart:
    rows = {name.value: [figures.get((run.pk, name, *whose), HIDDEN) for run in runs] for name in indicators}
    return _over_rounds(title, runs, rows)


def own_trend(runs: Sequence[ScoringRun], figures: Mapping[Any, Figure], indicators: Iterable[str]) -> Chart:
    """One unit or county from round to round."""
    rows = {name: [figures.get((run.pk, name), HIDDEN) for run in runs] for name in indicators}
    return _over_rounds(_("From round to round"), runs, rows)


def officer_trend(runs: Sequence[ScoringRun], figures: Mapping[Any, Figure], indicator: str) -> Chart:
    """One officer from round to round: the figure drawn towards the peers, its interval, and the rank interval."""
    rows = [figures.get((run.pk, indicator), HIDDEN) for run in runs]
    title = _("%(what)s from round to round") % {"what": label_of(indicator)}
    series = [_series(label_of(indicator), rows, columns=BELIEVED), *_ranks(rows)]
    return _rounds(title, runs, series, _last_told({indicator: [one.shrunk for one in rows]}, runs))


def _over_rounds(title: str, runs: Sequence[ScoringRun], rows: Mapping[str, Sequence[Figure]]) -> Chart:
    series = [_series(label_of(name), row, TONES.get(name, "")) for name, row in rows.items()]
    told = _last_told({name: [one.points for one in row] for name, row in rows.items()}, runs)
    return _rounds(title, runs, series, told)


def _rounds(title: str, runs: Sequence[ScoringRun], series: Sequence[Series], summary: str) -> Chart:
    names, last = [run.wave.title for run in runs], runs[-1] if runs else None
    return Chart(title, "line", names, series, summary=summary, **_options(last, heading=_("Round")))


def _last_told(rows: Mapping[str, Sequence[float | None]], runs: Sequence[ScoringRun]) -> str:
    """The newest round in a sentence."""
    if not runs:
        return ""
    words = {"round": runs[-1].wave.title, "figures": _listed({label_of(name): row[-1] for name, row in rows.items()})}
    return _("%(round)s: %(figures)s. Where intervals overlap, a change is not certain.") % words


def _listed(values: Mapping[str, float | None]) -> str:
    """Names and figures one after the other."""
    told = [f"{name} {TOO_FEW if value is None else f'{value:.1f}%'}" for name, value in values.items()]
    return str(_("; ")).join(told)


def counties(run: ScoringRun, areas: Sequence[Area], figures: Mapping[str, Figure], indicator: str) -> Chart:
    """The five counties and districts as they lie, the darker the higher; each leads on."""
    rows = [figures.get(area.code, HIDDEN) for area in areas]
    spots = [SPOTS.get(area.code, (place, 2)) for place, area in enumerate(areas)]
    made_of = Series(_("Stations with a figure"), [one.of or None for one in rows], drawn=False, unit="", places=0)
    return Chart(
        _("%(what)s by county and district") % {"what": label_of(indicator)},
        "tiles",
        [area.local_name for area in areas],
        [_series(label_of(indicator), rows), made_of],
        links=[reverse("evaluations:county", args=[area.code]) for area in areas],
        spots=spots,
        steps=STEPS,
        summary=_ends_told([area.local_name for area in areas], rows),
        **_options(run, heading=_("District")),
    )


def _ends_told(names: Sequence[str], figures: Sequence[Figure]) -> str:
    """The highest and the lowest, and that this is no order."""
    known = [(one.points, name) for name, one in zip(names, figures, strict=True) if one.points is not None]
    if not known:
        return str(TOO_FEW)
    (high, top), (low, bottom) = max(known), min(known)
    words = {"top": top, "high": high, "bottom": bottom, "low": low}
    told = _("Highest %(top)s with %(high).1f%%, lowest %(bottom)s with %(low).1f%%.") % words
    return told + _(" Where intervals overlap, the order is not known.")


def place_of(one: Place) -> str:
    return reverse("evaluations:unit", args=[one.code])


def funnel(run: ScoringRun, places: Sequence[Place], indicator: str) -> Chart:
    """Stations against how many were asked: outside the limits is more than chance; those with a signal are named."""
    shown = [one for one in places if one.figure(indicator).is_shown]
    figures = [one.figure(indicator) for one in shown]
    target = _target(figures)
    return Chart(
        _("Are the stations really different?"),
        "funnel",
        [one.name for one in shown],
        [_series(label_of(indicator), figures), *_ranks(figures)],
        links=[place_of(one) for one in shown],
        sizes=[one.n_eff or 0.0 for one in figures],
        target=None if target is None else target * 100,
        limits=_limits(figures, target),
        marked=[one.signal != 0 for one in figures],
        summary=_funnel_words(shown, indicator),
        **_options(run, heading=_("Station")),
    )


def _target(figures: Sequence[Figure]) -> float | None:
    whole = sum(one.n_eff or 0.0 for one in figures)
    if not whole:
        return None
    return sum((one.points or 0.0) / 100 * (one.n_eff or 0.0) for one in figures) / whole


def _limits(figures: Sequence[Figure], target: float | None) -> list[Limit]:
    """Exact binomial, widened by how much stations differ anyway; over the sizes that there are."""
    if target is None or not 0 < target < 1:
        return []
    sizes = [one.n_eff or 0.0 for one in figures]
    z = [funnels.z_score((one.points or 0.0) / 100, one.n_eff or 1.0, target) for one in figures]
    spread = funnels.dispersion(z)
    first, last = floor(min(sizes)), ceil(max(sizes)) + 1
    grid = sorted({first + round((last - first) * step / GRID) for step in range(GRID + 1)})
    made = []
    for n in grid:
        near = funnels.limits(target, n, funnels.P_95, spread)
        far = funnels.limits(target, n, funnels.P_998, spread)
        made.append(Limit(n, near[0] * 100, near[1] * 100, far[0] * 100, far[1] * 100))
    return made


def _funnel_words(shown: Sequence[Place], indicator: str) -> str:
    separator = str(_(", "))
    below = separator.join(one.name for one in shown if one.figure(indicator).signal < 0)
    above = separator.join(one.name for one in shown if one.figure(indicator).signal > 0)
    if not shown:
        return str(TOO_FEW)
    told = [_("Below what chance explains: %(names)s.") % {"names": below}] if below else []
    told += [_("Above what chance explains: %(names)s.") % {"names": above}] if above else []
    nothing = _("No station differs from the others by more than chance explains. A list of ranks would mislead.")
    return " ".join(told) or nothing


def _ranks(figures: Sequence[Figure]) -> list[Series]:
    """Rank intervals, never a bare rank, and whether somebody stands out; in the table alone."""
    ranks = [rank_words(one) for one in figures]
    signals = [signal_words(one) for one in figures]
    nothing = [None] * len(figures)
    return [
        Series(_("Rank with its interval"), nothing, words=ranks, drawn=False, unit=""),
        Series(_("More than chance?"), nothing, words=signals, drawn=False, unit=""),
    ]


def rank_words(figure: Figure) -> str:
    if figure.rank_low is None or figure.rank_high is None:
        return ""
    words = {"low": round(figure.rank_low), "high": round(figure.rank_high), "peers": figure.peers}
    return _("%(low)s to %(high)s of %(peers)s") % words


def rounds_words(figure: Figure) -> str:
    """The rounds that a figure over several was put together from."""
    return str(_(", ")).join(figure.waves)


def signal_words(figure: Figure) -> str:
    if not figure.is_shown or figure.waves:  # each round alone has given its own
        return ""
    return {-1: _("lower"), 1: _("higher")}.get(figure.signal, _("no"))


def distribution(run: ScoringRun, places: Sequence[Place], indicator: str) -> Chart:
    """How many stations lie where; counts of stations, not of people."""
    values = [figure.points for one in places if (figure := one.figure(indicator)).points is not None]
    width = 2 if values and max(values) - min(values) < 20 else 5
    first = floor(min(values, default=0) / width) * width
    last = min(100, max(values, default=0))
    starts = [first + width * step for step in range(max(1, ceil((last - first + 0.001) / width)))]
    counts = [
        sum(start <= value < start + width or value == start + width == 100 for value in values) for start in starts
    ]
    return Chart(
        _("How the stations are spread"),
        "bar",
        [f"{start}%–{min(100, start + width)}%" for start in starts] if values else [],
        [Series(_("Stations"), counts if values else [])],
        heading=label_of(indicator),
        summary=_spread_words(values),
        n=len(values),
        as_of=run.wave.ends,
        note=_("%(n)s stations have too few answers and are not in here.") % {"n": len(places) - len(values)},
    )


def _spread_words(values: Sequence[float]) -> str:
    if not values:
        return str(TOO_FEW)
    words = {"n": len(values), "low": min(values), "middle": median(values), "high": max(values)}
    return _("%(n)s stations: lowest %(low).1f%%, in the middle %(middle).1f%%, highest %(high).1f%%.") % words


def peer_groups(run: ScoringRun, figures: Mapping[Group, Figure]) -> Chart:
    """Each indicator of those who do the same work; of people only where at least five may be shown."""
    here = {(kind, group, name): one for (pk, name, kind, group), one in figures.items() if pk == run.pk and kind}
    known = {key: one for key, one in here.items() if key[0] == SubjectKind.UNIT or one.of >= FEWEST_PEERS}
    order = list(Indicator.values)
    keys = sorted(known, key=lambda key: (key[0] != SubjectKind.UNIT, key[1], order.index(key[2])))
    names = [f"{peer_label(group)} · {label_of(name)}" for _kind, group, name in keys]
    rows = [known[key] for key in keys]
    made_of = Series(_("Put together from"), [one.of or 1 for one in rows], drawn=False, unit="", places=0)
    return Chart(
        _("Those who do the same work"),
        "bar",
        names,
        [_series(_("Figure"), rows, "lake"), made_of],
        **_options(run, heading=_("Peer group")),
    )


def units(run: ScoringRun, places: Sequence[Place], indicator: str) -> Chart:
    """The units of a county with interval and rank interval; the hidden ones stand there too, without a figure."""
    figures = [one.figure(indicator) for one in places]
    return Chart(
        _("%(what)s of each station") % {"what": label_of(indicator)},
        "bar",
        [one.name for one in places],
        [_series(label_of(indicator), figures, TONES.get(indicator, "")), *_ranks(figures)],
        links=[place_of(one) for one in places],
        summary=_ends_told([one.name for one in places], figures),
        **_options(run, heading=_("Station")),
    )


def officers(run: ScoringRun, scores: Sequence[Score | PooledScore], indicator: str) -> Chart:
    """A page of officers: what is believed of each after a look at the peers, with interval and rank interval.

    All of one round, or all over several; then the rounds of each stand in the table.
    """
    figures = [figure_of(one) for one in scores]
    subjects = [one.subject for one in scores if one.subject]
    people = [one.officer for one in subjects if one.officer]
    at = [one.unit.local_name for one in subjects]
    told = [Series(_("Unit"), [None] * len(at), words=at, drawn=False, unit="")]
    title = _("%(what)s of each officer")
    if any(one.waves for one in figures):
        rounds = [rounds_words(one) for one in figures]
        told.append(Series(_("Rounds"), [None] * len(at), words=rounds, drawn=False, unit=""))
        title = _("%(what)s over several rounds, where the newest alone knows too little")
    return Chart(
        title % {"what": label_of(indicator)},
        "bar",
        [f"{one.name} {one.badge_number}" for one in people],
        [_series(label_of(indicator), figures, columns=BELIEVED), *told, *_ranks(figures)],
        links=[reverse("evaluations:officer", args=[one.badge_number]) for one in people],
        summary=_("From the highest figure down. Where intervals overlap, nobody is before the other."),
        **_options(run, heading=_("Officer")),
    )
