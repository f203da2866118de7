"""P3, P10 and P14 on rows of promotion and accountability: a sound world breaks nothing, each violation is found."""

from datetime import timedelta

import pgtrigger
import pytest
from django.db import connection, transaction
from django.utils import timezone

from core import promises
from evaluations import services
from evaluations.invariants import judging as invariants
from evaluations.models import (
    AccountabilityCase,
    AccountabilityStep,
    AppraisalLine,
    AppraisalRun,
    Gate,
    PromotionDecision,
)
from suggestions.models import Suggestion
from tests import factories
from tests.evaluations import judged

CHECKS = (
    invariants.gates_are_what_the_appraisals_say,
    invariants.promoted_with_recognition,
    invariants.nobody_handled_their_own,
    invariants.no_case_on_a_rank_alone,
    invariants.evidence_is_in_the_rows,
    invariants.cases_are_where_their_last_step_led,
)


@pytest.fixture
def world(city):
    """A gate passed and a promotion on it, a case in hearing, and one answered."""
    gate = judged.gated(city, 90)
    services.promote(gate.officer, year=2025, to_position="副所长", by=city.leader)
    city.case = services.hear(judged.opened(city), record="承认。", by=city.inspector)
    done = services.open_inquiry(judged.signal_twice(city, city.officer2.officer), by=city.inspector)
    done = services.open_case(done, reasons="属实。", by=city.inspector)
    done = services.hear(done, record="承认。", by=city.inspector)
    done = services.decide(done, outcome="检查。", by=city.inspector)
    services.answer_in_public(done, answer="已检查。", by=city.inspector)
    judged.late_replies(city, handler=False)
    return city


def unconstrained(name):
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE evaluations_accountabilitycase DROP CONSTRAINT {name}")


def gate_raised(c):
    Gate.objects.update(public_points=99)


def gate_of_a_draft(c):
    AppraisalRun.objects.update(state="frozen")


def line_changed(c):
    AppraisalLine.objects.filter(component__is_public=True).update(score=10)


def promoted_on_anothers_gate(c):
    PromotionDecision.objects.update(officer=c.officer2.officer)


def promoted_by_themselves(c):
    PromotionDecision.objects.update(by=c.officer)


def handled_by_the_chief(c):
    AccountabilityStep.objects.create(case=c.case, at=timezone.now(), to_state="heard", by=c.leader)


def handled_by_a_colleague_then(c):
    """Who worked there when the step was taken, and left since."""
    AccountabilityStep.objects.create(case=c.case, at=timezone.now(), to_state="heard", by=c.officer2)
    c.officer2.memberships.update(ends=timezone.now() + timedelta(seconds=1))
    c.officer2.officer.unit = c.chaoyang
    c.officer2.officer.save()


def rank_alone(c):
    unconstrained("a_rank_alone_is_an_inquiry")
    AccountabilityCase.objects.filter(pk=c.case.pk).update(ground="rank")


def nothing_proven(c):
    AccountabilityCase.objects.filter(pk=c.case.pk).update(evidence={"rows": []})


def rows_changed(c):
    Suggestion.objects.exclude(handler=None).update(due_at=timezone.now())


def moved_without_a_word(c):
    AccountabilityCase.objects.filter(pk=c.case.pk).update(state="opened")


BROKEN = (
    (invariants.gates_are_what_the_appraisals_say, gate_raised),
    (invariants.gates_are_what_the_appraisals_say, gate_of_a_draft),
    (invariants.gates_are_what_the_appraisals_say, line_changed),
    (invariants.promoted_with_recognition, promoted_on_anothers_gate),
    (invariants.promoted_with_recognition, promoted_by_themselves),
    (invariants.nobody_handled_their_own, handled_by_the_chief),
    (invariants.nobody_handled_their_own, handled_by_a_colleague_then),
    (invariants.no_case_on_a_rank_alone, rank_alone),
    (invariants.no_case_on_a_rank_alone, nothing_proven),
    (invariants.evidence_is_in_the_rows, rows_changed),
    (invariants.cases_are_where_their_last_step_led, moved_without_a_word),
)


def test_a_sound_world_breaks_nothing(world):
    assert [list(check()) for check in CHECKS] == [[]] * len(CHECKS)
    assert {check for _number, check in promises._checks} >= set(CHECKS)


@pytest.mark.parametrize(("check", "spoil"), BROKEN, ids=[spoil.__name__ for _check, spoil in BROKEN])
def test_each_violation_is_found(world, check, spoil):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with transaction.atomic(), pgtrigger.ignore():
        spoil(world)
    assert len(list(check())) == 1


def test_a_statement_of_ones_own_is_no_violation(city):
    case = judged.opened(city)
    services.speak(case, statement="那一周停电。", by=city.officer)
    assert list(invariants.nobody_handled_their_own()) == []


def test_a_superior_who_is_an_admin_may_handle(city):
    boss = factories.staff(factories.Role.ADMIN, None)
    case = services.drop(judged.opened(city), reasons="不成立。", by=boss)
    assert case.state == "dropped"
    assert list(invariants.nobody_handled_their_own()) == []
