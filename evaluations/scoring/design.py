"""What clustered fieldwork costs: answers that one interviewer collected resemble each other.

Source: Kish (1965), Survey Sampling, ch. 5 (deff = 1 + (m − 1)ρ); Donner (1986), International Statistical Review 54
(the analysis-of-variance estimate of ρ, with m₀ for clusters of different sizes).
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]


def interviewer_correlation(residuals: Floats, clusters: Codes) -> float:
    """ρ between 0 and 1: how much of the variance of the residuals lies between interviewers; 0 when it cannot be told.

    ``residuals`` are answers (0 to 1) less the share of the subject they are about, so that good and bad subjects are
    not taken for good and bad interviewers.
    """
    sizes = np.bincount(clusters)
    sizes = sizes[sizes > 0].astype(float)
    count, total = len(sizes), float(len(residuals))
    if count < 2 or total <= count:
        return 0.0
    sums = np.bincount(clusters, residuals)[np.bincount(clusters) > 0]
    middle = float(residuals.sum()) / total
    between = float((sizes * (sums / sizes - middle) ** 2).sum()) / (count - 1)
    within = (float((residuals**2).sum()) - float((sums**2 / sizes).sum())) / (total - count)
    usual_size = (total - float((sizes**2).sum()) / total) / (count - 1)
    whole = between + (usual_size - 1) * within
    return min(1.0, max(0.0, (between - within) / whole)) if whole > 0 else 0.0


def effective_after_clustering(kish: float, interviews: Floats, correlation: float) -> float:
    """The effective number when ``interviews`` (one entry an interviewer) came in clusters: kish / (1 + (m − 1)ρ).

    m is the mean size of the cluster an answer comes from, Σm² / Σm.
    """
    usual = float((interviews**2).sum() / interviews.sum()) if len(interviews) else 1.0
    return kish / (1 + max(usual - 1, 0.0) * correlation)
