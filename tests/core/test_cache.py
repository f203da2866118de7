"""Redis gone, frozen or full costs half a second once; what needs it goes on by itself."""

import socket
import time

import pytest
from celery import current_app
from django.conf import settings as django_settings
from django.core.cache import cache

from core import cache as module
from core import outbox
from core.cache import Breaker

REAL = django_settings.CACHES["default"]


@pytest.fixture(autouse=True)
def _no_pause_is_left_over(monkeypatch):
    monkeypatch.setattr(module, "PAUSE", 0.3)
    yield
    for breaker in module._breakers.values():
        breaker.retry_at = 0.0


@pytest.fixture
def frozen(settings):
    """A server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.CACHES = {"default": {**REAL, "LOCATION": f"redis://127.0.0.1:{server.getsockname()[1]}/0"}}
        yield server


def test_a_frozen_redis_costs_half_a_second_once(frozen, monkeypatch):
    monkeypatch.setattr(module, "PAUSE", 60)
    began = time.monotonic()
    for n in range(200):
        cache.set(f"k{n}", n, 60)
    assert [cache.get("k7"), cache.get("none", "default"), cache.add("k7", 1), cache.incr("k7")] == [
        7,
        "default",
        False,
        8,
    ]
    assert time.monotonic() - began < 2
    assert cache.away()


def test_it_is_asked_again_after_a_pause(settings):
    breaker = module._breakers[str(REAL["LOCATION"])]
    breaker.failed(OSError())
    cache.set("in memory", 1, 60)
    time.sleep(0.35)
    assert cache.get("in memory") is None  # Redis answers, and does not know it
    assert breaker.retry_at == 0
    assert not cache.away()


def test_one_caller_finds_out_for_all(monkeypatch):
    monkeypatch.setattr(module, "PAUSE", 60)
    breaker = Breaker()
    breaker.failed(OSError())
    breaker.retry_at = time.monotonic() - 1
    assert [breaker.may_try() for _ in range(4)] == [True, False, False, False]


def test_a_full_redis_is_done_without():
    client = cache._cache.get_client(None, write=True)
    before = client.config_get("maxmemory")["maxmemory"]
    client.config_set("maxmemory", 1)
    try:
        cache.set("figure", 5, 60)
        assert cache.get("figure") == 5
    finally:
        client.config_set("maxmemory", before)


def test_a_connection_that_was_cut_is_opened_anew():
    cache.set("kept", 1, 60)
    client = cache._cache.get_client(None, write=True)
    client.client_kill_filter(_type="normal", skipme=False)
    assert cache.get("kept") == 1
    assert not module._breakers[str(REAL["LOCATION"])].retry_at


def test_a_wrong_call_is_still_an_error():
    with pytest.raises(ValueError, match="not found"):
        cache.incr("never set")


@pytest.mark.django_db(transaction=True)
def test_no_task_is_sent_to_a_frozen_broker(frozen, monkeypatch):
    sent = []
    monkeypatch.setattr(current_app, "send_task", lambda *args, **options: sent.append(args))
    outbox.enqueue_on_commit("core.tasks.deliver_outbox")
    assert sent == []


@pytest.mark.django_db(transaction=True)
def test_a_task_is_sent_to_one_that_answers(monkeypatch):
    sent = []
    monkeypatch.setattr(current_app, "send_task", lambda *args, **options: sent.append(args))
    outbox.enqueue_on_commit("core.tasks.deliver_outbox")
    assert len(sent) == 1
