"""Doorbells: what the scheduler and the outbox ask for by name."""

from celery import shared_task
from django.contrib.sessions.backends.db import SessionStore

from accounts import notifications


@shared_task
def send_notifications() -> int:
    return notifications.send_due()


@shared_task
def clear_sessions() -> None:
    """Forget sessions whose time is over; half-done sign-ins are among them."""
    SessionStore.clear_expired()
