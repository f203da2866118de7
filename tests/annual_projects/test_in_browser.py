"""The whole gesture in a real browser: a citizen proposes on a phone, the desk makes a candidate from what people say,
and two admins freeze the list."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from annual_projects.models import Candidate, Edition, Topic
from tests import factories
from tests.annual_projects import worlds
from tests.annual_projects.voices import voices
from tests.browser import DESKTOP, JOURNEY, PHONE, objections

pytestmark = JOURNEY


@pytest.fixture
def town():
    """An edition collecting ideas, one that waits for its freeze, and 30 voices about moving the household."""
    city = factories.city()
    city.lights.kind = "administrative"
    city.lights.save()
    Topic.objects.create(code="household-moves", name="户籍迁移", category=city.lights, words=["迁"])
    voices(city, 30, category=city.lights, at=timezone.now(), body="户口迁到月河要跑几趟?")
    city.collecting = worlds.edition(city, "collecting", year=2028)
    city.reviewing = worlds.edition(city, "reviewing", year=2027)
    return city


def test_a_citizen_proposes_something_on_a_phone_without_scripts(town, open_as):
    page = open_as(town.citizen, PHONE, java_script_enabled=False)
    page.goto("/annual/")
    page.get_by_role("link", name="2028年公安惠民十件实事").click()
    page.get_by_role("link", name="我来提一件").click()
    page.get_by_label("您想办什么事？").fill("老小区门口装个能坐的岗亭")
    page.get_by_role("button", name="提交我的提名").click()
    expect(page.get_by_label("您想办什么事？")).to_have_value("老小区门口装个能坐的岗亭")
    page.get_by_label("为什么要办？为了谁？").fill("保安没地方坐,老人也没地方歇。")
    page.get_by_role("button", name="提交我的提名").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("老小区门口装个能坐的岗亭")
    expect(page.get_by_role("button", name="撤回我的提名")).to_be_visible()
    proposed = Candidate.objects.filter(source="citizen", edition=town.collecting)
    assert [one.title for one in proposed] == ["老小区门口装个能坐的岗亭"]


def test_the_desk_makes_a_candidate_from_what_people_say(town, open_as):
    page = open_as(town.triage, DESKTOP)
    page.goto("/desk/annual/2028/demand/")
    page.get_by_role("row", name="户籍迁移").get_by_role("button").click()
    page.wait_for_url("**/candidates/household-moves-1/")
    expect(page.locator("main aside").first).to_contain_text("100.0%")
    page.get_by_label("标题").fill("户籍迁移一次办成")
    page.get_by_label("大白话说明").fill("只跑一个窗口,当天办完。")
    page.get_by_role("button", name="保存说明").click()
    expect(page.get_by_role("heading", name="户籍迁移一次办成", level=1)).to_be_visible()
    page.goto("/annual/2028/candidates/household-moves-1/")
    expect(page.locator("main")).to_contain_text("占行政管理类求助 100.0%")


def test_two_admins_freeze_the_list(town, open_as):
    first, second = open_as(town.admin, DESKTOP), open_as(town.admin2, DESKTOP)
    first.goto("/desk/annual/2027/freeze/")
    first.get_by_role("button", name="提交这份名单").click()
    expect(first.get_by_text("提交的人不能确认")).to_be_visible()
    expect(first.get_by_role("button", name="确认并锁定这份名单")).to_have_count(0)
    second.goto("/desk/annual/2027/freeze/")
    second.get_by_role("button", name="确认并锁定这份名单").click()
    expect(second.locator(".notice--done", has_text="确认").first).to_be_visible()
    frozen = Edition.objects.get(frozen_at__isnull=False)
    assert (frozen.freeze_proposed_by, frozen.frozen_by) == (town.admin, town.admin2)


@pytest.mark.parametrize("address", ["/annual/", "/annual/2028/", "/annual/2028/nominate/", "/annual/2027/"])
def test_citizen_pages_are_accessible_and_fit_a_phone(town, open_as, address):
    page = open_as(town.citizen, PHONE)
    page.goto(address)
    assert objections(page) == []
