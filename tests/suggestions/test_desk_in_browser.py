"""The desk in a real browser, without a mouse: triage accepts and assigns, an officer writes, a leader signs."""

import pytest
from playwright.sync_api import expect

from suggestions.models import ReplyTemplate
from tests import factories
from tests.browser import DESKTOP, JOURNEY, PHONE, objections

pytestmark = JOURNEY
WORDS = "小区楼下晚上广场舞音响太吵"


@pytest.fixture
def desk_of(open_as):
    """A window at the desk for one of them, with two voices that wait and a template."""
    city = factories.city()
    factories.say(city)
    factories.say(city, "人民路红绿灯时间太短,老人走不过去。", category=city.lights)
    ReplyTemplate.objects.create(title="噪音劝导", text="民警已到现场劝导。")

    def sit_down(who, viewport=DESKTOP):
        page = open_as(getattr(city, who), viewport)
        page.goto("/desk/")
        return page

    return sit_down


def press(page, *keys):
    """As fast as a machine types, but not before the page listens."""
    for key in keys:
        page.wait_for_load_state()
        page.keyboard.press(key)


def test_a_case_goes_from_the_inbox_to_its_answer_by_keyboard_alone(desk_of):
    page = desk_of("triage")
    assert objections(page) == []
    press(page, "j", "a")
    page.wait_for_url("**/accept_and_assign/")
    expect(page.get_by_text("建议交给月河派出所")).to_be_visible()
    assert objections(page) == []
    press(page, "a")
    expect(page.get_by_role("button", name="受理并交办")).to_be_focused()
    press(page, "Enter")
    expect(page.get_by_text("已受理并交办。")).to_be_visible()
    assert objections(page) == []

    press(page, "g", "i")
    page.wait_for_url("**/desk/")
    press(page, "j", "x", "a")
    expect(page.locator("[data-count-selected]")).to_have_text("1")
    expect(page.get_by_role("button", name="受理", exact=True)).to_be_focused()
    press(page, "Enter")
    expect(page.get_by_text("已办好 1 件。")).to_be_visible()

    page = desk_of("officer", PHONE)
    assert objections(page) == []
    press(page, "j", "o")
    expect(page.get_by_role("heading", name=WORDS)).to_be_visible()
    press(page, "n")
    expect(page.get_by_role("heading", name="内部备注")).to_be_focused()
    press(page, "Tab")
    page.keyboard.type("已电话联系物业。")
    assert objections(page) == []
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
    assert objections(page) == []
    press(page, "r", "Control+End")
    page.keyboard.type("谢谢您。")
    press(page, "Control+Enter")
    for_others = page.locator("#sign_reply_public_text")  # what is changed is read once more, as others will read it
    expect(for_others).to_have_value("您好。民警已到现场劝导。谢谢您。")
    for_others.focus()
    press(page, "Control+Enter")
    expect(page.get_by_text("已签发，已告诉市民。")).to_be_visible()
    expect(page.locator("#reply")).to_contain_text("您好。民警已到现场劝导。谢谢您。")
    assert objections(page) == []


def test_the_keys_are_listed_and_can_be_switched_off(desk_of):
    page = desk_of("triage")
    press(page, "?")
    expect(page.get_by_role("dialog", name="工作台快捷键")).to_be_visible()
    assert objections(page) == []
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
