"""How a float becomes a published figure: once, half to even, with a fixed number of places."""

from decimal import ROUND_HALF_EVEN, Decimal

HUNDREDTH = Decimal("0.01")


def published(value: float, quantum: Decimal = HUNDREDTH) -> Decimal:
    """The figure as it is printed. ``repr`` of the float goes first, so every platform rounds the same digits."""
    return Decimal(repr(float(value))).quantize(quantum, ROUND_HALF_EVEN)


def points(share: float) -> Decimal:
    """A share of one as points of a hundred with two places."""
    return published(share * 100)
