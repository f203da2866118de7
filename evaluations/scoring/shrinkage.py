"""What a person's few answers say when the peer group is known too: empirical Bayes with a beta-binomial model.

Source: Skellam (1948), JRSS B 10 (the model); Casella (1985), The American Statistician 39 (empirical Bayes);
reliability as in Adams (2009), The Reliability of Provider Profiling, RAND TR-653.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import betaln
from scipy.stats import beta as beta_distribution

from evaluations.scoring.errors import ScoringError

NO_DIFFERENCES = 1e6  # answers: a prior worth more than this means that the peers do not differ
FEWEST_PEERS = 5


@dataclass(frozen=True)
class PeerGroup:
    """How the peers are spread: a beta distribution with ``mean`` (of one), worth ``worth`` answers."""

    mean: float
    worth: float
    peers: int

    @property
    def differs(self) -> bool:
        """False: no real differences found (τ² = 0), everybody gets the mean of the group."""
        return self.worth < NO_DIFFERENCES

    @property
    def variance_between(self) -> float:
        """τ²: the variance of the peers' true shares."""
        return self.mean * (1 - self.mean) / (self.worth + 1) if self.differs else 0.0


@dataclass(frozen=True)
class Shrunk:
    """One peer's share, drawn towards the group as far as the answers are few."""

    share: float
    reliability: float
    low: float
    high: float


def fit_peers(positives: Sequence[float], sizes: Sequence[float]) -> PeerGroup:
    """Fit the peer group by maximum likelihood. Counts are effective: share × n_eff, and n_eff, so not always whole.

    Raises: ScoringError for fewer than five peers with answers, or counts that cannot be.
    """
    k, n = np.asarray(positives, dtype=float), np.asarray(sizes, dtype=float)
    k, n = k[n > 0], n[n > 0]
    if len(n) < FEWEST_PEERS:
        raise ScoringError(f"a peer group has at least {FEWEST_PEERS} members with answers")
    if np.any(k < 0) or np.any(k > n * (1 + 1e-12)):
        raise ScoringError("positive answers lie between 0 and all")
    mean = float(k.sum() / n.sum())
    if mean in (0.0, 1.0):
        return PeerGroup(mean, float("inf"), len(n))
    start = np.array([np.log(mean / (1 - mean)), np.log(max(_moment_worth(k, n, mean), 1.0))])
    bounds = [(-12.0, 12.0), (-3.0, float(np.log(NO_DIFFERENCES)))]
    found = minimize(_minus_log_likelihood, start, args=(k, n), method="L-BFGS-B", bounds=bounds)
    worth = float(np.exp(found.x[1]))
    pooled = -float((k * np.log(mean) + (n - k) * np.log1p(-mean)).sum())
    if worth >= NO_DIFFERENCES * 0.99 or pooled <= found.fun + 1e-9:
        return PeerGroup(mean, float("inf"), len(n))
    return PeerGroup(float(1 / (1 + np.exp(-found.x[0]))), worth, len(n))


def _moment_worth(k: np.ndarray, n: np.ndarray, mean: float) -> float:
    """A start from the method of moments: the prior's worth that explains the spread of the shares."""
    spread = float((n * (k / n - mean) ** 2).sum() / n.sum())
    expected = mean * (1 - mean) * len(n) / n.sum()
    between = max(spread - expected, 1e-9)
    return min(mean * (1 - mean) / between, NO_DIFFERENCES / 10)


def _minus_log_likelihood(at: np.ndarray, k: np.ndarray, n: np.ndarray) -> float:
    """Without the binomial coefficients, which do not depend on the parameters."""
    mean, worth = 1 / (1 + np.exp(-at[0])), np.exp(at[1])
    a, b = mean * worth, (1 - mean) * worth
    return -float((betaln(k + a, n - k + b) - betaln(a, b)).sum())


def shrink(positives: float, size: float, group: PeerGroup, confidence: float = 0.95) -> Shrunk:
    """One peer's share given the group: mean of the posterior, its interval, and the reliability n / (n + worth).

    Ten satisfied of ten do not make the best officer: the variance used is that of the group.
    """
    if not group.differs:
        return Shrunk(group.mean, 0.0, group.mean, group.mean)
    a = group.mean * group.worth + positives
    b = (1 - group.mean) * group.worth + size - positives
    tail = (1 - confidence) / 2
    low, high = beta_distribution.ppf([tail, 1 - tail], a, b)
    return Shrunk(float(a / (a + b)), size / (size + group.worth), float(low), float(high))
