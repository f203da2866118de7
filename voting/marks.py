"""The choices of one ballot as a set of bits: candidate number n is bit n − 1. Pure.

A set of bits cannot hold a number twice, nor in an order that would tell something; eight bytes keep it, and the
database counts a million of them in well under a second (``docs/voting.md`` has the figures).
"""

from collections.abc import Iterable

MOST_CANDIDATES = 62  # a bigint has a sign


def pack(numbers: Iterable[int]) -> int:
    """The set of these candidate numbers. Raises: ValueError for a number outside 1 … 62."""
    marks = 0
    for number in numbers:
        if not 1 <= number <= MOST_CANDIDATES:
            raise ValueError(f"candidate number {number}")
        marks |= 1 << (number - 1)
    return marks


def unpack(marks: int) -> tuple[int, ...]:
    """The candidate numbers of a set, ascending."""
    return tuple(bit + 1 for bit in range(marks.bit_length()) if marks >> bit & 1)


def line(numbers: Iterable[int]) -> str:
    """Choices as they are published and hashed: ascending numbers with spaces between them."""
    return " ".join(str(number) for number in sorted(numbers))
