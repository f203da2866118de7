"""When somebody was here is kept by the day: no moment in a row that names them is near what they said unnamed."""

import re
from datetime import datetime, time

import pgtrigger
import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from accounts import services
from accounts.models import Notification, User
from accounts.notifications import notify
from core.workdays import SHANGHAI
from suggestions.models import Suggestion
from tests.suggestions.speaking import send

MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[+-]\d\d:?\d\d|Z)")
TOLD = ("created_at", "sent_at", "not_before")  # when the city told them something, not when they were here


def rows_of(user: User) -> list[dict]:
    """Every row of every table that names the account, and its sessions as who can read would."""
    kept = []
    named = re.compile(rf"user(_id)?\W+{user.pk}\b|{user.username}|{user.phone_fingerprint}")
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT row_to_json(t)::text, row_to_json(t) FROM "{table}" t')  # noqa: S608
            for text, row in cursor.fetchall():
                if named.search(text):
                    kept.append({"table": table} | row)
    own = [row for row in Session.objects.all() if row.get_decoded().get("_auth_user_id") == str(user.pk)]
    return kept + [
        {"table": "django_session", "ends": row.expire_date.isoformat(), "holds": row.get_decoded()} for row in own
    ]


def seconds_of(user: User) -> list[str]:
    """The moments in those rows that are more than a day, with their tables."""
    found = []
    for row in rows_of(user):
        left_out = TOLD if row["table"] == "accounts_notification" else ()
        moments = MOMENT.findall(str({name: value for name, value in row.items() if name not in left_out}))
        times = [datetime.fromisoformat(moment).astimezone(SHANGHAI).time() for moment in moments]
        found += [row["table"] for at in times if at != time.min]
    return found


@pytest.fixture
def newcomer(client, sign_in, city):
    """Somebody who joins with a code, proves who they are, reads a message, and says something without a name."""
    sign_in("13900005678")
    user = User.objects.get(pk=client.session["_auth_user_id"])
    notify(user=user, subject="您好", dedupe_key="hello", channels=["site"])
    assert services.mark_all_read(user) == 1
    assert send(client, "所里的同志说话不耐烦。", anonymous="on").status_code == 303
    assert Suggestion.objects.get().created_at.astimezone(SHANGHAI).time() != time.min
    return user


def test_no_second_is_kept_of_who_joins_reads_and_speaks_without_a_name(newcomer):
    assert {row["table"] for row in rows_of(newcomer)} >= {"accounts_user", "accounts_notification", "django_session"}
    assert seconds_of(newcomer) == []
    newcomer.refresh_from_db()
    today = timezone.localdate()
    kept = (newcomer.date_joined, newcomer.phone_verified_at, newcomer.last_login, Notification.objects.get().read_at)
    assert [timezone.localtime(moment).date() for moment in kept] == [today] * 4


def test_without_the_guard_there_would_be_and_the_search_finds_it(newcomer):
    with pgtrigger.ignore("accounts.User:kept_by_the_day", "accounts.Notification:kept_by_the_day"):
        User.objects.filter(pk=newcomer.pk).update(date_joined=timezone.now())
        Notification.objects.update(read_at=timezone.now())
    assert sorted(seconds_of(newcomer)) == ["accounts_notification", "accounts_user"]


@pytest.mark.parametrize("column", ["last_login", "date_joined", "phone_verified_at"])
def test_whoever_writes_it_the_day_is_kept(citizen, column):
    with connection.cursor() as cursor:
        set_to = f"UPDATE accounts_user SET {column} = '2026-03-04 23:30+08' WHERE id = %s"  # noqa: S608
        cursor.execute(set_to, [citizen.pk])
    citizen.refresh_from_db()
    assert getattr(citizen, column).astimezone(SHANGHAI) == datetime(2026, 3, 4, tzinfo=SHANGHAI)


def test_nor_do_a_passkey_and_another_sign_in_tell_the_second(citizen):
    key = Authenticator.objects.create(user=citizen, type=Authenticator.Type.WEBAUTHN, data={})
    key.record_usage()
    linked = SocialAccount.objects.create(user=citizen, provider="openid_connect", uid="1")
    linked.save()
    key.refresh_from_db()
    linked.refresh_from_db()
    kept = (key.created_at, key.last_used_at, linked.date_joined, linked.last_login)
    assert {moment.astimezone(SHANGHAI).time() for moment in kept} == {time.min}
    assert seconds_of(citizen) == []
