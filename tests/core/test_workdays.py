"""Working days as the State Council announced them (国办发明电 for 2024, 2025 and 2026)."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.workdays import SHANGHAI, _by_the_notices, add_workdays, is_workday, point_between, workdays_between


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2024, 2, 4), True),  # a Sunday, make-up day before the Spring Festival
        (date(2024, 2, 12), False),
        (date(2024, 9, 14), True),  # a Saturday, make-up day for the Mid-Autumn Festival
        (date(2025, 1, 28), False),  # the eve of the Spring Festival
        (date(2025, 2, 8), True),  # a Saturday, make-up day
        (date(2025, 10, 8), False),
        (date(2025, 10, 11), True),  # a Saturday, make-up day
        (date(2026, 11, 24), True),
    ],
)
def test_holidays_and_make_up_days(day, works):
    assert is_workday(day) is works


def at(*when: int) -> datetime:
    return datetime(*when, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("start", "days", "ends"),
    [
        (at(2026, 11, 24, 9), 1, at(2026, 11, 25, 23, 59, 59)),
        (at(2026, 11, 24, 23, 59), 1, at(2026, 11, 25, 23, 59, 59)),
        (at(2026, 11, 27, 9), 1, at(2026, 11, 30, 23, 59, 59)),  # over a weekend
        (at(2025, 9, 30, 9), 1, at(2025, 10, 9, 23, 59, 59)),  # over the National Day week
        (at(2025, 1, 26, 9), 5, at(2025, 2, 8, 23, 59, 59)),  # the last of five is a make-up Saturday
        (at(2026, 11, 28, 9), 0, at(2026, 11, 28, 23, 59, 59)),
    ],
)
def test_deadlines(start, days, ends):
    assert add_workdays(start, days) == ends


def test_a_correction_wins():
    start = at(2026, 11, 24, 9)
    assert add_workdays(start, 1, {date(2026, 11, 25): False}).date() == date(2026, 11, 26)


def test_a_year_that_is_not_announced_counts_monday_to_friday():
    assert is_workday(date(2040, 10, 5)) is True
    assert is_workday(date(2040, 10, 6)) is False


@pytest.mark.parametrize("day", [(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)])
def test_what_the_law_fixes_is_free_in_every_year_announced_or_not(day):
    assert not any(is_workday(date(year, *day)) for year in range(2020, 2060))


def test_a_promise_over_new_year_does_not_end_on_the_first_of_january(monkeypatch):
    def not_announced(day):
        raise NotImplementedError

    monkeypatch.setattr("chinese_calendar.is_workday", not_announced)
    _by_the_notices.cache_clear()
    try:
        assert add_workdays(at(2026, 12, 31, 10), 1).date() == date(2027, 1, 4)
        assert add_workdays(at(2026, 12, 18, 10), 15).date() == date(2027, 1, 11)
    finally:
        _by_the_notices.cache_clear()


moments = st.datetimes(datetime(2019, 1, 1), datetime(2026, 6, 30)).map(lambda m: m.replace(tzinfo=SHANGHAI))


@given(moments, st.integers(0, 60))
def test_adding_and_counting_are_inverse(start, days):
    assert workdays_between(start, add_workdays(start, days)) == days


@given(moments, st.integers(1, 60), st.integers(1, 100))
def test_a_point_lies_between(start, days, percent):
    end = add_workdays(start, days)
    assert start <= point_between(start, end, percent) <= end
