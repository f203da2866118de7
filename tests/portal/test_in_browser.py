"""In a real browser on a phone: nothing axe objects to, nothing the content policy stops, charts that are drawn."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from plaza.models import ActivityDay, Place
from portal.queries.figures import Window
from suggestions import services
from tests import factories
from tests.browser import DESKTOP, JOURNEY, PHONE, complaints, objections
from tests.portal.rows import voices

pytestmark = JOURNEY
OPEN_PAGES = ("/", "/officers/", "/officers/?area=330502001001", "/units/", "/units/wuxing-yuehe/", "/plaza/", "/open/")


@pytest.fixture
def town():
    """A year of voices, a citizen with something of everything, and a plaza day to come."""
    city = factories.city()
    for month in Window.of(timezone.localdate()).months:
        voices(city, 20, month.replace(day=3), levels=[5] * 12)
    voices(city, 4, Window.of(timezone.localdate()).months[3].replace(day=3), area=city.nanxun_area)
    factories.case(city, "waiting", user=city.citizen)
    factories.case(city, "replied", user=city.citizen)
    day = ActivityDay.objects.create(date=timezone.localdate() + timedelta(days=9), title="宪法日:民警来普法")
    day.places.add(Place.objects.create(name="爱山广场", area=city.wuxing_area))
    return city


def test_a_phone_shows_every_page_without_a_fault(town, open_as):
    page = open_as(town.citizen, PHONE)
    complained = complaints(page)
    for path in (*OPEN_PAGES, "/me/", "/me/delete/"):
        page.goto(path)
        assert objections(page) == [], path
    assert complained == []


def test_a_phone_shows_the_ledger_and_takes_it_along(town, open_as):
    case = factories.case(town, contact_name="李秀英", contact_phone="19900007788")
    services.request_opening(case, by=town.triage, reason="需要电话联系投诉人核实时间和地点。")
    page = open_as(town.auditor, PHONE)
    complained = complaints(page)
    page.goto("/desk/audit/?action=identity")
    assert objections(page) == []
    assert complained == []
    with page.expect_download() as file:
        page.get_by_role("button", name="audit.jsonl").click()
    assert file.value.suggested_filename == "audit.jsonl"


def test_charts_are_drawn_and_can_be_taken_away(town, open_as):
    page = open_as(None, DESKTOP)
    page.goto("/open/")
    canvas = page.locator("canvas").first
    canvas.wait_for(state="visible")
    ink = (
        "c => [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data].some((v, n) => n % 4 === 0 && v < 60)"
    )
    assert canvas.evaluate(ink)
    with page.expect_download() as picture:
        page.get_by_role("button", name="存成图片").first.click()
    assert picture.value.suggested_filename == "months.png"
    with page.expect_download() as file:
        page.get_by_role("link", name="存成表格").first.click()
    assert file.value.suggested_filename == "months.csv"


def test_without_scripts_the_numbers_are_all_there(town, open_as):
    page = open_as(None, PHONE, java_script_enabled=False)
    page.goto("/open/")
    expect(page.locator("canvas").first).to_be_hidden()
    expect(page.get_by_role("table").first).to_be_visible()
    assert page.locator(".chart__summary").first.inner_text().startswith("已答复")


def test_the_first_thing_on_a_phone_is_where_to_speak(town, open_as):
    page = open_as(None, PHONE)
    page.goto("/")
    button = page.get_by_role("button", name="说好了，下一步")
    assert button.bounding_box()["y"] + button.bounding_box()["height"] < 700  # above the bar at the thumb
    page.get_by_label("您有什么事要说？").fill("路口红绿灯太短,老人走不过去。")
    button.click()
    page.wait_for_url("**/suggestions/new/")
    expect(page.locator("#id_body")).to_have_value("路口红绿灯太短,老人走不过去。")
