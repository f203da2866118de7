"""The Celery application: workers send and sweep, beat only ticks."""

import os
from pathlib import Path
from typing import Any

from celery import Celery, bootsteps
from celery.signals import beat_init, before_task_publish

PULSE_SECONDS = 5.0

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("plaza")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def pulse(**_: object) -> None:
    """Touch the file that the launcher watches, if one does: this process still moves."""
    if file := os.environ.get("PULSE_FILE"):
        Path(file).touch()


class Pulse(bootsteps.StartStopStep):
    """Beats in the worker's own loop, which stands still when the worker does."""

    requires = ("celery.worker.components:Timer",)

    def start(self, parent: Any) -> None:
        """Beat from now on."""
        parent.timer.call_repeatedly(PULSE_SECONDS, pulse)


app.steps["worker"].add(Pulse)


@beat_init.connect
def beat_with_each_tick(**_: object) -> None:
    """The scheduler, and nobody else who sends a task, beats when it sends one: every five seconds."""
    before_task_publish.connect(pulse)
