"""A wave from the first plan to the published figures, and everything that is refused on the way."""

import hashlib
from decimal import Decimal

import pgtrigger
import pytest
from django.db import IntegrityError, transaction

from core.errors import Invalid, NotAllowed
from core.models import AuditEntry
from evaluations import services
from evaluations.access.figures import visible_waves
from evaluations.errors import CannotWeigh, WaveMovedOn
from evaluations.models import Answer, Flag, Response, Score, Wave
from evaluations.models.triggers import FROZEN_FLAGS_STAND, RESPONSES_COME_WHILE_FIELDING
from evaluations.queries import published
from evaluations.queries.observations import observations
from evaluations.scoring import wave as scoring
from evaluations.scoring.observations import read, write
from evaluations.services import scoring as runs
from tests.evaluations import polls
from tests.pages import page_of


def refused(error, match=None):
    return pytest.raises(error, match=match)


def test_a_wave_goes_all_the_way(city):
    wave = polls.scored_wave(city, state="published")
    assert (wave.state, wave.scored_by, wave.published_by) == ("published", city.admin, city.admin2)
    steps = (
        AuditEntry.objects.filter(action="wave.moved", object_id=str(wave.pk))
        .order_by("pk")
        .values_list("data__to", flat=True)
    )
    assert list(steps) == ["fielding", "imported", "checked", "weighted", "scored", "frozen", "published"]


def test_who_scores_does_not_publish(city):
    wave = polls.scored_wave(city, state="frozen")
    with refused(NotAllowed, "somebody else|另一"):
        services.publish(wave, by=city.admin)
    wave.refresh_from_db()
    assert wave.state == "frozen"


@pytest.mark.parametrize("who", ["pollster", "auditor", "leader", "officer", "triage", "citizen"])
def test_only_the_admin_moves_a_wave(city, who):
    wave = polls.make_wave(city)
    for step in (services.start_fielding, services.close_fielding, services.check, services.weight,
                 services.ask_for_scores, services.freeze, services.publish):  # fmt: skip
        with refused(NotAllowed):
            step(wave, by=getattr(city, who))


def test_no_step_is_taken_twice_or_early(city):
    wave = polls.make_wave(city)
    for step in (services.close_fielding, services.check, services.weight, services.ask_for_scores,
                 services.freeze, services.publish):  # fmt: skip
        with refused(WaveMovedOn):
            step(wave, by=city.admin)


def test_the_same_seed_draws_the_same_frame(city):
    first, second = polls.make_wave(city), polls.make_wave(city, code="2026-2", officers=0)
    assert hashlib.sha256(services.frame_csv(first.frame)).hexdigest() == first.frame.sha256
    areas = [list(w.frame.entries.values_list("area_id", flat=True)) for w in (first, second)]
    assert sorted(areas[0]) == ["330502"] * 12 + ["330503"] * 8
    assert areas[0] != areas[1]  # the code of the wave is part of the seed


def test_the_population_must_agree(city):
    with refused(Invalid, "1,000.*900") as found:
        polls.make_wave(city, margins={"area": polls.AREAS, "age_sex": {"m": 500.0, "f": 400.0}})
    assert list(found.value.fields) == ["margins"]


def test_weights_that_do_not_come_out_name_the_category(city):
    polls.factories.area("330521", "德清县")
    margins = {"area": {"330502": 600.0, "330503": 300.0, "330521": 100.0}, "age_sex": polls.AGE_SEX}
    wave = polls.make_wave(city, state="fielding", margins=margins)
    polls.answer(wave, 60)
    polls.advance(city, wave, to="checked")
    with refused(CannotWeigh, "area.*330521"):
        services.weight(wave, by=city.admin)
    assert Response.objects.filter(weight=None).count() == 60
    wave.refresh_from_db()
    assert wave.state == "checked"


def test_weights_look_like_the_population_and_hide_small_cells(city):
    wave = polls.scored_wave(city, state="weighted")
    rows = list(wave.responses.values_list("area_id", "weight"))
    share = sum(w for area, w in rows if area == "330502") / sum(w for _a, w in rows)
    assert share == pytest.approx(0.6, abs=0.02)
    weights = [w for _a, w in rows]
    assert min(weights.count(w) for w in set(weights)) >= 10


def test_persons_are_drawn_together_and_ranked_with_an_interval(city):
    wave = polls.scored_wave(city)
    scores = list(Score.objects.filter(run__is_current=True, run__without_flagged=False, indicator="satisfaction",
                                       subject__kind="officer").order_by("subject__code"))  # fmt: skip
    assert [s.peers for s in scores] == [6] * 6
    for s in scores:
        assert s.n <= 100
        assert s.rank_low <= s.rank <= s.rank_high
        assert s.low <= s.points <= s.high
    middle = sum(s.points for s in scores) / 6
    assert all(abs(s.shrunk - middle) <= abs(s.points - middle) + 1 for s in scores)
    assert scores[0].rank > scores[-1].rank
    assert wave.runs.filter(is_current=True).count() == 2


def test_dont_know_is_never_zero(city):
    wave = polls.make_wave(city, state="fielding")
    polls.answer(wave, 240, dont_know=1.0)
    polls.advance(city, wave, to="scored")
    assert set(Score.objects.values_list("n", "points", "is_shown")) == {(0, None, False)}
    assert all(Score.objects.values_list("dont_know", flat=True))


def test_few_answers_are_not_shown(city):
    polls.scored_wave(city, count=60)
    assert not Score.objects.filter(subject__kind="officer", is_shown=True).exists()


def test_enough_answers_are_shown(city):
    polls.scored_wave(city)
    shown = Score.objects.filter(is_shown=True, run__without_flagged=False)
    assert shown.filter(subject__kind="unit", indicator="satisfaction").count() == 1
    assert shown.filter(subject__kind="officer", indicator="satisfaction").count() == 6
    assert shown.filter(subject=None, indicator="safety").count() == 1


def test_familiarity_is_less_those_who_know_nobody_too(city):
    polls.scored_wave(city)
    known = Score.objects.filter(indicator="familiarity", subject__kind="officer", run__without_flagged=False)
    foil = 0.10
    for s in known:
        hit = float(s.points) / 100 * (1 - foil) + foil
        assert 0.3 < hit < 1
        assert s.points < Decimal(100) * Decimal(hit)


def test_scoring_again_gives_the_same_figures(city):
    wave = polls.scored_wave(city)
    first = wave.runs.get(is_current=True, without_flagged=False)
    services.score(wave, by=city.admin2)
    second = wave.runs.get(is_current=True, without_flagged=False)
    assert first.pk != second.pk
    assert first.inputs_sha256 == second.inputs_sha256
    figures = ("subject", "indicator", "n", "n_eff", "points", "shrunk", "rank", "signal", "is_shown")
    assert set(first.scores.values_list(*figures)) == set(second.scores.values_list(*figures))
    wave.refresh_from_db()
    assert wave.scored_by == city.admin2


def test_a_run_is_claimed_once(city):
    wave = polls.scored_wave(city, state="weighted")
    services.ask_for_scores(wave, by=city.admin)
    with refused(WaveMovedOn):
        services.ask_for_scores(wave, by=city.admin)
    assert runs.unfinished() == [wave.pk]
    wave.runs.update(claimed_at=polls.datetime.now(polls.SHANGHAI))
    assert not services.work_on(wave.pk)
    wave.runs.update(claimed_at=polls.datetime(2026, 1, 1, tzinfo=polls.SHANGHAI))  # whoever had it is long dead
    assert services.work_on(wave.pk)
    assert runs.unfinished() == []


def test_frozen_means_frozen(city):
    wave = polls.scored_wave(city, state="frozen")
    with refused(IntegrityError, "stand"), transaction.atomic():
        Response.objects.filter(wave=wave).update(weight=2)
    with refused(IntegrityError, "stand"), transaction.atomic():
        Flag.objects.create(response=wave.responses.first(), kind="speeding")
    with refused(IntegrityError, "stand"), transaction.atomic():
        Score.objects.update(points=100)
    with refused(WaveMovedOn):
        services.ask_for_scores(wave, by=city.admin)


def test_nothing_comes_after_the_field(city):
    wave = polls.scored_wave(city, state="imported", count=20)
    old = wave.responses.first()
    with refused(IntegrityError, "in the field"), transaction.atomic():
        Response.objects.create(wave=wave, batch=old.batch, reference="late", area=old.area, age_sex=old.age_sex,
                                mode="phone", started_at=old.started_at, ended_at=old.ended_at)  # fmt: skip
    with refused(IntegrityError, "in the field"), transaction.atomic():
        Answer.objects.create(response=old, item=wave.questionnaire.items.first(), level=5)


def test_without_the_guards_it_would(city):
    wave = polls.scored_wave(city, state="frozen", count=60)
    old = wave.responses.first()
    with pgtrigger.ignore(f"evaluations.Response:{RESPONSES_COME_WHILE_FIELDING.name}",
                          f"evaluations.Flag:{FROZEN_FLAGS_STAND.name}"):  # fmt: skip
        late = Response.objects.create(wave=wave, batch=old.batch, reference="late", area=old.area,
                                       age_sex=old.age_sex, mode="phone", started_at=old.started_at,
                                       ended_at=old.ended_at)  # fmt: skip
    assert late.pk


def test_published_inputs_name_nobody_who_is_hidden(city):
    wave = polls.scored_wave(city, count=150)
    made = observations(wave).open
    scored = scoring.score(made)
    content = published.inputs_file(made, scored).decode()
    assert published.files(wave) == {}
    hidden = {f.about.code for f in scored.with_flagged if not f.shown and f.about.kind == "officer"}
    assert hidden
    for code in hidden:
        assert not any(line.split(",")[3] == code and line.split(",")[0] == "satisfaction"
                       for line in content.splitlines())  # fmt: skip


def test_the_file_reads_back_as_it_was(city):
    wave = polls.scored_wave(city, count=100, state="weighted")
    made = observations(wave).open
    content = write(made, [about.code for about in made.subjects])
    assert write(read(content), [about.code for about in read(content).subjects]) == content
    assert list(published.lines(scoring.score(read(content)))) == list(published.lines(scoring.score(made)))


def test_a_pollster_sees_its_own_waves_only(city):
    wave = polls.make_wave(city)
    other = polls.factories.staff(polls.factories.Role.POLLSTER, None)
    assert list(visible_waves(city.pollster)) == [wave] == list(visible_waves(city.auditor))
    assert not visible_waves(other).exists()
    assert not visible_waves(city.officer).exists()
    assert Wave.objects.count() == 1


def test_one_interview_alone_is_not_weighed_and_the_page_says_which_category_is_empty(client, city):
    wave = polls.make_wave(city, state="fielding")
    polls.answer(wave, 1)
    polls.advance(city, wave, to="checked")
    client.force_login(city.admin)
    said = page_of(client.post(f"/desk/evaluations/{wave.code}/steps/weight/", follow=True))
    assert "330503" in said
    assert Wave.objects.get().state == "checked"


def test_where_everybody_is_content_nobody_is_first_and_nobody_stands_out(city):
    wave = polls.make_wave(city, state="fielding")
    polls.answer(wave, 600, good=(1.0, 1.0), dont_know=0)
    polls.advance(city, wave, to="scored")
    scores = Score.objects.filter(indicator="satisfaction", subject__kind="officer", run__is_current=True)
    assert scores.count() == 12
    assert set(scores.values_list("points", "signal", "is_shown")) == {(100, 0, False)}  # no difference to rely on
    assert len(set(scores.values_list("shrunk", "rank"))) == 1
