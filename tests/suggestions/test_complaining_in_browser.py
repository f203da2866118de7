"""The whole way of a complaint in a browser: asked while writing, decided at the desk, kept from whom it is about."""

import os

from playwright.sync_api import expect

from suggestions.models import Suggestion
from tests.browser import JOURNEY
from tests.suggestions.test_complaining import SAID

pytestmark = JOURNEY
DESKTOP = {"width": 1440, "height": 900}


def look(page, name: str) -> None:
    """A picture for whoever wants one: ``LOOK`` names the folder."""
    if os.environ.get("LOOK"):
        page.screenshot(path=f"{os.environ['LOOK']}/{name}.png", full_page=True)


def test_a_complaint_is_asked_about_decided_and_kept_from_whom_it_is_about(open_as, city):
    phone = open_as()
    phone.goto("/suggestions/new/")
    look(phone, "390-empty")
    phone.locator("#id_body").press_sequentially(SAID)
    question = phone.get_by_text("您是在投诉月河派出所吗？")
    expect(question).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    look(phone, "390-asked")
    phone.get_by_role("button", name="提交").click()
    expect(phone.get_by_text("听起来像是投诉公安。")).to_be_visible()
    look(phone, "390-receipt")
    case = Suggestion.objects.get()

    desk = open_as(city.triage, DESKTOP)
    desk.goto(f"/desk/{case.number}/")
    expect(desk.get_by_text("这件事疑似投诉公安")).to_be_visible()
    look(desk, "1440-doubt")
    desk.get_by_label("是，打勾的单位和民警回避").check()
    desk.get_by_role("button", name="认定").click()
    expect(desk.get_by_text("建议交给警务督察支队")).to_be_visible()
    look(desk, "1440-decided")

    accused = open_as(city.officer, DESKTOP)
    assert accused.goto(f"/desk/{case.number}/").status == 404
