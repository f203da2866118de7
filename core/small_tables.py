"""Small groups in a table whose row and column sums are public (P14): hidden, and with them what gives them away.

``core.small_cells`` is the same for a single line of counts. A line with exactly one gap could be filled in by
subtraction, so every line with a gap gets at least two. Complementary cell suppression, after Willenborg and de Waal,
*Elements of Statistical Disclosure Control* (2001), chapter 6. Pure arithmetic: no Django, no database.
"""

from collections.abc import Hashable, Mapping
from typing import TypeVar

from core.small_cells import K

Row = TypeVar("Row", bound=Hashable)
Column = TypeVar("Column", bound=Hashable)
Table = Mapping[Row, Mapping[Column, int]]


def small_rows(sizes: Mapping[Row, int], k: int = K) -> set[Row]:
    """The groups that are not shown: those with fewer than ``k`` people and, were it one alone, the next larger."""
    small = {row for row, size in sizes.items() if 0 < size < k}
    others = sorted((size, str(row), row) for row, size in sizes.items() if size and row not in small)
    while small and others and (len(small) < 2 or sum(sizes[row] for row in small) < k):
        small.add(others.pop(0)[2])
    return small


def suppress(table: Table[Row, Column], sizes: Mapping[Row, int], k: int = K) -> set[tuple[Row, Column]]:
    """The cells that are not shown, of a table of votes by group and candidate; ``sizes`` counts each group's ballots.

    A cell is small when fewer than ``k`` of the group chose the candidate, or fewer than ``k`` did not.
    """
    rows, columns = list(table), list(next(iter(table.values()), {}))
    hidden_rows = small_rows(sizes, k)
    hidden = {
        (row, column)
        for row in rows
        for column in columns
        if row in hidden_rows or _is_small(table[row][column], sizes[row], k)
    }
    while more := _complement(table, rows, columns, hidden, k):
        hidden |= more
    return hidden


def _is_small(votes: int, size: int, k: int) -> bool:
    return size > 0 and (0 <= votes < k or size - votes < k)


def _complement(
    table: Table[Row, Column], rows: list[Row], columns: list[Column], hidden: set[tuple[Row, Column]], k: int
) -> set[tuple[Row, Column]]:
    """One cell more for the first line whose gaps are one, or too few people together: the smallest of the others."""
    lines = [[(row, column) for column in columns] for row in rows]
    lines += [[(row, column) for row in rows] for column in columns]
    for line in lines:
        shown = [cell for cell in line if cell not in hidden]
        gaps = [table[row][column] for row, column in line if (row, column) in hidden]
        if gaps and shown and (len(gaps) == 1 or sum(gaps) < k):
            return {min(shown, key=lambda cell: (table[cell[0]][cell[1]], str(cell)))}
    return set()
