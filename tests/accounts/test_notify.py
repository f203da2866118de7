"""People are told by rows first; workers send them, at least once, and failures show."""

import logging
import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import notifications, queries, services, sms
from accounts.models import Notification, User
from accounts.notifications import notify, send_due
from accounts.tasks import send_notifications
from core import policy
from core.errors import NotAllowed, WrongState
from core.policy import Role
from tests.pages import page_of

pytestmark = pytest.mark.django_db
State = Notification.State


def tell(user, key="case:1:replied", **extra):
    notify(user=user, subject="Your case", body="0000-1 was answered", link="/track/0000-1/", dedupe_key=key, **extra)


def by_channel():
    return {row.channel: row for row in Notification.objects.all()}


def make_due():
    Notification.objects.filter(state=State.QUEUED).update(not_before=Now())


@pytest.fixture
def broken_gateway(monkeypatch):
    """A gateway that refuses; returns the list of what it was handed."""
    handed = []

    def refuse(phone, text, **extra):
        handed.append(phone)
        raise sms.SmsFailed("isp.SYSTEM_ERROR")

    monkeypatch.setattr(sms, "send", refuse)
    return handed


def test_the_portal_shows_it_at_once_and_the_phone_hears_soon(citizen, phones):
    tell(citizen)
    rows = by_channel()
    assert (rows["site"].state, rows["sms"].state) == (State.SENT, State.QUEUED)
    assert phones.messages == []
    assert send_due() == 1
    assert [(one["to"], one["text"]) for one in phones.messages] == [
        ("+8613800001234", "Your case 0000-1 was answered")
    ]
    assert by_channel()["sms"].state == State.SENT
    assert by_channel()["sms"].sent_at is not None
    assert send_due() == 0


def test_what_is_told_inside_never_leaves_the_portal(citizen, phones):
    tell(citizen, inside="楼下广场舞")
    rows = by_channel()
    assert (rows["site"].body, rows["sms"].body) == ("楼下广场舞\n0000-1 was answered", "0000-1 was answered")
    send_due()
    assert [one["text"] for one in phones.messages] == ["Your case 0000-1 was answered"]


def test_told_twice_is_told_once(citizen):
    tell(citizen)
    tell(citizen)
    assert Notification.objects.count() == 2


def test_without_the_constraint_it_would_be_twice(citizen):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_notification DROP CONSTRAINT notification_once")
    tell(citizen)
    tell(citizen)
    assert Notification.objects.count() == 4


def test_the_same_news_for_two_people_is_two_news(citizen):
    tell(citizen)
    tell(User.objects.create_citizen(phone="13900005678"))
    assert Notification.objects.filter(channel="site").count() == 2


def test_a_change_that_is_rolled_back_tells_nobody(citizen):
    with transaction.atomic():
        tell(citizen)
        transaction.set_rollback(True)
    assert not Notification.objects.exists()


def test_somebody_without_an_account_is_told_by_sms_alone(phones):
    notify(phone="１３９００００５６７８", subject="Your case", body="0000-1", dedupe_key="k")
    row = Notification.objects.get()
    assert (row.channel, row.user) == ("sms", None)
    assert b"13900005678" not in bytes(row.address_sealed)
    send_due()
    assert phones.messages[0]["to"] == "+8613900005678"


def test_an_e_mail_carries_the_address_of_the_page(mailoutbox, settings):
    settings.PUBLIC_URL = "https://plaza.example/"
    words = {"subject": "Daily digest", "body": "3 cases", "link": "/desk/"}
    notify(email="desk@example.org", dedupe_key="k", channels=["email"], **words)
    send_due()
    letter = mailoutbox[0]
    assert (letter.to, letter.subject) == (["desk@example.org"], "Daily digest")
    assert "https://plaza.example/desk/" in letter.body


def test_it_is_said_in_the_persons_language(settings):
    settings.LANGUAGE_CODE = "en"
    reader = User.objects.create_citizen(language="zh-hans")
    notify(user=reader, subject=_("yes"), body="", dedupe_key="k")
    with_lazy = Notification.objects.get().subject
    assert with_lazy in ("yes", "是")
    assert isinstance(with_lazy, str)


def test_a_closed_account_is_told_nothing(citizen):
    citizen.is_active = False
    tell(citizen)
    assert not Notification.objects.exists()


# --- when it does not go out -----------------------------------------------------------------------------


def test_a_refusal_is_tried_again_later_and_later(citizen, broken_gateway):
    tell(citizen)
    waits = []
    for _try in range(notifications.MOST_TRIES - 1):
        send_due()
        row = by_channel()["sms"]
        assert (row.state, row.last_error) == (State.QUEUED, "isp.SYSTEM_ERROR")
        waits.append(round((row.not_before - timezone.now()).total_seconds(), -1))
        assert send_due() == 0  # not before its time
        make_due()
    assert waits == [30, 60, 120, 240, 480, 960, 1920]
    send_due()
    row = by_channel()["sms"]
    assert (row.state, row.attempts) == (State.FAILED, 8)
    make_due()
    send_due()
    assert len(broken_gateway) == 8


def test_a_number_that_will_never_do_is_not_tried_again(citizen, monkeypatch):
    def refuse(*args, **kwargs):
        raise sms.SmsFailed("isv.MOBILE_NUMBER_ILLEGAL", permanent=True)

    monkeypatch.setattr(sms, "send", refuse)
    tell(citizen)
    send_due()
    assert by_channel()["sms"].state == State.FAILED


def test_one_refusal_does_not_hold_up_the_others(citizen, phones, monkeypatch):
    handed_on = sms.send

    def some(phone, text, **extra):
        if phone.endswith("1234"):
            raise sms.SmsFailed("timeout")
        handed_on(phone, text, **extra)

    monkeypatch.setattr(sms, "send", some)
    tell(citizen)
    tell(User.objects.create_citizen(phone="13900005678"))
    assert send_due() == 1
    assert phones.messages[0]["to"] == "+8613900005678"


def test_what_a_dead_worker_held_goes_out_when_its_lease_is_over(citizen, phones):
    tell(citizen)
    notifications._claim(10)  # and then the worker dies
    assert send_due() == 0
    Notification.objects.filter(channel="sms").update(lease_until=timezone.now() - timedelta(seconds=1))
    assert send_due() == 1
    assert len(phones.messages) == 1


def test_a_worker_that_comes_back_late_settles_nothing(citizen):
    tell(citizen)
    late = notifications._claim(10)[0]
    Notification.objects.filter(channel="sms").update(lease_until=timezone.now() - timedelta(seconds=1))
    notifications._claim(10)
    assert notifications._settle(late, state=State.FAILED) is False
    assert by_channel()["sms"].state == State.SENDING


def test_a_message_that_kills_every_worker_fails_in_the_end(citizen):
    tell(citizen)
    for _try in range(notifications.MOST_TRIES):
        assert notifications._claim(10)
        Notification.objects.filter(channel="sms").update(lease_until=timezone.now() - timedelta(seconds=1))
    assert notifications._claim(10) == []
    assert by_channel()["sms"].state == State.FAILED


def test_the_age_of_a_row_never_puts_it_out_of_reach(citizen, phones):
    tell(citizen)
    Notification.objects.update(not_before=timezone.now() - timedelta(days=4000))
    assert send_notifications() == 1


def test_logs_hold_no_numbers_and_no_words(citizen, broken_gateway, caplog):
    caplog.set_level(logging.DEBUG)
    tell(citizen)
    send_due()
    assert "isp.SYSTEM_ERROR" in caplog.text
    assert "13800001234" not in caplog.text
    assert "answered" not in caplog.text


def test_a_made_up_person_never_reaches_a_real_gateway(settings, phones):
    settings.SMS_BACKEND = "accounts.sms.AliyunBackend"
    settings.SMS_ENDPOINT = "http://127.0.0.1:9"
    tell(User.objects.create_citizen(phone="19900000001", is_demo=True))
    assert send_due() == 1
    assert len(phones.messages) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_each_message_once(monkeypatch):
    handed, lock, start = [], threading.Lock(), threading.Barrier(2)

    def slow(phone, text, **extra):
        with lock:
            handed.append(phone)
        threading.Event().wait(0.01)

    monkeypatch.setattr(sms, "send", slow)
    numbers = [f"139{index:08d}" for index in range(60)]
    for number in numbers:
        notify(phone=number, subject="s", body="b", dedupe_key=number)

    def work():
        start.wait()
        send_due()
        connection.close()

    workers = [threading.Thread(target=work) for _one in range(2)]
    [worker.start() for worker in workers]
    [worker.join() for worker in workers]
    assert sorted(handed) == sorted(f"+86{number}" for number in numbers)
    assert set(Notification.objects.values_list("state", flat=True)) == {State.SENT}


@pytest.mark.django_db(transaction=True)
def test_without_the_claim_they_would_send_twice(monkeypatch):
    """The negative control: workers that only look for due rows, as a naive sweep would."""
    handed, seen = [], threading.Barrier(2)
    monkeypatch.setattr(sms, "send", lambda phone, text, **extra: handed.append(phone))
    notify(phone="13900005678", subject="s", body="b", dedupe_key="k")

    def work():
        rows = list(Notification.objects.due().select_related("user"))
        seen.wait()
        for row in rows:
            notifications._hand_over(row)
        connection.close()

    workers = [threading.Thread(target=work) for _one in range(2)]
    [worker.start() for worker in workers]
    [worker.join() for worker in workers]
    assert len(handed) == 2


# --- reading them ----------------------------------------------------------------------------------------


@pytest.fixture
def reader(client, citizen):
    client.force_login(citizen)
    return client


def test_the_inbox_shows_mine_and_no_one_elses(reader, citizen):
    tell(citizen)
    notify(user=User.objects.create_citizen(), subject="Somebody else's", body="", dedupe_key="k")
    page = page_of(reader.get("/accounts/notifications/"))
    assert "Your case" in page
    assert "Somebody else" not in page


def test_opening_one_marks_it_read_and_leads_on(reader, citizen):
    tell(citizen)
    row = by_channel()["site"]
    assert queries.unread_count(citizen) == 1
    assert reader.get(f"/accounts/notifications/{row.pk}/")["Location"] == "/track/0000-1/"
    assert queries.unread_count(citizen) == 0
    row.refresh_from_db()
    assert row.read_at is not None


def test_somebody_elses_is_not_there(reader):
    notify(user=User.objects.create_citizen(), subject="s", body="", dedupe_key="k")
    assert reader.get(f"/accounts/notifications/{Notification.objects.get().pk}/").status_code == 404


def test_a_link_never_leads_out_of_the_portal(reader, citizen):
    tell(citizen)
    Notification.objects.update(link="https://evil.example/")
    row = by_channel()["site"]
    assert reader.get(f"/accounts/notifications/{row.pk}/")["Location"] == "/accounts/notifications/"


def test_all_can_be_marked_read(reader, citizen):
    tell(citizen, key="a")
    tell(citizen, key="b")
    reader.post("/accounts/notifications/read/")
    assert queries.unread_count(citizen) == 0


def test_the_count_of_unread_is_one_statement(citizen, django_assert_num_queries):
    for index in range(30):
        tell(citizen, key=str(index))
    _ = policy.memberships_of(citizen), citizen.officer_or_none  # read once a request
    with django_assert_num_queries(1):
        assert queries.unread_count(citizen) == 30


def test_a_long_inbox_comes_in_pages(reader, citizen):
    for index in range(60):
        tell(citizen, key=str(index))
    first = reader.get("/accounts/notifications/").context["page"]
    second = reader.get(f"/accounts/notifications/?cursor={first.older}").context["page"]
    assert len(first.items) == len(second.items) == 25
    assert first.items[-1].pk > second.items[0].pk


# --- the desk sees failures ------------------------------------------------------------------------------


@pytest.fixture
def failed(citizen):
    tell(citizen)
    Notification.objects.filter(channel="sms").update(state=State.FAILED, attempts=8, last_error="timeout")
    return by_channel()["sms"]


def test_triage_sees_what_failed_without_any_address(client, make_staff, failed):
    client.force_login(make_staff(role=Role.TRIAGE))
    page = page_of(client.get("/accounts/notifications/failed/"))
    assert "timeout" in page
    assert "1234" not in page


@pytest.mark.parametrize("role", [Role.OFFICER, Role.POLLSTER, Role.AUDITOR])
def test_others_do_not(client, make_staff, role):
    client.force_login(make_staff(role=role))
    assert client.get("/accounts/notifications/failed/").status_code in (403, 404)


def test_a_citizen_does_not_either(reader):
    assert reader.get("/accounts/notifications/failed/").status_code in (403, 404)


def test_sent_again_goes_out(client, make_staff, failed, phones):
    client.force_login(make_staff(role=Role.TRIAGE))
    client.post(f"/accounts/notifications/failed/{failed.pk}/again/")
    assert send_due() == 1
    assert len(phones.messages) == 1


def test_only_failed_ones_are_sent_again_and_only_by_those_who_may(make_staff, failed, citizen):
    with pytest.raises(NotAllowed):
        services.send_again(failed, by=citizen)
    triage = make_staff(role=Role.TRIAGE)
    services.send_again(failed, by=triage)
    with pytest.raises(WrongState):
        services.send_again(failed, by=triage)


def test_the_key_of_a_row_leads_to_no_case(citizen):
    tell(citizen, "case:730519:received")
    tell(citizen, "case:730519:received")
    tell(citizen, "case:730520:received")
    kept = list(Notification.objects.filter(channel="site").values_list("dedupe_key", flat=True))
    assert len(set(kept)) == len(kept) == 2, "still told once each"
    for key in kept:
        assert key.startswith("case:#:received ")
        assert len(key) <= 120
        assert "730519" not in key
