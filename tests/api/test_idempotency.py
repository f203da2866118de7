"""A key makes a call happen once, also when two come at the same moment and when the line breaks in between."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.utils import timezone
from rest_framework.response import Response

from core import tasks
from core.api import idempotency
from core.api.idempotency import StillRunning
from core.models import IdempotentCall
from tests import factories
from tests.api.conftest import api_of

MAC, DIGEST = "a" * 64, "d" * 64


def two_at_once(run) -> list[object]:
    """What two calls with one key get that come while the first is at work: answers and refusals."""
    got: list[object] = []

    def call() -> None:
        try:
            got.append(idempotency._once(MAC, DIGEST, run).data)
        except StillRunning as refused:
            got.append(refused.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=call) for _n in range(2)]
    [thread.start() for thread in threads]
    [thread.join(300) for thread in threads]
    return got


@pytest.mark.django_db(transaction=True)
def test_the_second_of_two_at_once_is_told_to_wait_and_then_gets_the_first_answer():
    done, second_refused = [], threading.Event()

    def work() -> Response:
        done.append(1)
        second_refused.wait(1)
        return Response({"n": len(done)})

    assert sorted(two_at_once(work), key=str) == ["still-running", {"n": 1}]
    assert idempotency._once(MAC, DIGEST, work).data == {"n": 1}
    assert len(done) == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_table_still_lets_only_one_be_remembered(monkeypatch):
    """The unique key is the guard; the lock only spares the second one the wait and the error."""
    inside = threading.Barrier(2)

    def work() -> Response:
        inside.wait(5)
        return Response({})

    monkeypatch.setattr(idempotency, "take_if_free", lambda number: True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(threading, "excepthook", lambda args: None)
        two_at_once(work)
    assert IdempotentCall.objects.count() == 1


def test_a_call_that_broke_off_leaves_neither_its_work_nor_its_key(city):
    case = factories.case(city)

    def breaks() -> Response:
        case.steps.create(kind="note", text="half")
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011  any
        idempotency._once(MAC, DIGEST, breaks)
    assert not case.steps.filter(kind="note").exists()
    assert not IdempotentCall.objects.exists()


def test_keys_are_forgotten_after_two_days(city):
    client = api_of(city.triage)
    for key in ("old", "new"):
        case = factories.case(city)
        client.post(f"/api/v1/desk/suggestions/{case.number}/note/", {"text": "已看"}, HTTP_IDEMPOTENCY_KEY=key)
    oldest = IdempotentCall.objects.order_by("pk").first()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_idempotentcall SET at = %s WHERE id = %s", [_days_ago(3), oldest.pk])
    assert tasks.forget_old_calls() == 1
    assert tasks.forget_old_calls() == 0
    assert IdempotentCall.objects.count() == 1


def _days_ago(n: int):
    return timezone.now() - timedelta(days=n)


@pytest.mark.parametrize(("key", "status"), [("k" * 255, 200), ("k" * 256, 422), ('"quoted"', 200), ("", 200)])
def test_what_a_key_may_be(city, key, status):
    case = factories.case(city)
    address = f"/api/v1/desk/suggestions/{case.number}/note/"
    answer = api_of(city.triage).post(address, {"text": "已看"}, HTTP_IDEMPOTENCY_KEY=key)
    assert answer.status_code == status


def test_the_table_says_neither_whose_nor_what(city):
    case = factories.case(city)
    address = f"/api/v1/desk/suggestions/{case.number}/note/"
    api_of(city.triage).post(address, {"text": "已电话联系"}, HTTP_IDEMPOTENCY_KEY="visible-key")
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(t)::text FROM core_idempotentcall t")
        row = cursor.fetchone()[0]
    for secret in ("visible-key", case.number, "已电话联系", city.triage.username):
        assert secret not in row
