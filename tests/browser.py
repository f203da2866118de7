"""What journeys in a real browser share: screens, who is signed in, and what there is to object to on a page."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page

PHONE = {"width": 390, "height": 844}
TABLET = {"width": 820, "height": 1180}
DESKTOP = {"width": 1440, "height": 900}
WALL = {"width": 1920, "height": 1080}

JOURNEY = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def session_of(user: Any, home: str) -> dict[str, str]:
    """The cookie of somebody who has signed in at ``home``."""
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value, "url": home}


def objections(page: Page) -> list[str]:
    """What axe finds wrong with the page, by rule and element, and whether it runs out of the screen."""
    page.wait_for_load_state()
    found = [
        f"{fault['id']}: {node['html'][:160]}"
        for fault in Axe().run(page).response["violations"]
        for node in fault["nodes"]
    ]
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [*found, *(["the page is wider than the screen"] if wide else [])]


def complaints(page: Page) -> list[str]:
    """A list that fills with whatever the console says and whatever cannot be fetched, from now on."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("requestfailed", lambda request: said.append(request.url))
    return said
