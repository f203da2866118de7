"""The yearly appraisal: a weighted sum in whole basis points, and how much the public part really decides (P9).

Integers, fractions and decimals only, and the standard library alone: a stranger gets the same bytes.
``VERSION`` names this way of working things out and changes with it.

Rounding rule: a score of 100 is worked out as an exact fraction and rounded once to two places, half to even; its
points are the score times the weight, rounded the same way; a total is the sum of the rounded points.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Any

from evaluations.scoring.floors import MOST_WAVES

VERSION = "2026.1"
WHOLE = 10_000
LEAST_PUBLIC = 5_100
ALARM_BELOW = Decimal("0.51")
CENT = Decimal("0.01")
FEWEST_CASES = 10  # an internal figure on fewer cases is none
DAY = 86_400
BEST_DAYS, WORST_DAYS = 1, 21  # a first reply within a day is worth 100, after three weeks nothing
FURTHEST = Decimal("99.9999")


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
    score = score.quantize(CENT, ROUND_HALF_EVEN)
    return Line(part.key, part.weight, score, (score * part.weight / WHOLE).quantize(CENT, ROUND_HALF_EVEN))


def rounded(value: Fraction, places: int = 2) -> Decimal:
    """An exact fraction as a decimal, half to even."""
    return Decimal(round(value * 10**places)).scaleb(-places)


def share_score(part: int, whole: int) -> Decimal | None:
    """``part`` of ``whole`` cases as points of a hundred; None on too few."""
    return rounded(Fraction(100 * part, whole)) if whole >= FEWEST_CASES else None


def days_score(seconds: int, cases: int) -> Decimal | None:
    """The mean time to a first reply as points: 100 within a day, 0 after 21 days, in a straight line between."""
    if cases < FEWEST_CASES:
        return None
    days = Fraction(seconds, cases * DAY)
    worth = 100 * (WORST_DAYS - days) / (WORST_DAYS - BEST_DAYS)
    return rounded(min(max(worth, Fraction(0)), Fraction(100)))


def score_of(inputs: Mapping[str, Any]) -> Decimal | None:
    """The score of 100 that the inputs of a line lead to; None below the floors. Raises: ValueError, KeyError."""
    if inputs["from"] == "poll":
        return Decimal(inputs["points"]) if _enough(inputs) else None
    if inputs["measure"] == "first_reply":
        return days_score(inputs["seconds"], inputs["cases"])
    return share_score(inputs["good"], inputs["cases"])


def _enough(inputs: Mapping[str, Any]) -> bool:
    """Whether every number that the floor names is reached, over as many polls as may be put together."""
    return len(inputs.get("waves", ())) <= MOST_WAVES and all(
        Decimal(inputs[name] or 0) >= Decimal(least) for name, least in inputs["floor"].items()
    )


def effective_public_weight(components: Sequence[Component], rows: Sequence[Mapping[str, Decimal]]) -> Decimal | None:
    """The share of the variance of the totals that the public part explains: Cov(public, total) / Var(total).

    ``rows``: the points by component of everybody who has a total. Four places, None when nobody differs. Below 0.51
    the nominal weight is on paper only. Source: covariance shares, e.g. Fields (2003), Research in Labor Economics 22.
    """
    totals = [_cents(sum(row[part.key] for part in components)) for row in rows]
    parts = [_cents(sum(row[part.key] for part in components if part.public)) for row in rows]
    count, whole, public = len(rows), sum(totals), sum(parts)
    variance = count * sum(t * t for t in totals) - whole * whole
    if variance == 0:
        return None
    together = count * sum(p * t for p, t in zip(parts, totals, strict=True)) - public * whole
    return max(-FURTHEST, min(FURTHEST, rounded(Fraction(together, variance), 4)))


def _cents(points: Decimal | int) -> int:
    return int(Decimal(points) / CENT)
