"""Advisory locks: one doer at a time, until its transaction ends. Each has its number here and nowhere else."""

from collections.abc import Callable
from enum import IntEnum, unique
from itertools import takewhile
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)


@unique
class Lock(IntEnum):
    """What is done by one at a time."""

    AUDIT_CHAIN = 7_301_001
    SEALING_BALLOTS = 7_301_002
    REWRITING_BALLOTS = 7_301_003
    ISSUING_SHEETS = 7_301_004
    CASE_REMINDERS = 7_302_001
    LATE_ACCOUNTABILITY = 7_302_004
    PHASES = 7_303_001
    TELLING_VOICES = 7_303_002
    MILESTONE_REMINDERS = 7_303_003
    DEMO = 7_304_001


def take(lock: Lock, row: int | None = None) -> None:
    """Wait until the lock, of this one row if it is named, is ours."""
    with connection.cursor() as cursor:
        if row is None:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock])
        else:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [lock, row])


def take_if_free(lock: int) -> bool:
    """Take the lock, a number of 63 bits, unless another transaction has it; whether it is ours now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [lock])
        return bool(cursor.fetchone()[0])


def locked(rows: QuerySet[M], pk: Any, *, no_key: bool = False) -> M:
    """One row, locked until the transaction ends, read as it is then with all that ``rows`` joins to it.

    Locked by itself first: a lock that also joins finds nothing, or the wrong neighbour, when what the row points to
    has changed while it waited. With ``no_key`` rows that merely point to it may still be written.
    Raises: DoesNotExist.
    """
    alone = rows.model._default_manager.order_by().filter(pk=pk)
    list(alone.select_for_update(no_key=no_key).values_list("pk"))
    return rows.get(pk=pk)


def sweep(step: Callable[[], bool | None], batch: int) -> int:
    """Take ``step`` until nothing is due (None), at most ``batch`` times; return how many of them did something."""
    outcomes = (step() for _n in range(batch))
    return sum(bool(outcome) for outcome in takewhile(lambda outcome: outcome is not None, outcomes))
