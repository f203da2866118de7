"""Two at the same row at once: one holds it, the other is seen to wait for it, and goes on when it is let go."""

import threading
import time
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, connection, connections, transaction

from core.errors import DomainError

WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


def beside(hold: Callable[[], Any], wait: Callable[[], Any]) -> Any:
    """Do ``wait`` in another connection while ``hold`` is done and not yet committed; what ``wait`` gave or raised."""
    outcome: list[Any] = []

    def other() -> None:
        try:
            outcome.append(wait())
        except (DomainError, DatabaseError, ObjectDoesNotExist) as error:  # what came of it is the outcome
            outcome.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=other)
    with transaction.atomic():
        hold()
        thread.start()
        _until_it_waits(thread)
    thread.join(60)
    assert outcome, "the other one never came to an end"
    return outcome[0]


def _until_it_waits(thread: threading.Thread) -> None:
    """The other one stands in front of a lock, or is done already."""
    until = time.monotonic() + 20
    while thread.is_alive() and time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute(WAITING)
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
