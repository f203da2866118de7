"""Doorbells of the polls."""

from celery import shared_task

from evaluations import services


@shared_task
def score_wave(wave_id: int) -> bool:
    return services.work_on(wave_id)


@shared_task
def work_out_appraisals(run_id: int) -> bool:
    return services.work_out_appraisals(run_id)


@shared_task
def sweep_scoring() -> int:
    """Finish what a crash left over, of waves and of appraisals."""
    waves = sum(services.work_on(wave_id) for wave_id in services.unfinished())
    return waves + sum(services.work_out_appraisals(run_id) for run_id in services.unfinished_appraisals())


@shared_task
def record_missing_gates() -> int:
    """Gates of published appraisals that have none yet."""
    return services.record_missing_gates()


@shared_task
def remind_late_cases() -> int:
    return services.remind_late_cases()
