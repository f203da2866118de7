"""One's own data: to take away, to erase."""

import json

import pytest
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, connection, transaction

from accounts import services
from accounts.models import Notification, User
from accounts.notifications import notify
from core.errors import NotAllowed, WrongState
from core.models import AuditEntry, OutboxEvent
from tests.pages import page_of

pytestmark = pytest.mark.django_db
ID_NUMBER = "330502195603074017"


@pytest.fixture
def known(citizen):
    """A citizen of whom we know all we ever know."""
    services.verify_identity(citizen, name="沈建国", id_number=ID_NUMBER)
    notify(user=citizen, subject="Your case", body="0000-1", dedupe_key="k")
    citizen.refresh_from_db()
    return citizen


def test_the_export_holds_what_we_know_and_is_json(known):
    export = json.loads(json.dumps(services.export_person(known), cls=DjangoJSONEncoder))
    assert export["account"]["phone"] == "+8613800001234"
    assert export["account"]["birth_year"] == 1956
    assert {one["channel"] for one in export["notifications"]} == {"site", "sms"}
    assert ID_NUMBER not in str(export)


def test_erasing_leaves_a_row_that_says_nothing(known, client):
    client.force_login(known)
    services.erase_person(known, by=known)
    row = User.objects.get(pk=known.pk)
    assert (row.phone, row.display_name, row.birth_year, row.id_fingerprint) == ("", "", None, None)
    assert not row.is_active
    assert not Notification.objects.exists()
    assert client.get("/accounts/notifications/").status_code == 302
    assert OutboxEvent.objects.get(topic="accounts.erased").payload == {"user_id": known.pk}
    assert AuditEntry.objects.filter(action="accounts.erased").exists()


def test_the_number_is_free_for_a_new_beginning(known, sign_in):
    services.erase_person(known, by=known)
    sign_in("13800001234")
    assert User.objects.filter(is_active=True).count() == 1
    fresh = User.objects.get(is_active=True)
    assert fresh.pk != known.pk
    services.verify_identity(fresh, name="沈建国", id_number=ID_NUMBER)


def test_twice_is_once(known):
    services.erase_person(known, by=known)
    with pytest.raises(WrongState):
        services.erase_person(known, by=known)


def test_staff_stay_answerable(make_staff):
    officer = make_staff()
    with pytest.raises(NotAllowed):
        services.erase_person(officer, by=officer)


@pytest.mark.parametrize("change", ["birth_year = 1956", "display_name = '沈'", "is_active = true"])
def test_nothing_comes_back_to_an_erased_row_even_in_raw_sql(known, change):
    services.erase_person(known, by=known)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE accounts_user SET {change} WHERE id = %s", [known.pk])  # noqa: S608  from this file


def test_a_person_is_never_deleted_by_the_back_office(client, django_user_model, known, settings):
    technician = django_user_model.objects.create_superuser("tech", "Long-enough-2026")
    client.force_login(technician)
    assert client.post(f"/admin/accounts/user/{known.pk}/delete/", {"post": "yes"}).status_code == 403
    page = page_of(client.get(f"/admin/accounts/user/{known.pk}/change/"))
    assert "13800001234" not in page
    assert known.phone_fingerprint not in page
    assert known.id_fingerprint not in page


def test_the_back_office_sees_that_a_message_failed_never_its_words(client, django_user_model, known):
    client.force_login(django_user_model.objects.create_superuser("tech", "Long-enough-2026"))
    row = Notification.objects.get(channel="sms")
    page = page_of(client.get(f"/admin/accounts/notification/{row.pk}/change/"))
    assert "0000-1" not in page
    assert "Your case" not in page
