"""The whole way in a real browser: an officer reads how the year came about and appeals, another person answers."""

import pytest
from playwright.sync_api import expect

from tests.browser import DESKTOP, JOURNEY, PHONE, objections
from tests.evaluations import appraisals

pytestmark = JOURNEY


@pytest.fixture
def year(city):
    made = appraisals.appraised_year(city)
    made.one = made.complete[0]
    made.line = made.one.lines.get(component__key="satisfaction")
    made.badge = made.one.officer.badge_number
    made.second = city.admin2
    return made


def test_an_officer_reads_and_appeals_and_another_answers(year, open_as):
    officer = open_as(year.one.officer.user, PHONE)
    officer.goto("/desk/")
    officer.get_by_role("link", name="综合考评").first.click()
    officer.get_by_role("link", name=year.badge).click()
    expect(officer.get_by_text(f"{year.line.score} × 31% = {year.line.points}")).to_be_visible()
    officer.get_by_text("依据").first.click()
    expect(officer.get_by_text("公布的最低要求").first).to_be_visible()
    assert objections(officer) == []
    officer.get_by_label("哪里不对").fill("有一件先派到了别的所。")
    officer.get_by_role("button", name="提交申诉").click()
    expect(officer.get_by_text("等待决定").first).to_be_visible()
    expect(officer.get_by_role("button", name="提交申诉")).to_have_count(0)

    second = open_as(year.second, DESKTOP)
    second.goto("/desk/")
    second.get_by_role("link", name="综合考评").click()
    second.get_by_role("link", name="申诉", exact=True).click()
    second.get_by_role("link", name=year.badge).click()
    expect(second.get_by_label("申诉不成立")).to_be_visible()
    assert objections(second) == []
    second.get_by_label("申诉不成立").check()
    second.get_by_label("理由").fill("已核对，该件一直由您经办。")
    second.get_by_role("button", name="答复申诉人").click()
    expect(second.get_by_text("不成立，已说明理由").first).to_be_visible()

    officer.reload()
    expect(officer.get_by_text("已核对，该件一直由您经办。").first).to_be_visible()


def test_the_sum_of_a_scheme_is_shown_while_typing(year, open_as):
    page = open_as(year.second, DESKTOP)
    page.goto("/desk/evaluations/schemes/new/")
    page.locator("#id_w_satisfaction").fill("5099")
    page.locator("#id_w_on_time").fill("4901")
    expect(page.locator("[data-sum=public]")).to_have_text("5099")
    expect(page.locator("[data-sum=whole]")).to_have_text("10000")
    expect(page.get_by_text("符合要求")).to_be_hidden()
    page.get_by_label("方案名称").fill("明年的方案")
    page.get_by_role("button", name="提出这个方案").click()
    expect(page.get_by_text("现在是 5099").first).to_be_visible()
    page.locator("#id_w_satisfaction").fill("5100")
    page.locator("#id_w_on_time").fill("4900")
    expect(page.get_by_text("符合要求")).to_be_visible()
    page.get_by_role("button", name="提出这个方案").click()
    expect(page.get_by_text("要由另一人锁定").first).to_be_visible()
    assert objections(page) == []
