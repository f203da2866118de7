"""Doorbells of the polls."""

from celery import shared_task

from evaluations import services


@shared_task
def score_wave(wave_id: int) -> bool:
    return services.work_on(wave_id)


@shared_task
def sweep_scoring() -> int:
    """Finish what a crash left over."""
    return sum(services.work_on(wave_id) for wave_id in services.unfinished())
