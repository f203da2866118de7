"""The browsable reference in a real browser, under the content policy that is set."""

import os
import shutil

import pytest
from playwright.sync_api import sync_playwright

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")


def test_the_reference_lists_every_chapter_and_nothing_is_blocked(live_server):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(locale="zh-CN")
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("requestfailed", lambda request: complaints.append(request.url))
        page.goto(f"{live_server.url}/api/docs/")
        page.wait_for_selector("#operations-suggestions-submit")
        chapters = page.locator("h3.opblock-tag").evaluate_all("tags => tags.map(tag => tag.dataset.tag)")
        if shots := os.environ.get("SCREENSHOTS"):
            page.set_viewport_size({"width": 1440, "height": 1400})
            page.screenshot(path=f"{shots}/docs.png")
        browser.close()
    assert set(chapters) == {
        "directory",
        "suggestions",
        "track",
        "desk",
        "annual projects",
        "the vote",
        "polls",
        "appraisals",
        "open311",
    }
    assert complaints == []
