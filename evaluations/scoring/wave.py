"""A whole wave: from observations to one figure a subject and indicator, with and without the flagged interviews.

Shares are weighted; effective numbers are Kish's, lessened by what clustered fieldwork costs; a person's figure is
drawn towards the peer group and ranked with an interval; a signal needs false-discovery control; below the floors
nothing is shown. ``VERSION`` names this way of working things out and changes with it.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom, norm

from evaluations.scoring import funnel, indicators
from evaluations.scoring.design import effective_after_clustering, interviewer_correlation
from evaluations.scoring.floors import Evidence, person_may_be_shown, unit_may_be_shown
from evaluations.scoring.intervals import wilson
from evaluations.scoring.observations import CITY, FOIL, OFFICER, About, Observations, Told
from evaluations.scoring.ranks import expected_ranks
from evaluations.scoring.shrinkage import FEWEST_PEERS, PeerGroup, fit_peers, shrink

VERSION = "2026.2"
FEWEST_HIDDEN = 2  # one hidden among named peers would be known by elimination
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Figure:
    """What is known of one subject and indicator; shares of one, None where there is nothing to say."""

    about: About
    n: int = 0
    n_eff: float = 0.0
    dont_know: int = 0
    share: float | None = None
    low: float | None = None
    high: float | None = None
    shrunk: float | None = None
    shrunk_low: float | None = None
    shrunk_high: float | None = None
    reliability: float | None = None
    rank: float | None = None
    rank_low: float | None = None
    rank_high: float | None = None
    peers: int = 0
    signal: int = 0
    shown: bool = False


@dataclass(frozen=True)
class Scored:
    """The figures by place in ``Observations.subjects``, over all interviews and over those without a flag."""

    with_flagged: list[Figure]
    without_flagged: list[Figure]


def score(observations: Observations) -> Scored:
    """Both workings-out. A figure is shown only where both stand above the floors, so neither gives the other away."""
    everything = estimates(observations)
    clean = estimates(observations.without_flagged())
    both = [a.shown and b.shown for a, b in zip(everything, clean, strict=True)]
    shown = _with_partners(everything, both)
    return Scored(*(_signalled(_show(figures, shown)) for figures in (everything, clean)))


def _show(figures: Sequence[Figure], shown: Sequence[bool]) -> list[Figure]:
    return [replace(figure, shown=may) for figure, may in zip(figures, shown, strict=True)]


def _with_partners(figures: Sequence[Figure], shown: Sequence[bool]) -> list[bool]:
    """Where one alone of a group is hidden, the one with the fewest answers is hidden with it."""
    result = list(shown)
    for places in _groups(figures):
        hidden = [place for place in places if not result[place] and _stands_in_the_file(figures[place])]
        named = [place for place in places if result[place]]
        if named and 0 < len(hidden) < FEWEST_HIDDEN:
            result[min(named, key=lambda place: (figures[place].n_eff, place))] = False
    return result


def _stands_in_the_file(f: Figure) -> bool:
    """Whether anything of it is published, under a name or a number."""
    return bool(f.n_eff or (f.dont_know and f.about.kind != OFFICER))


def _groups(figures: Sequence[Figure]) -> Iterator[list[int]]:
    """The places of the peers of each group and indicator."""
    groups: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for place, figure in enumerate(figures):
        if figure.about.kind not in (FOIL, CITY):
            groups[figure.about.indicator, figure.about.kind, figure.about.peer_group].append(place)
    yield from groups.values()


def estimates(o: Observations) -> list[Figure]:
    """One figure a subject, ``shown`` where it stands above the floors by itself."""
    figures = measured(o)
    for place, (told, _clean) in o.told.items():
        figures[place] = _person(o.subjects[place], told)
    return _against_foils(_among_peers(figures))


def _person(about: About, told: Told) -> Figure:
    """A person's figure by what is told; by nothing where nothing is."""
    if not told.size:
        return Figure(about, told.n, dont_know=told.dont_know)
    share = told.well / told.size
    return Figure(about, told.n, float(told.size), told.dont_know, share, *wilson(share, told.size))


def measured(o: Observations) -> list[Figure]:
    """What the lines say of each subject, without its peers and foils."""
    answered = o.asked > 0
    count = len(o.subjects)
    dont_know = np.bincount(o.about[~answered], minlength=count)
    about, weight, interviewer = o.about[answered], o.weight[answered], o.interviewer[answered]
    value = o.positive[answered] / o.asked[answered]
    n = np.bincount(about, minlength=count)
    whole = np.bincount(about, weight, minlength=count)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.bincount(about, weight * value, minlength=count) / whole
        kish = whole**2 / np.bincount(about, weight**2, minlength=count)
    correlation = _correlations(o.subjects, about, value - share[about], interviewer, n)
    interviews = _by_interviewer(about, interviewer)
    return [
        _raw(a, int(n[i]), int(dont_know[i]), float(share[i]), float(kish[i]), interviews[i], correlation[a.indicator])
        if n[i]
        else Figure(a, dont_know=int(dont_know[i]))
        for i, a in enumerate(o.subjects)
    ]


def _correlations(
    subjects: Sequence[About],
    about: NDArray[np.intp],
    residuals: Floats,
    interviewer: NDArray[np.intp],
    n: NDArray[np.intp],
) -> dict[str, float]:
    """ρ by indicator, over the city and the groups that are large enough to be peers."""
    sizes: dict[tuple[str, str, str], int] = defaultdict(int)
    for place, a in enumerate(subjects):
        sizes[a.indicator, a.kind, a.peer_group] += int(n[place] > 0)
    large = np.array(
        [
            a.kind == CITY or (a.kind != FOIL and sizes[a.indicator, a.kind, a.peer_group] >= FEWEST_PEERS)
            for a in subjects
        ],
        dtype=bool,
    )
    names = np.array([a.indicator for a in subjects])
    return {
        str(name): interviewer_correlation(residuals[of], interviewer[of])
        for name in sorted(set(names.tolist()))
        for of in [((names == name) & large)[about]]
    }


def _by_interviewer(about: NDArray[np.intp], interviewer: NDArray[np.intp]) -> dict[int, Floats]:
    """How many interviews each interviewer had on each subject."""
    if not len(about):
        return {}
    width = int(interviewer.max()) + 1
    pairs, counts = np.unique(about * width + interviewer, return_counts=True)
    owners = pairs // width
    starts = np.searchsorted(owners, np.unique(owners))
    return {
        int(owner): part.astype(float)
        for owner, part in zip(np.unique(owners), np.split(counts, starts[1:]), strict=True)
    }


def _raw(
    about: About, n: int, dont_know: int, share: float, kish: float, interviews: Floats, correlation: float
) -> Figure:
    share = min(1.0, max(0.0, share))
    n_eff = effective_after_clustering(kish, interviews, correlation)
    low, high = wilson(share, n_eff)
    shown = about.kind != OFFICER and about.kind != FOIL and unit_may_be_shown(Evidence(n, n_eff))
    return Figure(about, n, n_eff, dont_know, share, low, high, shown=shown)


def _among_peers(figures: list[Figure]) -> list[Figure]:
    result = list(figures)
    for places in _groups(figures):
        known = [place for place in places if figures[place].n_eff]
        if len(known) < FEWEST_PEERS:
            continue
        shares = [figures[place].share or 0.0 for place in known]
        sizes = [figures[place].n_eff for place in known]
        group = fit_peers([share * size for share, size in zip(shares, sizes, strict=True)], sizes)
        for place, figure in zip(known, _drawn_together([figures[p] for p in known], group), strict=True):
            result[place] = figure
    return result


def _drawn_together(figures: Sequence[Figure], group: PeerGroup) -> list[Figure]:
    drawn = [shrink((f.share or 0.0) * f.n_eff, f.n_eff, group) for f in figures]
    spreads = [_spread(one.share, f.n_eff + group.worth) for one, f in zip(drawn, figures, strict=True)]
    ranks = expected_ranks([one.share for one in drawn], spreads)
    made = []
    for f, one, rank in zip(figures, drawn, ranks, strict=True):
        fits = f.about.kind != OFFICER or person_may_be_shown(Evidence(f.n, f.n_eff, one.reliability))
        made.append(
            replace(
                f,
                shrunk=one.share,
                shrunk_low=one.low,
                shrunk_high=one.high,
                reliability=one.reliability,
                rank=rank.expected,
                rank_low=rank.low,
                rank_high=rank.high,
                peers=len(figures),
                shown=fits if f.about.kind == OFFICER else f.shown,
            )
        )
    return made


def _spread(share: float, worth: float) -> float:
    """The standard deviation of the beta posterior worth that many answers; 0 when peers do not differ."""
    return 0.0 if worth == float("inf") else sqrt(share * (1 - share) / (worth + 1))


def _against_foils(figures: list[Figure]) -> list[Figure]:
    """Familiarity is corrected for those who also know somebody who does not exist."""
    foils = {f.about.indicator: f.share for f in figures if f.about.kind == FOIL}
    return [f if f.about.kind == FOIL else _corrected(f, foils.get(f.about.indicator)) for f in figures]


def _corrected(f: Figure, foil: float | None) -> Figure:
    if foil is None:
        return f

    def known(share: float | None) -> float | None:
        return None if share is None else indicators.familiarity(share, foil)

    return replace(
        f,
        share=known(f.share),
        low=known(f.low),
        high=known(f.high),
        shrunk=known(f.shrunk),
        shrunk_low=known(f.shrunk_low),
        shrunk_high=known(f.shrunk_high),
    )


def _signalled(figures: list[Figure]) -> list[Figure]:
    """+1 or −1 for those beyond the funnel of their peers, when at most one signal in twenty may be false."""
    tests: dict[tuple[str, str], list[tuple[int, float, int]]] = defaultdict(list)
    for places in _groups(figures):
        known = [place for place in places if figures[place].shown and figures[place].peers]
        about = figures[places[0]].about
        tests[about.indicator, about.kind] += _tests([figures[p] for p in known], known)
    result = list(figures)
    for found in tests.values():
        for (place, _p, side), is_signal in zip(found, funnel.discoveries([p for _, p, _ in found]), strict=True):
            if is_signal:
                result[place] = replace(figures[place], signal=side)
    return result


def _tests(figures: Sequence[Figure], places: Sequence[int]) -> list[tuple[int, float, int]]:
    """Place, two-sided probability and side of each; exact binomial, widened by the group's over-dispersion."""
    sizes = np.array([f.n_eff for f in figures])
    shares = np.array([f.share for f in figures], dtype=float)
    if not len(figures):
        return []
    target = float((shares * sizes).sum() / sizes.sum())
    if not 0 < target < 1:
        return []
    z = [funnel.z_score(share, size, target) for share, size in zip(shares, sizes, strict=True)]
    wider = sqrt(funnel.dispersion(z))
    tested = []
    for place, share, size in zip(places, shares, sizes, strict=True):
        whole, hits = round(size), round(share * size)
        below, above = funnel.low_tail(hits, whole, target), float(binom.sf(hits - 1, whole, target))
        p = min(1.0, 2 * min(below, above))
        p = float(2 * norm.sf(norm.isf(p / 2) / wider))
        tested.append((place, p, 1 if share > target else -1))
    return tested
