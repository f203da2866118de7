"""The whole gesture in a real browser: a citizen on a phone without scripts, an officer with a passkey."""

from playwright.sync_api import expect

from tests.accounts.conftest import PASSWORD
from tests.browser import JOURNEY, PHONE

pytestmark = JOURNEY
KEY = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
PRESENT = {"isUserVerified": True, "automaticPresenceSimulation": True}


def test_a_citizen_signs_in_on_a_phone_without_scripts(phones, open_as):
    page = open_as(None, PHONE, java_script_enabled=False)
    page.goto("/accounts/login/?next=/accounts/notifications/")
    page.get_by_label("您的手机号").fill("１３９ ００００ ５６７８")
    page.get_by_role("button", name="把验证码发给我").click()
    field = page.get_by_label("短信里的 6 位数字")
    expect(field).to_have_attribute("autocomplete", "one-time-code")
    expect(field).to_have_attribute("inputmode", "numeric")
    field.fill(phones.code)
    page.get_by_role("main").get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url("**/accounts/notifications/")


def test_an_officer_adds_a_passkey_and_signs_in_with_it_alone(make_staff, settings, live_server, open_as):
    make_staff("330501")
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
    settings.STAFF_MFA_REQUIRED = True
    page = open_as(locale="en", base_url=live_server.url.replace("127.0.0.1", "localhost"))  # keys want a name
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": KEY | PRESENT})

    page.goto("/accounts/staff/")
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

    page.context.clear_cookies()
    page.goto("/accounts/staff/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/desk/")
