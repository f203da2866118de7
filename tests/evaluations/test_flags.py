"""Each reason to look twice: an interview that has it is flagged, its plain neighbour is not, and nothing goes away."""

from datetime import datetime, timedelta

import pytest

from core.errors import Invalid, NotAllowed
from core.workdays import SHANGHAI
from evaluations import flags, services
from evaluations.errors import WaveMovedOn
from evaluations.models import Answer, Batch, CallBack, Flag, Response, SigningKey, Subject
from tests.evaluations import polls

NINE = datetime(2026, 5, 4, 9, tzinfo=SHANGHAI)


@pytest.fixture
def wave(city):
    return polls.make_wave(city, state="fielding")


def interview(wave, reference, *, interviewer="", start=NINE, minutes=10, phone="", levels=(5, 1, 4, 3)):
    """One interview about one officer; ``levels`` answer attitude, the reversed item, satisfaction, familiarity."""
    key = SigningKey.objects.get(public_key=polls.KEY)
    batch = Batch.objects.first() or Batch.objects.create(wave=wave, sha256="0" * 64, key=key, signature="00")
    made = Response.objects.create(
        wave=wave, batch=batch, reference=reference, area_id="330502", age_sex="m45+", interviewer=interviewer,
        mode="phone", started_at=start, ended_at=start + timedelta(minutes=minutes), phone_mac=phone,
    )  # fmt: skip
    officer = Subject.objects.filter(wave=wave, kind="officer").first()
    items = {item.code: item for item in wave.questionnaire.items.all()}
    Answer.objects.bulk_create(
        Answer(response=made, item=items[code], subject=officer, level=level)
        for code, level in zip(("attitude", "rude", "content", "know"), levels, strict=True)
    )
    return made


def flagged(wave, kind):
    flags.raise_flags(wave)
    return sorted(Flag.objects.filter(kind=kind).values_list("response__reference", flat=True))


def test_the_same_telephone_twice(wave):
    for reference, phone in (("a", "f" * 64), ("b", "f" * 64), ("c", "e" * 64), ("d", ""), ("e", "")):
        interview(wave, reference, phone=phone)
    assert flagged(wave, "duplicate_phone") == ["a", "b"]


def test_the_same_answer_to_everything(wave):
    interview(wave, "same", levels=(5, 5, 5, 5))
    interview(wave, "listens", levels=(5, 1, 5, 5))
    assert flagged(wave, "straight_line") == ["same"]


def test_answered_too_fast(wave):
    for n in range(5):
        interview(wave, f"usual{n}", minutes=10)
    interview(wave, "fast", minutes=3)
    interview(wave, "brisk", minutes=5)
    assert flagged(wave, "speeding") == ["fast"]


def test_one_interviewer_is_in_one_place(wave):
    interview(wave, "first", interviewer="i1", start=NINE, minutes=20)
    interview(wave, "second", interviewer="i1", start=NINE + timedelta(minutes=10))
    interview(wave, "other", interviewer="i2", start=NINE + timedelta(minutes=10))
    interview(wave, "after", interviewer="i1", start=NINE + timedelta(minutes=20))
    assert flagged(wave, "overlap") == ["first", "second"]


def test_an_interviewer_unlike_all_others(wave):
    for who in range(6):
        for n in range(20):
            good = (5, 1, 5, 5) if who == 5 or n % 2 else (2, 4, 2, 2)
            start = NINE + timedelta(minutes=15 * n)
            interview(wave, f"i{who}-{n:02d}", interviewer=f"i{who}", start=start, levels=good)
    assert flagged(wave, "outlier_interviewer") == [f"i5-{n:02d}" for n in range(20)]


def test_a_week_in_which_a_unit_was_suddenly_better(wave):
    for week, good_ones in ((0, 12), (1, 30)):
        for n in range(30):
            levels = (5, 1, 5, 5) if n < good_ones else (2, 4, 2, 2)
            interview(wave, f"w{week}-{n:02d}", start=NINE + timedelta(days=7 * week, minutes=n), levels=levels)
    assert flagged(wave, "coached_week") == [f"w1-{n:02d}" for n in range(30)]


def test_nearly_the_same_answers_as_another():
    rows = [(1, q, 0, 3) for q in range(20)] + [(2, q, 0, 3 if q else 4) for q in range(20)]
    rows += [(3, q, 0, 3 if q > 2 else 5) for q in range(20)]
    assert flags.near_duplicates(flags.np.array(rows)) == {1, 2}


def test_few_questions_are_alike_by_chance():
    rows = [(person, q, 0, 3) for person in (1, 2) for q in range(9)]
    assert flags.near_duplicates(flags.np.array(rows)) == set()


def test_looking_again_raises_no_flag_twice(wave):
    interview(wave, "same", levels=(5, 5, 5, 5))
    assert flags.raise_flags(wave) == 1
    assert flags.raise_flags(wave) == 0


def test_a_flag_never_deletes(city):
    wave = polls.scored_wave(city, state="imported", count=100)
    Response.objects.filter(wave=wave).update(phone_mac="f" * 64)
    polls.services.check(wave, by=city.admin)
    assert Flag.objects.filter(kind="duplicate_phone").count() == wave.responses.count() == 100
    services.weight(wave, by=city.admin)
    services.score(wave, by=city.admin)
    by_run = dict(wave.runs.filter(is_current=True, scores__subject__code="wuxing-yuehe")
                  .values_list("without_flagged", "scores__n"))  # fmt: skip
    assert by_run[False] > 80
    assert by_run[True] == 0


def test_one_in_ten_is_called_again_by_the_seed(city):
    wave = polls.scored_wave(city, state="checked", count=101)
    drawn = set(CallBack.objects.values_list("response__reference", flat=True))
    assert len(drawn) == 11
    assert flags.draw_call_backs(wave) == 11
    assert set(CallBack.objects.values_list("response__reference", flat=True)) == drawn


@pytest.fixture
def flag(city):
    wave = polls.scored_wave(city, state="imported", count=20)
    first = wave.responses.first()
    made = Flag.objects.create(response=first, kind="speeding")
    services.check(wave, by=city.admin)
    return made


def test_a_flag_is_decided_once_and_with_a_reason(city, flag):
    with pytest.raises(Invalid):
        services.decide_flag(flag, uphold=True, note="  ", by=city.admin)
    with pytest.raises(NotAllowed):
        services.decide_flag(flag, uphold=False, note="没问题", by=city.pollster)
    done = services.decide_flag(flag, uphold=False, note="回访核实,确有其人。", by=city.admin)
    assert (done.state, done.decided_by) == ("dismissed", city.admin)
    with pytest.raises(WaveMovedOn):
        services.decide_flag(flag, uphold=True, note="再看", by=city.admin2)


def test_a_call_back_is_written_down_once(city, flag):
    call = CallBack.objects.first()
    with pytest.raises(Invalid):
        services.record_call_back(call, took_place=True, same_answers=None, by=city.admin)
    done = services.record_call_back(call, took_place=False, same_answers=True, by=city.admin)
    assert (done.took_place, done.same_answers, done.called_by) == (False, None, city.admin)
    with pytest.raises(WaveMovedOn):
        services.record_call_back(call, took_place=True, same_answers=True, by=city.admin)
