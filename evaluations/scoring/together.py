"""Several shown figures as one, each with the weight of its effective answers; of one wave and indicator only."""

from collections.abc import Iterable
from dataclasses import dataclass

from evaluations.scoring.intervals import wilson


@dataclass(frozen=True)
class Together:
    """A share of one with Wilson's 95 % interval on the sum of effective answers."""

    share: float
    low: float
    high: float
    n_eff: float


def together(parts: Iterable[tuple[float, float]]) -> Together | None:
    """The mean of (share, effective answers), None where there is nothing to put together.

    A mean over strata: Σ mp / Σ m. The interval is that of a simple sample as large as all of them together, which is
    never narrower, as the spread between the parts is counted in. Source: Cochran (1977), Sampling Techniques, ch. 5.
    """
    known = [(share, size) for share, size in parts if size > 0]
    whole = sum(size for _share, size in known)
    if not known:
        return None
    share = min(1.0, max(0.0, sum(share * size for share, size in known) / whole))
    low, high = wilson(share, whole)
    return Together(share, low, high, whole)
