"""Badge number, password, second factor."""

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import signing
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts import adapter, devices
from accounts.models import Notification
from core.policy import Role
from directory.models import Membership
from tests.accounts.conftest import PASSWORD

pytestmark = pytest.mark.django_db
STAFF = "/accounts/staff/"
SECRET = "JBSWY3DPEHPK3PXP"


def enter(client, badge="330501", password=PASSWORD, **data):
    return client.post(STAFF, {"login": badge, "password": password, **data})


def signed_in(client):
    return client.session.get("_auth_user_id")


def totp_now(secret):
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def test_an_officer_reaches_the_desk(client, make_staff):
    officer = make_staff()
    assert enter(client)["Location"] == "/desk/"
    assert signed_in(client) == str(officer.pk)


def test_full_width_badge_numbers_and_spaces_are_fine(client, make_staff):
    officer = make_staff()
    enter(client, badge=" ３３０５０１ ")
    assert signed_in(client) == str(officer.pk)


def test_unknown_badge_and_wrong_password_read_the_same(client, make_staff):
    make_staff()
    answers = [enter(client, password="wrong"), enter(client, badge="999999")]
    words = [list(answer.context["form"].non_field_errors()) for answer in answers]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert words[0] == words[1] != []


def test_five_wrong_passwords_and_the_right_one_must_wait(client, make_staff):
    make_staff()
    for _try in range(5):
        enter(client, password="wrong")
    assert enter(client).status_code == 422
    assert signed_in(client) is None
    with time_machine.travel(timezone.now() + timezone.timedelta(seconds=301)):
        enter(client)
    assert signed_in(client)


STRANGER, STATION = "203.0.113.9", "198.51.100.20"


def test_a_stranger_elsewhere_locks_nobody_out(client, make_staff):
    make_staff()
    for _try in range(20):
        wrong = enter(Client(REMOTE_ADDR=STRANGER), password="wrong")
    assert "Too many tries" in wrong.content.decode()
    enter(client)
    assert signed_in(client)


def test_nor_one_behind_the_same_address_where_the_browser_is_known(make_staff):
    make_staff()
    desk = Client(REMOTE_ADDR=STATION)
    enter(desk)
    desk.post("/accounts/logout/")
    for _try in range(10):
        enter(Client(REMOTE_ADDR=STATION), password="wrong")
    fresh = Client(REMOTE_ADDR=STATION)
    enter(fresh)
    assert signed_in(fresh) is None  # a browser that nobody knows has to wait
    enter(desk)
    assert signed_in(desk)


def test_wrong_passwords_for_one_officer_do_not_hold_up_another_behind_the_address(make_staff):
    make_staff()
    make_staff("330502")
    for _try in range(15):
        enter(Client(REMOTE_ADDR=STATION), password="wrong")
    colleague = Client(REMOTE_ADDR=STATION)
    enter(colleague, badge="330502")
    assert signed_in(colleague)


def test_one_password_for_many_accounts_ends_with_the_address(make_staff, monkeypatch):
    monkeypatch.setattr(adapter, "STRANGERS_LIMIT", 5)
    make_staff()
    desk = Client(REMOTE_ADDR=STATION)
    enter(desk)
    desk.post("/accounts/logout/")
    for n in range(5):
        enter(Client(REMOTE_ADDR=STATION), badge=f"33060{n}", password="wrong")
    fresh = Client(REMOTE_ADDR=STATION)
    assert "Too many tries" in enter(fresh).content.decode()
    assert signed_in(fresh) is None
    enter(desk)
    assert signed_in(desk)


def test_a_known_browser_may_not_guess_without_end_either(client, make_staff):
    make_staff()
    enter(client)
    client.post("/accounts/logout/")
    for _try in range(5):
        enter(client, password="wrong")
    enter(client)
    assert signed_in(client) is None


@pytest.mark.parametrize("change", [lambda words: words[:-2] + "xx", lambda words: "x", lambda words: ""])
def test_only_a_signed_cookie_makes_a_browser_known_and_it_names_nobody(client, make_staff, rf, change):
    officer = make_staff()
    enter(client)
    words = client.cookies[devices.COOKIE].value
    asked = rf.get("/accounts/staff/")
    asked.COOKIES[devices.COOKIE] = words
    assert devices.known(asked, "330501")
    assert devices.known(asked, "330502") is None
    assert officer.username not in str(signing.loads(words, salt=devices.COOKIE))
    asked.COOKIES[devices.COOKIE] = change(words)
    assert devices.known(asked, "330501") is None


def test_the_owner_hears_once_of_many_wrong_passwords_from_wherever(make_staff, monkeypatch):
    monkeypatch.setattr(adapter, "MANY_WRONG", 3)
    officer = make_staff()
    before = Notification.objects.count()
    for n in range(5):
        enter(Client(REMOTE_ADDR=f"203.0.113.{n}"), password="wrong")
        assert Notification.objects.filter(user=officer).count() - before == (n >= 2)
    for n in range(5):
        enter(Client(REMOTE_ADDR=f"203.0.113.{n}"), badge="999999", password="wrong")
    assert Notification.objects.count() == before + 1


def test_a_wrong_password_makes_no_browser_known(client, make_staff):
    make_staff()
    enter(client, password="wrong")
    assert devices.COOKIE not in client.cookies


def test_a_citizen_has_no_password_to_guess(client, citizen):
    for password in ("", citizen.password, "!"):
        assert enter(client, badge=citizen.username, password=password).status_code == 422


def test_whoever_was_going_to_the_desk_gets_the_staff_page(client):
    assert client.get("/accounts/login/?next=/desk/")["Location"] == "/accounts/staff/?next=%2Fdesk%2F"


def test_one_may_change_from_the_citizens_tab_to_the_staff_tab(client, make_staff):
    make_staff()
    client.post("/accounts/login/", {"phone": "13900005678"})
    assert client.get(STAFF).status_code == 200
    enter(client)
    assert signed_in(client)


def test_a_role_that_ended_is_gone_on_the_next_request(client, make_staff):
    officer = make_staff()
    enter(client)
    assert client.get("/desk/").status_code == 200
    Membership.objects.filter(user=officer).update(ends=timezone.now())
    assert client.get("/desk/").status_code in (403, 404)


def test_a_closed_account_is_signed_out_on_the_next_request(client, make_staff):
    officer = make_staff()
    enter(client)
    officer.is_active = False
    officer.save()
    assert client.get("/desk/").status_code == 302


def test_changing_the_password_signs_out_everywhere_else(client, make_staff):
    make_staff()
    elsewhere = Client()
    enter(client)
    enter(elsewhere)
    new = {"oldpassword": PASSWORD, "password1": "Another-long-one-7", "password2": "Another-long-one-7"}
    assert client.post("/accounts/password/change/", new).status_code == 302
    assert client.get("/desk/").status_code == 200
    assert elsewhere.get("/desk/").status_code == 302


# --- the second factor --------------------------------------------------------------------------------------------


@pytest.fixture
def required(settings):
    settings.STAFF_MFA_REQUIRED = True


def with_app(user):
    return TOTP.activate(user, SECRET).instance


def test_nothing_opens_for_staff_without_a_second_factor(client, make_staff, required):
    make_staff()
    enter(client)
    for path in ("/desk/", "/", "/me/"):
        assert client.get(path)["Location"] == "/accounts/2fa/"
    assert client.get("/api/v1/areas/").status_code in (403, 404)
    assert client.get("/accounts/2fa/").status_code == 200


def test_without_the_rule_it_would(client, make_staff):
    make_staff()
    enter(client)
    assert client.get("/desk/").status_code == 200


@pytest.mark.parametrize("role", [Role.ADMIN, Role.POLLSTER, Role.AUDITOR])
def test_every_role_needs_one(client, make_staff, required, role):
    make_staff(role=role)
    enter(client)
    assert client.get("/me/")["Location"] == "/accounts/2fa/"


def test_a_technician_needs_one_too(client, django_user_model, required):
    django_user_model.objects.create_superuser("tech", PASSWORD)
    enter(client, badge="tech")
    assert client.get("/admin/")["Location"] == "/accounts/2fa/"


def test_a_citizen_does_not(client, sign_in, required):
    sign_in("13900005678")
    assert client.get("/accounts/notifications/").status_code == 200


def test_setting_up_the_app_opens_the_desk(client, make_staff, required):
    make_staff()
    enter(client)
    asked = client.get("/accounts/2fa/totp/activate/")
    assert asked["Location"].startswith("/accounts/reauthenticate/")
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    secret = client.get("/accounts/2fa/totp/activate/").context["form"].secret
    done = client.post("/accounts/2fa/totp/activate/", {"code": totp_now(secret)})
    assert done["Location"] == "/accounts/2fa/recovery-codes/"
    assert client.get(done["Location"]).status_code == 200
    assert client.get("/desk/").status_code == 200


def test_signing_in_then_asks_for_the_code(client, make_staff, required):
    officer = make_staff()
    with_app(officer)
    assert enter(client)["Location"] == "/accounts/2fa/authenticate/"
    assert signed_in(client) is None
    assert client.get("/desk/").status_code == 302
    assert client.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
    assert signed_in(client) is None
    client.post("/accounts/2fa/authenticate/", {"code": totp_now(SECRET)})
    assert signed_in(client) == str(officer.pk)


def test_guessing_app_codes_is_slowed_down(client, make_staff):
    officer = make_staff()
    with_app(officer)
    enter(client)
    for _try in range(6):
        client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    client.post("/accounts/2fa/authenticate/", {"code": totp_now(SECRET)})
    assert signed_in(client) is None


def test_a_recovery_code_works_once(make_staff):
    officer = make_staff()
    with_app(officer)
    code = RecoveryCodes.activate(officer).get_unused_codes()[0]
    outcomes = []
    for _time in range(2):
        cache.clear()
        client = Client()
        enter(client)
        client.post("/accounts/2fa/authenticate/", {"code": code})
        outcomes.append(bool(signed_in(client)))
    assert outcomes == [True, False]


def test_secrets_of_apps_are_sealed_in_the_table(make_staff):
    factor = with_app(make_staff())
    assert SECRET not in str(Authenticator.objects.get(pk=factor.pk).data)


def test_the_last_factor_cannot_be_taken_away(client, make_staff, required):
    officer = make_staff()
    with_app(officer)
    enter(client)
    client.post("/accounts/2fa/authenticate/", {"code": totp_now(SECRET)})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.post("/accounts/2fa/totp/deactivate/")
    assert Authenticator.objects.filter(user=officer).exists()


def test_the_back_office_has_no_door_of_its_own(client, django_user_model):
    django_user_model.objects.create_superuser("tech", PASSWORD)
    page = client.get("/admin/login/?next=/admin/")
    assert page.status_code == 302
    assert page["Location"].startswith("/accounts/login/")
    client.post("/admin/login/", {"username": "tech", "password": PASSWORD})
    assert signed_in(client) is None


def test_the_pages_of_passkeys_open(client, make_staff):
    make_staff()
    enter(client)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    for path in ("/accounts/2fa/", "/accounts/2fa/webauthn/", "/accounts/2fa/webauthn/add/"):
        assert client.get(path).status_code == 200
