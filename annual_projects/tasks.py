"""Doorbells: each rings a service, and may ring too often or too late."""

from celery import shared_task

from annual_projects import services


@shared_task
def advance_phases() -> int:
    return services.advance_phases()


@shared_task
def tell_voices() -> int:
    return services.tell_voices()


@shared_task
def send_milestone_reminders() -> int:
    return services.send_milestone_reminders()
