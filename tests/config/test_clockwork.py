"""The clockwork is code: what ticks is in the settings, and nobody stops it by a form."""

from celery.beat import PersistentScheduler
from celery.signals import beat_init, before_task_publish
from celery.utils.imports import symbol_by_name
from django.apps import apps
from django.conf import settings

from config.celery import Pulse, app, pulse


def test_everything_that_ticks_is_a_task_of_ours():
    app.loader.import_default_modules()
    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} <= set(app.tasks)


def test_the_schedule_is_in_no_table():
    assert symbol_by_name(settings.CELERY_BEAT_SCHEDULER) is PersistentScheduler
    assert not [table for table in apps.get_models() if "periodic" in table._meta.db_table]


def test_the_scheduler_starts_from_nothing_and_from_rubbish(tmp_path):
    """Its file only says when each ticked last; lost or torn it is made anew."""
    for content in (None, b"torn"):
        path = tmp_path / "beat-schedule"
        if content is not None:
            path.write_bytes(content)
        scheduler = PersistentScheduler(app, schedule_filename=str(path))
        assert set(settings.CELERY_BEAT_SCHEDULE) <= set(scheduler.schedule)
        scheduler.close()
        for left in tmp_path.iterdir():
            left.unlink()


def test_the_scheduler_touches_its_file_when_it_sends_and_the_worker_has_a_beat_in_its_loop(tmp_path, monkeypatch):
    monkeypatch.setenv("PULSE_FILE", str(tmp_path / "beat.pulse"))
    before_task_publish.send(sender="a web process that sends a task")
    assert not list(tmp_path.iterdir())
    beat_init.send(sender="beat")
    try:
        before_task_publish.send(sender="core.tasks.beat")
    finally:
        before_task_publish.disconnect(pulse)
    assert [file.name for file in tmp_path.iterdir()] == ["beat.pulse"]
    assert Pulse in app.steps["worker"]
