"""In a real browser on a phone: nothing axe objects to, nothing the content policy stops, charts that are drawn."""

import os
import shutil
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import sync_playwright

from plaza.models import ActivityDay, Place
from portal.queries.figures import Window
from tests import factories
from tests.portal.rows import voices

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
PHONE = {"width": 390, "height": 844}
OPEN_PAGES = ("/", "/officers/", "/officers/?area=330502001001", "/units/", "/units/wuxing-yuehe/", "/plaza/", "/open/")


@pytest.fixture
def cookie(db):
    """A citizen with something of everything, signed in; made before the browser starts, whose loop forbids the ORM."""
    city = factories.city()
    for month in Window.of(timezone.localdate()).months:
        voices(city, 20, month.replace(day=3), levels=[5] * 12)
    voices(city, 4, Window.of(timezone.localdate()).months[3].replace(day=3), area=city.nanxun_area)
    factories.case(city, "waiting", user=city.citizen)
    factories.case(city, "replied", user=city.citizen)
    day = ActivityDay.objects.create(date=timezone.localdate() + timedelta(days=9), title="宪法日:民警来普法")
    day.places.add(Place.objects.create(name="爱山广场", area=city.wuxing_area))
    client = Client()
    client.force_login(city.citizen)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@pytest.fixture
def browser(cookie):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def test_a_phone_shows_every_page_without_a_fault(live_server, browser, cookie):
    context = browser.new_context(viewport=PHONE, locale="zh-CN")
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for path in (*OPEN_PAGES, "/me/", "/me/delete/"):
        page.goto(f"{live_server.url}{path}")
        found = Axe().run(page).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"]) for one in found] == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
    assert complaints == []


def test_charts_are_drawn_and_can_be_taken_away(live_server, browser):
    page = browser.new_page(locale="zh-CN")
    page.goto(f"{live_server.url}/open/")
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


def test_without_scripts_the_numbers_are_all_there(live_server, browser):
    page = browser.new_context(java_script_enabled=False, locale="zh-CN").new_page()
    page.goto(f"{live_server.url}/open/")
    assert page.locator("canvas").first.is_hidden()
    assert page.get_by_role("table").first.is_visible()
    assert page.locator(".chart__summary").first.inner_text().startswith("已答复")


def test_the_first_thing_on_a_phone_is_where_to_speak(live_server, browser):
    page = browser.new_context(viewport=PHONE, locale="zh-CN").new_page()
    page.goto(f"{live_server.url}/")
    button = page.get_by_role("button", name="说好了，下一步")
    assert button.bounding_box()["y"] + button.bounding_box()["height"] < 700  # above the bar at the thumb
    page.get_by_label("您有什么事要说？").fill("路口红绿灯太短,老人走不过去。")
    button.click()
    page.wait_for_url("**/suggestions/new/")
    assert page.locator("#id_body").input_value() == "路口红绿灯太短,老人走不过去。"
