"""The whole way in a real browser: an officer reads how the year came about and appeals, another person answers."""

import os
import shutil

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from tests.evaluations import appraisals
from tests.factories import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1440, "height": 900}


@pytest.fixture
def year(city):
    """Rows are made before the browser starts: its event loop forbids the ORM in this thread."""
    made = appraisals.appraised_year(city)
    made.one = made.complete[0]
    made.line = made.one.lines.get(component__key="satisfaction")
    made.badge, made.second = made.one.officer.badge_number, city.admin2.username
    return made


@pytest.fixture
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def signed_in(chromium, home, badge, viewport):
    context = chromium.new_context(viewport=viewport, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{home}/accounts/staff/")
    page.get_by_label("警号").fill(badge)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url("**/desk/**")
    return page


def faults(page):
    return [(fault["id"], fault["nodes"][0]["html"][:100]) for fault in Axe().run(page).response["violations"]]


def test_an_officer_reads_and_appeals_and_another_answers(year, settings, live_server, chromium):
    settings.STAFF_MFA_REQUIRED = False
    officer = signed_in(chromium, live_server.url, year.badge, PHONE)
    officer.get_by_role("link", name="综合考评").first.click()
    officer.get_by_role("link", name=year.badge).click()
    assert officer.get_by_text(f"{year.line.score} × 31% = {year.line.points}").is_visible()
    officer.get_by_text("依据").first.click()
    assert officer.get_by_text("公布的最低要求").first.is_visible()
    assert officer.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert faults(officer) == []
    officer.get_by_label("哪里不对").fill("有一件先派到了别的所。")
    officer.get_by_role("button", name="提交申诉").click()
    officer.get_by_text("等待决定").first.wait_for()
    assert officer.get_by_role("button", name="提交申诉").count() == 0

    second = signed_in(chromium, live_server.url, year.second, DESKTOP)
    second.get_by_role("link", name="综合考评").click()
    second.get_by_role("link", name="申诉", exact=True).click()
    second.get_by_role("link", name=year.badge).click()
    assert faults(second) == []
    second.get_by_label("申诉不成立").check()
    second.get_by_label("理由").fill("已核对，该件一直由您经办。")
    second.get_by_role("button", name="答复申诉人").click()
    second.get_by_text("不成立，已说明理由").first.wait_for()

    officer.reload()
    assert officer.get_by_text("已核对，该件一直由您经办。").first.is_visible()


def test_the_sum_of_a_scheme_is_shown_while_typing(year, settings, live_server, chromium):
    settings.STAFF_MFA_REQUIRED = False
    page = signed_in(chromium, live_server.url, year.second, DESKTOP)
    page.goto(f"{live_server.url}/desk/evaluations/schemes/new/")
    page.locator("#id_w_satisfaction").fill("5099")
    page.locator("#id_w_on_time").fill("4901")
    assert page.locator("[data-sum=public]").inner_text() == "5099"
    assert page.locator("[data-sum=whole]").inner_text() == "10000"
    assert page.get_by_text("符合要求").is_hidden()
    page.get_by_label("方案名称").fill("明年的方案")
    page.get_by_role("button", name="提出这个方案").click()
    page.get_by_text("现在是 5099").first.wait_for()
    page.locator("#id_w_satisfaction").fill("5100")
    page.locator("#id_w_on_time").fill("4900")
    assert page.get_by_text("符合要求").is_visible()
    page.get_by_role("button", name="提出这个方案").click()
    page.get_by_text("要由另一人锁定").first.wait_for()
    assert faults(page) == []
