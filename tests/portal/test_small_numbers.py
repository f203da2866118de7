"""The open board against figures computed by hand, and its small numbers hidden."""

import csv
import io
from datetime import date, timedelta

import pgtrigger
import pytest
import time_machine
from django.core.cache import cache
from django.utils import translation

from portal import charts
from portal.queries import board as boards
from portal.queries import figures
from portal.queries.figures import Counts, Window
from tests.portal.rows import noon, voices

TODAY = date(2026, 11, 24)
WINDOW = Window.of(TODAY)
OCTOBER = date(2026, 10, 10)


@pytest.fixture(autouse=True)
def _november():
    cache.clear()
    with time_machine.travel(noon(TODAY), tick=False), translation.override("zh-hans"):
        yield


@pytest.fixture
def year(city):
    """Twenty voices in each of the twelve months, all answered after three days, one of them late, eleven rated."""
    for month in WINDOW.months:
        voices(city, 20, month.replace(day=5), late=1, levels=[5] * 9 + [1] * 2)
    return city


def csv_rows(response):
    text = b"".join(response.streaming_content).decode().lstrip("\ufeff")
    return list(csv.DictReader(io.StringIO(text)))


def test_the_window_is_the_last_twelve_whole_months():
    assert (WINDOW.start, WINDOW.end, WINDOW.last) == (date(2025, 11, 1), date(2026, 11, 1), date(2026, 10, 31))
    assert WINDOW.months[0] == date(2025, 11, 1)
    assert WINDOW.months[-1] == date(2026, 10, 1)
    assert Window.of(date(2026, 1, 15)).months[0] == date(2025, 1, 1)


def test_counts_by_hand(city):
    voices(city, 12, OCTOBER, answered=10, late=2, days=4, levels=[5, 4, 3, 2, 1])
    voices(city, 3, date(2026, 11, 3))  # this month: outside
    counted = figures.counts_by(WINDOW, figures.CATEGORY)
    assert counted == {"noise": Counts(received=12, replied=10, on_time=8, rated=5, satisfied=3, days=4.0)}


def received_at(case, moment):
    type(case).objects.filter(pk=case.pk).update(created_at=moment)
    return {month: one.received for month, one in figures.counts_by(WINDOW, figures.MONTH).items()}


def test_midnight_belongs_to_huzhou(city):
    case = voices(city, 1, OCTOBER)[0]
    before = noon(date(2026, 10, 31)).replace(hour=23, minute=59)
    assert received_at(case, before) == {date(2026, 10, 1): 1}
    assert received_at(case, before + timedelta(minutes=1)) == {}  # still October in UTC, already November here


def test_withdrawn_and_merged_are_left_out(city):
    made = voices(city, 12, OCTOBER)
    with pgtrigger.ignore():
        type(made[0]).objects.filter(pk=made[0].pk).update(state="withdrawn")
        type(made[0]).objects.filter(pk=made[1].pk).update(state="merged", merged_into=made[2].pk)
    assert figures.counts_by(WINDOW, figures.CATEGORY)["noise"].received == 10


def test_a_year_without_small_numbers_is_shown_by_month(year):
    shown = boards.board()
    assert [one.cases for one in shown.months] == ["shown"] * 12
    first = shown.months[0]
    assert (first.received, first.reply_rate, first.on_time_rate) == (20, 1.0, 19 / 20)
    assert first.satisfaction == 9 / 11
    assert first.days == 3.0


def test_the_chart_says_the_same(year):
    chart = charts.by_month(boards.board())
    assert chart.rows[0][1][:6] == ["100.0%", "20", "95.0%", "20", "81.8%", "11"]
    assert chart.note == ""
    assert chart.n == 240


def test_a_small_district_hides_and_takes_another_with_it(year):
    voices(year, 4, OCTOBER, area=year.nanxun_area)
    voices(year, 30, OCTOBER, area=None)
    counties = {one.key: one for one in boards.board().counties}
    assert counties["330503"].cases == "few"
    assert counties[""].cases == "partner"
    assert counties["330502"].cases == "shown"
    chart = charts.by_county(boards.board())
    cells = dict(chart.rows)
    assert cells["南浔区"][0] == "<10"
    assert "4" not in cells["南浔区"]
    assert cells["没有写明地点"][0] == "不公布"
    assert chart.note


def test_without_the_partner_the_small_number_is_a_subtraction(year):
    """The control: what is shown of the other districts and of the city gives it away."""
    voices(year, 4, OCTOBER, area=year.nanxun_area)
    voices(year, 30, OCTOBER, area=None)
    groups = boards.board().counties
    city = sum(one.counts.received for one in groups)
    told = [one.received for one in groups if one.received is not None]
    assert city - sum(told) == 34  # four and thirty together: nobody can tell them apart
    assert city - sum(told) - 30 == 4  # with the partner shown, the four would be known


def test_ratings_have_their_own_floor(city):
    voices(city, 60, OCTOBER, levels=[5] * 9)
    voices(city, 60, OCTOBER, category=city.lights, levels=[5] * 25)
    voices(city, 60, OCTOBER, category=city.conduct, levels=[4] * 12)
    subjects = {one.key: one for one in boards.board().categories}
    assert subjects["noise"].cases == "shown"
    assert subjects["noise"].ratings == "few"
    assert subjects["traffic_lights"].ratings == "partner"


def test_a_district_with_a_small_month_is_in_the_file_for_the_whole_year_only(client, year):
    for month in WINDOW.months:
        voices(year, 15, month.replace(day=7), area=year.nanxun_area)
        voices(year, 25, month.replace(day=7), area=None)
    voices(year, 3, OCTOBER, area=year.lianshi_area)
    rows = [row for row in csv_rows(client.get("/open/data/figures.csv")) if row["scope"] == "county"]
    by_month = {row["code"] for row in rows if len(row["period"]) == 7}
    assert by_month == {"330502", "330503", ""}
    whole = {row["code"]: row["received"] for row in rows if "/" in row["period"]}
    assert whole == {"330502": "240", "330503": "183", "": "300"}


def test_a_small_month_of_a_district_is_nowhere(client, year):
    for month in WINDOW.months[:11]:
        voices(year, 15, month.replace(day=7), area=year.nanxun_area)
    voices(year, 3, WINDOW.months[11].replace(day=7), area=year.nanxun_area)
    for month in WINDOW.months:
        voices(year, 25, month.replace(day=7), area=None)
    rows = [row for row in csv_rows(client.get("/open/data/figures.csv")) if row["scope"] == "county"]
    by_month = {row["code"] for row in rows if len(row["period"]) == 7}
    assert "330503" not in by_month
    assert len(by_month) == 1  # and one more goes with it, or October's sum would give the three away


def test_hidden_numbers_leave_the_file_too(client, year):
    voices(year, 4, OCTOBER, area=year.nanxun_area)
    voices(year, 30, OCTOBER, area=None)
    rows = {(row["scope"], row["code"], row["period"]): row for row in csv_rows(client.get("/open/data/figures.csv"))}
    small = rows["county", "330503", "2025-11/2026-10"]
    assert (small["received"], small["replied"], small["on_time"]) == ("<10", "<10", "")
    partner = rows["county", "", "2025-11/2026-10"]
    assert (partner["received"], partner["replied"]) == ("", "")
    assert rows["city", "", "2025-11"]["received"] == "20"


def test_the_board_takes_a_fixed_number_of_statements(year, django_assert_num_queries):
    with django_assert_num_queries(8):
        boards.board()
    with django_assert_num_queries(2):
        boards.board()
