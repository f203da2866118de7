"""A way in for staff takes two: proposed with a reason, confirmed by somebody else, told to the owner, used once."""

import io

import pgtrigger
import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from accounts import admission, notifications
from accounts.models import AccountRequest, User
from core.errors import Invalid, NotAllowed, WrongState
from core.models import AuditEntry
from core.policy import Role
from tests.accounts.conftest import PASSWORD

pytestmark = pytest.mark.django_db
PHONE, OTHER, NEW = "13800005555", "13900006666", "A-new-one-2026"
WELCOME = "/accounts/welcome/"
WHY = "手机丢失,本人到场核实。"
FACTOR, LOST = AccountRequest.Kind.FACTOR, AccountRequest.Kind.PASSWORD


@pytest.fixture
def technician(db):
    return User.objects.create_superuser("tech", PASSWORD)


@pytest.fixture
def admin(make_staff):
    return make_staff("330001", Role.ADMIN)


@pytest.fixture
def officer(make_staff, technician, admin):
    """Somebody who signs in, with a number on record and an authenticator app."""
    user = make_staff("330501")
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    admission.set_password(invited(user, technician, admin), PASSWORD)
    return User.objects.get(pk=user.pk)


def invited(user, technician, admin):
    asked = admission.propose(user, AccountRequest.Kind.INVITE, reason=WHY, phone=PHONE, by=technician)
    return admission.confirm(asked, by=admin)


def reset(user, technician, admin, kind=FACTOR, **more):
    return admission.confirm(admission.propose(user, kind, reason=WHY, by=technician, **more), by=admin)


def welcome(client, phones, badge="330501", password=NEW, code=None):
    """All three pages, as their owner walks them; returns the last answer."""
    client.post(WELCOME, {"badge": badge})
    client.post(f"{WELCOME}code/", {"code": code or phones.code})
    return client.post(f"{WELCOME}password/", {"new_password1": password, "new_password2": password})


def enter(client, badge="330501", password=NEW):
    return client.post("/accounts/staff/", {"login": badge, "password": password})


def office_of(user):
    client = Client()
    client.force_login(user)
    return client


# --- invitation -------------------------------------------------------------------------------------------------------


def test_from_invitation_to_second_factor(client, technician, admin, phones, settings):
    settings.STAFF_MFA_REQUIRED = True
    settings.PUBLIC_URL = "https://plaza.example"
    office, desk = office_of(technician), office_of(admin)
    TOTP.activate(technician, "JBSWY3DPEHPK3PXP")
    TOTP.activate(admin, "JBSWY3DPEHPK3PXP")
    form = {"username": "330777", "display_name": "王伟", "phone": "138 0000 5555", "reason": "新任社区民警"}
    assert office.post("/admin/accounts/user/add/", form).status_code == 302
    user, asked = User.objects.get(username="330777"), AccountRequest.objects.get()
    assert (user.has_usable_password(), user.is_staff, asked.proposed_by) == (False, False, technician)
    client.post(WELCOME, {"badge": "330777"})
    assert phones.messages == []
    page = desk.get("/desk/people/").content.decode()
    assert "330777" in page
    assert "+8613800005555" in page
    assert desk.post(f"/desk/people/account/{asked.pk}/", {"confirm": ""}).status_code == 302
    notifications.send_due()
    assert "https://plaza.example/accounts/welcome/" in phones.messages[-1]["text"]
    assert phones.messages[-1]["to"] == "+8613800005555"
    assert welcome(client, phones, "330777")["Location"] == "/accounts/staff/"
    user.memberships.create(user=user, role=Role.OFFICER, unit=admin.memberships.get().unit)
    enter(client, "330777")
    assert client.get("/desk/")["Location"] == "/accounts/2fa/"


def test_the_code_is_in_no_row_and_no_message_of_ours(client, technician, admin, phones, officer):
    reset(officer, technician, admin)
    client.post(WELCOME, {"badge": "330501"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(session_data, '') FROM django_session")
        assert phones.code not in (cursor.fetchone()[0] or "")
    for row in officer.notifications.all():
        assert phones.code not in row.body + row.subject


def test_it_is_used_once_and_for_two_days(client, technician, admin, phones, officer):
    reset(officer, technician, admin)
    with time_machine.travel(timezone.now()):
        welcome(client, phones)
    again = Client()
    again.post(WELCOME, {"badge": "330501"})
    assert again.post(f"{WELCOME}code/", {"code": phones.code}).status_code == 422
    asked = reset(officer, technician, admin)
    AccountRequest.objects.filter(pk=asked.pk).update(open_until=timezone.now())
    with pytest.raises(WrongState):
        admission.set_password(asked, NEW)
    assert admission.open_way("330501") is None


@pytest.mark.parametrize("badge", ["330501", "999999", "", "x" * 39])
def test_without_a_confirmed_request_the_pages_look_the_same_and_open_nothing(client, officer, phones, badge):
    sent = len(phones.messages)
    first = client.post(WELCOME, {"badge": badge})
    assert first.status_code == (302 if badge else 422)
    assert len(phones.messages) == sent
    for code in ("000000", "123456"):
        assert client.post(f"{WELCOME}code/", {"code": code}).status_code in (302, 422)
    assert client.post(f"{WELCOME}password/", {"new_password1": NEW, "new_password2": NEW})["Location"] == WELCOME
    assert User.objects.get(pk=officer.pk).check_password(PASSWORD)


def test_asking_often_tells_nobody_whose_request_is_open(technician, admin, officer):
    reset(officer, technician, admin)
    asked = [
        [Client().post(WELCOME, {"badge": badge}).status_code for _time in range(4)] for badge in ("330501", "999")
    ]
    assert asked == [[302, 302, 302, 422]] * 2


def test_wrong_codes_run_out_and_a_weak_password_is_refused(client, technician, admin, phones, officer):
    reset(officer, technician, admin)
    client.post(WELCOME, {"badge": "330501"})
    code = phones.code
    for _try in range(5):
        client.post(f"{WELCOME}code/", {"code": "000000"})
    assert client.post(f"{WELCOME}code/", {"code": code})["Location"] == WELCOME
    assert welcome(client, phones, password="12345678").status_code == 422
    assert not User.objects.get(pk=officer.pk).has_usable_password()


# --- a reset takes two, and the owner hears of it ---------------------------------------------------------------------


def test_a_reset_ends_sessions_factor_and_password_and_opens_the_way(client, technician, admin, phones, officer):
    theirs = office_of(officer)
    assert theirs.get("/desk/").status_code == 200
    asked = admission.propose(officer, FACTOR, reason=WHY, by=technician)
    assert theirs.get("/desk/").status_code == 200, "nothing happens before the second person"
    assert Authenticator.objects.filter(user=officer).exists()
    admission.confirm(asked, by=admin)
    assert theirs.get("/desk/").status_code == 302
    assert not Authenticator.objects.filter(user=officer).exists()
    enter(client, password=PASSWORD)
    assert "_auth_user_id" not in client.session
    welcome(client, phones)
    enter(client)
    assert client.session["_auth_user_id"] == str(officer.pk)


def test_a_lost_password_leaves_the_second_factor(technician, admin, officer):
    reset(officer, technician, admin, kind=LOST)
    assert Authenticator.objects.filter(user=officer).exists()
    assert not User.objects.get(pk=officer.pk).has_usable_password()


def test_the_owner_is_told_when_it_is_asked_and_when_it_is_done_also_at_the_old_number(
    technician, admin, officer, phones
):
    before = len(phones.messages)
    reset(officer, technician, admin, phone=OTHER)
    notifications.send_due()
    told = [message["to"] for message in phones.messages[before:]]
    assert told.count("+8613800005555") >= 2
    assert "+8613900006666" in told
    assert officer.notifications.filter(channel="site", dedupe_key__contains="account").exists()


def test_every_step_is_on_the_ledger_with_its_reason(technician, admin, officer):
    before = AuditEntry.objects.latest("pk").pk
    admission.set_password(reset(officer, technician, admin), NEW)
    written = list(AuditEntry.objects.filter(pk__gt=before).order_by("pk").values_list("action", "actor", "reason"))
    assert written == [
        ("account.proposed", f"user:{technician.pk}", WHY),
        ("account.confirmed", f"user:{admin.pk}", ""),
        ("account.password_set", f"user:{officer.pk}", ""),
    ]


def test_three_different_people_one_of_them_with_a_business_role(technician, admin, officer, make_staff, citizen):
    second = User.objects.create_superuser("tech2", PASSWORD)
    asked = admission.propose(officer, FACTOR, reason=WHY, by=technician)
    for by in (technician, second, officer, make_staff("330601", Role.TRIAGE), citizen):
        with pytest.raises(NotAllowed):
            admission.confirm(asked, by=by)
    with pytest.raises(NotAllowed):
        admission.propose(technician, FACTOR, reason=WHY, by=technician)
    for by in (admin, officer):
        with pytest.raises(NotAllowed):
            admission.propose(officer, LOST, reason=WHY, by=by)
    of_admin = admission.propose(admin, FACTOR, reason=WHY, phone=OTHER, by=technician)
    with pytest.raises(NotAllowed):
        admission.confirm(of_admin, by=admin)
    assert Authenticator.objects.filter(user=officer).exists()


@pytest.mark.parametrize(
    "change",
    [
        "confirmed_by_id = proposed_by_id, confirmed_at = now()",
        "confirmed_by_id = user_id, confirmed_at = now()",
        "confirmed_at = now()",
        "open_until = now() + interval '1 day'",
        "kind = 'technician'",
        "user_id = proposed_by_id",
        "phone_sealed = NULL, reason = 'x'",
    ],
)
def test_the_database_refuses_rows_of_one_person(technician, admin, officer, change):
    asked = admission.propose(officer, FACTOR, reason=WHY, by=technician)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE accounts_accountrequest SET {change} WHERE id = %s", [asked.pk])  # noqa: S608


def test_without_the_trigger_what_was_proposed_could_become_something_else(technician, admin, officer):
    asked = admission.propose(officer, FACTOR, reason=WHY, by=technician)
    with pgtrigger.ignore("accounts.AccountRequest:proposed_stands"):
        AccountRequest.objects.filter(pk=asked.pk).update(kind="technician")
    asked.refresh_from_db()
    assert asked.kind == "technician"


@pytest.mark.parametrize(
    ("given", "field"), [({"reason": ""}, "reason"), ({"phone": "12"}, "phone"), ({"kind": "reopen"}, "kind")]
)
def test_what_is_wrong_is_told_by_field(technician, officer, given, field):
    with pytest.raises(Invalid) as refused:
        admission.propose(officer, **({"kind": FACTOR, "reason": WHY, "by": technician} | given))
    assert list(refused.value.fields) == [field]


def test_citizens_are_nobodys_to_reset(technician, citizen):
    with pytest.raises(Invalid):
        admission.propose(citizen, FACTOR, reason=WHY, phone=OTHER, by=technician)


def test_a_staff_account_without_a_password_is_not_opened_by_a_code_to_its_owners_phone(
    client, sign_in, technician, admin, officer
):
    """While a reset waits for its owner the telephone alone opens nothing, as it would for a citizen."""
    User.objects.filter(pk=officer.pk).update(password="!")
    other = User.objects.get(pk=officer.pk)
    other.set_phone("+8613800007777", verified_at=timezone.now())
    other.save()
    sign_in("13800007777")
    assert "_auth_user_id" not in client.session


# --- flags ------------------------------------------------------------------------------------------------------------


def test_a_technician_is_made_by_two(technician, admin, officer):
    asked = admission.propose(officer, AccountRequest.Kind.TECHNICIAN, reason=WHY, by=technician)
    assert not User.objects.get(pk=officer.pk).is_staff
    admission.confirm(asked, by=admin)
    assert User.objects.get(pk=officer.pk).is_superuser


def test_one_shuts_an_account_and_two_open_it(technician, admin, officer):
    theirs = office_of(officer)
    admission.close(officer, by=technician, reason=WHY)
    assert theirs.get("/desk/").status_code == 302
    asked = admission.propose(User.objects.get(pk=officer.pk), "reopen", reason=WHY, by=technician)
    admission.confirm(asked, by=admin)
    assert User.objects.get(pk=officer.pk).is_active


@pytest.mark.parametrize("path", ["password/", "delete/"])
def test_the_back_office_has_no_form_for_a_password(technician, officer, path):
    office = office_of(technician)
    data = {"password1": NEW, "password2": NEW, "usable_password": "true", "post": "yes"}
    assert office.post(f"/admin/accounts/user/{officer.pk}/{path}", data).status_code in (302, 403, 404, 405)
    assert User.objects.get(pk=officer.pk).check_password(PASSWORD)


def test_no_form_of_the_back_office_sets_a_right(technician, officer):
    office = office_of(technician)
    page = office.get(f"/admin/accounts/user/{officer.pk}/change/").content.decode()
    forbidden = ("is_staff", "is_superuser", "user_permissions", "groups", "password", "is_active", "username")
    assert not [name for name in forbidden if f'name="{name}"' in page]
    sent = {"display_name": "新名字", "language": "en"} | dict.fromkeys(forbidden, "on")
    assert office.post(f"/admin/accounts/user/{officer.pk}/change/", sent).status_code == 302
    now = User.objects.get(pk=officer.pk)
    assert (now.display_name, now.is_staff, now.is_superuser, now.username) == ("新名字", False, False, "330501")
    assert now.check_password(PASSWORD)
    assert AuditEntry.objects.filter(action="office.changed", object_id=str(officer.pk)).exists()


def test_a_reset_is_asked_for_in_the_back_office(technician, admin, officer):
    office = office_of(technician)
    form = {"user": officer.pk, "kind": "factor", "reason": WHY, "phone": ""}
    assert office.post("/admin/accounts/accountrequest/add/", form).status_code == 302
    assert office.post("/admin/accounts/accountrequest/add/", form).status_code == 200, "asked for already"
    asked = AccountRequest.objects.get(kind="factor")
    assert office.post(f"/desk/people/account/{asked.pk}/", {"confirm": ""}).status_code == 403
    desk = office_of(admin)
    assert desk.post(f"/desk/people/account/{asked.pk}/", {"refuse": ""}).status_code == 302
    asked.refresh_from_db()
    assert asked.refused_by == admin
    assert Authenticator.objects.filter(user=officer).exists()
    assert office.get("/admin/accounts/accountrequest/").status_code == 200
    assert office.get(f"/admin/accounts/accountrequest/{asked.pk}/change/").status_code == 200


def test_djangos_own_command_writes_to_the_ledger(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command("createsuperuser", username="first", interactive=False, stdout=io.StringIO())
    assert AuditEntry.objects.filter(action="account.appointed", object_id=str(User.objects.get().pk)).exists()
