"""The promotion gate: what the public's part of an appraisal is worth, of a hundred (P10). Decimals only."""

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal

from evaluations.scoring.appraisal import CENT

RECOGNISED_FROM = Decimal("80.00")
Part = tuple[Decimal | None, int]


def public_points(parts: Sequence[Part]) -> Decimal | None:
    """The mean of the public's scores (of 100), each with its weight in basis points; None while one is missing.

    A missing score is never spread over the others: who is known too little is not recognised yet.
    """
    known = [(score, weight) for score, weight in parts if score is not None]
    if not parts or len(known) < len(parts):
        return None
    total = sum((score * weight for score, weight in known), Decimal(0))
    return (total / sum(weight for _score, weight in known)).quantize(CENT, ROUND_HALF_EVEN)


def is_recognised(points: Decimal | None, threshold: Decimal = RECOGNISED_FROM) -> bool:
    """Whether the points reach the threshold."""
    return points is not None and points >= threshold
