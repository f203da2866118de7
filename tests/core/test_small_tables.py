"""What is left out of the tables so that nobody's choice can be read or worked out."""

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from core.small_cells import K
from core.small_tables import small_rows, suppress


def test_large_groups_are_shown():
    sizes = {"吴兴": 500, "南浔": 300}
    table = {"吴兴": {1: 200, 2: 300}, "南浔": {1: 100, 2: 200}}
    assert small_rows(sizes) == set()
    assert suppress(table, sizes) == set()


def test_a_small_group_takes_the_next_one_with_it():
    assert small_rows({"吴兴": 500, "南浔": 30, "安吉": 4}) == {"安吉", "南浔"}


def test_two_small_groups_that_are_small_together_take_a_third():
    assert small_rows({"吴兴": 500, "南浔": 30, "安吉": 4, "德清": 3}) == {"安吉", "德清", "南浔"}


def test_everybody_choosing_the_same_would_tell_on_each_of_them():
    sizes = {"吴兴": 500, "南浔": 300}
    table = {"吴兴": {1: 200, 2: 250, 3: 300}, "南浔": {1: 300, 2: 150, 3: 100}}
    assert ("南浔", 1) in suppress(table, sizes)


def ranges(table, sizes, hidden):
    """What somebody who knows every sum can work out of each hidden cell, as (least, most), by linear programming.

    Of groups that are not shown at all, their sums and sizes are known together only.
    """
    cells, together = sorted(hidden), sorted(small_rows(sizes))
    place = {cell: n for n, cell in enumerate(cells)} | {row: len(cells) + n for n, row in enumerate(together)}
    columns = list(next(iter(table.values())))
    lines = [[(row, column) for row in table] for column in columns]
    lines += [[(row, column) for column in columns] for row in table if row not in together]
    lines += [[(row, column) for row in together for column in columns]]
    sums = [
        ({place[cell]: 1 for cell in line if cell in hidden}, sum(table[r][c] for r, c in line if (r, c) in hidden))
        for line in lines
    ]
    sums.append(({place[row]: 1 for row in together}, sum(sizes[row] for row in together)))
    limits = [{place[row, column]: 1, place[row]: -1} for row, column in cells if row in together]
    rest = {
        "bounds": [(0, None if row in together else sizes[row]) for row, _column in cells] + [(0, None)] * len(together)
    }
    rest |= {"A_eq": matrix([known for known, _total in sums], len(place)), "b_eq": [total for _known, total in sums]}
    rest |= {"A_ub": matrix(limits, len(place)), "b_ub": np.zeros(len(limits))} if limits else {}
    found = {}
    for cell in cells:
        [aim] = matrix([{place[cell]: 1}], len(place))
        found[cell] = (round(linprog(aim, **rest).fun, 6), round(-linprog(-aim, **rest).fun, 6))
    return found


def matrix(rows, width):
    made = np.zeros((len(rows), width))
    for row, values in enumerate(rows):
        made[row, list(values)] = list(values.values())
    return made


def told_by_its_sum(table, sizes, column):
    return sum(votes[column] for votes in table.values()) in (0, sum(sizes.values()))


# Everybody in two small groups chose the same: hidden alone, their sum would say so.
ALL_OF_TWO = {"g1": [14, 5, 9], "g2": [12, 6, 6], "big": [600, 400, 500]}, {"g1": 14, "g2": 12, "big": 1000}


def test_everybody_of_two_groups_choosing_the_same_is_not_given_away():
    numbers, sizes = ALL_OF_TWO
    table = {row: dict(zip("ABC", values, strict=True)) for row, values in numbers.items()}
    by_the_gaps_alone = ranges({row: {"A": table[row]["A"]} for row in table}, sizes, {("g1", "A"), ("g2", "A")})
    assert by_the_gaps_alone == {("g1", "A"): (14, 14), ("g2", "A"): (12, 12)}
    found = ranges(table, sizes, suppress(table, sizes))
    assert found["g1", "A"][1] - found["g1", "A"][0] >= K
    assert found["g2", "A"][1] - found["g2", "A"][0] >= K


@st.composite
def tables(draw):
    """Groups of all sizes whose people each choose some of a few candidates, often the same ones."""
    columns = range(draw(st.integers(2, 6)))
    sizes = draw(st.lists(st.sampled_from([3, 8, 12, 14, 16, 25, 40, 300, 1000]), min_size=2, max_size=5))
    near = st.sampled_from([0, 1, 2, 5, 9])
    votes = [
        {
            column: draw(
                st.one_of(
                    st.integers(0, size),
                    near.map(lambda n, s=size: min(n, s)),
                    near.map(lambda n, s=size: max(s - n, 0)),
                )
            )
            for column in columns
        }
        for size in sizes
    ]
    return dict(enumerate(votes)), dict(enumerate(sizes))


@settings(max_examples=100, deadline=None)
@given(tables())
@example(({row: dict(enumerate(values)) for row, values in ALL_OF_TWO[0].items()}, ALL_OF_TWO[1]))
def test_nobody_can_work_out_a_hidden_cell(made):
    table, sizes = made
    hidden = suppress(table, sizes)
    shown = {(row, column) for row in table for column in table[row]} - hidden
    assert all(table[r][c] >= K and sizes[r] - table[r][c] >= K for r, c in shown)
    if not shown:
        return  # then the sums alone tell what they tell
    for (row, column), (least, most) in ranges(table, sizes, hidden).items():
        assert least < most or told_by_its_sum(table, sizes, column), (row, column)


def test_large_tables_lose_little():
    """Thirty candidates in seven groups, of whom one is small and two cells are: most of the table is shown."""
    sizes = {group: 400 + 100 * group for group in range(7)}
    table = {group: {column: 40 + 5 * column + group for column in range(30)} for group in sizes}
    table[0][3], table[1][8] = 4, 497
    assert len(suppress(table, sizes)) <= 8
