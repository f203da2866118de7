"""The browsable reference in a real browser, under the content policy that is set."""

from tests.browser import DESKTOP, JOURNEY, complaints

pytestmark = JOURNEY


def test_the_reference_lists_every_chapter_and_nothing_is_blocked(open_as):
    page = open_as(None, DESKTOP)
    complained = complaints(page)
    page.goto("/api/docs/")
    page.wait_for_selector("#operations-suggestions-submit")
    chapters = page.locator("h3.opblock-tag").evaluate_all("tags => tags.map(tag => tag.dataset.tag)")
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
    assert complained == []
