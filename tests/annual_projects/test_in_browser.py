"""The whole gesture in a real browser: a citizen proposes on a phone, the desk makes a candidate from what people say,
and two admins freeze the list."""

import os
import shutil

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.utils import timezone
from playwright.sync_api import sync_playwright

from annual_projects.models import Candidate, Edition, Topic
from tests import factories
from tests.annual_projects import worlds
from tests.annual_projects.voices import voices

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1440, "height": 900}


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
    city.sessions = {}
    for who in ("citizen", "triage", "admin", "admin2"):
        client = Client()
        client.force_login(getattr(city, who))
        city.sessions[who] = client.cookies["sessionid"].value
    return city


@pytest.fixture
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_as(town, live_server, chromium):
    """A page of somebody who is signed in; ``town`` comes first: the browser's loop forbids the ORM in this thread."""

    def open_page(who, viewport, **options):
        context = chromium.new_context(viewport=viewport, locale="zh-CN", base_url=live_server.url, **options)
        context.add_cookies([{"name": "sessionid", "value": town.sessions[who], "url": live_server.url}])
        return context.new_page()

    return open_page


def test_a_citizen_proposes_something_on_a_phone_without_scripts(open_as):
    page = open_as("citizen", PHONE, java_script_enabled=False)
    page.goto("/annual/")
    page.get_by_role("link", name="2028年公安惠民十件实事").click()
    page.get_by_role("link", name="我来提一件").click()
    page.get_by_label("您想办什么事？").fill("老小区门口装个能坐的岗亭")
    page.get_by_role("button", name="提交我的提名").click()
    assert page.get_by_label("您想办什么事？").input_value() == "老小区门口装个能坐的岗亭"
    page.get_by_label("为什么要办？为了谁？").fill("保安没地方坐,老人也没地方歇。")
    page.get_by_role("button", name="提交我的提名").click()
    assert page.get_by_role("heading", level=1).inner_text() == "老小区门口装个能坐的岗亭"
    assert page.get_by_role("button", name="撤回我的提名").is_visible()


def test_the_desk_makes_a_candidate_from_what_people_say(open_as):
    page = open_as("triage", DESKTOP)
    page.goto("/desk/annual/2028/demand/")
    page.get_by_role("row", name="户籍迁移").get_by_role("button").click()
    page.wait_for_url("**/candidates/household-moves-1/")
    assert "100.0%" in page.locator("main aside").inner_text()
    page.get_by_label("标题").fill("户籍迁移一次办成")
    page.get_by_label("大白话说明").fill("只跑一个窗口,当天办完。")
    page.get_by_role("button", name="保存说明").click()
    page.get_by_role("heading", name="户籍迁移一次办成", level=1).wait_for()
    page.goto("/annual/2028/candidates/household-moves-1/")
    assert "占行政管理类求助 100.0%" in page.locator("main").inner_text()


def test_two_admins_freeze_the_list(open_as):
    first, second = open_as("admin", DESKTOP), open_as("admin2", DESKTOP)
    first.goto("/desk/annual/2027/freeze/")
    first.get_by_role("button", name="提交这份名单").click()
    first.get_by_text("提交的人不能确认").wait_for()
    assert first.get_by_role("button", name="确认并锁定这份名单").count() == 0
    second.goto("/desk/annual/2027/freeze/")
    second.get_by_role("button", name="确认并锁定这份名单").click()
    second.locator(".notice--done", has_text="确认").first.wait_for()


@pytest.mark.parametrize("address", ["/annual/", "/annual/2028/", "/annual/2028/nominate/", "/annual/2027/"])
def test_citizen_pages_are_accessible_and_fit_a_phone(open_as, address):
    page = open_as("citizen", PHONE)
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.fixture(autouse=True)
def _afterwards(town):
    """What the browser did is in the rows."""
    yield
    proposed = Candidate.objects.filter(source="citizen", edition__year=2028).values_list("title", flat=True)
    assert set(proposed) <= {"老小区门口装个能坐的岗亭"}
    for edition in Edition.objects.filter(frozen_at__isnull=False):
        assert edition.frozen_by_id != edition.freeze_proposed_by_id
