"""A citizen reads the public's judgement in a browser: down to a station, by keyboard alone, without scripts too."""

import os
import shutil

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import sync_playwright

from evaluations.demo.outcomes import load as load_outcomes
from tests import factories
from tests.evaluations.rollups import published, score, subject, write

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
PHONE, WALL = {"width": 390, "height": 844}, {"width": 1920, "height": 1080}
PAGES = ("/evaluations/", "/evaluations/330502/", "/evaluations/units/wuxing-yuehe/", "/evaluations/?wall=1")


@pytest.fixture
def cookie(db):
    """Two rounds about three stations and an officer, and the session of that officer."""
    city = factories.city()
    load_outcomes(type("Context", (), {"seed": 2014}))
    for code in ("2025-1", "2026-1"):
        run = published(city, code=code)
        officer = city.officer.officer
        write(
            score(run, None, "safety", 95.4, 2000),
            score(run, None, "visibility", 81.2, 2000),
            score(run, subject(run, unit=city.yuehe), "satisfaction", 90, 300),
            score(run, subject(run, unit=city.lianshi), "satisfaction", 80, 150, signal=-1),
            score(run, subject(run, unit=city.chaoyang), "satisfaction", 50, 20, shown=False),
            score(run, subject(run, unit=city.yuehe, officer=officer), "satisfaction", 88.8, 60),
        )
    client = Client()
    client.force_login(city.officer)
    return client.cookies[settings.SESSION_COOKIE_NAME].value, officer.badge_number


@pytest.fixture
def browser(cookie):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def press_link(page, name):
    """Go to a link by the tabulator key alone, and press it."""
    for _step in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == name:
            page.keyboard.press("Enter")
            return
    pytest.fail(f"the keyboard does not reach {name}")


def test_a_citizen_goes_from_the_city_to_a_station_by_keyboard_alone(live_server, browser):
    page = browser.new_page(viewport=PHONE, locale="zh-CN")
    page.goto(f"{live_server.url}/evaluations/")
    press_link(page, "吴兴区")
    page.wait_for_url("**/evaluations/330502/**")
    assert page.get_by_role("row", name="朝阳派出所").first.inner_text().count("样本不足，不予公布") == 1
    press_link(page, "月河派出所")
    page.wait_for_url("**/evaluations/units/wuxing-yuehe/**")
    table = page.get_by_role("table", name="历次变化")
    assert "90.0%" in table.inner_text()
    assert "95% 区间" in table.inner_text()


def test_nothing_to_object_to_on_any_page(live_server, browser, cookie):
    session, badge = cookie
    context = browser.new_context(viewport=PHONE, locale="zh-CN")
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for path in (*PAGES, "/evaluations/officers/", f"/evaluations/officers/{badge}/"):
        page.set_viewport_size(WALL if "wall" in path else PHONE)
        page.goto(f"{live_server.url}{path}")
        found = Axe().run(page).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"]) for one in found] == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"], path
    assert complaints == []


def test_a_wall_does_not_scroll_and_every_chart_is_drawn(live_server, browser):
    page = browser.new_page(viewport=WALL, locale="zh-CN")
    page.goto(f"{live_server.url}/evaluations/?wall=1")
    assert page.evaluate("document.documentElement.scrollHeight") <= WALL["height"]
    assert page.evaluate("document.querySelector('.wall').scrollHeight <= document.querySelector('.wall').clientHeight")
    page.goto(f"{live_server.url}/evaluations/")
    page.locator("canvas").first.wait_for(state="visible")
    inked = "all => all.map(c => new Set(c.getContext('2d').getImageData(0, 0, c.width, c.height).data).size > 8)"
    drawn = page.locator("canvas").evaluate_all(inked)
    assert len(drawn) >= 6
    assert all(drawn)
    with page.expect_download() as picture:
        page.get_by_role("button", name="存成图片").nth(2).click()
    assert picture.value.suggested_filename == "counties.png"


def test_without_scripts_the_wall_and_the_tables_say_it_all(live_server, browser):
    page = browser.new_context(java_script_enabled=False, locale="zh-CN", viewport=WALL).new_page()
    page.goto(f"{live_server.url}/evaluations/?wall=1")
    assert page.get_by_text("95.4%").first.is_visible()
    page.goto(f"{live_server.url}/evaluations/")
    page.get_by_role("link", name="吴兴区").first.click()
    assert page.get_by_role("table").first.is_visible()
