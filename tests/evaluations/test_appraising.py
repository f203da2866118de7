"""Schemes are the public's, runs stand on what is known, and nobody does two persons' work alone."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.models import Notification
from core import outbox
from core.errors import Invalid, NotAllowed
from core.models import AuditEntry
from evaluations import services
from evaluations.errors import AppraisalMovedOn
from evaluations.models import Appraisal, AppraisalLine, AppraisalRun, Component, Scheme, Score
from evaluations.scoring import appraisal as arithmetic
from tests.evaluations import appraisals, polls
from tests.evaluations.appraisals import WEIGHTS, locked_scheme, plan


@pytest.fixture
def year(city):
    return appraisals.appraised_year(city)


# --- schemes ----------------------------------------------------------------------------------------------------------


def test_a_scheme_is_proposed_by_one_and_locked_by_another(city):
    scheme = services.propose_scheme(plan(), by=city.admin)
    assert [(c.key, c.is_public) for c in scheme.components.all()] == [
        ("attitude", True), ("satisfaction", True), ("on_time", False), ("post_reply", False),
    ]  # fmt: skip
    with pytest.raises(NotAllowed):
        services.lock_scheme(scheme, by=city.admin)
    locked = services.lock_scheme(scheme, by=city.admin2)
    assert (locked.proposed_by, locked.locked_by) == (city.admin, city.admin2)
    with pytest.raises(AppraisalMovedOn):
        services.lock_scheme(scheme, by=city.admin2)
    assert set(AuditEntry.objects.filter(object_type="evaluations.scheme").values_list("action", flat=True)) == {
        "scheme.proposed", "scheme.locked",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("weights", "field"),
    [
        ({"satisfaction": 5099, "on_time": 4901}, "weights"),
        ({"satisfaction": 5100, "on_time": 4899}, "weights"),
        ({"satisfaction": 5200, "on_time": 4900}, "weights"),
        ({"post_reply": 5100, "satisfaction": 4900}, "weights"),
        ({"bonus": 4900, "satisfaction": 5100}, "weights"),
        ({"satisfaction": 10_100, "on_time": -100}, "weights"),
        ({}, "weights"),
    ],
)
def test_less_than_the_publics_share_is_an_error_in_its_field(city, weights, field):
    with pytest.raises(Invalid) as refused:
        services.propose_scheme(plan(weights), by=city.admin)
    assert list(refused.value.fields) == [field]
    assert not Scheme.objects.exists()


@pytest.mark.parametrize(
    ("more", "field"),
    [({"year": 2010}, "year"), ({"about": "x"}, "about"), ({"role": "x"}, "role"), ({"title": " "}, "title"),
     ({"about": "unit"}, "role")],
)  # fmt: skip
def test_what_else_is_wrong_is_named(city, more, field):
    with pytest.raises(Invalid) as refused:
        services.propose_scheme(plan(**more), by=city.admin)
    assert list(refused.value.fields) == [field]


def test_a_proposal_is_replaced_until_it_is_locked(city):
    services.propose_scheme(plan(), by=city.admin)
    again = services.propose_scheme(plan({"satisfaction": 6000, "on_time": 4000}), by=city.admin2)
    assert Scheme.objects.count() == 1
    assert Component.objects.count() == 2
    with pytest.raises(NotAllowed):
        services.lock_scheme(again, by=city.admin2)
    services.lock_scheme(again, by=city.admin)
    with pytest.raises(Invalid):
        services.propose_scheme(plan(), by=city.admin)


@pytest.mark.parametrize("who", ["officer", "leader", "auditor", "pollster", "triage", "citizen"])
def test_nobody_else_makes_schemes_or_runs(city, who):
    scheme = locked_scheme(city)
    for act in (
        lambda by: services.propose_scheme(plan(), by=by), lambda by: services.lock_scheme(scheme, by=by),
        lambda by: services.run_appraisals(scheme, by=by),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            act(getattr(city, who))


# --- runs -------------------------------------------------------------------------------------------------------------


def test_nobody_is_appraised_by_an_open_scheme_or_without_a_poll(city):
    scheme = services.propose_scheme(plan(), by=city.admin)
    with pytest.raises(AppraisalMovedOn):
        services.run_appraisals(scheme, by=city.admin)
    services.lock_scheme(scheme, by=city.admin2)
    with pytest.raises(AppraisalMovedOn):
        services.run_appraisals(scheme, by=city.admin)
    assert not AppraisalRun.objects.exists()


def test_lines_say_how_they_came_about(year):
    assert len(year.complete) >= 3
    for one in year.complete:
        lines = {line.component.key: line for line in one.lines.select_related("component")}
        score = Score.objects.get(
            run__wave=year.wave, run__is_current=True, run__without_flagged=True, indicator="satisfaction",
            subject__officer=one.officer,
        )  # fmt: skip
        said = lines["satisfaction"].inputs
        assert (said["n"], said["points"], said["low"], said["wave"]) == (
            score.n, str(score.points), str(score.low), "2026-1",
        )  # fmt: skip
        assert said["floor"] == {"n": 30, "n_eff": "25", "reliability": "0.7"}
        assert lines["satisfaction"].points == (score.points * 31 / 100).quantize(Decimal("0.01"))
        number = year.officers.index(one.officer)
        assert lines["on_time"].inputs["cases"] == 12 + number
        assert lines["on_time"].inputs["good"] == 9 + number
        assert one.total == sum(line.points for line in lines.values())


def test_without_enough_answers_there_is_no_line_and_no_total(city):
    year = appraisals.appraised_year(city, count=120, state="draft")
    assert year.appraisals
    assert not year.complete
    for one in year.appraisals:
        assert one.missing["satisfaction"] in ("not_enough", "not_asked")
        assert one.lines.filter(component__key="satisfaction").count() == 0
    assert year.run.effective_public is None


def test_a_poll_of_another_kind_does_not_stand_in(city):
    weights = {"contact_satisfaction": 3100, "satisfaction": 2000, "on_time": 4900}
    year = appraisals.appraised_year(city, state="draft", weights=weights)
    assert {one.missing["contact_satisfaction"] for one in year.appraisals} == {"no_poll"}
    assert not year.complete


def test_few_cases_make_no_figure(city):
    polls.scored_wave(city, state="published")
    run = services.run_appraisals(locked_scheme(city), by=city.admin)
    assert {one.missing["on_time"] for one in run.appraisals.all()} == {"few_cases"}


def test_a_voice_that_nobody_answered_counts_as_late(city):
    wave = polls.scored_wave(city, state="published")
    officer = wave.subjects.filter(role="community_officer").first().officer
    appraisals.voices(city, officer, on_time=6, late=2, open_and_late=4)
    run = services.run_appraisals(locked_scheme(city), by=city.admin)
    inputs = AppraisalLine.objects.get(appraisal__run=run, component__key="on_time").inputs
    assert (inputs["cases"], inputs["good"]) == (12, 6)


def test_the_unit_and_the_unit_above_count_theirs(city):
    wave = polls.scored_wave(city, state="published")
    officers = [one.officer for one in wave.subjects.filter(role="community_officer").select_related("officer__unit")]
    for officer in officers[:2]:
        appraisals.voices(city, officer, on_time=5, late=0, content=5, angry=0)
    other = city.chaoyang_officer.officer
    appraisals.voices(city, other, on_time=0, late=10, content=0, angry=0)
    weights = {"satisfaction": 5100, "unit_on_time": 2000, "above_on_time": 1900, "unit_first_reply": 1000}
    run = services.run_appraisals(locked_scheme(city, weights), by=city.admin)
    line = {line.component.key: line for line in run.appraisals.first().lines.select_related("component")}
    assert [line["unit_on_time"].inputs[key] for key in ("cases", "good")] == [10, 10]
    assert [line["above_on_time"].inputs[key] for key in ("cases", "good")] == [20, 10]
    assert line["above_on_time"].score == 50
    assert line["unit_first_reply"].inputs["seconds"] == 10 * 2 * 86_400
    assert line["unit_first_reply"].score == 95


def test_units_are_appraised_too(city):
    polls.scored_wave(city, state="published")
    appraisals.voices(city, city.officer.officer)
    scheme = locked_scheme(city, {"satisfaction": 5100, "on_time": 4900}, about="unit", role="", title="派出所考评")
    run = services.run_appraisals(scheme, by=city.admin)
    yuehe = run.appraisals.get(unit=city.yuehe)
    assert (yuehe.officer, yuehe.total is not None) == (None, True)
    assert run.appraisals.get(unit=city.lianshi).missing == {"satisfaction": "not_asked", "on_time": "few_cases"}


def test_statements_do_not_grow_with_officers(city, django_assert_num_queries):
    polls.scored_wave(city, state="published", officers=4)
    later = polls.make_wave(city, state="fielding", officers=30, code="2026-2", kind="contact")
    polls.answer(later, 600, seed=2)
    polls.advance(city, later, to="published")
    few = locked_scheme(city, {"satisfaction": 5100, "on_time": 4900})
    many = locked_scheme(city, {"contact_satisfaction": 5100, "on_time": 4900}, role="")
    for scheme, least in ((few, 4), (many, 30)):
        with django_assert_num_queries(30):
            run = services.run_appraisals(scheme, by=city.admin)
        assert run.appraisals.count() >= least


def test_a_second_person_freezes_and_the_run_is_current_once_published(city):
    year = appraisals.appraised_year(city, state="draft")
    assert year.run.is_current is False
    with pytest.raises(NotAllowed):
        services.freeze_appraisals(year.run, by=city.admin)
    with pytest.raises(AppraisalMovedOn):
        services.publish_appraisals(year.run, by=city.admin)
    frozen = services.freeze_appraisals(year.run, by=city.admin2)
    published = services.publish_appraisals(frozen, by=city.admin)
    assert published.is_current
    assert published.published_at
    with pytest.raises(AppraisalMovedOn):
        services.publish_appraisals(frozen, by=city.admin)


def test_an_older_run_is_not_frozen_any_more(city):
    year = appraisals.appraised_year(city, state="draft")
    services.run_appraisals(year.scheme, by=city.admin)
    with pytest.raises(AppraisalMovedOn):
        services.freeze_appraisals(year.run, by=city.admin2)


def test_figures_that_somebody_touched_are_not_frozen(city):
    year = appraisals.appraised_year(city, state="draft")
    line = AppraisalLine.objects.get(appraisal=year.complete[0], component__key="on_time")
    AppraisalLine.objects.filter(pk=line.pk).update(inputs=line.inputs | {"good": 12})
    with pytest.raises(AppraisalMovedOn, match=r"计算|worked out"):
        services.freeze_appraisals(year.run, by=city.admin2)
    AppraisalLine.objects.filter(pk=line.pk).update(inputs=line.inputs)
    assert services.freeze_appraisals(year.run, by=city.admin2).state == "frozen"


def test_nothing_is_made_known_before_its_poll(city):
    year = appraisals.appraised_year(city, state="frozen", wave="frozen")
    with pytest.raises(AppraisalMovedOn):
        services.publish_appraisals(year.run, by=city.admin2)
    services.publish(year.wave, by=city.admin2)
    assert services.publish_appraisals(year.run, by=city.admin2).is_current


# --- appeals ----------------------------------------------------------------------------------------------------------


def test_the_appraised_alone_appeals(city, year):
    one, other = year.complete[:2]
    for stranger in (appraisals.person(other), city.leader, city.admin, city.auditor):
        with pytest.raises(NotAllowed):
            services.appeal(one, text="不对。", by=stranger)
    with pytest.raises(Invalid):
        services.appeal(one, text=" \n", by=appraisals.person(one))
    made = services.appeal(one, text="有一件是别人的。", by=appraisals.person(one))
    assert made.due_at > made.at + timedelta(days=14)
    with pytest.raises(AppraisalMovedOn):
        services.appeal(one, text="再说一次。", by=appraisals.person(one))


def test_after_the_term_nobody_appeals(city, year, time_machine):
    one = year.complete[0]
    time_machine.move_to(timezone.now() + timedelta(days=30))
    with pytest.raises(AppraisalMovedOn):
        services.appeal(one, text="晚了。", by=appraisals.person(one))


def test_somebody_else_decides_with_reasons(city, year):
    one = year.complete[0]
    made = services.appeal(one, text="有一件是别人的。", by=appraisals.person(one))
    for who in (city.admin, appraisals.person(one), city.auditor):  # the first worked it out
        with pytest.raises(NotAllowed):
            services.decide_appeal(made, uphold=False, reasons="核对无误。", by=who)
    with pytest.raises(Invalid):
        services.decide_appeal(made, uphold=False, reasons="", by=city.admin2)
    decided = services.decide_appeal(made, uphold=False, reasons="核对无误。", by=city.admin2)
    assert (decided.state, decided.reasons) == ("rejected", "核对无误。")
    told = Notification.objects.get(user=appraisals.person(one))
    assert (told.subject, told.link) == ("您的申诉有答复了", one.get_absolute_url())
    assert year.scheme.runs.count() == 1
    with pytest.raises(AppraisalMovedOn):
        services.decide_appeal(made, uphold=True, reasons="改主意。", by=city.admin2)


def test_upheld_leads_to_a_new_run_and_the_old_stays(city, year):
    one = year.complete[0]
    before = dict(Appraisal.objects.values_list("pk", "total"))
    late = one.officer.suggestions.filter(replied_at__gt=one.officer.suggestions.first().due_at).first()
    made = services.appeal(one, text="这件先派到了别的所。", by=appraisals.person(one))
    for numbers in (["2026-999999"], [year.complete[1].officer.suggestions.first().number]):
        with pytest.raises(Invalid):
            services.decide_appeal(made, uphold=True, reasons="属实。", by=city.admin2, not_counted=numbers)
    with pytest.raises(Invalid):
        services.decide_appeal(made, uphold=False, reasons="不属实。", by=city.admin2, not_counted=[late.number])
    services.decide_appeal(made, uphold=True, reasons="属实。", by=city.admin2, not_counted=[late.number])
    services.work_out_appraisals(year.scheme.runs.get(number=2).pk)
    again = year.scheme.runs.get(number=2)
    assert (again.state, again.by, again.not_counted, again.is_current) == ("draft", city.admin2, 1, False)
    new = again.appraisals.get(officer=one.officer).lines.get(component__key="on_time")
    old = one.lines.get(component__key="on_time")
    assert (new.inputs["cases"], new.inputs["good"]) == (old.inputs["cases"] - 1, old.inputs["good"])
    assert new.points > old.points
    assert before.items() <= dict(Appraisal.objects.values_list("pk", "total")).items()
    services.publish_appraisals(services.freeze_appraisals(again, by=city.admin), by=city.admin)
    assert list(AppraisalRun.objects.filter(is_current=True)) == [again]
    other = year.complete[1]
    with pytest.raises(AppraisalMovedOn):  # the old figures hold no more
        services.appeal(other, text="不对。", by=appraisals.person(other))


def test_who_is_appraised_decides_nothing_of_it(city, year):
    one = year.complete[0]
    person = appraisals.person(one)
    made = services.appeal(one, text="不对。", by=person)
    person.memberships.create(role="admin", starts=appraisals.MARCH)
    with pytest.raises(NotAllowed):
        services.decide_appeal(made, uphold=True, reasons="对。", by=appraisals.person(one))


def test_the_rounding_and_the_version_are_kept(year):
    assert year.run.version == arithmetic.VERSION
    assert year.run.effective_public == arithmetic.effective_public_weight(
        [arithmetic.Component(key, weight, key in ("satisfaction", "attitude")) for key, weight in WEIGHTS.items()],
        [dict(one.lines.values_list("component__key", "points")) for one in year.complete],
    )


# --- being told -------------------------------------------------------------------------------------------------------


def test_the_appraised_are_told_once_that_they_may_appeal(city, year):
    outbox.deliver()
    outbox.emit("evaluations.appraisals_published", run=year.run.pk)
    outbox.deliver()
    for one in year.appraisals:
        told = appraisals.person(one).notifications.filter(link=one.get_absolute_url())
        assert [(note.subject, "申诉" in note.body) for note in told] == [("您的考评已公布", True)]
    assert Notification.objects.filter(subject="您的考评已公布").count() == len(year.appraisals)


def test_of_a_units_appraisal_whoever_leads_it_is_told(city, year):
    scheme = locked_scheme(city, {"satisfaction": 5100, "on_time": 4900}, about="unit", role="", title="派出所考评")
    run = appraisals.advance(city, services.run_appraisals(scheme, by=city.admin), "published")
    outbox.deliver()
    [link] = [one.get_absolute_url() for one in run.appraisals.all() if one.unit == city.yuehe]
    assert city.leader.notifications.filter(link=link).count() == 1
    assert not city.officer.notifications.filter(link=link).exists()
