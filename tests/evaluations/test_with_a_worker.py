"""Scores and appraisals with a real worker: asked for on a page, handed on through the broker, done in a process of its
own while the page tells how far it is."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection
from django.urls import reverse

from config.celery import app
from embedded.processes import bound_command, wait_until
from evaluations import services
from evaluations.models import AppraisalRun, Wave
from evaluations.queries.appraisal_files import faults
from tests.evaluations import appraisals, polls

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 120  # seconds; it takes two on a quiet machine


@pytest.fixture
def worker(transactional_db):
    """A worker on the database of this test, with a queue that nobody else fills."""
    usual, queue = app.conf.task_default_queue, f"test-{os.getpid()}"
    app.conf.task_default_queue = queue
    server, _slash, _name = os.environ["DATABASE_URL"].rpartition("/")
    database = {"DATABASE_URL": f"{server}/{connection.settings_dict['NAME']}", "DATABASE_OWNER_URL": ""}
    env = os.environ | database | {"DATABASE_AS_OWNER": "0"}
    command = ["-m", "celery", "--quiet", "--app", "config.celery:app", "worker", "--pool=solo", "--queues", queue]
    process = subprocess.Popen(
        bound_command([sys.executable, *command, "--without-gossip", "--without-mingle"], death_signal="SIGTERM"),
        cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    yield process
    process.terminate()
    process.wait(120)
    app.conf.task_default_queue = usual


def test_a_worker_does_what_the_pages_ask_for(client, worker, city):
    wave = polls.scored_wave(city, state="weighted", count=600)
    client.force_login(city.admin)
    client.post(reverse("evaluations:desk_step", args=[wave.code, "score"]))
    until_done(client, worker, reverse("evaluations:desk_progress", args=[wave.code]))
    wave = Wave.objects.get()
    assert wave.state == "scored"
    assert {run.progress for run in wave.runs.all()} == {100}
    services.publish(services.freeze(wave, by=city.admin), by=city.admin2)

    scheme = appraisals.locked_scheme(city)
    client.post(reverse("evaluations:scheme_work_out", args=[scheme.pk]))
    run = AppraisalRun.objects.get()
    until_done(client, worker, reverse("evaluations:run_progress", args=[run.pk]))
    run.refresh_from_db()
    assert run.appraisals.count() >= 6
    assert not list(faults(run))


def until_done(client, worker, address):
    """Ask as the page does, until it is told to show itself anew."""

    def done():
        assert worker.poll() is None, "the worker has ended"
        return "HX-Refresh" in client.get(address, headers={"HX-Request": "true"}).headers

    assert wait_until(done, LONGEST, step=0.5)
