"""From answers to an indicator: which answers are positive, and how well somebody is known."""

from collections.abc import Sequence

LEVELS = (1, 2, 3, 4, 5)
TOP_TWO = frozenset({4, 5})


def positive(level: int, *, reversed_item: bool = False, top: frozenset[int] = TOP_TWO) -> bool:
    """Whether an answer of 1–5 counts as positive; a reversed item is turned round first.

    Raises: ValueError for a level that does not exist: don't-know and refused never come here.
    """
    if level not in LEVELS:
        raise ValueError(f"an answer is one of {LEVELS}, not {level!r}")
    return (6 - level if reversed_item else level) in top


def familiarity(hits: float, foils: float) -> float:
    """The share who really know somebody: (hit − foil) / (1 − foil), never below 0.

    ``hits``: share who say they know the person; ``foils``: share who say they know somebody who does not exist.
    Source: the high-threshold correction for guessing, Snodgrass and Corwin (1988), J. Exp. Psychology: General 117.
    """
    for share in (hits, foils):
        if not 0 <= share <= 1:
            raise ValueError("shares lie between 0 and 1")
    return 0.0 if foils == 1 else max(0.0, (hits - foils) / (1 - foils))


def is_straight_line(levels: Sequence[int], reversed_items: Sequence[bool]) -> bool:
    """Whether somebody gave the same answer to everything although an item was turned round."""
    return len(levels) >= 4 and any(reversed_items) and not all(reversed_items) and len(set(levels)) == 1
