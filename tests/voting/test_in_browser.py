"""The journeys in a real browser: a citizen votes on a phone, a clerk keys a batch by keyboard alone, a stranger checks
a receipt on their own device, an admin closes and publishes."""

import json
import re
import time

import pytest
from playwright.sync_api import expect

from tests import factories
from tests.browser import DESKTOP, JOURNEY, PHONE, objections
from tests.voting.conftest import end, make_poll, vote, voter
from tests.voting.test_paper import hand_out
from voting import services
from voting.models import Ballot, KeyedSheet, Poll
from voting.paper import Sheet

pytestmark = JOURNEY
SHEETS = 14


@pytest.fixture
def town():
    """An open vote with a record of 21 ballots and a batch of paper."""
    city = factories.city()
    city.poll = make_poll(city)
    city.codes = [vote(city.poll).code for _ in range(21)]
    services.seal_batch(city.poll)
    sheets = services.issue(city.poll, unit=city.yuehe, count=SHEETS, by=city.triage)
    hand_out(city.poll, city.officer, SHEETS)
    city.serials = [sheet.serial for sheet in sheets]
    city.batch = services.open_batch(city.poll, unit=city.yuehe, declared=SHEETS, by=city.officer)
    city.voter = voter()
    return city


def test_a_citizen_votes_on_a_phone(town, open_as):
    page = open_as(town.voter, PHONE)
    page.goto("/annual/2027/vote/")
    assert objections(page) == []
    line = page.locator("[data-count]")
    expect(line).to_have_text("还没有选")
    boxes = page.get_by_role("checkbox")
    boxes.nth(0).check()
    expect(line).to_have_text("已选 1 项，还差 2 项")
    for place in (1, 2, 3):
        boxes.nth(place).check()
    expect(line).to_have_text("已选 4 项，多了 1 项")
    boxes.nth(3).uncheck()
    expect(line).to_have_text("已选 3 项，正好")
    chosen = [page.locator(".ballot__title").nth(place).inner_text() for place in range(3)]
    page.get_by_role("button", name="看一遍再投").click()
    page.wait_for_selector(".chosen")
    assert objections(page) == []
    assert sorted(page.locator(".chosen__title").all_inner_texts()) == sorted(chosen)
    page.get_by_role("button", name="返回去改").click()
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(3)
    page.get_by_role("button", name="看一遍再投").click()
    page.get_by_role("button", name="投出这一票").dblclick()
    page.wait_for_url("**/annual/2027/receipt/")
    assert objections(page) == []
    code = re.sub(r"\s", "", page.locator("#receipt-code").inner_text())
    assert re.fullmatch("[0-9a-f]{64}", code)
    page.reload()
    assert re.sub(r"\s", "", page.locator("#receipt-code").inner_text()) == code
    page.get_by_role("button", name="清除回执").click()
    page.wait_for_selector("#id_code")
    page.goto("/annual/2027/vote/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("您已经投过票了")


def test_it_works_without_scripts_and_by_keyboard(town, open_as):
    page = open_as(town.voter, PHONE, java_script_enabled=False)
    page.goto("/annual/2027/vote/")
    page.get_by_role("checkbox").nth(0).focus()
    for _box in range(3):
        page.keyboard.press("Space")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
    page.get_by_role("button", name="看一遍再投").press("Enter")
    page.get_by_role("button", name="投出这一票").press("Enter")
    expect(page.locator("#receipt-code")).to_be_visible()


def test_a_stranger_checks_a_receipt_on_their_own_device(town, open_as):
    page = open_as(None, PHONE)
    page.goto(f"/annual/2027/receipt/#{town.codes[3]}")
    expect(page.locator("#id_code")).to_have_value(town.codes[3])
    assert "#" not in page.url
    page.get_by_role("button", name="核对这个码").click()
    page.wait_for_selector("text=证明成立")
    expect(page.locator("[data-verdict]")).to_contain_text("账本签名正确")
    expect(page.locator(".proof li.is-right")).to_have_count(page.locator(".proof li").count())
    assert objections(page) == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda proof: proof | {"path": ["0" * 64, *proof["path"][1:]]}, "证明不成立"),
        (lambda proof: proof | {"index": proof["index"] ^ 1}, "证明不成立"),
        (lambda proof: proof | {"signature": "0" * 128}, "账本签名不对"),
        (lambda proof: proof | {"root": "0" * 64}, "证明不成立"),
    ],
)
def test_a_server_that_lies_is_found_out_by_the_device(town, open_as, change, says):
    page = open_as(None, PHONE)

    def lie(route):
        answer = route.fetch()
        pattern = r'(<script id="proof" type="application/json">)(.*?)(</script>)'
        text = re.sub(pattern, lambda m: m[1] + json.dumps(change(json.loads(m[2]))) + m[3], answer.text(), flags=re.S)
        route.fulfill(response=answer, body=text)

    page.goto("/annual/2027/receipt/")
    page.route("**/receipt/", lie)
    page.get_by_label("回执码").fill(town.codes[3][:20])
    page.get_by_role("button", name="核对这个码").click()
    page.wait_for_selector(f"text={says}")


def test_a_clerk_keys_a_batch_by_keyboard_alone(town, open_as):
    page = open_as(town.officer, DESKTOP)
    page.goto("/desk/voting/2027/batches/1/")
    page.get_by_role("button", name="开始录这一批").press("Enter")
    page.wait_for_selector("[data-keying]")
    assert objections(page) == []
    began = time.monotonic()
    for number, serial in enumerate(town.serials, start=1):
        page.keyboard.type(serial)
        page.keyboard.press("Enter")
        page.keyboard.type("acf" if number % 2 else "bdk")
        page.keyboard.press("Enter")
        page.wait_for_selector(f".keying__count:has-text('{number} / {SHEETS}')")
    a_minute = SHEETS * 60 / (time.monotonic() - began)
    assert a_minute >= 20, f"{a_minute:.0f} ballots a minute"
    assert objections(page) == []
    page.get_by_role("button", name="我录完了").press("Enter")
    page.wait_for_selector("text=您已录完")


@pytest.fixture
def read_twice(town):
    """Both have read the batch, differently on one sheet."""
    for clerk, last in ((town.officer, (1, 3, 6)), (town.officer2, (2, 4, 5))):
        services.begin_reading(town.batch, by=clerk)
        for place, serial in enumerate(town.serials):
            seen = Sheet(last if place == SHEETS - 1 else (1, 2, 3))
            services.key_sheet(town.batch, serial=serial, read=seen, by=clerk)
        services.finish_reading(town.batch, by=clerk)
    return town


def test_a_third_settles_and_the_admin_closes_the_batch(town, read_twice, open_as):
    page = open_as(town.triage, DESKTOP)
    page.goto("/desk/voting/2027/batches/1/")
    assert objections(page) == []
    page.get_by_role("button", name="这个对").first.click()
    page.wait_for_selector(".difference--settled")
    page = open_as(town.admin, DESKTOP)
    page.goto("/desk/voting/2027/batches/1/")
    page.get_by_role("button", name="结束这一批").click()
    page.wait_for_selector("text=不能再改")


def test_the_admin_ends_it_and_everybody_sees_the_result(town, ended, open_as):
    page = open_as(town.admin, DESKTOP)
    page.goto("/desk/voting/2027/")
    assert objections(page) == []
    page.get_by_role("button", name="结束计票").click()
    page.wait_for_selector("text=还没有公布")
    page.get_by_role("button", name="公布结果").click()
    page.wait_for_selector("text=结果已公布")
    page = open_as(None, PHONE)
    page.goto("/annual/2027/result/")
    expect(page.locator(".bar--won")).to_have_count(4)
    assert objections(page) == []
    page.goto("/annual/2027/proofs/")
    assert objections(page) == []


@pytest.fixture
def ended(town):
    """Voting is over, the batch was never used, and no sheet is missing."""
    services.correct_count(town.batch, declared=1, reason="只有一张", by=town.triage)
    for clerk in (town.officer, town.officer2):
        services.begin_reading(town.batch, by=clerk)
        services.key_sheet(town.batch, serial=town.serials[0], read=Sheet((1, 2, 3)), by=clerk)
        services.finish_reading(town.batch, by=clerk)
    services.close_batch(town.batch, by=town.admin)
    services.report_unreturned(town.poll, unit=town.yuehe, by=town.triage)
    end(Poll.objects.get())
    assert Ballot.objects.count() == 22
    assert KeyedSheet.objects.count() == 2
