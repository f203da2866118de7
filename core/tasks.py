"""Doorbells of the house itself."""

import logging

from celery import shared_task
from django.utils import timezone

from core import audit, outbox, storage
from core.api import idempotency
from core.models import Heartbeat

log = logging.getLogger(__name__)


@shared_task
def beat() -> None:
    """Say that scheduler and worker are alive."""
    Heartbeat.objects.update_or_create(name="beat", defaults={"at": timezone.now()})


@shared_task
def deliver_outbox() -> int:
    return outbox.deliver()


@shared_task
def seal_audit() -> int:
    return audit.seal()


@shared_task
def say_audit_head() -> None:
    """Write the newest head into the log, which is kept elsewhere: what was in the ledger then cannot be undone."""
    for head in audit.heads()[-1:]:
        log.info("audit head %s,%s,%s", head.date, head.seq, head.hash)


@shared_task
def sweep_orphans() -> int:
    return storage.sweep_orphans()


@shared_task
def forget_old_calls() -> int:
    return idempotency.forget_old_calls()
