"""Is the house well? Each thing looked at turns red when it is not, and says why."""

from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.db import DatabaseError
from django.utils import timezone

from core import audit, health, outbox, tasks
from core.models import Heartbeat, OutboxEvent
from tests import factories
from tests.pages import page_of

pytestmark = pytest.mark.django_db
AWAY = {**django_settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}


def ask(client, what="deep"):
    """(status, {name: is well}) of one health page."""
    response = client.get(f"/healthz/{what}")
    return response.status_code, {name: found["ok"] for name, found in response.json()["checks"].items()}


def red(client, what="deep") -> list[str]:
    status, found = ask(client, what)
    wrong = [name for name, ok in found.items() if not ok]
    assert (status == 503) is bool(wrong)
    return wrong


def silent_for(minutes: float) -> None:
    Heartbeat.objects.update_or_create(name="beat", defaults={"at": timezone.now() - timedelta(minutes=minutes)})


def test_the_process_answers_whatever_else_is_broken(client, settings):
    settings.CACHES = {"default": AWAY}
    assert client.get("/healthz/live").json() == {"status": "ok"}


def test_a_sound_house_is_green(client):
    tasks.beat()
    assert red(client) == []
    assert red(client, "ready") == []


def test_a_scheduler_that_never_ticked_is_red(client):
    assert red(client) == ["scheduler"]


@pytest.mark.parametrize(("minutes", "wrong"), [(2.9, []), (3.1, ["scheduler"]), (60 * 24 * 3, ["scheduler"])])
def test_three_minutes_of_silence_turn_it_red(client, minutes, wrong):
    silent_for(minutes)
    assert red(client) == wrong
    tasks.beat()
    assert red(client) == []


def test_redis_away_is_red_and_the_database_is_not_blamed(client, settings):
    tasks.beat()
    settings.CACHES = {"default": AWAY}
    assert red(client, "ready") == []
    assert red(client) == ["redis"]


def test_the_database_away_is_red(client, monkeypatch):
    def away() -> None:
        raise DatabaseError("gone")

    monkeypatch.setattr(health.clock, "now", away)
    assert red(client, "ready") == ["database"]


def test_a_migration_that_is_not_applied_is_red(client, monkeypatch):
    monkeypatch.setattr(health.MigrationExecutor, "migration_plan", lambda executor, targets: [("core", "0001")])
    assert red(client, "ready") == ["migrations"]


def test_an_event_that_nobody_takes_is_red_after_ten_minutes(client):
    tasks.beat()
    outbox.emit("tests.happened", case=1)
    assert red(client) == []
    OutboxEvent.objects.update(due_at=timezone.now() - timedelta(minutes=11))
    assert red(client) == ["outbox"]
    outbox.deliver()
    assert red(client) == []


def test_an_event_that_waits_for_its_next_try_is_not_late(client):
    tasks.beat()
    outbox.emit("tests.happened", case=1)
    OutboxEvent.objects.update(due_at=timezone.now() + timedelta(hours=1))
    assert red(client) == []


def test_a_ledger_that_nobody_seals_is_red_after_ten_minutes(client, city, monkeypatch):
    tasks.beat()
    audit.record("tests.done", city.officer, by=city.officer)
    assert red(client) == []
    monkeypatch.setattr(health, "LONGEST_QUEUE", timedelta())
    assert "audit seal" in red(client)
    audit.seal()
    assert red(client) == []


def test_a_full_disk_is_red(client, monkeypatch):
    tasks.beat()
    monkeypatch.setattr(health, "LEAST_DISK", 1024**6)
    assert red(client) == ["disk"]


def test_it_says_figures_and_names_nobody(client, city):
    factories.case(city, contact_name="李秀英", contact_phone="19900007788")
    text = page_of(client.get("/healthz/deep"))
    assert "李秀英" not in text
    assert str(django_settings.BASE_DIR) not in text
    assert client.post("/healthz/deep").status_code == 405
    assert "no-store" in client.get("/healthz/live")["Cache-Control"]


# --- metrics ----------------------------------------------------------------------------------------------------------


def test_metrics_are_for_the_machine_itself_or_who_has_the_token(client, settings):
    assert client.get("/metrics").status_code == 200
    settings.TRUSTED_PROXIES = 1
    assert client.get("/metrics").status_code == 403
    settings.METRICS_TOKEN = "a-long-token"
    assert client.get("/metrics", HTTP_AUTHORIZATION="Bearer a-long-token").status_code == 200
    assert client.get("/metrics", HTTP_AUTHORIZATION="Bearer guess").status_code == 403
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.7").status_code == 403


def test_deadlines_in_a_year_that_is_not_announced_call_for_attention(client, monkeypatch):
    silent_for(0)
    monkeypatch.setattr("core.workdays.is_announced", lambda year: False)
    answer = client.get("/healthz/deep").json()
    assert answer["checks"]["calendar"]["attention"]
    assert (answer["checks"]["calendar"]["ok"], answer["status"]) == (True, "attention")
    monkeypatch.setattr("core.workdays.is_announced", lambda year: True)
    answer = client.get("/healthz/deep").json()
    assert (answer["checks"]["calendar"]["attention"], answer["status"]) == (False, "ok")
