"""How sure a share is: effective sample size, variance of clustered fieldwork, Wilson's interval."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy.stats import norm

from evaluations.scoring.errors import ScoringError

CONFIDENCE = 0.95


def effective_size(weights: Sequence[float] | np.ndarray) -> float:
    """Kish's effective sample size (Σw)² / Σw², in respondents; 0 for nobody. Source: Kish (1965), Survey Sampling."""
    w = np.asarray(weights, dtype=float)
    return float(w.sum() ** 2 / (w**2).sum()) if len(w) else 0.0


@dataclass(frozen=True)
class Share:
    """A weighted share of one, with what it stands on."""

    share: float
    n: int
    n_eff: float
    variance: float

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval on the effective number."""
        return wilson(self.share, self.n_eff)


def weighted_share(positive: Sequence[bool], weights: Sequence[float], clusters: Sequence[str] | None = None) -> Share:
    """The weighted share of positive answers, its variance, and the number of independent answers it is worth.

    Leave out don't-know and refused before: they are neither positive nor negative. With ``clusters`` (interviewer,
    sampling point) the variance is that of a ratio with clusters drawn with replacement, by Taylor linearisation, and
    ``n_eff`` is the size of a simple random sample with the same variance, never more than Kish's.
    Source: Särndal, Swensson and Wretman (1992), Model Assisted Survey Sampling, ch. 5; Kish (1965), ch. 8.
    """
    y, w = np.asarray(positive, dtype=float), np.asarray(weights, dtype=float)
    if len(y) == 0:
        return Share(float("nan"), 0, 0.0, float("nan"))
    if len(y) != len(w) or not np.all(np.isfinite(w)) or np.any(w <= 0):
        raise ScoringError("weights must be positive numbers, one for each answer")
    share = float((w * y).sum() / w.sum())
    kish = effective_size(w)
    simple = share * (1 - share) / kish
    if clusters is None:
        return Share(share, len(y), kish, simple)
    variance = _clustered_variance(y, w, clusters, share)
    if variance <= simple or share in (0.0, 1.0):
        return Share(share, len(y), kish, max(variance, simple))
    return Share(share, len(y), share * (1 - share) / variance, variance)


def _clustered_variance(y: np.ndarray, w: np.ndarray, clusters: Sequence[str], share: float) -> float:
    _names, codes = np.unique(np.asarray(clusters), return_inverse=True)
    totals = np.bincount(codes, w * (y - share)) / w.sum()
    count = len(totals)
    if count < 2:
        return float("inf")  # one interviewer alone says nothing of how interviewers differ
    return float(count / (count - 1) * ((totals - totals.mean()) ** 2).sum())


def wilson(share: float, n: float, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The score interval for a share of ``n`` (effective) answers, as shares of one; (0, 1) for nobody.

    Source: Wilson (1927), JASA 22; worked examples in Newcombe (1998), Statistics in Medicine 17, table I, method 3.
    """
    if n <= 0 or not 0 <= share <= 1:
        return 0.0, 1.0
    z = float(norm.ppf((1 + confidence) / 2))
    middle = share + z * z / (2 * n)
    spread = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    below = 0.0 if share == 0 else (middle - spread) / (1 + z * z / n)
    above = 1.0 if share == 1 else (middle + spread) / (1 + z * z / n)
    return max(0.0, below), min(1.0, above)
