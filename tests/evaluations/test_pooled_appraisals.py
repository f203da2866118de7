"""Appraisals of persons about whom one poll alone knows too little: the figure over several counts, and says so."""

import subprocess
import sys
from pathlib import Path

import pgtrigger
import pytest
from django.urls import reverse

from core import promises
from evaluations import services
from evaluations.invariants.appraisals import appraisals_stand_on_published_scores
from evaluations.models import AppraisalLine, Gate, PooledScore, Score
from evaluations.queries.appraisal_files import files
from evaluations.scoring.appraisal import CENT
from tests.evaluations import appraisals, polls
from tests.pages import page_of

REAPPRAISE = Path(__file__).resolve().parents[2] / "tools" / "reappraise.py"
WEIGHTS = {"satisfaction": 3100, "attitude": 2000, "on_time": 4900}


@pytest.fixture
def voiced(city):
    """Two polls, each with too few answers about anybody, in 2025 and 2026; voices that everybody handled in 2026."""
    polls.half_year(city, 1, officers=6)
    wave = polls.half_year(city, 2)
    for one in wave.subjects.filter(role="community_officer").select_related("officer__unit"):
        appraisals.voices(city, one.officer)
    return city


def worked_out(city, *, year=2026, weights=WEIGHTS, **plan):
    return services.run_appraisals(appraisals.locked_scheme(city, weights, year=year, **plan), by=city.admin)


def public_lines(run, key="satisfaction"):
    return AppraisalLine.objects.filter(appraisal__run=run, component__key=key).select_related("appraisal__officer")


def test_the_figure_over_several_polls_counts_and_says_so(voiced):
    run = worked_out(voiced)
    assert not Score.objects.filter(subject__kind="officer", is_shown=True).exists()
    assert public_lines(run).count() >= 5
    for line in public_lines(run):
        told = PooledScore.objects.get(
            run__wave__code="w2", run__is_current=True, run__without_flagged=True, indicator="satisfaction",
            subject__officer=line.appraisal.officer,
        )  # fmt: skip
        assert (line.score, line.inputs["n"], line.inputs["waves"]) == (told.points, told.n, ["w2", "w1"])
        assert (line.inputs["wave"], line.inputs["scored_from"]) == ("w2", told.run.pool_sha256)
        assert line.appraisal.total is not None


def test_without_the_earlier_poll_there_is_none(city):
    polls.half_year(city, 2, officers=6)
    run = worked_out(city)
    assert {one.missing["satisfaction"] for one in run.appraisals.all()} <= {"not_enough", "not_asked"}


def test_a_poll_that_knows_enough_alone_stands_alone(city):
    polls.half_year(city, 1, officers=6)
    polls.half_year(city, 2, count=600)
    lines = public_lines(worked_out(city))
    assert lines.count() == 6
    assert all("waves" not in line.inputs for line in lines)


def test_kinds_are_never_put_together(voiced):
    polls.half_year(voiced, 3, kind="contact")
    weights = {"contact_satisfaction": 5100, "on_time": 4900}
    run = worked_out(voiced, weights=weights)
    assert {one.missing["contact_satisfaction"] for one in run.appraisals.all()} <= {"not_enough", "not_asked"}


def test_answers_after_the_year_do_not_count_in_it(voiced):
    run = worked_out(voiced, year=2025)  # in 2025 there was one poll, and it knows too little
    assert {one.missing["satisfaction"] for one in run.appraisals.all()} <= {"not_enough", "not_asked"}


def test_the_appraised_reads_which_polls_and_finds_them(client, voiced):
    run = appraisals.advance(voiced, worked_out(voiced), "published")
    line = public_lines(run).first()
    client.force_login(appraisals.person(line.appraisal))
    page = page_of(client.get(line.appraisal.get_absolute_url()))
    assert "几次民调合并计算：w2、w1" in page
    assert f"问卷 {line.inputs['n']} 份" in page
    link = reverse("evaluations:open_file", args=["w2", "pooled-scores"])
    assert link in page
    assert f",{line.score}," in page_of(client.get(link))
    assert page.count("thread__") > 0
    assert "2025-05-01" in page  # the story tells when each poll was in the field
    assert "2026-01-01" in page


def test_the_gate_follows(voiced):
    run = appraisals.advance(voiced, worked_out(voiced), "published")
    services.record_gates(run)
    gates = Gate.objects.filter(run=run, public_points__isnull=False)
    assert gates.exists()
    for gate in gates:
        worth = {key: public_lines(run, key).get(appraisal__officer=gate.officer).score for key in list(WEIGHTS)[:2]}
        mean = (worth["satisfaction"] * 3100 + worth["attitude"] * 2000) / 5100
        assert abs(gate.public_points - mean) <= CENT
        assert gate.passed == (gate.public_points >= 80)


def test_a_stranger_gets_the_same_bytes(voiced, tmp_path):
    run = appraisals.advance(voiced, worked_out(voiced), "published")
    contents = files(run)
    assert b'"waves":["w2","w1"]' in contents["inputs.jsonl"]
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    command = [sys.executable, "-S", "-E", str(REAPPRAISE), tmp_path / "inputs.jsonl", tmp_path / "results.csv"]
    assert subprocess.run([*command, run.inputs_sha256], capture_output=True, check=False).returncode == 0
    five = contents["inputs.jsonl"].replace(b'"waves":["w2","w1"]', b'"waves":["e","d","c","b","a"]')
    (tmp_path / "inputs.jsonl").write_bytes(five)
    assert subprocess.run(command, capture_output=True, check=False).returncode == 1


def test_a_line_that_is_not_what_was_told_is_found(voiced):
    appraisals.advance(voiced, worked_out(voiced), "published")
    assert not [v for v in promises.violations() if v.promise in ("P8", "P9", "P14")]
    one = PooledScore.objects.filter(run__wave__code="w2", run__without_flagged=True, indicator="attitude").first()
    with pgtrigger.ignore():
        PooledScore.objects.filter(pk=one.pk).update(points=one.points - 1)
        assert list(appraisals_stand_on_published_scores())
