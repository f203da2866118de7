"""The guards of polls in the database: each refuses raw writes, and without it the write would stand."""

import pgtrigger
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from core.errors import Invalid
from evaluations import flags, services
from evaluations.errors import CannotWeigh, WaveMovedOn
from evaluations.models import Answer, Batch, CallBack, Flag, Item, Response, Score, ScoringRun, SigningKey, Wave
from evaluations.queries.observations import observations
from evaluations.scoring.wave import score as work_out
from tests.evaluations import polls


def refused_and_then_not(write, *guards):
    """``write`` fails while the guards stand; without them it goes through."""
    with pytest.raises(IntegrityError), transaction.atomic():
        write()
    with pgtrigger.ignore(*(f"evaluations.{guard}" for guard in guards)), transaction.atomic():
        write()
        transaction.set_rollback(True)


def test_questions_in_use_stand(city):
    wave = polls.make_wave(city)
    refused_and_then_not(lambda: Item.objects.filter(questionnaire=wave.questionnaire).update(text="别的"),
                         "Item:frozen_questions_stand")  # fmt: skip


def test_a_wave_goes_one_way(city):
    wave = polls.make_wave(city, state="fielding")
    refused_and_then_not(lambda: Wave.objects.filter(pk=wave.pk).update(state="draft"), "Wave:moves_by_the_table")
    refused_and_then_not(lambda: Wave.objects.filter(pk=wave.pk).update(state="scored"), "Wave:moves_by_the_table")


def test_a_wave_starts_as_a_draft(city):
    old = Wave.objects.filter(pk=polls.make_wave(city).pk).values().get() | {"id": None, "code": "2026-7"}
    refused_and_then_not(lambda: Wave.objects.create(**old | {"state": "frozen"}), "Wave:starts_draft")


def batch(wave, **values):
    key = values.pop("key", None) or SigningKey.objects.get(public_key=polls.KEY)
    return Batch.objects.create(wave=wave, sha256="e" * 64, key=key, signature="00", **values)


def test_files_come_while_a_wave_is_in_the_field_and_by_a_key_that_holds(city):
    wave = polls.make_wave(city)
    refused_and_then_not(lambda: batch(wave), "Batch:comes_while_fielding")
    services.start_fielding(wave, by=city.admin)
    services.revoke_key(SigningKey.objects.get(), by=city.admin, reason="丢失")
    refused_and_then_not(lambda: batch(wave), "Batch:comes_while_fielding")


def test_answers_come_while_a_wave_is_in_the_field(city):
    wave = polls.scored_wave(city, state="imported", count=20)
    item = wave.questionnaire.items.get(code="unit")
    refused_and_then_not(
        lambda: Answer.objects.create(response=wave.responses.first(), item=item, level=5), "Answer:come_while_fielding"
    )
    refused_and_then_not(
        lambda: Answer.objects.create(response_id=10**9, item=item, level=5), "Answer:come_while_fielding"
    )


def test_answers_are_to_a_question_of_the_wave_about_somebody_it_asks_about(city):
    wave = polls.make_wave(city, state="fielding")
    polls.answer(wave, 20)
    other = polls.make_wave(city, code="2026-9")
    response, item = wave.responses.first(), wave.questionnaire.items.get(code="unit")
    strange = services.create_questionnaire("other", "别的问卷", polls.QUESTIONS, by=city.admin).items.get(code="unit")
    guard = "Answer:are_about_the_wave"
    refused_and_then_not(
        lambda: Answer.objects.create(response=response, item=item, level=5, subject=other.subjects.first()), guard
    )
    refused_and_then_not(lambda: Answer.objects.create(response=response, item=strange, level=5), guard)
    refused_and_then_not(lambda: Answer.objects.create(response=response, item=item, level=5, subject_id=10**9), guard)
    Answer.objects.create(response=response, item=item, level=5)


def test_what_is_frozen_stands(city):
    wave = polls.scored_wave(city, state="frozen", count=60)
    response, run = wave.responses.first(), wave.runs.filter(is_current=True).first()
    refused_and_then_not(lambda: Response.objects.filter(pk=response.pk).update(weight=9),
                         "Response:frozen_responses_stand")  # fmt: skip
    refused_and_then_not(lambda: Flag.objects.create(response=response, kind="overlap"), "Flag:no_new_flag_when_frozen")
    refused_and_then_not(lambda: ScoringRun.objects.filter(pk=run.pk).update(inputs_sha256=""),
                         "ScoringRun:frozen_run_stands")  # fmt: skip
    refused_and_then_not(lambda: Score.objects.filter(run=run).update(n=1_000), "Score:frozen_score_stands")


def test_nothing_of_a_poll_is_deleted_or_emptied(city):
    polls.scored_wave(city, state="checked", count=20)
    for table in ("answer", "response", "batch", "subject", "item", "wave", "signingkey", "frame"):
        for sql in ("DELETE FROM evaluations_", "TRUNCATE evaluations_"):
            end = "" if sql.startswith("DELETE") else " CASCADE"
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"{sql}{table}{end}")
    assert Answer.objects.exists()


# --- odd waves --------------------------------------------------------------------------------------------------------


def figures(wave):
    return work_out(observations(wave).open).with_flagged


def test_one_respondent_gives_no_figure_that_is_shown(city):
    wave = polls.make_wave(city, state="fielding", margins={"area": {"330502": 100.0}, "age_sex": {"f18-44": 100.0}})
    polls.answer(wave, 1)
    Response.objects.update(age_sex="f18-44", area="330502")
    polls.advance(city, wave, to="published")
    assert Score.objects.exists()
    assert not Score.objects.filter(is_shown=True).exists()


def test_all_satisfied_have_no_differences_and_no_rank_above_another(city):
    wave = polls.make_wave(city, state="fielding")
    polls.answer(wave, 600, good=(1.0, 1.0), dont_know=0.0)
    polls.advance(city, wave, to="scored")
    rows = Score.objects.filter(indicator="satisfaction", subject__kind="officer", run__without_flagged=False)
    assert set(rows.values_list("points", "signal", "is_shown")) == {(100, 0, False)}  # τ² = 0: nobody is told apart
    assert len(set(rows.values_list("rank", flat=True))) == 1


def test_nobody_is_flagged_by_chance_alone(city):
    """Twenty officers of the same quality: false-discovery control leaves nobody with a signal."""
    wave = polls.make_wave(city, state="fielding", officers=20)
    polls.answer(wave, 1_200, good=(0.8, 0.8))
    polls.advance(city, wave, to="scored")
    assert not Score.objects.exclude(signal=0).exists()


def test_an_empty_category_is_named(city):
    wave = polls.make_wave(city, state="fielding")
    polls.answer(wave, 60)
    Response.objects.filter(age_sex="m45+").update(age_sex="f45+")
    polls.advance(city, wave, to="checked")
    with pytest.raises(CannotWeigh, match=r"age_sex.*m45\+"):
        services.weight(wave, by=city.admin)


def test_nobody_answered(city):
    wave = polls.make_wave(city, state="fielding")
    with pytest.raises(WaveMovedOn):
        services.close_fielding(wave, by=city.admin)


def test_a_tenth_is_called_again_whatever_the_number(city):
    wave = polls.scored_wave(city, state="imported", count=95)
    assert flags.draw_call_backs(wave) == 10
    assert CallBack.objects.count() == 10


def test_a_foil_measures_familiarity_alone(city):
    wrong = [services.Question("x", "您认识他吗？", "safety", is_foil=True)]
    with pytest.raises(Invalid):
        services.create_questionnaire("foil", "问卷", wrong, by=city.admin)
