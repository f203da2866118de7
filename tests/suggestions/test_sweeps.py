"""P6 when the clockwork misbehaves: two schedulers, none for days, a clock that jumps; each reminder goes out once.

What one sweep does by itself is told in ``test_promises.py``.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pgtrigger
import pytest
import time_machine
from django.db import IntegrityError, connection, connections, transaction
from django.db.models import QuerySet

from core import calendar, clock
from core.workdays import SHANGHAI
from suggestions import services
from suggestions.models import Reminder, Step, Suggestion
from suggestions.services import moves, sweeps
from tests import factories
from tests.portal_role import as_portal


def raw(sql: str, *params: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def make_due(kind: str = "half", **ago: float) -> None:
    """Reminders of a kind that were due some time ago."""
    pending = Reminder.objects.filter(kind=kind, sent_at=None, cancelled_at=None)
    pending.update(due_at=clock.now() - timedelta(**(ago or {"hours": 1})))


def reminded() -> int:
    return Step.objects.filter(kind="reminded").count()


def at_once(n: int, work: Callable[[], object]) -> list[object]:
    """What ``n`` workers that start together return."""
    start, done = threading.Barrier(n), []

    def run() -> None:
        start.wait(10)
        try:
            done.append(work())
        finally:
            connections.close_all()

    workers = [threading.Thread(target=run) for _n in range(n)]
    [worker.start() for worker in workers]
    [worker.join(300) for worker in workers]
    return done


# --- doubled ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def both_have_read_it(monkeypatch):
    """Hold a sweep that has read a reminder and not yet written, until a second one is there too, or for a second."""
    usual, both = sweeps._level, threading.Barrier(2)

    def held(case: Suggestion, reminder: Reminder) -> int:
        with suppress(threading.BrokenBarrierError):
            both.wait(1)
        return usual(case, reminder)

    monkeypatch.setattr(sweeps, "_level", held)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("both_have_read_it")
def test_a_second_sweep_leaves_at_once_and_the_reminder_goes_out_once():
    factories.case(factories.city(), "assigned")
    make_due()
    assert sorted(at_once(2, services.send_due_reminders)) == [0, 1]
    assert reminded() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("both_have_read_it")
def test_without_the_locks_it_would_go_out_twice(monkeypatch):
    factories.case(factories.city(), "assigned")
    make_due()
    monkeypatch.setattr(sweeps, "take_if_free", lambda lock: True)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **options: rows)
    pgtrigger.disable("suggestions.Reminder:set_once")  # it refuses the second, too
    try:
        at_once(2, lambda: services.send_due_reminders(batch=1))
    finally:
        pgtrigger.enable("suggestions.Reminder:set_once")
    assert reminded() == 2


def test_without_the_constraint_one_reminder_could_be_planned_twice(city):
    case = factories.case(city, "assigned")
    one = case.reminders.filter(cancelled_at=None).first()
    with pytest.raises(IntegrityError, match="reminder_once"), transaction.atomic():
        Reminder.objects.create(suggestion=case, kind=one.kind, due_at=one.due_at)
    raw("SET CONSTRAINTS ALL IMMEDIATE")
    raw("ALTER TABLE suggestions_reminder DROP CONSTRAINT reminder_once")
    Reminder.objects.create(suggestion=case, kind=one.kind, due_at=one.due_at)
    make_due(one.kind)
    assert services.send_due_reminders() == 2


@pytest.mark.django_db(transaction=True)
def test_two_closing_sweeps_close_each_case_once():
    city = factories.city()
    cases = [factories.case(city, "replied") for _n in range(3)]
    raw("UPDATE suggestions_suggestion SET replied_at = now() - interval '40 days'")
    assert sum(at_once(3, services.close_confirmed_by_silence)) == 3
    for case in cases:
        assert case.steps.filter(kind="closed").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_let_an_unanswered_case_go_on_once():
    case = factories.case(factories.city(), "waiting")
    raw("UPDATE suggestions_suggestion SET due_at = now() - interval '1 day'")
    assert sum(at_once(3, services.resume_unanswered)) == 1
    assert case.steps.filter(kind="resumed").count() == 1


def test_a_digest_goes_out_once_a_day_however_often_it_is_asked_for(city, monkeypatch):
    factories.case(city, "assigned")
    tomorrow = calendar.add_workdays(clock.now(), 1).astimezone(SHANGHAI).replace(hour=10, minute=0)
    monkeypatch.setattr(clock, "now", lambda: tomorrow)
    for _n in range(3):
        assert services.send_digests() == 1
    assert city.leader.notifications.filter(dedupe_key__startswith="digest:").count() == 1


# --- away for days ----------------------------------------------------------------------------------------------------


def test_after_days_without_a_scheduler_everything_that_was_due_is_found(city):
    cases = [factories.case(city, "assigned") for _n in range(4)]
    make_due(days=1)
    for number, case in enumerate(cases):  # from a day to three years late: nothing is too old to be found
        due = clock.now() - timedelta(days=1 + 365 * number)
        Reminder.objects.filter(suggestion=case, kind="half", cancelled_at=None).update(due_at=due)
    assert services.send_due_reminders(batch=3) == 3
    assert services.send_due_reminders(batch=3) == 1
    assert services.send_due_reminders() == 0
    assert {case.steps.filter(kind="reminded").count() for case in cases} == {1}


def test_a_week_without_a_scheduler_brings_one_reminder_and_no_flood(city):
    case = factories.case(city, "assigned")
    raw("UPDATE suggestions_suggestion SET due_at = now() - interval '7 days' WHERE id = %s", case.pk)
    Reminder.objects.filter(suggestion=case).exclude(kind="due").update(cancelled_at=clock.now())
    make_due("due", days=7)
    assert services.send_due_reminders() == 1
    assert services.send_due_reminders() == 0
    (planned,) = case.reminders.filter(kind="overdue")
    assert planned.due_at > clock.now()
    make_due("overdue")
    assert services.send_due_reminders() == 1
    assert case.reminders.filter(kind="overdue", sent_at=None).count() == 1


def test_what_was_answered_while_the_scheduler_was_away_is_let_be(city):
    case = factories.case(city, "assigned")
    make_due(days=3)
    factories.answer(city, case)
    assert services.send_due_reminders() == 0
    assert not case.reminders.filter(sent_at=None, cancelled_at=None).exists()


# --- a clock that jumps -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("jump", [timedelta(days=3650), timedelta(days=-3650)])
def test_a_servers_wrong_clock_sends_nothing_early_and_holds_nothing_back(city, jump):
    factories.case(city, "assigned")
    with time_machine.travel(clock.now() + jump):
        assert services.send_due_reminders() == 0
        make_due()
        assert services.send_due_reminders() == 1


def test_when_the_databases_clock_is_set_back_nothing_goes_out_again(city):
    case = factories.case(city, "assigned")
    make_due()
    services.send_due_reminders()
    sent = case.reminders.filter(sent_at__isnull=False)
    sent.update(due_at=clock.now() + timedelta(hours=1))  # what was an hour ago is now still to come
    assert services.send_due_reminders() == 0
    sent.update(due_at=clock.now() - timedelta(hours=1))  # and comes again
    assert services.send_due_reminders() == 0
    assert reminded() == 1


def test_when_it_is_set_forward_each_goes_out_once(city):
    case = factories.case(city, "assigned")
    for days, kind in ((3, "half"), (2, "most"), (1, "due")):
        make_due(kind, days=days)
    assert services.send_due_reminders() == 3
    assert services.send_due_reminders() == 0
    assert list(case.reminders.filter(sent_at__isnull=False).order_by("sent_at").values_list("kind", flat=True)) == [
        "half",
        "most",
        "due",
    ]


def test_reminders_are_cancelled_when_they_are_not_when_the_clock_began(city):
    case = factories.case(city, "assigned")
    running = list(case.reminders.filter(sent_at=None, cancelled_at=None).values_list("pk", flat=True))
    before, start = clock.now(), case.clock_from - timedelta(days=20)
    with as_portal():
        moves.run_clock(case, start=start, due=case.due_at + timedelta(days=9))
    cancelled = case.reminders.filter(pk__in=running).values_list("cancelled_at", flat=True)
    assert min(cancelled) > before
    with as_portal(), pytest.raises(IntegrityError, match="dated when it is written"), transaction.atomic():
        case.reminders.filter(cancelled_at=None).update(cancelled_at=start)
    connection.check_constraints()  # a table with pending events cannot be altered
    pgtrigger.disable("suggestions.Reminder:written_now")
    with as_portal():
        assert case.reminders.filter(cancelled_at=None).update(cancelled_at=start)
