"""Ranks that know how unsure they are: expected rank and rank interval over posteriors, worked out, not drawn by lot.

Source: Laird and Louis (1989), J. Educational Statistics 14 (expected ranks); Goldstein and Spiegelhalter (1996),
JRSS A 159 (league tables and their limits).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Rank:
    """Where somebody stands among the peers, 1 is best; not whole, and never shown without its interval."""

    expected: float
    low: float
    high: float


def expected_ranks(means: Sequence[float], deviations: Sequence[float]) -> list[Rank]:
    """The ranks of posteriors with these means and standard deviations (as normal distributions).

    P(j is above i) = Φ((mⱼ − mᵢ) / √(sⱼ² + sᵢ²)); the expected rank is one plus their sum, its variance the sum of
    p(1 − p). Equal posteriors share the middle rank. O(n²) in time, n in memory.
    """
    m, s = np.asarray(means, dtype=float), np.asarray(deviations, dtype=float)
    z = float(norm.ppf((1 + CONFIDENCE) / 2))
    return [_rank(m, s, i, z) for i in range(len(m))]


def _rank(m: np.ndarray, s: np.ndarray, i: int, z: float) -> Rank:
    spread = np.sqrt(s**2 + s[i] ** 2)
    difference = m - m[i]
    with np.errstate(divide="ignore", invalid="ignore"):
        above = np.where(spread > 0, norm.cdf(difference / spread), (np.sign(difference) + 1) / 2)
    above[i] = 0.0
    expected = 1 + float(above.sum())
    deviation = float(np.sqrt((above * (1 - above)).sum()))
    return Rank(expected, max(1.0, expected - z * deviation), min(float(len(m)), expected + z * deviation))
