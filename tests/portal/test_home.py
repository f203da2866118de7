"""The front door: one thing to do, what is on, what the last voices changed, figures with their n."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.cache import cache
from django.utils import timezone

from core import front
from core.front import OnNow
from plaza.models import ActivityDay, Place
from portal.tiles import tiles
from suggestions.models import Suggestion
from suggestions.queries.figures import OpenFigures
from tests import factories
from tests.pages import page_of
from tests.portal.rows import voices


def test_the_field_leads_on_to_the_speaking_page_with_what_was_typed(client, city):
    page = page_of(client.get("/"))
    key = page.split('name="idempotency_key" value="')[1].split('"')[0]
    said = {"body": "人民路路口红绿灯太短,老人走不过去。", "idempotency_key": key, "step": "check"}
    answer = client.post("/suggestions/new/", said)
    assert answer.status_code == 200
    assert said["body"] in page_of(answer)
    assert key in page_of(answer)
    assert not Suggestion.objects.exists()  # one look before it goes


def test_there_is_one_primary_action(client, city):
    page = page_of(client.get("/"))
    assert page.count("button--primary") == 1


def test_said_and_answered_stand_together(client, city):
    case = factories.case(city, "replied")
    factories.case(city, "accepted", body="还没有答复的事,路灯不亮。")
    page = page_of(client.get("/"))
    assert f"/suggestions/{case.number}/" in page
    assert "劝导舞队九点前结束" in page
    assert "还没有答复的事" not in page


def test_what_is_not_public_is_not_on_the_front_door(client, city):
    factories.case(city, "replied", publish=False)
    factories.case(city, "replied", subjects=[(city.chaoyang, None)], unit=city.yuehe)
    assert client.get("/").context["changed"] == []


def test_figures_by_hand_with_n(client, city):
    voices(city, 40, timezone.localdate(), answered=30, late=3, days=0, levels=[5] * 18 + [1] * 2)
    shown = {one.label: one for one in client.get("/").context["tiles"]}
    assert (shown["收到的意见"].value, shown["收到的意见"].unit) == ("40", "件")
    assert (shown["已答复"].value, shown["已答复"].n) == ("75.0%", "40")
    assert (shown["按时答复"].value, shown["按时答复"].n) == ("90.0%", "30")
    assert (shown["对答复满意"].value, shown["对答复满意"].n) == ("90.0%", "20")


def test_below_ten_there_is_no_figure():
    few = OpenFigures(received=9, replied=9, on_time=9, rated=9, satisfied=9, average_days=2.0)
    assert [one.value for one in tiles(few, with_days=True)] == ["<10", "–", "–", "–"]
    assert [one.n for one in tiles(few)] == ["", "<10", "<10", "<10"]
    ten = OpenFigures(received=10, replied=10, on_time=9, rated=10, satisfied=9, average_days=2.0)
    assert [one.value for one in tiles(ten, with_days=True)] == ["10", "100.0%", "90.0%", "2.0", "90.0%"]


def test_figures_are_at_most_a_minute_old(client, city):
    client.get("/")
    voices(city, 12, timezone.localdate())
    assert client.get("/").context["tiles"][0].value == "<10"
    cache.clear()
    assert client.get("/").context["tiles"][0].value == "12"


def a_day(city, ahead):
    day = ActivityDay.objects.create(date=timezone.localdate() + ahead, title="宪法日")
    day.places.add(Place.objects.get_or_create(name="爱山广场", area=city.wuxing_area)[0])
    return day


def test_the_next_plaza_day_is_announced(client, city):
    a_day(city, timedelta(days=40))
    following = a_day(city, timedelta(days=5))
    a_day(city, timedelta(days=-5))
    page = page_of(client.get("/"))
    assert following.get_absolute_url() in page
    assert page.count("/plaza/days/") == 1
    assert "爱山广场" in page


def test_what_is_on_now_appears_and_nothing_else_does(client, city, monkeypatch):
    monkeypatch.setattr(front, "_now", {})
    assert "way--now" not in page_of(client.get("/"))
    front.add_now("voting", lambda: [OnNow("选明年的十件实事", "每人一票", "/annual/2027/vote/")])
    page = page_of(client.get("/"))
    assert "选明年的十件实事" in page
    assert "/annual/2027/vote/" in page


def test_a_fixed_number_of_statements(client, city, django_assert_num_queries):
    for n in range(4):
        factories.answer(city, factories.case(city, "assigned", body=f"第{n}件事,音响太吵。"))
    for n in range(3):
        a_day(city, timedelta(days=n + 1))
    with django_assert_num_queries(11):
        client.get("/")
    with django_assert_num_queries(9):
        client.get("/")


@pytest.mark.parametrize("path", ["/", "/officers/", "/plaza/"])
def test_a_citizens_page_stays_under_100_kilobytes_of_our_own(client, city, path, settings):
    page = page_of(client.get(path))
    own = [name for name in page.split('"') if name.startswith(("/static/css/", "/static/js/", "/static/icons.svg"))]
    files = {name.partition("#")[0].removeprefix("/static/") for name in own}
    size = sum(Path(finders.find(name)).stat().st_size for name in files)
    assert size < 100_000
    assert "chart.js" not in page
