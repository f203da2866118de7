"""The outbox: an event is as durable as what it tells of, is told at least once, and waits for those who fail."""

import threading
from datetime import timedelta

import pytest
from celery import current_app
from django.db import connections, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from core import outbox
from core.models import Heartbeat, OutboxEvent

TOPIC = "tests.happened"


@pytest.fixture
def heard(monkeypatch):
    """What the one consumer of the topic was told."""
    told: list[dict] = []
    monkeypatch.setitem(outbox._consumers, TOPIC, [lambda **ids: told.append(ids)])
    return told


def consumers(monkeypatch, *functions):
    monkeypatch.setitem(outbox._consumers, TOPIC, list(functions))


def due_again() -> None:
    OutboxEvent.objects.filter(delivered_at=None).update(due_at=timezone.now() - timedelta(seconds=1))


@pytest.mark.django_db
def test_an_event_reaches_its_consumer_with_its_ids_and_once_is_enough(heard):
    outbox.emit(TOPIC, case=7, to="closed")
    assert outbox.deliver() == 1
    assert outbox.deliver() == 0
    assert heard == [{"case": 7, "to": "closed"}]
    assert OutboxEvent.objects.get().delivered_at is not None


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_was_never_told(heard):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        outbox.emit(TOPIC, case=7)
        _ = 1 / 0
    assert outbox.deliver() == 0
    assert heard == []


@pytest.mark.django_db
def test_an_event_that_nobody_waits_for_is_done_with():
    outbox.emit("tests.nobody", case=1)
    assert outbox.deliver() == 1


@pytest.mark.django_db
def test_a_consumer_that_fails_is_told_again_later_and_keeps_nobody_else_waiting(monkeypatch, heard):
    answers = iter([OSError("away"), None])

    def moody(**ids: int) -> None:
        if error := next(answers):
            raise error

    consumers(monkeypatch, moody, lambda **ids: heard.append(ids))
    outbox.emit(TOPIC, case=1)
    outbox.emit("tests.nobody", case=2)
    assert outbox.deliver() == 1
    failed = OutboxEvent.objects.get(delivered_at=None)
    assert (failed.attempts, failed.last_error) == (1, "OSError")
    assert outbox.deliver() == 0
    due_again()
    assert outbox.deliver() == 1
    assert heard == [{"case": 1}]


@pytest.mark.django_db
def test_what_a_failing_consumer_had_written_is_undone(monkeypatch):
    def half(**ids: int) -> None:
        Heartbeat.objects.create(name="half", at=timezone.now())
        raise ValueError

    consumers(monkeypatch, half)
    outbox.emit(TOPIC, case=1)
    outbox.deliver()
    assert not Heartbeat.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_dies_between_the_work_and_the_note_leaves_it_to_the_next(monkeypatch):
    class Killed(BaseException):
        pass

    told = []

    def work(**ids: int) -> None:
        told.append(ids)
        Heartbeat.objects.update_or_create(name="work", defaults={"at": timezone.now()})
        if len(told) == 1:
            raise Killed

    consumers(monkeypatch, work)
    outbox.emit(TOPIC, case=1)
    with pytest.raises(Killed):
        outbox.deliver()
    assert not Heartbeat.objects.exists()
    assert outbox.deliver() == 1
    assert len(told) == 2
    assert Heartbeat.objects.count() == 1


@pytest.mark.django_db
def test_waits_grow_to_an_hour_and_no_further_however_often_it_fails(monkeypatch):
    def never(**ids: int) -> None:
        raise OSError

    consumers(monkeypatch, never)
    event = outbox.emit(TOPIC, case=1)
    waits = {}
    for attempts in (0, 1, 2, 11, 60, 9000):
        OutboxEvent.objects.filter(pk=event.pk).update(attempts=attempts)
        due_again()
        assert outbox.deliver() == 0
        event.refresh_from_db()
        waits[attempts] = round((event.due_at - timezone.now()).total_seconds())
    assert waits == {0: 2, 1: 4, 2: 8, 11: 3600, 60: 3600, 9000: 3600}


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_hold_the_same_event(monkeypatch):
    told, both = [], threading.Barrier(2)

    def slow(**ids: int) -> None:
        both.wait(10)  # each worker holds one event while the other looks for work
        told.append(ids["case"])

    consumers(monkeypatch, slow)
    for case in (1, 2):
        outbox.emit(TOPIC, case=case)

    def work() -> None:
        outbox.deliver(batch=1)
        connections.close_all()

    workers = [threading.Thread(target=work) for _n in range(2)]
    [worker.start() for worker in workers]
    [worker.join(300) for worker in workers]
    assert sorted(told) == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_without_a_broker_the_event_is_still_written(monkeypatch, heard):
    def away(*args: object, **kwargs: object) -> None:
        raise OperationalError("no broker")

    monkeypatch.setattr(current_app, "send_task", away)
    with transaction.atomic():
        outbox.emit(TOPIC, case=1)
    assert outbox.deliver() == 1
    assert heard == [{"case": 1}]


@pytest.mark.django_db(transaction=True)
def test_a_worker_is_called_after_commit_and_not_before(monkeypatch):
    called = []
    monkeypatch.setattr(current_app, "send_task", lambda task, **kwargs: called.append(task))
    with transaction.atomic():
        outbox.emit(TOPIC, case=1)
        assert called == []
    assert called == ["core.tasks.deliver_outbox"]
