"""Persons with too few answers in one wave: their figure over up to four waves of one kind, and nobody given away."""

import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pgtrigger
import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from core import promises
from evaluations.models import PooledScore, Score, Wave
from evaluations.public_names import public_name
from evaluations.queries import pooling, published
from evaluations.queries.observations import observations
from evaluations.scoring import persons, pooled
from evaluations.scoring import wave as scoring
from evaluations.scoring.observations import About
from tests.evaluations import polls
from tests.pages import page_of

RESCORE = Path(__file__).resolve().parents[2] / "tools" / "rescore.py"


@pytest.fixture
def first(city):
    return polls.half_year(city, 0, officers=6)


def told(wave, *, without=False):
    return PooledScore.objects.filter(run__wave=wave, run__is_current=True, run__without_flagged=without)


def shown(wave):
    return Score.objects.filter(run__wave=wave, run__is_current=True, is_shown=True, subject__kind="officer")


def test_two_waves_tell_what_one_cannot(city, first):
    second = polls.half_year(city, 1)
    assert not shown(first).exists()
    assert not shown(second).exists()
    assert not told(first).exists()
    assert told(second).filter(indicator="satisfaction").count() == 6
    for one in told(second).exclude(indicator="familiarity").select_related("subject"):
        parts = Score.objects.filter(
            subject__code=one.subject.code, indicator=one.indicator, run__is_current=True, run__without_flagged=False
        )
        assert one.waves == ["w1", "w0"]
        assert one.n == sum(part.n for part in parts) >= 30
        assert {part.points for part in parts} == {None}
        good = one.points * one.n_eff / 100
        assert one.n_eff <= one.n
        assert good == pytest.approx(round(good), abs=Decimal("0.01"))  # told in whole effective answers
        assert one.rank_low <= one.rank <= one.rank_high


def test_with_and_without_flagged_interviews(city, first):
    second = polls.half_year(city, 1, to="imported")
    polls.services.check(second, by=city.admin)
    for response in second.responses.order_by("reference")[::20]:  # of each officer some
        response.flags.get_or_create(kind="speeding")
    polls.services.weight(second, by=city.admin)
    polls.services.score(second, by=city.admin)
    both = [{one.subject_id: one.n for one in told(second, without=w).filter(indicator="attitude")} for w in (0, 1)]
    assert both[0].keys() == both[1].keys()
    assert sum(both[0].values()) > sum(both[1].values())


def test_kinds_are_never_mixed(city, first):
    other = polls.half_year(city, 1, kind="contact")
    assert not told(other).exists()
    third = polls.half_year(city, 2)
    assert {tuple(one.waves) for one in told(third)} == {("w2", "w0")}


def test_nor_are_other_answers_that_count_as_positive(city, first):
    assert not told(polls.half_year(city, 1, positive_levels=(5,))).exists()


def test_only_what_is_published_is_put_together(city):
    polls.half_year(city, 0, officers=6, to="frozen")
    assert not told(polls.half_year(city, 1)).exists()


def test_at_most_four_waves(city, first):
    for number in range(1, 5):
        last = polls.half_year(city, number)
    assert told(last).exists()
    assert {tuple(one.waves) for one in told(last)} == {("w4", "w3", "w2", "w1")}


def test_who_has_a_figure_of_the_wave_alone_gets_no_other(city, first):
    second = polls.half_year(city, 1, count=600)
    assert shown(second).filter(indicator="satisfaction").exists()
    alone = set(shown(second).values_list("subject_id", "indicator"))
    assert not alone & set(told(second).values_list("subject_id", "indicator"))


def test_a_stranger_gets_the_same_bytes(city, first, tmp_path):
    second = polls.half_year(city, 1)
    files = published.files(second)
    assert set(files) == {"inputs", "scores", "pooled-inputs", "pooled-scores"}
    assert set(published.files(first)) == {"inputs", "scores"}
    for name, content in files.items():
        (tmp_path / f"{name}.csv").write_bytes(content)
    rows = files["pooled-scores"].decode().splitlines()
    assert len(rows) == 1 + told(second).count() + told(second, without=True).count() > 7
    assert all(row.endswith(",w1+w0") for row in rows[1:])
    assert run(tmp_path / "pooled-inputs.csv").stdout == files["pooled-scores"]
    said = run(tmp_path / "pooled-inputs.csv", tmp_path / "pooled-scores.csv")
    assert told(second).first().run.pool_sha256 in said.stdout.decode()
    assert said.returncode == 0
    (tmp_path / "pooled-scores.csv").write_bytes(files["pooled-scores"].replace(b"1,", b"2,", 1))
    assert run(tmp_path / "pooled-inputs.csv", tmp_path / "pooled-scores.csv").returncode == 1


def run(*paths):
    return subprocess.run(
        [sys.executable, str(RESCORE), *map(str, paths)], capture_output=True, cwd="/", env={}, check=False
    )


def test_the_open_file_names_those_alone_who_are_told_of(client, city, first):
    second = polls.half_year(city, 1)
    got = client.get(f"/open/polls/{second.code}/pooled-inputs.csv")
    assert got.status_code == 200
    named = {(r[0], r[3]) for r in (row.split(",") for row in page_of(got).splitlines()[1:])
             if r[1] == "officer" and not r[3].startswith("hidden-")}  # fmt: skip
    both = told(second).values_list("indicator", "subject__code")
    assert named == {(of, public_name("officer", code, wave="w1", indicator=of, pooled=True)) for of, code in both}
    assert client.get(f"/open/polls/{first.code}/pooled-inputs.csv").status_code == 404


def test_nobody_is_left_alone_among_those_told_of(city, first):
    second = polls.half_year(city, 1, to="scored")
    asked = observations(second)
    newest = scoring.score(asked.open)
    pool = pooling.pool_of(second, asked, [first])
    made = pooled.score(pool.observations, pool.asked_in)
    everybody = pooling.may_be_told(asked, newest, pool, made)
    known = [p for p in everybody if made.with_flagged[p].about.indicator == "satisfaction"]
    assert len(known) == 6
    one_fails = list(made.with_flagged)
    one_fails[known[0]] = replace(one_fails[known[0]], shown=False)
    fewer = pooling.may_be_told(asked, newest, pool, replace(made, with_flagged=one_fails))
    assert len([p for p in fewer if p in known]) == 4  # another one is hidden with the one who must be


@st.composite
def waves_of(draw):
    """A pool of random answers about six officers, and the waves of each."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    size = draw(st.integers(1, 900))
    subjects = [About("satisfaction", "officer", "g", f"o{n}") for n in range(6)]
    subjects.append(About("satisfaction", scoring.FOIL, "", ""))
    about = np.sort(rng.integers(0, 7, size))
    present = np.unique(about)
    asked = rng.integers(0, 3, size)
    made = pooling.Observations(
        [subjects[i] for i in present], np.searchsorted(present, about), rng.integers(0, 5, size),
        np.round(rng.integers(1, 60, size) * 0.05, 2), np.minimum(rng.integers(0, 3, size), asked), asked,
        rng.random(size) < 0.1,
    )  # fmt: skip
    return made, [("a", "b", "c", "d", "e")[: rng.integers(0, 6)] for _ in present]


@settings(max_examples=40, deadline=None)
@given(waves_of())
def test_the_file_leads_to_the_same_figures_whatever_was_answered(given_):
    made, waves = given_
    made = persons.condensed(made)
    content = pooled.write(made, [about.code for about in made.subjects], waves)
    again, same = pooled.read(content)
    of = dict(zip(made.subjects, waves, strict=True))
    assert list(same) == [of[about] for about in again.subjects]
    first = pooled.score(made, waves)
    assert list(pooled.lines(pooled.score(again, same), same)) == list(pooled.lines(first, waves))
    for figure, of in zip(first.with_flagged, waves, strict=True):
        assert not figure.shown or (figure.n >= 30 and figure.n_eff >= 25 and figure.reliability >= 0.7)
        assert not figure.shown or 2 <= len(of) <= 4
        assert figure.signal == 0


def test_the_database_keeps_the_floors(city, first):
    one = told(polls.half_year(city, 1, to="scored")).first()
    for wrong in ({"n": 29}, {"n_eff": 24}, {"reliability": Decimal("0.69")}, {"waves": ["w1"]},
                  {"waves": ["a", "b", "c", "d", "e"]}, {"points": Decimal("100.01")}):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            PooledScore.objects.filter(pk=one.pk).update(**wrong)


def test_a_frozen_figure_stands_and_without_the_guard_it_would_not(city, first):
    one = told(polls.half_year(city, 1, to="frozen")).first()
    with pytest.raises(IntegrityError, match="stands"), transaction.atomic():
        PooledScore.objects.filter(pk=one.pk).update(n=one.n + 1)
    with pgtrigger.ignore("evaluations.PooledScore:frozen_score_stands"):
        assert PooledScore.objects.filter(pk=one.pk).update(n=one.n + 1) == 1


def test_each_violation_is_found(city, first):
    second = polls.half_year(city, 1)
    assert not [v for v in promises.violations() if v.promise in ("P7", "P8", "P14")]
    one = told(second).first()
    with pgtrigger.ignore():
        for promise, rows, wrong in (
            ("P8", PooledScore.objects.filter(pk=one.pk), {"points": one.points - 1}),
            ("P8", type(one.run).objects.filter(pk=one.run_id), {"pool_sha256": "0" * 64}),
            ("P14", PooledScore.objects.filter(pk=one.pk), {"waves": ["w1", "none"]}),
            ("P14", Wave.objects.filter(pk=first.pk), {"kind": "contact"}),
        ):
            right = rows.values(*wrong).get()
            rows.update(**wrong)
            assert promise in {v.promise for v in promises.violations()}, wrong
            rows.update(**right)
    assert not [v for v in promises.violations() if v.promise in ("P7", "P8", "P14")]


# --- who reads it -----------------------------------------------------------------------------------------------------


def test_the_officer_reads_the_figure_over_several_rounds(client, city, first):
    second = polls.half_year(city, 1)
    one = told(second).filter(indicator="satisfaction").select_related("subject__officer__user").first()
    client.force_login(one.subject.officer.user)
    page = page_of(client.get(reverse("evaluations:officer", args=[one.subject.officer.badge_number])))
    assert "满意度（2 轮合并）" in page
    assert page.count("下列各轮合并计算：") == 1
    assert f"{one.shrunk:.1f}%" in page
    assert "超出偶然" in page  # each round alone has told that, so of several together the place stays empty
    hidden = PooledScore.objects.filter(run__wave=second, subject=one.subject, indicator="familiarity").count()
    assert hidden or "样本不足" in page


def test_a_leader_finds_them_in_a_list_of_their_own(client, city, first):
    second = polls.half_year(city, 1)
    client.force_login(city.leader)
    page = client.get(reverse("evaluations:officers"))
    several = [one.subject.code for one in told(second).filter(indicator="satisfaction").select_related("subject")]
    assert len(several) == 6
    assert page.context["chart"] is None
    for code in several:
        assert f"/evaluations/officers/{code}/" in page_of(page)
    asked = Score.objects.filter(run__wave=second, run__without_flagged=False, indicator="satisfaction", n__gt=0)
    assert page.context["hidden"] == asked.filter(subject__kind="officer").count() - 6
    client.force_login(city.chaoyang_leader)
    assert not client.get(reverse("evaluations:officers")).context["several"].items
