"""Each guard of polls and appraisals refuses in raw rows, and without it the same rows would be taken (P7–P10, P14).

One world, one guard after another: what is tried is undone each time.
"""

from contextlib import contextmanager, nullcontext
from datetime import date

import pgtrigger
import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from directory.models import Officer
from evaluations.models import (
    Answer,
    Appraisal,
    AppraisalLine,
    AppraisalRun,
    Batch,
    Component,
    Flag,
    Gate,
    Item,
    PooledScore,
    PromotionDecision,
    Response,
    Scheme,
    Score,
    ScoringRun,
    SigningKey,
    Wave,
)
from tests.evaluations import appraisals, judged, polls


def rows(model, **which):
    return model.objects.filter(**which)


def change(row, **values):
    return lambda: type(row).objects.filter(pk=row.pk).update(**values)


def again(row, **values):
    """The same row once more under a number of its own."""
    fields = {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields if not f.primary_key}
    return lambda: type(row).objects.bulk_create([type(row)(**fields | values)])


@contextmanager
def undone():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def checked(act):
    act()
    settle()


def settle():
    """What the end of a transaction would find, is found now."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


@contextmanager
def without(model, *guards):
    """As if the guards were not there: triggers ignored, constraints dropped."""
    known = {trigger.name for trigger in model._meta.triggers}
    uris = [f"{model._meta.label}:{name}" for name in guards if name in known]
    with connection.cursor() as cursor:
        for name in guards:
            if name not in known:
                drop = "INDEX" if _is_index(cursor, name) else f"TABLE {model._meta.db_table} DROP CONSTRAINT"
                cursor.execute(f"{'DROP' if drop == 'INDEX' else 'ALTER'} {drop} {name}")
    with pgtrigger.ignore(*uris) if uris else nullcontext():
        yield


def _is_index(cursor, name):
    cursor.execute("SELECT NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = %s)", [name])
    return cursor.fetchone()[0]


def hold(cases):
    """Each of the guards refuses alone; without any of them, nothing else does."""
    settle()
    for model, guards, act in cases:
        for guard in guards:
            others = [one for one in guards if one != guard]
            with pytest.raises(DatabaseError), undone(), without(model, *others):
                checked(act)
        with undone(), without(model, *guards):
            checked(act)


def test_of_a_wave_in_the_field(city):
    wave = polls.make_wave(city, state="fielding")
    other = polls.make_wave(city, code="2026-2", officers=0)
    polls.answer(wave, 40)
    batch, response, answer = Batch.objects.get(), Response.objects.first(), Answer.objects.first()
    strange = other.subjects.get(code="wuxing-yuehe")
    revoked = SigningKey.objects.create(pollster=wave.pollster, public_key="cd" * 32, revoked_at=timezone.now())
    unused = {"said": "level", "level": 5}
    hold([
        (Batch, ["evaluations_batch_sha256_key"], again(batch)),  # the same file once
        (Batch, ["comes_while_fielding"], again(batch, sha256="1" * 64, wave_id=other.pk)),
        (Batch, ["comes_while_fielding"], again(batch, sha256="1" * 64, key_id=revoked.pk)),
        (Response, ["response_once_a_wave"], again(response)),
        (Response, ["come_while_fielding"], again(response, wave_id=other.pk, reference="late")),
        (Response, ["interview_ends_after_it_starts"],
         again(response, reference="x", ended_at=response.started_at.replace(year=2025))),
        (Response, ["base_weight_is_positive"], again(response, reference="x", base_weight=0)),
        (Response, ["base_weight_is_positive"], again(response, reference="x", base_weight=float("nan"))),
        (Answer, ["answered_once"], again(answer)),
        (Answer, ["are_about_the_wave"], again(answer, subject_id=strange.pk, **unused)),
        (Answer, ["answer_is_a_level_or_none"], again(answer, subject_id=_unasked(wave).pk, said="level", level=6)),
        (Answer, ["never_changed"], change(answer, said="refused", level=None)),
        (Response, ["never_deleted"], lambda: rows(Response, pk=_alone(wave).pk).delete()),
        (Item, ["frozen_questions_stand"], change(wave.questionnaire.items.first(), text="?")),
        (Wave, ["moves_by_the_table"], change(wave, state="scored")),
        (Wave, ["wave_ends_after_it_starts"], change(wave, ends=date(2020, 1, 1))),
        (Wave, ["starts_draft"], again(wave, code="new", state="fielding")),
    ])  # fmt: skip


def _unasked(wave):
    return wave.subjects.filter(answers=None).first() or wave.subjects.first()


def _alone(wave):
    old = Response.objects.first()
    fields = {f.attname: getattr(old, f.attname) for f in Response._meta.concrete_fields if not f.primary_key}
    return Response.objects.create(**fields | {"reference": "alone"})


def test_of_a_frozen_wave_and_what_stands_on_it(city):
    year = appraisals.appraised_year(city, state="frozen", wave="frozen")
    wave, run, one = year.wave, year.run, year.complete[0]
    score = Score.objects.filter(is_shown=True, subject__kind="officer").first()
    station = Score.objects.filter(is_shown=True, subject__kind="unit").first()
    response, line = Response.objects.first(), one.lines.first()
    part = year.scheme.components.get(key="on_time")
    flag = Flag.objects.first() or _flag(response)
    freeze, floors = "frozen_score_stands", ["shown_on_enough_still", "frozen_score_stands"]
    missing = next((a for a in year.appraisals if a.total is None), None)
    hold([
        (Wave, ["moves_by_the_table"], change(wave, state="scored")),
        (Wave, ["who_scores_does_not_publish"], change(wave, published_by=wave.scored_by)),
        (Wave, ["published_wave_has_a_publisher"], change(wave, state="published")),
        (Score, [freeze], change(score, points=score.points - 1)),
        (Score, [freeze, "points_lie_on_the_scale"], change(score, points="100.01")),
        (Score, floors, change(score, reliability="0.69")),
        (Score, floors, change(score, reliability=None)),
        (Score, [*floors, "nothing_is_shown_on_too_little"], change(score, n=29)),
        (Score, [*floors, "nothing_is_shown_on_too_little"], change(score, n_eff="24.99")),
        (Score, floors, change(station, n_eff="99.99")),
        (ScoringRun, ["frozen_run_stands"], change(score.run, inputs_sha256="0" * 64)),
        (Response, ["frozen_responses_stand"], change(response, weight=response.weight * 2)),
        (Flag, ["no_new_flag_when_frozen"], again(flag, kind="overlap", response_id=_unflagged().pk)),
        (Scheme, ["locked_scheme_stands"], change(year.scheme, title="?")),
        (Component, ["locked_components_stand", "are_the_publics"], change(part, weight=part.weight - 1)),
        (Component, ["locked_components_stand", "are_the_publics", "weight_in_basis_points"], change(part, weight=0)),
        (AppraisalRun, ["moves_by_the_table"], change(run, state="draft")),
        (AppraisalRun, ["frozen_run_keeps_its_figures"], change(run, inputs_sha256="0" * 64)),
        (AppraisalRun, ["frozen_run_keeps_its_figures", "appraisals_frozen_by_a_second"],
         change(run, frozen_by=run.by)),
        (AppraisalRun, ["frozen_run_is_worked_out"], change(run, finished_at=None)),
        (Appraisal, ["frozen_appraisal_stands", "total_is_the_sum"], change(one, total=one.total - 1)),
        (Appraisal, ["frozen_appraisal_stands", "total_is_the_sum"], change(one, total=None)),
        (Appraisal, ["appraised_once", "frozen_appraisal_stands", "total_is_the_sum"], again(one)),
        (AppraisalLine, ["frozen_line_stands", "line_makes_the_sum"], change(line, points=line.points + 1)),
        (AppraisalLine, ["frozen_line_stands", "line_makes_the_sum", "score_on_the_scale"],
         change(line, score="100.01")),
        (AppraisalLine, ["line_once", "frozen_line_stands", "line_makes_the_sum"], again(line)),
        *([(Appraisal, ["frozen_appraisal_stands", "total_is_the_sum"], change(missing, total=50))] if missing else []),
    ])  # fmt: skip


def _flag(response):
    with pgtrigger.ignore("evaluations.Flag:no_new_flag_when_frozen"):
        return Flag.objects.create(response=response, kind="speeding")


def _unflagged():
    return Response.objects.filter(flags=None).first()


def test_a_scheme_is_the_publics_by_any_route(city):
    year_of = judged.make_scheme(city, 2025)
    part = year_of.components.filter(is_public=True).first()
    house = year_of.components.filter(is_public=False).first()
    locked = ["locked_components_stand", "are_the_publics"]
    hold([
        (Component, locked, change(part, weight=part.weight - 1)),
        (Component, locked, lambda: year_of.components.update(is_public=False)),
        (Component, ["locked_components_stand", "only_a_poll_speaks_for_the_public"], change(house, is_public=True)),
        (Component, [*locked, "component_once"], again(house)),
        (Scheme, ["locked_scheme_stands", "scheme_locked_by_two"], change(year_of, proposed_by=year_of.locked_by)),
        (Scheme, ["scheme_once", "is_the_publics"], again(year_of)),
        (AppraisalRun, ["has_a_locked_scheme"], _run_of_an_open_scheme(city)),
    ])  # fmt: skip


def _run_of_an_open_scheme(city):
    scheme = appraisals.services.propose_scheme(appraisals.plan(), by=city.admin)
    return lambda: AppraisalRun.objects.create(scheme=scheme, number=1, version="1", inputs_sha256="", by=city.admin)


def test_nobody_is_promoted_past_the_gate_by_any_route(city):
    officer = city.officer.officer
    gate = judged.gated(city)
    below = judged.gated(city, 20, officer=city.officer2.officer, attitude=20, year=2024)
    decided = PromotionDecision(officer=officer, year=2025, to_position="所长", gate=gate, by=city.sub_leader)
    decided.save()
    other = Officer.objects.exclude(pk__in=[officer.pk, below.officer_id]).first()
    made_up = "is_what_the_appraisal_says"
    hold([
        (Gate, ["never_changed"], change(gate, public_points="99.00")),
        (Gate, ["gate_once_a_run"], again(gate)),
        (Gate, ["passed_means_recognised", made_up], again(below, passed=True, officer_id=other.pk)),
        (Gate, [made_up], again(gate, public_points=0, threshold=0, officer_id=other.pk)),
        (PromotionDecision, ["promoted_once_a_year"], again(decided)),
        (PromotionDecision, ["promoted_with_recognition"], again(decided, officer_id=other.pk)),
        (PromotionDecision, ["promoted_with_recognition"], again(decided, year=2024)),
        (PromotionDecision, ["promoted_with_recognition"],
         again(decided, officer_id=below.officer_id, year=2024, gate_id=below.pk)),
        (PromotionDecision, ["never_changed"], change(decided, to_position="局长")),
    ])  # fmt: skip


def test_figures_over_several_waves_keep_the_floors(city):
    polls.half_year(city, 0, officers=6)
    one = PooledScore.objects.filter(run__wave=polls.half_year(city, 1, to="scored")).first()
    hold([
        (PooledScore, ["nothing_is_pooled_on_too_little"], change(one, n=29)),
        (PooledScore, ["nothing_is_pooled_on_too_little"], change(one, n_eff="24.99")),
        (PooledScore, ["nothing_is_pooled_on_too_little"], change(one, reliability="0.69")),
        (PooledScore, ["pooled_over_two_to_four_waves"], change(one, waves=list("abcde"))),
        (PooledScore, ["pooled_over_two_to_four_waves"], change(one, waves=["w1"])),
    ])  # fmt: skip
