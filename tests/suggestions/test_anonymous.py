"""Signed in and said without a name: no row and no key of the cache leads from the account to the case."""

import base64
import hashlib
import re

import pytest
from allauth.core import context
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from accounts import phone_codes
from accounts import services as accounts
from accounts.sessions import forget_sessions_of
from core import outbox, ratelimit, seals
from core.models import OutboxEvent
from suggestions.models import Suggestion, Supporter
from tests import factories
from tests.pages import page_of
from tests.suggestions.speaking import RECEIPT, code_on, photo, send

PHONE = "13800001234"


def rows() -> list[str]:
    """Every row of every table, and every key and value of the cache, as text; sessions as who can read would."""
    kept = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            if table == "django_session":
                continue
            cursor.execute(f'SELECT row_to_json(t)::text FROM "{table}" t')  # noqa: S608
            kept += [f"{table} {row}" for (row,) in cursor.fetchall()]
    kept += [f"django_session {row.get_decoded()} {row.expire_date.isoformat()}" for row in Session.objects.all()]
    redis = cache._cache.get_client(None)
    for key in redis.scan_iter("*"):
        if redis.type(key) == b"string":
            kept.append(f"valkey {key.decode(errors='ignore')} {redis.get(key).decode(errors='ignore')}")
    return kept


def both(told: list[str], citizen, case) -> list[str]:
    """Those of the texts that name the account and the case."""
    account = re.compile(rf"user_id\W+{citizen.pk}\b|{re.escape(citizen.username)}|user:{citizen.pk}\b")
    of_case = re.compile(rf"{case.number}|\b{case.pk}\b")
    return [row for row in told if account.search(row) and of_case.search(re.sub(account, "", row))]


@pytest.fixture
def said(client, city):
    """A citizen who is signed in sends something without a name, and looks at it by its code."""
    citizen = factories.citizen(PHONE)
    with connection.cursor() as cursor:  # a number that stands nowhere by chance
        cursor.execute("SELECT setval(pg_get_serial_sequence('suggestions_suggestion', 'id'), 730519)")
    client.force_login(citizen)
    assert send(client, "所里的同志说话不耐烦。", anonymous="on").status_code in (302, 303)
    case = Suggestion.objects.get()
    assert client.get(f"/track/{case.number}/").status_code == 200
    return citizen, case


def test_no_row_holds_both_the_account_and_the_case(said, client):
    citizen, case = said
    assert not hasattr(case, "identity")
    assert both(rows(), citizen, case) == []
    session = client.session
    assert session["_auth_user_id"] == str(citizen.pk)
    assert str(case.pk) not in str({name: value for name, value in session.items() if name != "_auth_user_id"})


def test_no_moment_joins_them(said):
    citizen, case = said
    minute = case.created_at.isoformat()[:16]
    of_account = [row for row in rows() if f"user_id': '{citizen.pk}'" in row or row.startswith("accounts_user ")]
    assert of_account
    assert not [row for row in of_account if minute[11:] in row and "django_session" in row]
    citizen.refresh_from_db()
    at = timezone.localtime(citizen.last_login)
    assert (at.hour, at.minute, at.second, at.microsecond) == (0, 0, 0, 0)
    ends = timezone.localtime(Session.objects.get().expire_date)
    assert (ends.hour, ends.minute, ends.second) == (0, 0, 0)


def test_in_the_clear_the_session_would_lead_there(said, client):
    """The fault that was: the id beside the account, base64 and no key."""
    _citizen, case = said
    session = client.session
    session["tracked"] = [case.pk]
    session.save()
    row = next(row for row in rows() if row.startswith("django_session"))
    assert re.search(rf"\b{case.pk}\b", row)
    assert client.get(f"/track/{case.number}/").status_code == 404, "only what we sealed is believed"


def test_what_is_sealed_under_another_key_opens_nothing_and_breaks_nothing(said, client):
    _citizen, case = said
    session = client.session
    session["tracked"] = session["receipt"] = base64.b64encode(b"\x02k1" + b"x" * 40).decode()
    session.save()
    assert client.get(f"/track/{case.number}/").status_code == 404
    assert client.get("/suggestions/receipt/").status_code in (200, 302, 404, 410)


def test_who_leaves_leaves_no_support_and_no_session(client, city):
    citizen = factories.citizen(PHONE)
    case = factories.case(city, "accepted")
    Supporter.objects.create(suggestion=case, user=citizen)
    client.force_login(citizen)
    accounts.erase_person(citizen, by=citizen)
    outbox.deliver()
    assert [one.user for one in Supporter.objects.filter(suggestion=case)] == [None]
    assert not [row for row in Session.objects.all() if row.get_decoded().get("_auth_user_id") == str(citizen.pk)]
    assert forget_sessions_of(citizen.pk) == 0


def test_an_event_that_named_both_would_be_found(said):
    citizen, case = said
    assert OutboxEvent.objects.exists(), "what was emitted is among the rows that were read"
    outbox.emit("suggestions.moved", suggestion=case.pk, user_id=citizen.pk)
    assert [row.split()[0] for row in both(rows(), citizen, case)] == ["core_outboxevent"]


def test_no_task_is_given_the_account_or_the_case(client, city, monkeypatch, django_capture_on_commit_callbacks):
    """Arguments of tasks lie in the broker, in the clear; what we send while somebody speaks has none of either."""
    sent = []
    monkeypatch.setattr(outbox, "_send", lambda task, args: sent.append((task, args)))
    citizen = factories.citizen(PHONE)
    client.force_login(citizen)
    with django_capture_on_commit_callbacks(execute=True):
        send(client, "所里的同志说话不耐烦。", anonymous="on")
        outbox.enqueue_on_commit("a.control", citizen.pk)
    case = Suggestion.objects.get()
    named = [task for task, args in sent if not {citizen.pk, case.pk, case.number, citizen.username}.isdisjoint(args)]
    assert named == ["a.control"]
    assert len(sent) > 1


# --- counters ---------------------------------------------------------------------------------------------------------

PURPOSES = ("rate-limit", "client", "track-limit", "idempotent-call", "idempotency", "phone", "voter", "welcome")


def valkey() -> dict[str, tuple[str, int]]:
    """Everything that lies in Valkey: the value as text, and when it ends, in milliseconds since 1970."""
    redis = cache._cache.get_client(None)
    reading = {b"string": redis.get, b"list": lambda key: redis.lrange(key, 0, -1), b"set": redis.smembers}
    reading |= {b"hash": redis.hgetall, b"zset": lambda key: redis.zrange(key, 0, -1, withscores=True)}
    keys = list(redis.scan_iter("*"))
    return {key.decode(): (str(reading[redis.type(key)](key)), redis.pexpiretime(key)) for key in keys}


def names_of(citizen, session_key: str) -> list[str]:
    """Every name that whoever has all the keys could work out for the account, its number and its session."""
    phone = citizen.phone_fingerprint
    plain = [session_key, citizen.username, f"user:{citizen.pk}", f"user-{citizen.pk}", f"machine:{citizen.pk}"]
    plain += [f"account:{citizen.username.lower()}", phone, PHONE, f"+86{PHONE}"]
    sealed = [seals.fingerprint(name, purpose=purpose) for name in plain for purpose in PURPOSES]
    return plain + sealed + [hashlib.sha256(name.encode()).hexdigest() for name in plain]


def told_of(names: list[str], before: dict[str, tuple[str, int]]) -> list[str]:
    """What has come into Valkey or changed since that names one of them."""
    new = {key: value for key, value in valkey().items() if before.get(key) != value}
    assert new
    return [key for key, (value, _) in new.items() if any(name in f"{key} {value}" for name in names)]


def speak_in_every_way(client):
    """By page with a photo, by API, and tracked by both."""
    answer = send(client, "所里的同志说话不耐烦。", anonymous="on", attachments=[photo()])
    assert answer.status_code == 303
    code = code_on(page_of(client.get(RECEIPT)))
    said = client.post("/api/v1/suggestions/", {"body": "路灯不亮", "anonymous": True}, "application/json")
    assert said.status_code == 201
    assert client.post("/api/v1/suggestions/track/", {"code": code}, "application/json").status_code == 200
    assert client.post("/track/", {"code": code}).status_code in (302, 303)


def test_no_key_of_valkey_is_made_from_the_account_or_its_session(client, city):
    citizen = factories.citizen(PHONE)
    client.force_login(citizen)
    before, names = valkey(), names_of(citizen, client.session.session_key)
    speak_in_every_way(client)
    assert told_of(names, before) == []


def test_a_counter_by_session_would_be_found(client, city):
    citizen = factories.citizen(PHONE)
    client.force_login(citizen)
    before, names = valkey(), names_of(citizen, client.session.session_key)
    ratelimit.count(client.session.session_key, group="speak-browser", seconds=3600)
    assert len(told_of(names, before)) == 1


def off_the_marks(rf, client) -> list[str]:
    """Counters that end at no mark of the clock, when somebody asked for a code and then spoke in every way."""
    with context.request_context(rf.post("/")):
        phone_codes._count_code(factories.citizen(PHONE).phone_fingerprint)
    speak_in_every_way(client)
    counters = {key: value for key, value in valkey().items() if ":limit:" in key}
    assert {value for value, _ in counters.values() if not re.fullmatch(r"b'\d+'", value)} == set()
    assert len(counters) >= 8
    apart = {key: 600_000 if "speak-address" in key or "api-submit" in key else 10_000 for key in counters}
    assert list(apart.values()).count(600_000) == 2
    late = {key: (ends + 500) % apart[key] for key, (_, ends) in counters.items()}
    return [key for key, milliseconds in late.items() if milliseconds > 1_000]  # Redis has a clock of its own


def test_no_counter_tells_the_second_of_a_try(client, city, rf):
    assert off_the_marks(rf, client) == []


def test_one_that_ends_an_hour_after_its_first_try_would(client, city, rf, monkeypatch):
    monkeypatch.setattr(ratelimit, "_last_mark", lambda moment, seconds: moment)
    assert off_the_marks(rf, client)
