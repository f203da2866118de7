"""What is left out of the tables so that nobody's choice can be read or worked out."""

from hypothesis import given, settings
from hypothesis import strategies as st

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


tables = st.integers(2, 5).flatmap(
    lambda columns: st.lists(st.lists(st.integers(0, 60), min_size=columns, max_size=columns), min_size=2, max_size=5)
)


@settings(max_examples=200)
@given(tables, st.integers(0, 40))
def test_no_gap_can_be_filled_in_by_subtraction(numbers, extra):
    table = {row: dict(enumerate(values)) for row, values in enumerate(numbers)}
    sizes = {row: max(values.values()) + extra for row, values in table.items()}
    hidden = suppress(table, sizes)
    shown = {(row, column) for row in table for column in table[row]} - hidden
    assert all((table[r][c] >= K and sizes[r] - table[r][c] >= K) or sizes[r] == 0 for r, c in shown)
    columns = range(len(numbers[0]))
    lines = [[(row, column) for column in columns] for row in table]
    lines += [[(row, column) for row in table] for column in columns]
    for line in lines:
        gaps = [cell for cell in line if cell in hidden]
        assert len(gaps) != 1 or len(line) == 1
        assert not gaps or len(gaps) == len(line) or sum(table[r][c] for r, c in gaps) >= K
