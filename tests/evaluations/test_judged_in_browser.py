"""In a browser: a leader is refused a promotion and reads why, another is promoted; an inquiry goes to the public."""

import re

import pytest
from playwright.sync_api import expect

from evaluations import services
from tests import factories
from tests.browser import DESKTOP, JOURNEY, PHONE, objections
from tests.evaluations import judged

pytestmark = JOURNEY


@pytest.fixture
def town():
    """One officer the public recognises, one it does not, and three late replies."""
    city = factories.city()
    for user, name in ((city.officer, "沈建明"), (city.officer2, "陆晓燕"), (city.inspector, "费文杰")):
        user.officer.name = name
        user.officer.save()
    run = judged.make_run(city, {city.officer.officer: (90, 88, 70), city.officer2.officer: (70, 75, 90)})
    services.record_gates(run)
    judged.late_replies(city)
    return city


def look_up(page, name):
    page.goto("/desk/evaluations/promotions/")
    page.get_by_role("searchbox", name="姓名或警号").fill(name)
    page.locator("main").get_by_role("button", name="查找").click()
    found = page.get_by_role("link", name=name).first
    expect(found).to_be_visible()
    assert objections(page) == []
    found.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    assert objections(page) == []


def test_a_leader_is_refused_reads_why_and_promotes_another(town, open_as):
    page = open_as(town.leader, PHONE)
    look_up(page, "陆晓燕")
    expect(page.get_by_text("现在不能提拔")).to_be_visible()
    expect(page.locator(".notice--warn")).to_contain_text("71.67 分（满分 100），离 80.00 分的要求还差 8.33 分")
    expect(page.get_by_role("button", name="决定提拔")).to_have_count(0)

    look_up(page, "沈建明")
    second = page.context.new_page()
    second.goto(page.url)
    page.get_by_label("拟任职务").fill("副所长")
    page.get_by_role("button", name="决定提拔").click()
    expect(page.get_by_text("已作出决定，并记入这位民警的记录。")).to_be_visible()
    expect(page.locator("main aside")).to_contain_text("副所长")

    second.get_by_label("拟任职务").fill("所长")
    second.get_by_role("button", name="决定提拔").click()
    expect(second.get_by_text("已经依据 2025 年的考评提拔过了").first).to_be_visible()
    expect(second.get_by_label("拟任职务")).to_have_value("所长")
    assert objections(second) == []


def test_an_inspector_brings_a_finding_to_the_public(town, open_as):
    page = open_as(town.inspector, DESKTOP)
    page.goto("/desk/evaluations/accountability/")
    page.get_by_role("link", name="记录里查到的").click()
    expect(page.get_by_text("三次超期")).to_be_visible()
    assert objections(page) == []
    page.get_by_role("button", name=re.compile("开始了解情况")).click()
    for label, button, words in (
        ("立案理由", "立案", "三件答复都过了期限。"),
        ("听取申辩的记录", "记下申辩", "本人承认没有按时答复。"),
        ("处理结果", "作出决定", "责令书面检查，取消当年评优。"),
        ("给群众的答复", "公开答复", "三件答复逾期，我们已经处理，向等候的群众道歉。"),
    ):
        expect(page.get_by_label(label)).to_be_visible()
        assert objections(page) == []
        page.get_by_label(label).fill(words)
        page.locator("#next").get_by_role("button", name=button).click()
    expect(page.get_by_text("已答复，大家都看得到了。")).to_be_visible()
    assert objections(page) == []

    public = open_as(None, PHONE)
    public.goto("/evaluations/accountability/")
    expect(public.get_by_role("heading", name="月河派出所")).to_be_visible()
    expect(public.locator(".voice")).to_contain_text("3 件答复超过期限。")
    expect(public.locator(".voice")).to_contain_text("向等候的群众道歉")
    expect(public.locator("body")).not_to_contain_text("沈建明")
    assert objections(public) == []
