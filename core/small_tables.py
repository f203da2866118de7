"""Small groups in a table whose row and column sums are public (P14): hidden, and with them what gives them away.

``core.small_cells`` is the same for a single line of counts. Here a gap is the corner of a rectangle of four gaps: move
some votes round its corners, one up, the next down, and every sum stays as it was, so nobody can tell which of these
tables is the true one. How many can be moved before a corner would have fewer than none or more than all of its group
is the *room* of the rectangle; a small cell gets one with room for ``k`` at least, or else the roomiest there is.
The hypercube method of complementary cell suppression, after Willenborg and de Waal, *Elements of Statistical
Disclosure Control* (2001), chapter 6. Pure arithmetic: no Django, no database.
"""

from collections.abc import Collection, Hashable, Iterator, Mapping
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

    A cell is small when fewer than ``k`` of the group chose the candidate, or fewer than ``k`` did not. The groups that
    are not shown at all make one group here: what they have together is their column's sum less the others.
    """
    together = small_rows(sizes, k)
    groups = [(row,) for row in table if row not in together] + ([tuple(together)] if together else [])
    columns = list(next(iter(table.values()), {}))
    votes = [{column: sum(table[row][column] for row in group) for column in columns} for group in groups]
    counts = [sum(sizes[row] for row in group) for group in groups]
    hidden = _hide(votes, counts, columns, k)
    return {(row, column) for place, column in hidden for row in groups[place]} | {
        (row, column) for row in together for column in columns
    }


Cell = tuple[int, Column]  # the place of a group, and a candidate
Votes = list[dict[Column, int]]


def _hide(votes: Votes[Column], sizes: list[int], columns: list[Column], k: int) -> set[Cell[Column]]:
    """The small cells, and for each the other corners of its rectangle; all cells if one of them can have none."""
    small = [
        (place, column)
        for place, size in enumerate(sizes)
        for column in columns
        if _is_small(votes[place][column], size, k)
    ]
    told = {column for column in columns if sum(row[column] for row in votes) in (0, sum(sizes))}  # by its sum alone
    hidden, safe = set(small), set[Cell[Column]]()
    for cell in small:
        if cell[1] in told or cell in safe:
            continue
        room, corners = _rectangle(cell, votes, sizes, hidden, k)
        if not room:
            return {(place, column) for place in range(len(sizes)) for column in columns}
        hidden.update(corners)
        safe.update(corners if room >= k else ())  # the same rectangle is theirs too
    return hidden


def _is_small(votes: int, size: int, k: int) -> bool:
    return size > 0 and (0 <= votes < k or size - votes < k)


def _rectangle(
    cell: Cell[Column], votes: Votes[Column], sizes: list[int], hidden: Collection[Cell[Column]], k: int
) -> tuple[int, list[Cell[Column]]]:
    """The rectangle with room enough that hides the least, as its room and other corners; room for none if none has."""

    def cost(found: tuple[int, list[Cell[Column]]]) -> tuple[int, int, int, str]:
        room, corners = found
        fresh = [votes[place][column] for place, column in corners if (place, column) not in hidden]
        return -min(room, k), len(fresh), sum(fresh), str(corners)

    return min((one for one in _rectangles(cell, votes, sizes) if one[0]), key=cost, default=(0, []))


def _rectangles(cell: Cell[Column], votes: Votes[Column], sizes: list[int]) -> Iterator[tuple[int, list[Cell[Column]]]]:
    """The room of every rectangle with this corner, and its other corners."""
    place, column = cell
    here = votes[place]
    for across, there in enumerate(votes):
        for other in here:
            if across == place or other == column:
                continue
            up = min(sizes[place] - here[column], here[other], there[column], sizes[across] - there[other])
            down = min(here[column], sizes[place] - here[other], sizes[across] - there[column], there[other])
            yield up + down, [(place, other), (across, column), (across, other)]
