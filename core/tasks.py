"""Doorbells of the house itself."""

from celery import shared_task
from django.utils import timezone

from core import audit, outbox
from core.api import idempotency
from core.models import Heartbeat


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
def forget_old_calls() -> int:
    return idempotency.forget_old_calls()
