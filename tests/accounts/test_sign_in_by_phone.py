"""A citizen signs in: number, code, in. The first time is the same as every other."""

import logging
import threading

import pytest
import time_machine
from cryptography.exceptions import InvalidTag
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.test import Client

from accounts import phone_codes, services, sms
from accounts.models import User
from accounts.tasks import clear_sessions
from core.models import AuditEntry
from tests.pages import page_of

pytestmark = pytest.mark.django_db
LOGIN, CODE = "/accounts/login/", "/accounts/login/code/confirm/"


def signed_in(client):
    return client.session.get("_auth_user_id")


def test_an_unknown_number_joins_with_the_code(client, sign_in):
    response = sign_in("13900005678")
    assert (response.status_code, response["Location"]) == (302, "/me/")
    user = User.objects.get()
    assert (user.phone, str(user.pk)) == ("+8613900005678", signed_in(client))
    assert user.phone_verified_at is not None
    assert not user.has_usable_password()
    assert not AuditEntry.objects.exists(), "the ledger would keep the second, and it names what is said right after"


def test_a_known_number_comes_back_to_its_account(client, sign_in, citizen):
    sign_in("１３８ ００００ １２３４")
    assert signed_in(client) == str(citizen.pk)
    assert User.objects.count() == 1


def test_no_account_before_the_code_is_right(client, phones):
    client.post(LOGIN, {"phone": "13900005678"})
    client.post(CODE, {"code": "000000" if phones.code != "000000" else "111111"})
    assert not User.objects.exists()
    assert signed_in(client) is None


def test_full_width_digits_and_spaces_in_the_code_are_fine(client, phones):
    client.post(LOGIN, {"phone": "13900005678"})
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in phones.code)
    client.post(CODE, {"code": f" {wide[:3]} {wide[3:]} "})
    assert signed_in(client)


def test_known_and_unknown_numbers_look_the_same(phones, citizen):
    """Nobody learns who has an account: same pages, same message, same number of statements."""
    seen = []
    for number in ("13800001234", "13900005678"):
        cache.clear()
        client = Client()
        first = client.post(LOGIN, {"phone": number})
        with_code = client.get(CODE)
        wrong = client.post(CODE, {"code": "12345x"})
        page = page_of(with_code).replace(number[-4:], "").replace(number[:3], "")
        seen.append((first.status_code, first["Location"], len(page), wrong.status_code, len(phones.messages)))
    assert [one[:-1] for one in seen] == [seen[0][:-1]] * 2
    assert [one[-1] for one in seen] == [1, 2]


def test_the_page_shows_the_number_masked(client):
    client.post(LOGIN, {"phone": "13900005678"})
    page = page_of(client.get(CODE))
    assert "139****5678" in page
    assert "13900005678" not in page


def test_five_wrong_codes_end_the_sign_in(client, phones):
    client.post(LOGIN, {"phone": "13900005678"})
    right = phones.code
    wrong = "000000" if right != "000000" else "111111"
    answers = [client.post(CODE, {"code": wrong}) for _try in range(5)]
    assert [answer.status_code for answer in answers] == [422] * 4 + [302]
    late = client.post(CODE, {"code": right})
    assert late["Location"] == "/accounts/login/"
    assert signed_in(client) is None


def test_tries_sent_at_once_do_not_slip_past_the_count(client, phones):
    """Each parallel request reads the session before the others wrote it; the count in Redis sees them all."""
    client.post(LOGIN, {"phone": "13900005678"})
    session = client.session["account_login"]
    wrong = "000000" if phones.code != "000000" else "111111"
    for _try in range(5):
        client.post(CODE, {"code": wrong})
        stale = client.session
        stale["account_login"] = session
        stale.save()
    answer = client.post(CODE, {"code": phones.code})
    assert answer["Location"] == "/accounts/login/"
    assert signed_in(client) is None


def test_without_the_count_in_redis_they_would(client, phones, monkeypatch):
    monkeypatch.setattr(phone_codes.ratelimit, "hit", lambda *args, **kwargs: None)
    client.post(LOGIN, {"phone": "13900005678"})
    session = client.session["account_login"]
    for _try in range(5):
        client.post(CODE, {"code": "12345x"})
        stale = client.session
        stale["account_login"] = session
        stale.save()
    client.post(CODE, {"code": phones.code})
    assert signed_in(client)


def test_a_code_is_good_for_five_minutes(client, phones):
    with time_machine.travel("2026-11-24T10:00:00+08:00", tick=False) as clock:
        client.post(LOGIN, {"phone": "13900005678"})
        clock.shift(301)
        late = client.post(CODE, {"code": phones.code})
        assert late["Location"] == "/accounts/login/"
    assert signed_in(client) is None


def test_a_code_opens_only_the_session_that_asked(client, phones):
    client.post(LOGIN, {"phone": "13900005678"})
    stolen = phones.code
    other = Client()
    other.post(LOGIN, {"phone": "13900009999"})
    other.post(CODE, {"code": stolen})
    assert signed_in(other) is None


def test_a_new_code_replaces_the_old_and_there_are_two_at_most(client, phones):
    client.post(LOGIN, {"phone": "13900005678"})
    first = phones.code
    client.post(CODE, {"action": "resend"})
    second = phones.code
    client.post(CODE, {"action": "resend"})
    client.post(CODE, {"action": "resend"})
    assert len(phones.messages) == 3
    if first != second:
        assert client.post(CODE, {"code": first}).status_code == 422


def test_a_phone_is_not_flooded_with_codes(phones):
    answers = [Client().post(LOGIN, {"phone": "13900005678"}).status_code for _time in range(5)]
    assert answers == [302, 302, 302, 429, 429]
    assert len(phones.messages) == 3
    assert Client().post(LOGIN, {"phone": "13900009999"}).status_code == 302  # others are not held up


def test_strangers_cannot_use_up_the_codes_of_a_browser_that_signed_in_before(client, sign_in, phones):
    sign_in("13900005678")
    client.post("/accounts/logout/")
    answers = [Client().post(LOGIN, {"phone": "13900005678"}).status_code for _time in range(4)]
    assert answers[-1] == 429
    assert client.post(LOGIN, {"phone": "13900005678"}).status_code == 302
    assert [client.post(LOGIN, {"phone": "13900005678"}).status_code for _time in range(3)] == [302, 302, 429]


def test_a_village_behind_one_address_gets_its_codes(phones):
    answers = {Client().post(LOGIN, {"phone": f"139000{n:05d}"}).status_code for n in range(40)}
    assert answers == {302}


@pytest.mark.parametrize("typed", ["", "1380000123", "🙂", "\x00", "<script>", "1" * 3000])
def test_a_wrong_number_gets_a_word_by_the_field_and_stays_there(client, typed, phones):
    response = client.post(LOGIN, {"phone": typed})
    assert response.status_code == 422
    assert response.context["form"].errors["phone"]
    assert phones.messages == []
    if typed == "1380000123":
        assert 'value="1380000123"' in page_of(response)


def test_a_silent_gateway_is_told_at_the_field(client, monkeypatch):
    def away(*args, **kwargs):
        raise sms.SmsFailed("timeout")

    monkeypatch.setattr(sms, "send_code", away)
    response = client.post(LOGIN, {"phone": "13900005678"})
    assert response.status_code == 503
    assert response.context["form"].errors["phone"]


def test_neither_number_nor_code_is_readable_in_the_session_table(client, phones, sign_in, settings):
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.db"
    client.post(LOGIN, {"phone": "13900005678"})
    code = phones.code
    before = [str(session.get_decoded()) for session in Session.objects.all()]
    client.post(CODE, {"code": code})
    after = [str(session.get_decoded()) for session in Session.objects.all()]
    for content in (*before, *after):
        assert "13900005678" not in content
        assert code not in content


def test_the_number_is_sealed_on_the_row(citizen):
    with connection.cursor() as cursor:
        cursor.execute("SELECT accounts_user::text FROM accounts_user WHERE id = %s", [citizen.pk])
        row = cursor.fetchone()[0]
    assert "0001234" not in row
    assert b"13800001234".hex() not in row
    assert citizen.phone == "+8613800001234"


def test_codes_and_numbers_are_in_no_log(client, phones, caplog):
    caplog.set_level(logging.DEBUG)
    client.post(LOGIN, {"phone": "13900005678"})
    client.post(CODE, {"code": phones.code})
    assert phones.code not in caplog.text
    assert "13900005678" not in caplog.text


def test_signing_in_changes_the_session_key(client, phones):
    client.post(LOGIN, {"phone": "13900005678"})
    before = client.session.session_key
    client.post(CODE, {"code": phones.code})
    assert client.session.session_key != before


def test_one_goes_where_one_was_going_and_never_elsewhere(client, sign_in):
    assert sign_in("13900005678", next="/accounts/verify/")["Location"] == "/accounts/verify/"
    client.logout()
    cache.clear()
    assert sign_in("13900005678", next="https://evil.example/")["Location"] == "/me/"


def test_a_closed_account_stays_closed(client, sign_in, citizen):
    User.objects.filter(pk=citizen.pk).update(is_active=False)
    assert sign_in("13800001234")["Location"] == "/accounts/inactive/"
    assert signed_in(client) is None


def test_a_staff_account_does_not_open_by_sms(client, sign_in, make_staff):
    officer = make_staff()
    services.change_phone(officer, "13800001234")
    assert sign_in("13800001234")["Location"] == "/accounts/staff/"
    assert signed_in(client) is None


def test_one_number_one_account_in_raw_sql_too(citizen):
    other = User.objects.create_citizen(phone="13900005678")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=other.pk).update(phone_fingerprint=citizen.phone_fingerprint)


def test_without_the_constraint_it_would_not_be(citizen):
    other = User.objects.create_citizen(phone="13900005678")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_user DROP CONSTRAINT accounts_user_phone_fingerprint_key")
    User.objects.filter(pk=other.pk).update(phone_fingerprint=citizen.phone_fingerprint)
    assert User.objects.filter(phone_fingerprint=citizen.phone_fingerprint).count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_phones_at_the_same_moment_make_one_account():
    barrier, found = threading.Barrier(2), []

    def join():
        barrier.wait()
        found.append(services.citizen_with_phone("13900005678").pk)
        connection.close()

    threads = [threading.Thread(target=join) for _one in range(2)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(set(found)) == 1
    assert User.objects.count() == 1


def test_a_sealed_number_moved_to_another_row_does_not_open(citizen):
    other = User.objects.create_citizen(phone="13900005678")
    User.objects.filter(pk=other.pk).update(phone_sealed=bytes(citizen.phone_sealed))
    other.refresh_from_db()
    with pytest.raises(InvalidTag):
        _ = other.phone


def test_the_demo_shows_the_code_and_the_real_portal_does_not(client, phones, settings):
    client.post(LOGIN, {"phone": "13900005678"})
    assert phones.code not in page_of(client.get(CODE))
    settings.DEMO = True
    assert phones.code in page_of(client.get(CODE))


def test_addresses_we_do_without_lead_to_the_login(client):
    for path in ("/accounts/signup/", "/accounts/login/code/"):
        assert client.get(path)["Location"] == "/accounts/login/"


@pytest.mark.parametrize("path", ["/accounts/password/reset/", "/accounts/email/", "/accounts/3rdparty/"])
def test_doors_of_the_library_that_we_do_not_use_stay_shut(client, path, sign_in):
    sign_in("13900005678")
    assert client.get(path).status_code == 403


def test_sessions_whose_time_is_over_are_forgotten(client, settings):
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.db"
    with time_machine.travel("2026-01-05T10:00:00+08:00"):
        client.post(LOGIN, {"phone": "13900005678"})
    client.__class__().post(LOGIN, {"phone": "13900009999"})
    clear_sessions()
    assert Session.objects.count() == 1
