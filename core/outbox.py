"""How a lower room tells a higher one that something happened: a row in the same transaction, delivered later.

Consumers live in each room's ``events.py``. They are told at least once and must not mind being told twice.
"""

import logging
from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from celery import current_app
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from core.locks import sweep
from core.models import OutboxEvent

log = logging.getLogger(__name__)
Consumer = Callable[..., object]
_consumers: dict[str, list[Consumer]] = defaultdict(list)
LONGEST_WAIT = timedelta(hours=1)
MOST_DOUBLINGS = 12  # more than an hour already, and no number that a calendar cannot hold


def consumer(topic: str) -> Callable[[Consumer], Consumer]:
    """Register a function that is called with the event's ids as keyword arguments."""

    def register(function: Consumer) -> Consumer:
        _consumers[topic].append(function)
        return function

    return register


def emit(topic: str, **ids: Any) -> OutboxEvent:
    """Write an event in the current transaction; ``ids`` are ids and codes, never personal data."""
    event = OutboxEvent.objects.create(topic=topic, payload=ids)
    enqueue_on_commit("core.tasks.deliver_outbox")
    return event


def enqueue_on_commit(task: str, *args: int | str) -> None:
    """Ask a worker to run ``task`` soon after COMMIT; a sweep would find the work later anyway."""
    transaction.on_commit(lambda: _send(task, args), robust=True)


def _send(task: str, args: tuple[int | str, ...]) -> None:
    if cache.away():  # type: ignore[attr-defined]
        return
    try:
        current_app.send_task(task, args=args, retry=False)
    except OperationalError as error:
        log.warning("broker away, the sweep will find it: task=%s error=%s", task, type(error).__name__)


def deliver(batch: int = 200) -> int:
    """Hand up to ``batch`` due events to their consumers, each in its own transaction; return how many succeeded."""
    return sweep(_deliver_one, batch)


@transaction.atomic
def _deliver_one() -> bool | None:
    event = (
        OutboxEvent.objects.select_for_update(skip_locked=True)
        .filter(delivered_at=None, due_at__lte=timezone.now())
        .order_by("due_at", "pk")
        .first()
    )
    if event is None:
        return None
    try:
        with transaction.atomic():
            for function in _consumers[event.topic]:
                function(**event.payload)
    except Exception as error:
        log.exception("outbox event failed: id=%s topic=%s", event.pk, event.topic)
        event.attempts += 1
        event.last_error = type(error).__name__
        event.due_at = timezone.now() + _wait(event.attempts)
        event.save(update_fields=["attempts", "last_error", "due_at"])
        return False
    event.delivered_at = timezone.now()
    event.save(update_fields=["delivered_at"])
    return True


def _wait(attempts: int) -> timedelta:
    """2, 4, 8 … seconds, at most an hour."""
    return min(timedelta(seconds=2 ** min(attempts, MOST_DOUBLINGS)), LONGEST_WAIT)
