"""P10: the gate is what the public's part of a published appraisal says, and nobody is promoted without it."""

import threading
from decimal import Decimal

import pgtrigger
import pytest
from django.db import IntegrityError, connections, transaction
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from core import outbox
from core.errors import DomainError, Invalid, NotAllowed
from core.models import AuditEntry
from evaluations import services
from evaluations.errors import NotRecognised, RunNotMadeKnown
from evaluations.models import AppraisalRun, Gate, PromotionDecision
from evaluations.queries import gates
from evaluations.scoring.recognition import is_recognised, public_points
from tests import factories
from tests.evaluations import judged


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def test_every_officer_of_a_published_run_gets_a_gate(city):
    good, low, unknown = city.officer.officer, city.officer2.officer, city.chaoyang_officer.officer
    run = judged.make_run(city, {good: (90, 84, 10), low: (80, "79.99", 100), unknown: (None, 99, 99)})
    assert services.record_gates(run, by=city.admin) == 3
    found = {gate.officer_id: (gate.passed, gate.public_points, gate.because) for gate in Gate.objects.all()}
    assert found == {
        good.pk: (True, Decimal("88.00"), ""),  # (90 × 4000 + 84 × 2000) / 6000
        low.pk: (True, Decimal("80.00"), ""),  # 79.99666… is 80.00 on two places, as it is published
        unknown.pk: (False, None, "too_few"),
    }
    assert services.record_gates(run, by=city.admin) == 0


def test_below_the_threshold_is_not_passed_and_says_by_how_much(city):
    gate = judged.gated(city, 70)
    assert (gate.passed, gate.because, gate.public_points) == (False, "below", Decimal("76.67"))
    assert "3.33" in gates.explain(gate)


@pytest.mark.parametrize("why", ["frozen", "not current", "another role"])
def test_gates_come_from_a_published_current_run_and_from_an_admin(city, why):
    run = judged.make_run(
        city, {city.officer.officer: (90, 90, 90)}, state="frozen" if why == "frozen" else "published"
    )
    if why == "not current":
        AppraisalRun.objects.update(is_current=False)
    by = city.leader if why == "another role" else city.admin
    with pytest.raises(NotAllowed if why == "another role" else RunNotMadeKnown):
        services.record_gates(run, by=by)
    assert not Gate.objects.exists()


def test_the_sweep_records_what_was_left_over(city):
    judged.make_run(city, {city.officer.officer: (90, 90, 90)})
    assert services.record_missing_gates() == 1
    assert services.record_missing_gates() == 0


def test_a_run_that_is_made_known_records_its_gates(city):
    run = judged.make_run(city, {city.officer.officer: (90, 90, 90)})
    outbox.emit("evaluations.appraisals_published", run=run.pk)
    outbox.emit("evaluations.appraisals_published", run=0)
    assert outbox.deliver() == 2
    assert city.officer.officer.gates.get().passed


def test_recording_takes_the_same_statements_whatever_the_size(city, django_assert_num_queries):
    few = judged.make_run(city, {city.officer.officer: (90, 90, 90)}, year=2024)
    people = [factories.staff(factories.Role.OFFICER, city.yuehe).officer for _n in range(30)]
    many = judged.make_run(city, dict.fromkeys(people, (90, 90, 90)))
    for run in (few, many):
        with django_assert_num_queries(10):
            services.record_gates(run)


def test_the_recognised_is_promoted_and_it_is_written_down(city):
    gate = judged.gated(city, 90)
    decision = services.promote(gate.officer, year=2025, to_position="副所长", by=city.leader)
    assert (decision.gate, list(gate.officer.promotions.all())) == (gate, [decision])
    entry = AuditEntry.objects.get(action="officer.promoted")
    assert (entry.object_id, entry.data["gate"]) == (str(gate.officer_id), gate.pk)


@pytest.mark.parametrize(
    ("satisfaction", "year", "said"),
    [(70, 2025, "76.67"), (None, 2025, "too few people"), (90, 2024, "2024")],
)
def test_without_the_gate_the_leader_reads_why(city, satisfaction, year, said):
    gate = judged.gated(city, satisfaction)
    with pytest.raises(NotRecognised, match=said):
        services.promote(gate.officer, year=year, to_position="副所长", by=city.leader)
    assert not PromotionDecision.objects.exists()


def test_who_was_never_appraised_is_not_promoted(city):
    with pytest.raises(NotRecognised, match="nobody knows"):
        services.promote(city.officer.officer, year=2025, to_position="副所长", by=city.leader)


def test_the_newest_year_counts(city):
    judged.gated(city, 90, year=2024)
    judged.gated(city, 60, year=2025)
    with pytest.raises(NotRecognised, match="newest year"):
        services.promote(city.officer.officer, year=2024, to_position="副所长", by=city.leader)


def test_a_run_worked_out_again_takes_the_old_gate_away(city):
    gate = judged.gated(city, 90)
    again = judged.make_run(city, {gate.officer: (60, 60, 90)}, scheme=gate.run.scheme, number=2)
    with pytest.raises(NotRecognised):
        services.promote(gate.officer, year=2025, to_position="副所长", by=city.leader)
    services.record_gates(again)
    with pytest.raises(NotRecognised, match=r"60\.00"):
        services.promote(gate.officer, year=2025, to_position="副所长", by=city.leader)


def test_nobody_promotes_themselves_or_beyond_their_command(city):
    chief = judged.gated(city, 95, officer=city.leader.officer).officer
    for by, error in ((city.leader, NotAllowed), (city.chaoyang_leader, NotAllowed), (city.officer, NotAllowed),
                      (city.auditor, NotAllowed), (city.triage, NotAllowed)):  # fmt: skip
        with pytest.raises(error):
            services.promote(chief, year=2025, to_position="分局副局长", by=by)
    assert services.promote(chief, year=2025, to_position="分局副局长", by=city.sub_leader)


def test_even_raw_rows_promote_nobody_by_themselves(city):
    gate = judged.gated(city, 95, officer=city.leader.officer)
    values = {"officer": gate.officer, "year": 2025, "to_position": "局长", "gate": gate, "by": city.leader}
    with pytest.raises(IntegrityError, match="nobody promotes themselves"), transaction.atomic():
        PromotionDecision.objects.create(**values)
    with pgtrigger.ignore("evaluations.PromotionDecision:not_by_themselves"):
        assert PromotionDecision.objects.create(**values).pk


def test_a_post_is_named_and_a_year_promotes_once(city):
    gate = judged.gated(city, 90)
    with pytest.raises(Invalid):
        services.promote(gate.officer, year=2025, to_position=" \u200b", by=city.leader)
    services.promote(gate.officer, year=2025, to_position="副所长", by=city.leader)
    with pytest.raises(NotRecognised, match="already"):
        services.promote(gate.officer, year=2025, to_position="所长", by=city.leader)
    with pytest.raises(IntegrityError, match="promoted_once_a_year"), transaction.atomic():
        PromotionDecision.objects.create(officer=gate.officer, year=2025, to_position="所长", gate=gate, by=city.leader)


def at_once(*acts):
    """Each act in a thread of its own, all at the same moment; what each returned or raised."""
    gate, outcomes = threading.Barrier(len(acts)), []

    def run(act):
        gate.wait(5)
        try:
            with translation.override("en"):
                outcomes.append(act())
        except DomainError as error:
            outcomes.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    return outcomes


@pytest.mark.django_db(transaction=True)
def test_of_two_promotions_at_once_one_is_told():
    city = factories.city()
    officer = judged.gated(city, 90).officer

    def promote(by, post):
        return lambda: services.promote(officer, year=2025, to_position=post, by=by)

    outcomes = at_once(promote(city.leader, "副所长"), promote(city.sub_leader, "所长"))
    assert PromotionDecision.objects.count() == 1
    refused = [one for one in outcomes if isinstance(one, NotRecognised)]
    assert len(outcomes) == 2
    assert [str(one) for one in refused] == ["This officer was promoted on the appraisal of 2025 already."]


@given(st.lists(st.tuples(st.decimals(0, 100, places=2), st.integers(1, 10_000)), min_size=1, max_size=6))
def test_public_points_lie_between_the_scores(parts):
    points = public_points(parts)
    assert min(score for score, _w in parts) - Decimal("0.01") <= points <= max(s for s, _w in parts) + Decimal("0.01")
    assert public_points([*parts, (None, 1)]) is None
    assert not is_recognised(None)
    assert is_recognised(points, points)
