"""The desk in a real browser, without a mouse: triage accepts and assigns, an officer writes, a leader signs."""

import os
import shutil

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

from suggestions.models import ReplyTemplate
from tests import factories
from tests.suggestions.desk_help import at_desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
WORDS = "小区楼下晚上广场舞音响太吵"


@pytest.fixture
def sessions(db):
    """Everything is in the database, and everybody signed in, before the browser starts: its loop forbids the ORM."""
    c = factories.city()
    factories.say(c)
    factories.say(c, "人民路红绿灯时间太短,老人走不过去。", category=c.lights)
    ReplyTemplate.objects.create(title="噪音劝导", text="民警已到现场劝导。")
    people = {"triage": c.triage, "officer": c.officer, "leader": c.leader}
    return {who: at_desk(user).cookies["sessionid"].value for who, user in people.items()}


@pytest.fixture
def desk_of(sessions, live_server):
    """A browser window for one of them, at the desk."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])

        def sit_down(who, width=1440):
            context = browser.new_context(locale="zh-CN", viewport={"width": width, "height": 900})
            cookie = {"name": "sessionid", "value": sessions[who], "url": live_server.url}
            context.add_cookies([cookie])
            page = context.new_page()
            page.goto(f"{live_server.url}/desk/")
            return page

        yield sit_down
        browser.close()


def barriers(page):
    """Serious and critical ones, by rule and place."""
    found = Axe().run(page).response["violations"]
    worst = [rule for rule in found if rule["impact"] in ("serious", "critical")]
    return [(rule["id"], node["target"]) for rule in worst for node in rule["nodes"]]


def press(page, *keys):
    """As fast as a machine types, but not before the page listens."""
    for key in keys:
        page.wait_for_load_state()
        page.keyboard.press(key)


def test_a_case_goes_from_the_inbox_to_its_answer_by_keyboard_alone(desk_of):
    page = desk_of("triage")
    assert barriers(page) == []
    press(page, "j", "a")
    page.wait_for_url("**/accept_and_assign/")
    expect(page.get_by_text("建议交给月河派出所")).to_be_visible()
    assert barriers(page) == []
    press(page, "a")
    expect(page.get_by_role("button", name="受理并交办")).to_be_focused()
    press(page, "Enter")
    expect(page.get_by_text("已受理并交办。")).to_be_visible()
    assert barriers(page) == []

    press(page, "g", "i")
    page.wait_for_url("**/desk/")
    press(page, "j", "x", "a")
    expect(page.locator("[data-count-selected]")).to_have_text("1")
    expect(page.get_by_role("button", name="受理", exact=True)).to_be_focused()
    press(page, "Enter")
    expect(page.get_by_text("已办好 1 件。")).to_be_visible()

    page = desk_of("officer", width=390)
    assert barriers(page) == []
    press(page, "j", "o")
    expect(page.get_by_role("heading", name=WORDS)).to_be_visible()
    press(page, "n")
    expect(page.get_by_role("heading", name="内部备注")).to_be_focused()
    press(page, "Tab")
    page.keyboard.type("已电话联系物业。")
    assert barriers(page) == []
    press(page, "Control+Enter")
    expect(page.get_by_text("备注已记下。")).to_be_visible()
    press(page, "r")
    page.keyboard.type("您好。")
    page.get_by_role("button", name="放进来").click()
    expect(page.get_by_label("给市民的答复")).to_have_value("您好。民警已到现场劝导。")
    press(page, "Control+Enter")
    expect(page.get_by_text("已送领导签发。")).to_be_visible()

    page = desk_of("leader")
    press(page, "j", "Enter")
    expect(page.get_by_role("heading", name="签发答复")).to_be_visible()
    assert barriers(page) == []
    press(page, "r", "Control+End")
    page.keyboard.type("谢谢您。")
    press(page, "Control+Enter")
    expect(page.get_by_text("已签发，已告诉市民。")).to_be_visible()
    expect(page.locator("#reply")).to_contain_text("您好。民警已到现场劝导。谢谢您。")
    assert barriers(page) == []


def test_the_keys_are_listed_and_can_be_switched_off(desk_of):
    page = desk_of("triage")
    press(page, "?")
    expect(page.get_by_role("dialog", name="工作台快捷键")).to_be_visible()
    assert barriers(page) == []
    page.get_by_label("在这台电脑上使用这些快捷键").uncheck()
    press(page, "Escape", "j")
    expect(page.locator(".is-here")).to_have_count(0)
    page.reload()
    press(page, "j")
    expect(page.locator(".is-here")).to_have_count(0)
    page.get_by_role("button", name="快捷键").click()
    page.get_by_label("在这台电脑上使用这些快捷键").check()
    press(page, "Escape", "j")
    expect(page.locator(".is-here")).to_have_count(1)


def test_the_suggested_unit_follows_the_chosen_category(desk_of):
    page = desk_of("triage")
    press(page, "j", "o")
    expect(page.get_by_text("建议交给月河派出所")).to_be_visible()
    page.locator("select[name=category]").select_option("traffic_lights")
    expect(page.get_by_text("建议交给吴兴交警大队")).to_be_visible()
    page.locator("select[name=category]").select_option("noise")
    expect(page.get_by_text("建议交给月河派出所")).to_be_visible()
