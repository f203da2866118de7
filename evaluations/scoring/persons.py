"""What is told of a person, so coarse that nobody finds out who it is by counting interviews.

An interview about an officer is one about their station too. So of officers no interview is published, only what all
of them come to, «so many good of so many effective answers», and the effective answers

* are those of the less certain of both ways, with and without flagged interviews, so that the difference tells nothing;
* are rounded down to fives: never more is claimed than is known, and so many good ones of them fit every number of
  interviews in between;
* are shared by at least three of a peer group (microaggregation: Domingo-Ferrer and Mateo-Sanz (2002), IEEE
  Transactions on Knowledge and Data Engineering 14), those who were asked about least and most too.

Nothing is told of whom too few answers are known, and of groups with fewer than five known enough.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from evaluations.scoring.floors import FEWEST_ANSWERS, FEWEST_EFFECTIVE
from evaluations.scoring.observations import OFFICER, Observations, Told
from evaluations.scoring.shrinkage import FEWEST_PEERS
from evaluations.scoring.wave import Figure, measured

FEWEST_ALIKE = 3
STEP = 5


def condensed(o: Observations) -> Observations:
    """The same with what is told of the persons in place of the interviews about them."""
    persons = np.array([a.kind == OFFICER for a in o.subjects], dtype=bool)[o.about]
    about_persons = o.only(persons)
    everything, clean = measured(about_persons), measured(about_persons.without_flagged())
    sizes = _sizes(everything, clean)
    told = {
        place: (_told(figure, sizes.get(place, 0)), _told(clean[place], sizes.get(place, 0)))
        for place, figure in enumerate(everything)
        if figure.n + figure.dont_know
    }
    return replace(o.only(~persons), told=told)


def _told(f: Figure, size: int) -> Told:
    return Told(size, round((f.share or 0.0) * size), f.n, f.dont_know)


def _sizes(everything: Sequence[Figure], clean: Sequence[Figure]) -> dict[int, int]:
    """How many effective answers are told of each person of whom enough is known."""
    groups: dict[tuple[str, str], list[tuple[float, int]]] = defaultdict(list)
    for place, ways in enumerate(zip(everything, clean, strict=True)):
        n, n_eff = min(f.n for f in ways), min(f.n_eff for f in ways)
        if n >= FEWEST_ANSWERS and n_eff >= FEWEST_EFFECTIVE:
            groups[ways[0].about.indicator, ways[0].about.peer_group].append((n_eff, place))
    return {
        place: in_steps(min(n_eff for n_eff, _place in alike))
        for known in groups.values()
        if len(known) >= FEWEST_PEERS
        for alike in _alike(sorted(known))
        for _n_eff, place in alike
    }


def _alike(known: list[tuple[float, int]]) -> list[list[tuple[float, int]]]:
    """Those next to each other, by threes; the last are up to five."""
    starts = range(0, len(known) - FEWEST_ALIKE + 1, FEWEST_ALIKE)
    return [known[start:end] for start, end in zip(starts, [*starts[1:], len(known)], strict=True)]


def in_steps(number: float) -> int:
    """Rounded down to a multiple of five."""
    return int(number // STEP) * STEP
