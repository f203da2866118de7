"""The yearly appraisal: a weighted sum in whole basis points, and how much the public part really decides (P9).

Integers and decimals only: a stranger gets the same bytes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np

WHOLE = 10_000
LEAST_PUBLIC = 5_100
ALARM_BELOW = 0.51
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Component:
    """One part of a scheme: its weight in basis points, and whether the public decides it."""

    key: str
    weight: int
    public: bool


@dataclass(frozen=True)
class Line:
    """What one component gave: the score of 100 and the points it is worth, both with two places."""

    key: str
    weight: int
    score: Decimal
    points: Decimal


class SchemeRefused(ValueError):
    """The weights do not add up to 10,000, or the public's are below 5,100."""


def check_scheme(components: Sequence[Component]) -> None:
    """Raises: SchemeRefused."""
    if any(part.weight <= 0 for part in components) or len({part.key for part in components}) != len(components):
        raise SchemeRefused("every component has its own key and a positive weight")
    if sum(part.weight for part in components) != WHOLE:
        raise SchemeRefused(f"the weights add up to {WHOLE} basis points")
    if sum(part.weight for part in components if part.public) < LEAST_PUBLIC:
        raise SchemeRefused(f"the public's weight is at least {LEAST_PUBLIC} of {WHOLE} basis points")


def lines(components: Sequence[Component], scores: Mapping[str, Decimal | None]) -> tuple[list[Line], Decimal | None]:
    """The lines, and the total; None when a score of the public is missing: nothing is spread over the others.

    A missing internal score is missing too: the total is None. Raises: SchemeRefused, ValueError for a score that is
    not between 0 and 100.
    """
    check_scheme(components)
    done = [_line(part, score) for part in components if (score := scores.get(part.key)) is not None]
    total = sum((line.points for line in done), Decimal(0)) if len(done) == len(components) else None
    return done, total


def _line(part: Component, score: Decimal) -> Line:
    if not Decimal(0) <= score <= Decimal(100):
        raise ValueError(f"{part.key}: a score lies between 0 and 100, not {score}")
    points = (score * part.weight / WHOLE).quantize(CENT, ROUND_HALF_EVEN)
    return Line(part.key, part.weight, score.quantize(CENT, ROUND_HALF_EVEN), points)


def effective_public_weight(components: Sequence[Component], rows: Sequence[Mapping[str, Decimal]]) -> float | None:
    """The share of the variance of the totals that the public part explains: Cov(public, total) / Var(total).

    ``rows``: the points by component of everybody appraised together. None when nobody differs. Below 0.51 the
    nominal weight is on paper only. Source: covariance shares, e.g. Fields (2003), Research in Labor Economics 22.
    """
    public = [part.key for part in components if part.public]
    everything = [part.key for part in components]
    totals = np.array([sum(float(row[key]) for key in everything) for row in rows])
    parts = np.array([sum(float(row[key]) for key in public) for row in rows])
    variance = totals.var()
    if len(rows) < 2 or variance == 0:
        return None
    return float(((parts - parts.mean()) * (totals - totals.mean())).mean() / variance)
