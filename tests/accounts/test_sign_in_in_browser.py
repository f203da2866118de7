"""The whole gesture in a real browser: a citizen on a phone without scripts, an officer with a passkey."""

import os
import re
import shutil

import pytest
from playwright.sync_api import sync_playwright

from tests.accounts.conftest import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
KEY = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
PRESENT = {"isUserVerified": True, "automaticPresenceSimulation": True}


@pytest.fixture
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def test_a_citizen_signs_in_on_a_phone_without_scripts(phones, live_server, chromium):
    context = chromium.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{live_server.url}/accounts/login/?next=/accounts/notifications/")
    page.get_by_label("您的手机号").fill("１３９ ００００ ５６７８")
    page.get_by_role("button", name="把验证码发给我").click()
    field = page.get_by_label("短信里的 6 位数字")
    assert field.get_attribute("autocomplete") == "one-time-code"
    assert field.get_attribute("inputmode") == "numeric"
    field.fill(phones.code)
    page.get_by_role("main").get_by_role("button", name="登录", exact=True).click()
    assert page.url.endswith("/accounts/notifications/")


def test_an_officer_adds_a_passkey_and_signs_in_with_it_alone(make_staff, settings, live_server, chromium):
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
    settings.STAFF_MFA_REQUIRED = True
    home = re.sub(r"127\.0\.0\.1", "localhost", live_server.url)
    context = chromium.new_context(locale="en")
    page = context.new_page()
    device = context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": KEY | PRESENT})

    page.goto(f"{home}/accounts/staff/")
    page.get_by_label("Badge number").fill("330501")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/accounts/2fa/")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm with my password").click()
    page.locator("input[name=passwordless]").check()
    page.get_by_role("button", name="Add a passkey").click()
    page.wait_for_url("**/recovery-codes/")

    context.clear_cookies()
    page.goto(f"{home}/accounts/staff/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/desk/")


@pytest.fixture(autouse=True)
def _officer(request):
    """Rows are made before the browser starts: its event loop forbids the ORM in this thread."""
    if "make_staff" in request.fixturenames:
        request.getfixturevalue("make_staff")()
