"""Doorbells: what the scheduler and the outbox ask for by name."""

from celery import shared_task

from accounts import notifications


@shared_task
def send_notifications() -> int:
    return notifications.send_due()
