"""A citizen reads the public's judgement in a browser: down to a station, by keyboard alone, without scripts too."""

import pytest
from playwright.sync_api import expect

from demo_city.evaluations.outcomes import load as load_outcomes
from tests import factories
from tests.browser import JOURNEY, PHONE, WALL, complaints, objections
from tests.evaluations.rollups import published, score, subject, write

pytestmark = JOURNEY
PAGES = ("/evaluations/", "/evaluations/330502/", "/evaluations/units/wuxing-yuehe/", "/evaluations/?wall=1")


@pytest.fixture
def town():
    """Two rounds about three stations and an officer."""
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
    return city


def press_link(page, name):
    """Go to a link by the tabulator key alone, and press it."""
    for _step in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == name:
            page.keyboard.press("Enter")
            return
    pytest.fail(f"the keyboard does not reach {name}")


def test_a_citizen_goes_from_the_city_to_a_station_by_keyboard_alone(town, open_as):
    page = open_as(None, PHONE)
    page.goto("/evaluations/")
    press_link(page, "吴兴区")
    page.wait_for_url("**/evaluations/330502/**")
    expect(page.get_by_role("row", name="朝阳派出所").first).to_contain_text("样本不足，不予公布")
    press_link(page, "月河派出所")
    page.wait_for_url("**/evaluations/units/wuxing-yuehe/**")
    table = page.get_by_role("table", name="历次变化")
    expect(table).to_contain_text("90.0%")
    expect(table).to_contain_text("95% 区间")


def test_nothing_to_object_to_on_any_page(town, open_as):
    page = open_as(town.officer)
    complained = complaints(page)
    for path in (*PAGES, "/evaluations/officers/", f"/evaluations/officers/{town.officer.officer.badge_number}/"):
        page.set_viewport_size(WALL if "wall" in path else PHONE)
        page.goto(path)
        assert objections(page) == [], path
    assert complained == []


def test_a_wall_does_not_scroll_and_every_chart_is_drawn(town, open_as):
    page = open_as(None, WALL)
    page.goto("/evaluations/?wall=1")
    assert page.evaluate("document.documentElement.scrollHeight") <= WALL["height"]
    assert page.evaluate("document.querySelector('.wall').scrollHeight <= document.querySelector('.wall').clientHeight")
    page.goto("/evaluations/")
    page.locator("canvas").first.wait_for(state="visible")
    page.wait_for_load_state("networkidle")
    inked = "all => all.map(c => new Set(c.getContext('2d').getImageData(0, 0, c.width, c.height).data).size > 8)"
    drawn = page.locator("canvas").evaluate_all(inked)
    assert len(drawn) >= 6
    assert all(drawn)
    with page.expect_download() as picture:
        page.get_by_role("button", name="存成图片").nth(2).click()
    assert picture.value.suggested_filename == "counties.png"


def test_without_scripts_the_wall_and_the_tables_say_it_all(town, open_as):
    page = open_as(None, WALL, java_script_enabled=False)
    page.goto("/evaluations/?wall=1")
    expect(page.get_by_text("95.4%").first).to_be_visible()
    page.goto("/evaluations/")
    page.get_by_role("link", name="吴兴区").first.click()
    page.wait_for_url("**/evaluations/330502/**")
    expect(page.get_by_role("table").first).to_be_visible()
