"""Doorbells: each rings a service, and may ring too often or too late."""

from celery import shared_task

from voting import services


@shared_task
def tick() -> dict[str, int]:
    """Make votes ready, seal what is due, end what has ended, shuffle at night."""
    return {
        "prepared": services.prepare_due(),
        "sealed": services.seal_due(),
        "rewritten": int(services.rewrite_due()),
    }
