"""P7, P8 and P14 on live rows: nothing is found in a plain wave, and each seeded violation is."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pgtrigger
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import promises
from evaluations.invariants import polls as invariants
from evaluations.models import Answer, Batch, FrameEntry, Response, Score, SigningKey, Wave
from evaluations.public_names import public_name
from evaluations.queries import published
from evaluations.scoring import wave as scoring
from evaluations.scoring.observations import About, Observations, read, write
from evaluations.scoring.persons import condensed
from evaluations.scoring.wave import FOIL
from tests.evaluations import polls

RESCORE = Path(__file__).resolve().parents[2] / "tools" / "rescore.py"


@pytest.fixture
def wave(city):
    wave = polls.scored_wave(city, state="published", count=600)
    Batch.objects.update(answers_count=Answer.objects.count())
    return wave


def broken():
    return {v.check.split()[0] + " " + v.promise for v in promises.violations() if v.promise in ("P7", "P8", "P14")}


def test_a_plain_wave_breaks_nothing_and_each_violation_is_found(city, wave):
    assert broken() == set()
    with pgtrigger.ignore():
        for check, spoil, mend in violations(wave):
            spoil()
            assert list(check()), check.__name__
            mend()
    assert broken() == set()


def violations(wave):
    batch, score = Batch.objects.get(), Score.objects.filter(is_shown=True, subject__kind="officer").first()
    run, answer = score.run, Answer.objects.filter(level=5, item__code="content").first()
    entry, response = FrameEntry.objects.first(), Response.objects.first()
    stranger = SigningKey.objects.create(
        public_key="cd" * 32, pollster=type(wave.pollster).objects.create(code="x", name="x")
    )

    def put(row, **values):
        return lambda: type(row).objects.filter(pk=row.pk).update(**values)

    yield invariants.files_are_whole, put(batch, responses_count=601), put(batch, responses_count=600)
    yield invariants.files_are_of_their_own_wave, put(batch, key=stranger), put(batch, key=batch.key)
    yield invariants.frames_are_as_drawn, put(entry, age_sex="x"), put(entry, age_sex=entry.age_sex)
    recomputed = invariants.frozen_figures_equal_a_recomputation
    yield recomputed, put(score, points=score.points - 1), put(score, points=score.points)
    yield recomputed, put(run, inputs_sha256="0" * 64), put(run, inputs_sha256=run.inputs_sha256)
    yield recomputed, put(answer, level=1), put(answer, level=5)
    yield recomputed, put(response, weight=1.7), put(response, weight=response.weight)
    yield invariants.weights_give_no_cell_away, put(response, weight=1.71), put(response, weight=response.weight)
    yield (
        invariants.shown_figures_stand_on_enough,
        put(score, reliability=0.5),
        put(score, reliability=score.reliability),
    )
    yield invariants.as_many_are_told_of_several, put(score, n_eff=score.n_eff - 5), put(score, n_eff=score.n_eff)
    yield invariants.nobody_is_hidden_alone, put(score, is_shown=False), put(score, is_shown=True)


def test_a_stranger_gets_the_same_bytes(wave, tmp_path):
    files = published.files(wave)
    for name, content in files.items():
        (tmp_path / f"{name}.csv").write_bytes(content)
    assert len(files["scores"].splitlines()) > 20
    done = run(tmp_path / "inputs.csv")
    assert done.stdout == files["scores"]
    assert (
        wave.runs.filter(is_current=True).first().inputs_sha256
        in run(tmp_path / "inputs.csv", tmp_path / "scores.csv").stdout.decode()
    )


def test_a_changed_score_is_noticed(wave, tmp_path):
    files = published.files(wave)
    (tmp_path / "inputs.csv").write_bytes(files["inputs"])
    (tmp_path / "scores.csv").write_bytes(files["scores"].replace(b".5", b".6", 1))
    assert run(tmp_path / "inputs.csv", tmp_path / "scores.csv").returncode == 1


def run(*paths):
    return subprocess.run(
        [sys.executable, str(RESCORE), *map(str, paths)], capture_output=True, cwd="/", env={}, check=False
    )


def test_the_published_files_hold_the_published_rows(wave):
    rows = published.files(wave)["scores"].decode().splitlines()[1:]
    assert len(rows) == Score.objects.filter(is_shown=True, run__wave=wave, run__is_current=True).count()
    for score in Score.objects.filter(is_shown=True, subject__kind="officer").select_related("subject")[:5]:
        name = public_name("officer", score.subject.code, wave=wave.code, indicator=score.indicator)
        assert any(f",{name},,{score.n_eff},,{score.points}," in r for r in rows)
    assert not Wave.objects.exclude(state="published").exists()


@st.composite
def worlds(draw):
    """Observations of up to eight officers of two groups, a foil, and any number of answers, some flagged."""
    seed = draw(st.integers(0, 2**32 - 1))
    size = draw(st.integers(0, 1500))
    rng = np.random.default_rng(seed)
    groups = [About("familiarity", "officer", f"g{n % 2}" if n < 11 else "alone", f"o{n}") for n in range(12)]
    subjects = [*groups, About("familiarity", FOIL, "", ""), About("safety", "city", "", "")]
    about = np.sort(rng.integers(0, len(subjects), size))
    asked = rng.integers(0, 3, size)
    present = np.unique(about)
    return Observations(
        [subjects[i] for i in present],
        np.searchsorted(present, about),
        rng.integers(0, 4, size),
        np.round(rng.integers(1, 60, size) * 0.05, 2),
        np.minimum(rng.integers(0, 3, size), asked),
        asked,
        rng.random(size) < 0.1,
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(worlds())
def test_published_figures_equal_a_recomputation_whatever_was_answered(made):
    made = condensed(made)
    scored = scoring.score(made)
    content = published.inputs_file(made, scored)
    again = scoring.score(read(content))
    assert list(published.lines(again)) == list(published.lines(scored))
    for figure in scored.with_flagged:
        assert figure.share is None or 0 <= figure.share <= 1
        assert not (figure.shown and figure.about.kind == "officer" and figure.n < 30)
    assert write(read(content), [a.code for a in read(content).subjects]) == content
