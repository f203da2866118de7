"""Long work, asked for by a person and done by a worker: claimed by one, told how far it is, safe to do many times."""

from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

LEASE = timedelta(minutes=10)  # without a sign of life; then somebody else takes the work


def under_way(runs: QuerySet[Any]) -> QuerySet[Any]:
    """Those that are neither finished nor failed."""
    return runs.filter(finished_at=None, failed="")


def waiting(runs: QuerySet[Any]) -> QuerySet[Any]:
    """Those that nobody works on: not yet, or not any more."""
    return under_way(runs).filter(Q(claimed_at=None) | Q(claimed_at__lt=timezone.now() - LEASE))


def claim(runs: QuerySet[Any]) -> bool:
    """Take what waits among these; False when somebody else has it, or it is done."""
    return bool(waiting(runs).update(claimed_at=timezone.now(), progress=5))


def tell(runs: QuerySet[Any], percent: int) -> None:
    """Say how far it is, which is a sign of life too."""
    under_way(runs).update(progress=percent, claimed_at=timezone.now())


def give_up(runs: QuerySet[Any], why: object) -> None:
    """It cannot be worked out, and never will be; a person is told why."""
    under_way(runs).update(failed=str(why)[:200])
