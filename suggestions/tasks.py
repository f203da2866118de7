"""Doorbells: each rings a service, and may ring too often or too late."""

from celery import shared_task

from suggestions import services


@shared_task
def send_reminders() -> int:
    return services.send_due_reminders()


@shared_task
def close_confirmed_by_silence() -> int:
    return services.close_confirmed_by_silence()


@shared_task
def resume_unanswered() -> int:
    return services.resume_unanswered()


@shared_task
def send_digests() -> int:
    return services.send_digests()
