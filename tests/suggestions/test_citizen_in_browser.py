"""A citizen's whole gestures in a real browser, on a phone and on paper, with and without scripts, for every eye."""

import io
import re

import pytest
from django.utils import translation
from PIL import Image
from playwright.sync_api import expect
from pypdf import PdfReader

from suggestions import services
from suggestions.models import FollowUp, Suggestion, Supporter
from tests import factories
from tests.browser import JOURNEY, PHONE, objections
from tests.suggestions.speaking import CODE, WORDS

pytestmark = JOURNEY
SEND = "提交，拿到查询码"
PLAIN, LARGE = False, True
LOOKS = [("light", PLAIN), ("dark", LARGE)]
EVERY_LOOK = [*LOOKS, ("dark", PLAIN), ("light", LARGE)]


@pytest.fixture
def world():
    with translation.override("zh-hans"):
        yield factories.city()


@pytest.fixture
def visit(open_as):
    """Open a page on a phone, as a stranger or as somebody, with or without scripts."""

    def open_page(path, *, who=None, scripts=True):
        page = open_as(who, PHONE, java_script_enabled=scripts, reduced_motion="reduce")
        page.goto(path)
        return page

    return open_page


def check_for_every_eye(page, looks=LOOKS):
    """Nothing to object to in each colour scheme and size of letters."""
    for scheme, elder in looks:
        page.wait_for_load_state()
        page.emulate_media(color_scheme=scheme)
        page.evaluate("on => document.documentElement.toggleAttribute('data-elder', on)", elder)
        assert objections(page) == [], f"{scheme} elder={elder}"
    page.emulate_media(color_scheme="light")
    page.evaluate("document.documentElement.removeAttribute('data-elder')")


def large_photo():
    buffer = io.BytesIO()
    Image.effect_noise((3000, 1500), 60).convert("RGB").save(buffer, "JPEG", quality=85)
    return {"name": "现场.jpg", "mimeType": "image/jpeg", "buffer": buffer.getvalue()}


def test_speaking_takes_two_gestures_and_leaves_a_receipt_to_print(world, visit):
    said = factories.case(world, "replied", body="月河街道小区楼下天天晚上广场舞音响太吵,孩子睡不好觉。")
    for _n in range(11):
        services.support(said, user=factories.citizen())
    page = visit("/suggestions/new/")
    page.get_by_label("您想说什么？").fill(WORDS)
    page.get_by_text("已有 12 人说过").wait_for()
    page.get_by_text("这是从您的话里看出来的").wait_for()
    page.locator("#id_attachments").set_input_files([large_photo()])
    page.locator("[data-file-list] img").wait_for()
    page.wait_for_function("() => document.querySelector('#id_attachments').files[0].size < 2.5e6")
    check_for_every_eye(page, EVERY_LOOK)
    page.get_by_role("button", name=SEND).click()
    page.wait_for_url("**/suggestions/receipt/")
    expect(page.get_by_text("最迟").first).to_be_visible()
    code = CODE.search(page.content()).group()
    check_for_every_eye(page)
    for paper in ({"format": "A4"}, {"width": "105mm", "height": "148mm"}):
        sheets = PdfReader(io.BytesIO(page.pdf(**paper))).pages
        assert len(sheets) == 1, paper
        assert code in sheets[0].extract_text()
    assert page.evaluate("localStorage.getItem('draft:suggestion')") is None
    case = services.find_by_code(code)
    assert (case.category, case.area, case.attachments.get().width) == (world.noise, world.yuehe_area, 2560)


SMALL = [
    (360, 640, LARGE),
    (390, 664, LARGE),
    (320, 640, LARGE),
    (320, 640, PLAIN),
    (320, 568, PLAIN),
    (*PHONE.values(), PLAIN),
]


def room_to_write(page):
    """How many pixels of the box one writes in lie in the first screen with nothing over them."""
    return page.locator("form textarea").first.evaluate(
        """box => {
            const { top, bottom, left, width } = box.getBoundingClientRect()
            let free = 0
            for (let y = Math.ceil(top) + 1; y < Math.min(bottom, innerHeight); y += 1)
                free += document.elementFromPoint(left + width / 2, y) === box
            return free
        }"""
    )


def test_the_box_to_write_in_lies_open_in_the_first_screen_of_a_small_phone(world, open_as):
    case = factories.case(world, "replied", user=world.citizen)
    for width, height, elder in SMALL:
        page = open_as(world.citizen, {"width": width, "height": height})
        for path in ("/suggestions/new/", f"/track/{case.number}/reopen/"):
            page.goto(path)
            page.evaluate("on => document.documentElement.toggleAttribute('data-elder', on)", elder)
            assert room_to_write(page) >= 48, f"{path} at {width} x {height} elder={elder}"
        page.context.close()


def test_words_are_kept_on_the_device_for_a_day_without_who_wrote_them(world, visit):
    page = visit("/suggestions/new/")
    page.get_by_label("您想说什么？").fill(WORDS)
    page.get_by_label("怎么称呼您？").fill("李秀英")
    page.locator("#id_contact_phone").fill("19900007788")
    page.get_by_text("只暂存在这台设备上").wait_for()
    check_for_every_eye(page)
    kept = page.evaluate("localStorage.getItem('draft:suggestion')")
    assert WORDS in kept
    assert "李秀英" not in kept
    assert "7788" not in kept
    page.reload()
    page.get_by_text("您上次写的还在这里").wait_for()
    assert page.get_by_label("您想说什么？").input_value() == WORDS
    page.get_by_text("这是从您的话里看出来的").wait_for()
    page.get_by_role("button", name="清除草稿").click()
    assert page.get_by_label("您想说什么？").input_value() == ""
    assert page.evaluate("Object.keys(localStorage)") == []


@pytest.mark.parametrize(("who", "path", "hours"), [(None, "/track/", 25), ("officer", "/desk/", 1)])
def test_a_draft_is_gone_after_a_day_and_where_staff_work(world, visit, who, path, hours):
    page = visit("/track/", who=who and getattr(world, who))
    draft = f"JSON.stringify({{at: Date.now() - {hours} * 3600e3, values: {{body: '别人写的话'}}}})"
    page.evaluate(f"localStorage.setItem('draft:suggestion', {draft})")
    page.goto(path)
    page.wait_for_function("Object.keys(localStorage).length === 0")
    page.goto("/suggestions/new/")
    assert page.get_by_label("您想说什么？").input_value() == ""


def test_speaking_works_without_scripts(world, visit):
    page = visit("/suggestions/new/", scripts=False)
    page.get_by_label("您想说什么？").fill(WORDS)
    page.get_by_label("我要匿名").check()
    page.get_by_role("button", name=SEND).click()
    expect(page.get_by_label("是哪方面的事？")).to_have_value("noise")
    expect(page.get_by_label("我要匿名")).to_be_checked()
    page.get_by_role("button", name=SEND).click()
    page.wait_for_url("**/suggestions/receipt/")
    assert services.find_by_code(CODE.search(page.content()).group()).anonymous


@pytest.mark.parametrize("scripts", [True, False])
def test_a_double_click_on_a_slow_line_is_one_case(world, visit, scripts):
    page = visit("/suggestions/new/", scripts=scripts)
    page.get_by_label("您想说什么？").fill(WORDS)
    if not scripts:
        page.get_by_label("提交前让我看一眼归类").uncheck()
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    slow = {"offline": False, "latency": 700, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
    line.send("Network.emulateNetworkConditions", slow)
    page.get_by_role("button", name=SEND).dblclick()  # the second sending breaks the first off
    expect(page).to_have_url(re.compile("/suggestions/receipt/$"), timeout=30_000)
    expect(page.locator("main")).to_contain_text(CODE, timeout=30_000)
    assert Suggestion.objects.count() == 1


def test_a_dissatisfied_citizen_rates_and_has_it_taken_up_again(world, visit):
    receipt = factories.say(world)
    case = receipt.suggestion
    services.accept_and_assign(case, by=world.triage, unit=world.yuehe)
    factories.answer(world, case)
    page = visit(f"/track/#{receipt.tracking_code}")
    expect(page.get_by_label("查询码")).to_have_value(receipt.tracking_code)
    assert "#" not in page.url
    check_for_every_eye(page, LOOKS[1:])
    page.get_by_role("button", name="看办理进度").click()
    page.get_by_role("heading", name="给您的答复").wait_for()
    check_for_every_eye(page)
    page.get_by_label("非常不满意").check()
    page.get_by_label("问题没解决").check()
    page.get_by_role("button", name="提交评价").click()
    page.get_by_text("您的评价：非常不满意").wait_for()
    page.get_by_role("link", name="没解决，要求重办").click()
    page.get_by_label("还有哪里不对？").fill("昨天晚上又跳到十点。")
    check_for_every_eye(page, LOOKS[:1])
    page.get_by_role("button", name="提交，要求重办").click()
    page.get_by_text("已经重新办理").wait_for()
    assert page.evaluate("Object.keys(localStorage)") == []
    case.refresh_from_db()
    assert (case.state, FollowUp.objects.get().rating.level) == ("assigned", 1)


def test_supporting_takes_one_gesture_and_no_reload(world, visit):
    case = factories.case(world, "replied")
    page = visit("/suggestions/?q=广场舞", who=world.citizen)
    check_for_every_eye(page)
    page.get_by_role("link", name=re.compile("广场舞")).click()
    expect(page.get_by_role("button", name="我也附议")).to_be_visible()
    check_for_every_eye(page)
    page.evaluate("window.stays = true")
    page.get_by_role("button", name="我也附议").click()
    page.get_by_text("您已附议").wait_for()
    assert page.evaluate("window.stays") is True
    expect(page.locator("#support b")).to_have_text("2")
    assert Supporter.objects.get().suggestion == case
