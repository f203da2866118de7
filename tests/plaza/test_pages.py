"""The plaza days: which comes next, where, and what was said on those gone by."""

from datetime import date

import pytest
import time_machine
from django.core.cache import cache
from django.utils import translation

from plaza import queries
from plaza.models import ActivityDay, Place
from tests import factories
from tests.pages import page_of
from tests.portal.rows import noon, voices

TODAY = date(2026, 6, 1)
DAYS = ("2026-01-10", "2026-03-05", "2026-05-15", "2026-06-26", "2026-09-15", "2026-12-04")


@pytest.fixture(autouse=True)
def _june():
    cache.clear()
    with time_machine.travel(noon(TODAY), tick=False), translation.override("zh-hans"):
        yield


@pytest.fixture
def year(city):
    """Six days of 2026, all on Aishan Square, attended by Yuehe."""
    square = Place.objects.create(name="爱山广场", name_en="Aishan Square", area=city.wuxing_area, address="爱山街道")
    for day in DAYS:
        made = ActivityDay.objects.create(date=day, title=f"{day} 的广场日", title_en="Police Day", hours="9:00–11:30")
        made.places.add(square)
        made.units.add(city.yuehe)
    return city


def day_of(text):
    return ActivityDay.objects.get(date=text)


def test_the_next_day_comes_first_and_today_still_counts(client, year):
    assert client.get("/plaza/").context["next_day"].date == date(2026, 6, 26)
    with time_machine.travel(noon(date(2026, 6, 26)), tick=False):
        assert client.get("/plaza/").context["next_day"].date == date(2026, 6, 26)
    with time_machine.travel(noon(date(2026, 6, 27)), tick=False):
        assert client.get("/plaza/").context["next_day"].date == date(2026, 9, 15)


def test_after_the_last_day_the_first_of_next_year_is_announced(client, year):
    with time_machine.travel(noon(date(2026, 12, 20)), tick=False):
        assert client.get("/plaza/").context["next_day"] is None
        assert "下一次还没有定" in page_of(client.get("/plaza/"))
        ActivityDay.objects.create(date="2027-01-10", title="警察节")
        assert client.get("/plaza/").context["next_day"].date == date(2027, 1, 10)


def test_where_and_when_stand_on_the_page(client, year):
    page = page_of(client.get("/plaza/"))
    for words in ("6月26日（周五）", "9:00–11:30", "爱山广场", "9月15日"):
        assert words in page


def test_zones_are_listed_with_their_telephone(client, year):
    type(year.wuxing).objects.filter(pk=year.wuxing.pk).update(service_zone=True, phone="199 0000 0111")
    page = page_of(client.get("/plaza/"))
    assert "吴兴区分局" in page
    assert "tel:199 0000 0111" in page
    assert "南浔区分局" not in page


def test_days_gone_by_tell_how_many_spoke_but_never_few(client, year):
    voices(year, 14, date(2026, 1, 10), answered=12, plaza_day=day_of("2026-01-10"))
    voices(year, 4, date(2026, 3, 5), plaza_day=day_of("2026-03-05"))
    heard = client.get("/plaza/").context["voices"]
    assert (heard[day_of("2026-01-10").pk].said, heard[day_of("2026-01-10").pk].answered) == (14, 12)
    assert heard[day_of("2026-03-05").pk].said is None
    page = page_of(client.get("/plaza/"))
    assert "14 件意见 · 已答复 12 件" in page
    assert "不到十件意见" in page
    assert "没有登记意见" in page


def test_one_day_shows_what_was_published_of_it(client, year):
    day = day_of("2026-01-10")
    public = factories.case(year, "replied", plaza_day=day, channel="plaza")
    hidden = factories.case(year, "replied", plaza_day=day, channel="plaza", publish=False)
    elsewhere = factories.case(year, "replied")
    page = page_of(client.get("/plaza/days/2026-01-10/"))
    assert public.number in page
    assert hidden.number not in page
    assert elsewhere.number not in page
    assert "/units/wuxing-yuehe/" in page
    assert "不到十件" in page


def test_answered_voices_stand_before_open_ones(client, year):
    day = day_of("2026-01-10")
    answered = factories.case(year, "replied", plaza_day=day)
    opened = factories.case(year, "accepted", plaza_day=day)
    assert client.get("/plaza/days/2026-01-10/").context["cases"] == [answered, opened]


@pytest.mark.parametrize(("who", "may"), [("officer", True), ("triage", True), ("citizen", False), ("auditor", False)])
def test_clerks_find_the_way_to_take_a_voice_down(client, year, who, may):
    client.force_login(getattr(year, who))
    assert ("/desk/intake/?day=2026-01-10" in page_of(client.get("/plaza/days/2026-01-10/"))) is may


def test_a_stranger_sees_no_way_to_the_desk_intake(client, year):
    assert "/desk/intake/" not in page_of(client.get("/plaza/days/2026-01-10/"))


@pytest.mark.parametrize("written", ["2026-01-11", "2026-13-01", "01-10", "2026-1-10", "", "2026-W02-6"])
def test_only_a_real_day_is_found(year, written):
    with pytest.raises(ActivityDay.DoesNotExist):
        queries.day_on(written)


def test_older_days_follow_by_cursor(client, year):
    for n in range(1, 9):
        ActivityDay.objects.create(date=f"2025-0{n}-10", title=f"去年 {n}")
    first = client.get("/plaza/").context["page"]
    assert len(first.items) == 6
    second = client.get("/plaza/", {"cursor": first.older}).context["page"]
    assert [day.date.year for day in second.items] == [2025] * 5


def test_fixed_numbers_of_statements(client, year, django_assert_num_queries):
    day = day_of("2026-01-10")
    for n in range(3):
        factories.answer(year, factories.case(year, "assigned", body=f"第{n}件事,太吵。", plaza_day=day))
    with django_assert_num_queries(10):
        client.get("/plaza/")
    with django_assert_num_queries(7):
        client.get("/plaza/days/2026-01-10/")
