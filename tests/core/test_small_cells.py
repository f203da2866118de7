"""Small groups cannot be worked out: every value stays possible that the published figures do not rule out."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from core.small_cells import K, Line, line, shown_in_a_tree, told_by_the_whole

TEN = st.integers(0, 60)


def test_a_line_without_small_counts_is_shown_whole():
    assert line([10, 11, 250]) == Line(("shown", "shown", "shown"))


def test_one_small_count_takes_the_smallest_large_one_with_it():
    assert line([3, 40, 25, 18, 100]).cells == ("few", "shown", "partner", "shown", "shown")


def test_several_small_counts_need_a_partner_too():
    """Nine, nine and nine of 27 would be known from the total and from «<10»."""
    assert line([9, 9, 9, 30]).cells == ("few", "few", "few", "partner")


def test_counts_too_few_to_hide_one_behind_another_are_told_together():
    assert line([3, 12, 18]) == Line(("partner", "partner", "partner"), together=True)


def test_a_partner_has_room_below_its_own_ceiling():
    """Twenty of twenty answers rated: with the total that would leave just one value for the small count."""
    counts, answers = [4, 20, 30], [12, 20, 60]
    assert line(counts).cells == ("few", "partner", "shown")
    assert line(counts, ceilings=answers).cells == ("few", "shown", "partner")


def possible(counts, cells, k):
    """Every line of counts that agrees with what is published: the sum, the shown counts and «<k»."""
    total = sum(counts)
    ranges = [
        [count] if cell == "shown" else range(k) if cell == "few" else range(k, total + 1)
        for count, cell in zip(counts, cells, strict=True)
    ]
    return [guess for guess in product(*ranges) if sum(guess) == total]


@settings(deadline=None, max_examples=150)
@given(st.lists(st.integers(0, 8), min_size=2, max_size=4))
def test_a_reader_can_rule_out_no_value_of_a_small_count(counts):
    k = 3
    hidden = line(counts, k)
    if hidden.together or "partner" not in hidden.cells:
        return
    guesses = possible(counts, hidden.cells, k)
    for place, cell in enumerate(hidden.cells):
        if cell == "few":
            assert {guess[place] for guess in guesses} == set(range(k))


def test_nobody_needs_no_partner():
    assert line([0, 40, 25]).cells == ("few", "shown", "shown")
    assert line([0, 3, 40, 25]).cells == ("few", "few", "shown", "partner")


def test_without_a_partner_the_count_is_known():
    """The control: primary suppression alone gives the number away."""
    assert possible([1, 4, 5], ["few", "shown", "shown"], 3) == [(1, 4, 5)]


# --- groups by period -------------------------------------------------------------------------------------------


def test_a_group_with_a_small_month_is_told_by_the_year_and_not_alone():
    table = {"noise": [40, 50, 60], "dogs": [3, 12, 20], "school": [20, 21, 22], "other": [90, 80, 70]}
    assert told_by_the_whole(table) == {"dogs", "school"}


def test_groups_without_small_months_are_told_by_month():
    assert told_by_the_whole({"noise": [40, 50], "dogs": [10, 12]}) == set()


def test_where_all_are_small_nobody_is_told_by_month():
    assert told_by_the_whole({"noise": [4, 5], "dogs": [3, 2]}) == {"noise", "dogs"}


def limits(table, whole, hidden, group, period):
    """The least and the most a cell can be for a reader who has every published figure; found by linear programming."""
    groups, periods = list(table), len(next(iter(table.values())))
    size = len(groups) * periods
    at = {(name, n): place * periods + n for place, name in enumerate(groups) for n in range(periods)}
    equal, amounts, bounds = [], [], [(0, None)] * size

    def known(cells, amount):
        row = np.zeros(size)
        row[cells] = 1
        equal.append(row)
        amounts.append(amount)

    for n in range(periods):
        known([at[name, n] for name in groups], sum(table[name][n] for name in groups))
    for name in groups:
        if name not in hidden:
            known([at[name, n] for n in range(periods)], sum(table[name]))
        if name not in whole:
            for n in range(periods):
                known([at[name, n]], table[name][n])
    found = []
    for sign in (1, -1):
        goal = np.zeros(size)
        goal[at[group, period]] = sign
        found.append(sign * linprog(goal, A_eq=np.array(equal), b_eq=amounts, bounds=bounds).fun)
    return found


@settings(deadline=None, max_examples=25)
@given(st.lists(st.lists(TEN, min_size=3, max_size=3), min_size=3, max_size=5))
def test_a_small_cell_of_a_table_is_known_to_no_better_than_ten(rows):
    table = {f"group {n}": [count + 19 * (n == 0) for count in row] for n, row in enumerate(rows)}
    sums = line([sum(row) for row in table.values()])
    hidden = {name for name, cell in zip(table, sums.cells, strict=True) if cell != "shown"}
    whole = told_by_the_whole(table, hidden)
    for group, row in table.items():
        for period, count in enumerate(row):
            if 0 < count < K:
                low, high = limits(table, whole, hidden, group, period)
                assert high - low >= K - 1 - 1e-6


def test_without_the_other_group_the_month_would_be_known():
    table = {"noise": [40, 50], "dogs": [3, 12], "school": [20, 21]}
    assert limits(table, {"dogs"}, (), "dogs", 0) == pytest.approx([3, 3])
    assert limits(table, told_by_the_whole(table), (), "dogs", 0) == pytest.approx([0, 15])


# --- units ------------------------------------------------------------------------------------------------------


def test_a_small_station_hides_behind_a_sister():
    counts = {"/b/": 300, "/b/w/": 120, "/b/n/": 180, "/b/w/x/": 4, "/b/w/y/": 30, "/b/w/z/": 86}
    assert shown_in_a_tree(counts) == {"/b/", "/b/w/", "/b/n/", "/b/w/z/"}


def test_what_the_bureau_has_of_its_own_is_enough_to_hide_behind():
    counts = {"/b/": 300, "/b/x/": 4, "/b/y/": 30}
    assert shown_in_a_tree(counts) == {"/b/", "/b/y/"}


def test_a_bureau_hidden_as_a_partner_is_not_added_up_from_its_stations():
    counts = {"/b/": 64, "/b/w/": 60, "/b/n/": 4, "/b/w/x/": 20, "/b/w/y/": 40}
    assert shown_in_a_tree(counts) == {"/b/", "/b/w/y/"}


def test_a_little_of_its_own_is_not_the_difference():
    counts = {"/b/": 63, "/b/x/": 20, "/b/y/": 40}
    assert shown_in_a_tree(counts) == {"/b/", "/b/y/"}
    assert shown_in_a_tree({**counts, "/b/": 60}) == {"/b/", "/b/x/", "/b/y/"}


def test_units_without_a_single_answer_hide_nobody_else():
    counts = {"/b/": 60, "/b/w/": 60, "/b/desk/": 0, "/b/w/x/": 60, "/b/w/y/": 0}
    assert shown_in_a_tree(counts) == {"/b/", "/b/w/", "/b/w/x/"}


def test_a_tree_of_few_shows_nothing():
    assert shown_in_a_tree({"/b/": 9, "/b/x/": 9}) == set()
