"""What a superuser does to a frozen wave, an appraisal or a promotion with every trigger asleep is noticed (P12)."""

import pytest

from evaluations import services
from evaluations.invariants import ledger
from evaluations.models import AppraisalRun, PromotionDecision
from tests.core.broken_promises import asleep, raw
from tests.evaluations import appraisals, judged, polls

CHANGES = {
    "one answer": "UPDATE evaluations_answer SET level = 6 - level WHERE id = (SELECT min(id) FROM evaluations_answer"
    " WHERE level IN (1, 5))",
    "an answer deleted": "DELETE FROM evaluations_answer WHERE id = (SELECT max(id) FROM evaluations_answer)",
    "a weight": "UPDATE evaluations_response SET weight = weight * 2"
    " WHERE id = (SELECT min(id) FROM evaluations_response)",
    "an interview moved to another day": "UPDATE evaluations_response SET started_at = started_at - interval '1 day'"
    " WHERE id = (SELECT min(id) FROM evaluations_response)",
    "a flag raised": "INSERT INTO evaluations_flag (response_id, kind, detail, state, note)"
    " SELECT min(id), 'speeding', '', 'open', '' FROM evaluations_response",
}


@pytest.mark.parametrize("change", CHANGES)
def test_an_answer_of_a_published_wave_that_is_changed_is_noticed(city, change):
    wave = polls.scored_wave(city, state="published", count=60)
    assert list(ledger.answers_are_those_that_were_frozen()) == []
    with asleep():
        raw(CHANGES[change])
    assert list(ledger.answers_are_those_that_were_frozen()) == [wave.code]


def test_a_wave_that_nobody_froze_is_noticed(city):
    wave = polls.scored_wave(city, count=60)
    with asleep():
        raw("UPDATE evaluations_wave SET state = 'frozen', frozen_at = now() WHERE id = %s", wave.pk)
    assert list(ledger.answers_are_those_that_were_frozen()) == [wave.code]


def test_inputs_exchanged_with_their_hash_are_noticed(city):
    appraisals.appraised_year(city)
    run = AppraisalRun.objects.get(state="published")
    assert ledger.appraisals_are_those_that_were_frozen() == []
    with asleep():
        raw("UPDATE evaluations_appraisalrun SET inputs_sha256 = repeat('0', 64) WHERE id = %s", run.pk)
    assert ledger.appraisals_are_those_that_were_frozen() == [(run.pk,)]


@pytest.fixture
def promotion(city) -> PromotionDecision:
    gate = judged.gated(city)
    return services.promote(gate.officer, year=gate.year, to_position="副所长", by=city.sub_leader)


def test_a_promotion_that_vanished_is_noticed(promotion):
    assert ledger.promotions_are_on_the_ledger() == []
    with asleep():
        raw("DELETE FROM evaluations_promotiondecision")
    assert ledger.promotions_are_on_the_ledger() == [(str(promotion.pk), True)]


def test_a_promotion_slipped_in_is_noticed(promotion):
    with asleep():
        raw(
            "INSERT INTO evaluations_promotiondecision (officer_id, year, to_position, gate_id, by_id)"
            " SELECT officer_id, year + 1, 'x', gate_id, by_id FROM evaluations_promotiondecision"
        )
    assert len(ledger.promotions_are_on_the_ledger()) == 1
