"""What the database never lets anybody do to a scheme, an appraisal or a promotion, by any route."""

from datetime import date
from decimal import Decimal

import pgtrigger
import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from evaluations.models import (
    Appraisal,
    AppraisalLine,
    AppraisalRun,
    Component,
    Gate,
    Pollster,
    PromotionDecision,
    Questionnaire,
    Scheme,
    Wave,
)
from evaluations.models.triggers import (
    COMPONENTS_ARE_THE_PUBLICS,
    GATE_IS_WHAT_THE_APPRAISAL_SAYS,
    PROMOTED_WITH_RECOGNITION,
    SCHEME_IS_THE_PUBLICS,
)


def at_commit():
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


@transaction.atomic
def make_scheme(city, public=5100, whole=10_000, locked=True, year=2025):
    scheme = Scheme.objects.create(year=year, about="officer", title="社区民警考评", proposed_by=city.admin)
    Component.objects.create(scheme=scheme, key="satisfaction", label="满意度", weight=public, is_public=True)
    Component.objects.create(scheme=scheme, key="on_time", label="按时办结", weight=whole - public, is_public=False)
    at_commit()
    if locked:
        scheme.locked_by, scheme.locked_at = city.admin2, timezone.now()
        scheme.save()
    return scheme


@transaction.atomic
def make_appraisal(city, satisfaction=90, on_time=80, total=None, state="draft"):
    scheme = make_scheme(city)
    run = AppraisalRun.objects.create(
        scheme=scheme, number=1, version="1", inputs_sha256="0" * 64, by=city.admin, is_current=True
    )
    appraisal = Appraisal.objects.create(run=run, officer=city.officer.officer, unit=city.yuehe)
    parts = {c.key: c for c in scheme.components.all()}
    for key, score in (("satisfaction", satisfaction), ("on_time", on_time)):
        if score is not None:
            points = (Decimal(score) * parts[key].weight / 10_000).quantize(Decimal("0.01"))
            AppraisalLine.objects.create(appraisal=appraisal, component=parts[key], score=score, points=points)
    Appraisal.objects.filter(pk=appraisal.pk).update(total=total)
    at_commit()
    if state != "draft":
        AppraisalRun.objects.filter(pk=run.pk).update(state="frozen", frozen_by=city.admin2)
    if state == "published":
        AppraisalRun.objects.filter(pk=run.pk).update(state="published", published_at=timezone.now())
    return Appraisal.objects.get(pk=appraisal.pk)


def test_51_percent_holds(city):
    assert make_scheme(city).components.count() == 2


@pytest.mark.parametrize(("public", "whole"), [(5099, 10_000), (5100, 9_999), (9000, 10_001)])
def test_one_basis_point_less_does_not(city, public, whole):
    with pytest.raises(IntegrityError, match="5100"):
        make_scheme(city, public, whole)


def test_nor_in_raw_sql(city):
    scheme = make_scheme(city, locked=False)
    with pytest.raises(IntegrityError, match="5100"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE evaluations_component SET weight = 5099 WHERE is_public AND scheme_id = %s", [scheme.pk])
        cursor.execute("UPDATE evaluations_component SET weight = 4901 WHERE NOT is_public")
        at_commit()


def test_nor_by_taking_a_part_away(city):
    scheme = make_scheme(city, locked=False)
    with pytest.raises(IntegrityError, match="5100"), transaction.atomic():
        scheme.components.filter(is_public=True).delete()
        at_commit()


def test_a_scheme_without_parts_is_none(city):
    with pytest.raises(IntegrityError, match="5100"), transaction.atomic():
        Scheme.objects.create(year=2025, about="unit", title="空")
        at_commit()


def test_without_the_guards_it_would(city):
    with pgtrigger.ignore(f"evaluations.Scheme:{SCHEME_IS_THE_PUBLICS.name}",
                          f"evaluations.Component:{COMPONENTS_ARE_THE_PUBLICS.name}"):  # fmt: skip
        assert make_scheme(city, public=100).components.count() == 2
    transaction.set_rollback(True)  # what stands there now could not be committed


def test_a_locked_scheme_stands(city):
    scheme = make_scheme(city)
    with pytest.raises(IntegrityError, match="stands"), transaction.atomic():
        scheme.components.filter(is_public=True).update(weight=6000)
    with pytest.raises(IntegrityError, match="stands"), transaction.atomic():
        Component.objects.create(scheme=scheme, key="bonus", label="加分", weight=1, is_public=False)


def test_one_person_alone_locks_nothing(city):
    scheme = make_scheme(city, locked=False)
    with pytest.raises(IntegrityError, match="scheme_locked_by_two"), transaction.atomic():
        Scheme.objects.filter(pk=scheme.pk).update(locked_by=city.admin, locked_at=timezone.now())


def test_a_total_is_the_sum(city):
    assert make_appraisal(city, total=Decimal("85.10")).total == Decimal("85.10")


@pytest.mark.parametrize("total", ["85.11", "100", None])
def test_any_other_total_is_refused(city, total):
    with pytest.raises(IntegrityError, match="sum of all its lines"):
        make_appraisal(city, total=total and Decimal(total))


def test_without_the_publics_score_there_is_no_total(city):
    assert make_appraisal(city, satisfaction=None, total=None).total is None
    with pytest.raises(IntegrityError), transaction.atomic():
        Appraisal.objects.update(total=Decimal("39.20"))
        at_commit()


def test_points_are_score_times_weight(city):
    make_appraisal(city, total=Decimal("85.10"))
    with pytest.raises(IntegrityError, match="score times its weight"), transaction.atomic():
        AppraisalLine.objects.filter(component__key="on_time").update(points=Decimal("49.00"))
        Appraisal.objects.update(total=Decimal("94.90"))
        AppraisalLine.objects.filter(component__key="on_time").update(inputs={"a": 1})
        at_commit()


def test_a_frozen_appraisal_stands(city):
    appraisal = make_appraisal(city, total=Decimal("85.10"), state="frozen")
    with pytest.raises(IntegrityError, match="stands"), transaction.atomic():
        Appraisal.objects.filter(pk=appraisal.pk).update(total=Decimal("86.00"))
    with pytest.raises(IntegrityError, match="stands"), transaction.atomic():
        appraisal.lines.update(score=100)


def test_a_score_beyond_the_scale_is_refused(city):
    with pytest.raises(IntegrityError, match="score_on_the_scale"):
        make_appraisal(city, satisfaction="100.01", total=None)


def unguarded():
    return pgtrigger.ignore(f"evaluations.Gate:{GATE_IS_WHAT_THE_APPRAISAL_SAYS.name}")


def make_gate(appraisal, passed=True, points="90.00", threshold=80, **other):
    values = {"officer": appraisal.officer, "year": 2025, "run": appraisal.run, **other}
    with transaction.atomic():
        return Gate.objects.create(**values, public_points=points, threshold=threshold, passed=passed)


def test_a_gate_is_what_the_appraisal_says(city):
    assert make_gate(make_appraisal(city, total=Decimal("85.10"), state="published")).pk


@pytest.mark.parametrize(
    "made_up",
    [
        {"points": 0, "threshold": 0},
        {"points": "90.01"},
        {"points": "89.99"},
        {"points": None, "passed": False},
        {"passed": False},
        {"threshold": 90},
        {"year": 2024},
    ],
)
def test_a_made_up_gate_is_refused_and_without_the_guard_it_would_stand(city, made_up):
    appraisal = make_appraisal(city, total=Decimal("85.10"), state="published")
    with pytest.raises(IntegrityError, match="a gate"):
        make_gate(appraisal, **made_up)
    with unguarded():
        assert make_gate(appraisal, **made_up).pk


def test_nor_is_there_one_of_somebody_else_or_without_the_publics_score(city):
    appraisal = make_appraisal(city, satisfaction=None, state="published")
    other = {"officer": city.officer2.officer}
    for made_up in ({}, {"points": 0, "threshold": 0}, {"points": 0, "passed": False}, other):
        with pytest.raises(IntegrityError, match="a gate"):
            make_gate(appraisal, **made_up)
    assert make_gate(appraisal, points=None, passed=False).pk
    with unguarded():
        assert make_gate(appraisal, points=0, threshold=0, **other).pk


@pytest.mark.parametrize("why", ["not published", "not current"])
def test_nor_of_a_run_that_does_not_count(city, why):
    appraisal = make_appraisal(city, total=Decimal("85.10"), state="frozen" if why == "not published" else "published")
    if why == "not current":
        AppraisalRun.objects.update(is_current=False)
    with pytest.raises(IntegrityError, match="published, current run"):
        make_gate(appraisal)
    with unguarded():
        assert make_gate(appraisal).pk


def promote(appraisal, gate, by, **other):
    values = {"officer": appraisal.officer, "year": 2025, "to_position": "副所长", "gate": gate, "by": by, **other}
    with transaction.atomic():
        return PromotionDecision.objects.create(**values)


def test_the_recognised_is_promoted(city):
    appraisal = make_appraisal(city, total=Decimal("85.10"), state="published")
    assert promote(appraisal, make_gate(appraisal), city.admin).pk


@pytest.mark.parametrize("why", ["not passed", "another officer", "another year", "not published", "not current"])
def test_nobody_is_promoted_without_recognition(city, why):
    state = "frozen" if why == "not published" else "published"
    appraisal = make_appraisal(city, total=Decimal("85.10"), state=state)
    with unguarded():
        gate = make_gate(appraisal, passed=why != "not passed", points=70 if why == "not passed" else 90)
    if why == "not current":
        AppraisalRun.objects.update(is_current=False)
    other = {"another officer": {"officer": city.officer2.officer}, "another year": {"year": 2024}}.get(why, {})
    with pytest.raises(IntegrityError, match="nobody is promoted"):
        promote(appraisal, gate, city.admin, **other)


def test_without_the_guard_anybody_would(city):
    appraisal = make_appraisal(city, satisfaction=70, total=Decimal("74.90"), state="published")
    gate = make_gate(appraisal, passed=False, points=70)
    with pgtrigger.ignore(f"evaluations.PromotionDecision:{PROMOTED_WITH_RECOGNITION.name}"):
        assert promote(appraisal, gate, city.admin).pk


def test_a_gate_cannot_pass_below_its_threshold(city):
    appraisal = make_appraisal(city, total=Decimal("85.10"), state="published")
    with unguarded(), pytest.raises(IntegrityError, match="passed_means_recognised"):
        make_gate(appraisal, passed=True, points=79)


def make_wave():
    pollster = Pollster.objects.create(code="demo", name="演示民调公司", is_demo=True)
    asked = Questionnaire.objects.create(code="resident", version=1, title="居民问卷")
    return Wave.objects.create(
        code="2026-1", title="2026 年上半年", kind="population", year=2026, pollster=pollster, questionnaire=asked,
        starts=date(2026, 5, 1), ends=date(2026, 5, 31), positive_levels=[4, 5],
    )  # fmt: skip


@pytest.mark.parametrize("to", ["imported", "scored", "published"])
def test_a_wave_takes_one_step_at_a_time(city, to):
    wave = make_wave()
    with pytest.raises(IntegrityError, match="cannot move"), transaction.atomic():
        Wave.objects.filter(pk=wave.pk).update(state=to)


def test_a_wave_never_goes_back(city):
    wave = make_wave()
    Wave.objects.filter(pk=wave.pk).update(state="fielding")
    with pytest.raises(IntegrityError, match="cannot move"), transaction.atomic():
        Wave.objects.filter(pk=wave.pk).update(state="draft")


def test_who_scores_does_not_publish(city):
    wave = make_wave()
    with pytest.raises(IntegrityError, match="who_scores_does_not_publish"), transaction.atomic():
        Wave.objects.filter(pk=wave.pk).update(scored_by=city.admin, published_by=city.admin)
