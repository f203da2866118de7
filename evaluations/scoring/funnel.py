"""Who is out of the ordinary, given how many were asked: funnel limits, over-dispersion, false-discovery control.

Source: Spiegelhalter (2005), "Funnel plots for comparing institutional performance", Statistics in Medicine 24,
appendix A.1 (exact binomial limits with interpolation) and A.3 (multiplicative over-dispersion, winsorised).
"""

from collections.abc import Sequence
from math import sqrt

import numpy as np
from scipy.stats import binom, false_discovery_control

WINSORISED = 0.10
FALSE_DISCOVERIES = 0.05
P_95, P_998 = 0.025, 0.001


def limits(target: float, n: int, p: float = P_95, dispersion: float = 1.0) -> tuple[float, float]:
    """The lower and upper limit, shares of one, at tail probability ``p`` for ``n`` answers; exact, good at 97 % too.

    ``dispersion`` (φ ≥ 1) widens both by √φ around the target.
    """
    if n <= 0 or not 0 < target < 1:
        raise ValueError("a funnel needs answers, and a target between 0 and 1")
    wider = sqrt(max(dispersion, 1.0))
    low = target - (target - _quantile(target, n, p)) * wider
    high = target + (_quantile(target, n, 1 - p) - target) * wider
    return max(0.0, low), min(1.0, high)


def _quantile(target: float, n: int, p: float) -> float:
    """The share below which lie ``p`` of the outcomes, between whole counts by interpolation."""
    r = int(binom.ppf(p, n, target))
    at, before = float(binom.cdf(r, n, target)), float(binom.cdf(r - 1, n, target))
    alpha = (at - p) / (at - before) if at > before else 0.0
    return max(0.0, min(1.0, (r - alpha) / n))


def z_score(share: float, n: float, target: float) -> float:
    """How many standard errors a share is from the target."""
    return (share - target) / sqrt(target * (1 - target) / n)


def dispersion(z_scores: Sequence[float], winsorised: float = WINSORISED) -> float:
    """φ: the mean square of the z-scores, the outermost ``winsorised`` at each end pulled in; at least 1."""
    z = np.sort(np.asarray(z_scores, dtype=float))
    if len(z) == 0:
        return 1.0
    low, high = np.quantile(z, [winsorised, 1 - winsorised])
    return max(1.0, float((np.clip(z, low, high) ** 2).mean()))


def discoveries(p_values: Sequence[float], q: float = FALSE_DISCOVERIES) -> list[bool]:
    """Which of many tests may be called a signal when at most ``q`` of the signals may be false.

    Source: Benjamini and Hochberg (1995), JRSS B 57.
    """
    if not len(p_values):
        return []
    return [bool(p <= q) for p in false_discovery_control(np.asarray(p_values, dtype=float), method="bh")]


def low_tail(positives: int, n: int, target: float) -> float:
    """The probability of so few positive answers or fewer, had the true share been the target."""
    return float(binom.cdf(positives, n, target))
