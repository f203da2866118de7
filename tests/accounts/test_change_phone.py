"""Moving an account to another number, and signing out elsewhere."""

import pytest
from django.test import Client

from accounts.models import User
from core.models import AuditEntry
from tests.pages import page_of

pytestmark = pytest.mark.django_db
PAGE, CODE = "/accounts/phone/", "/accounts/phone/code/"


@pytest.fixture
def mine(client, citizen):
    client.force_login(citizen)
    return client


def test_the_code_from_the_new_number_moves_the_account(mine, citizen, phones):
    assert mine.post(PAGE, {"phone": "139 0000 5678"})["Location"] == CODE
    assert phones.messages[-1]["to"] == "+8613900005678"
    mine.post(CODE, {"code": phones.code})
    citizen.refresh_from_db()
    assert citizen.phone == "+8613900005678"
    assert AuditEntry.objects.filter(action="accounts.phone_changed").exists()


def test_a_wrong_code_moves_nothing(mine, citizen, phones):
    mine.post(PAGE, {"phone": "13900005678"})
    wrong = "000000" if phones.code != "000000" else "111111"
    for _try in range(5):
        mine.post(CODE, {"code": wrong})
    mine.post(CODE, {"code": phones.code})
    citizen.refresh_from_db()
    assert citizen.phone == "+8613800001234"


def test_somebody_elses_number_is_refused_only_to_its_holder(mine, citizen, phones):
    """Before the code nothing is given away; after it, whoever holds the phone may know."""
    User.objects.create_citizen(phone="13900005678")
    assert mine.post(PAGE, {"phone": "13900005678"})["Location"] == CODE
    response = mine.post(CODE, {"code": phones.code}, follow=True)
    assert "already serves another account" in page_of(response)
    citizen.refresh_from_db()
    assert citizen.phone == "+8613800001234"


def test_the_new_number_is_not_readable_in_the_session(mine):
    mine.post(PAGE, {"phone": "13900005678"})
    assert "13900005678" not in str(dict(mine.session))


def test_signing_out_elsewhere_keeps_me_here(mine, citizen):
    elsewhere = Client()
    elsewhere.force_login(citizen)
    mine.post("/accounts/sign-out-others/")
    assert mine.get("/accounts/notifications/").status_code == 200
    assert elsewhere.get("/accounts/notifications/").status_code == 302


def test_staff_change_their_password_instead(client, make_staff):
    client.force_login(make_staff())
    assert client.post("/accounts/sign-out-others/").status_code == 409
