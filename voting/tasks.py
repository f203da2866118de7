"""Doorbells: each rings a service, and may ring too often or too late."""

from celery import shared_task

from voting import services


@shared_task
def tick() -> dict[str, int]:
    """Make votes ready, shuffle at night, then seal and end what is due: a refused record stops no shuffling."""
    return {
        "prepared": services.prepare_due(),
        "rewritten": int(services.rewrite_due()),
        "sealed": services.seal_due(),
    }
