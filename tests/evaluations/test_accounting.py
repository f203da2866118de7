"""Called to account: evidence is looked up, a rank alone stays an inquiry, nobody handles their own case."""

from datetime import timedelta

import pgtrigger
import pytest
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone, translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Notification
from core.calendar import add_workdays
from core.errors import DomainError, Invalid, NotAllowed
from core.models import AuditEntry, OutboxEvent
from evaluations import services
from evaluations.access.accountability import concerning, handled_cases, visible_cases
from evaluations.errors import CaseMovedOn, NoGround
from evaluations.models import AccountabilityCase, AccountabilityStep, Appeal, Flag
from evaluations.queries import findings
from evaluations.states import CASE_DAYS, CASE_TRANSITIONS, CaseState
from suggestions.models import Suggestion
from tests import factories
from tests.evaluations import judged, polls
from tests.evaluations.test_promoting import at_once


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def keys(user):
    return [found.key for found in findings.offered_to(user).findings]


# --- grounds are found in the rows --------------------------------------------------------------------------------


def test_a_signal_twice_in_a_year_is_found(city):
    key = judged.signal_twice(city)
    (found,) = findings.offered_to(city.inspector).findings
    assert (found.key, found.officer, found.unit) == (key, city.officer.officer, city.yuehe)
    assert [row["wave"] for row in found.rows] == ["2025-1", "2025-2"]
    assert found.rows[0]["points"] == 55.0


@pytest.mark.parametrize(
    "but",
    ["once", "in two years", "by two indicators", "with flagged only", "not published", "not shown", "above"],
)
def test_less_than_that_is_not(city, but):
    officer = city.officer.officer
    for n, code in enumerate(("2025-1", "2025-2")):
        if but == "once" and n:
            break
        kind = {"year": 2024 + n} if but == "in two years" else {}
        kind |= {"without": 0} if but == "with flagged only" else {}
        kind |= {"is_shown": False} if but == "not shown" else {}
        kind |= {"indicator": ("attitude", "safety")[n]} if but == "by two indicators" else {}
        kind |= {"signal": 1, "without": 1} if but == "above" else {}
        wave = judged.make_signal(city, officer=officer, code=code, **kind)
        if not (but == "not published" and n):
            judged.publish(city, wave)
    assert keys(city.inspector) == []


def test_three_late_replies_are_the_handlers_or_the_units(city):
    by_handler = judged.late_replies(city, 3)
    assert keys(city.inspector) == [by_handler]
    by_unit = judged.late_replies(city, 3, handler=False)
    assert sorted(keys(city.inspector)) == sorted([by_handler, by_unit])
    rows = {found.key: found for found in findings.offered_to(city.inspector).findings}
    assert rows[by_unit].officer is None
    assert len(rows[by_handler].rows) == 3


def test_two_late_replies_are_no_ground(city):
    judged.late_replies(city, 2)
    assert keys(city.inspector) == []


def test_what_an_upheld_appeal_took_out_does_not_count(city):
    judged.late_replies(city, 3)
    gate = judged.gated(city, 90)
    appraisal = gate.run.appraisals.get()
    appeal = Appeal.objects.create(
        appraisal=appraisal, text="转到我这里只剩一天。", by=city.officer, due_at=timezone.now()
    )
    assert len(keys(city.inspector)) == 1
    appeal.state, appeal.decided_by, appeal.reasons = "upheld", city.admin, "属实。"
    appeal.not_counted = [Suggestion.objects.exclude(handler=None).first().number]
    appeal.save()
    assert keys(city.inspector) == []


def test_on_time_is_never_late(city):
    judged.late_replies(city, 3)
    Suggestion.objects.update(replied_at=F("due_at"))
    assert keys(city.inspector) == []


def test_who_declines_a_complaint_about_themselves_buried_it(city):
    case, step = judged.buried(city)
    (found,) = findings.offered_to(city.inspector).findings
    assert (found.key, found.officer, found.unit) == (f"buried:{step.pk}", city.triage.officer, city.desk)
    assert found.rows == [{"number": case.number, "what": "declined", "at": found.rows[0]["at"]}]


@pytest.mark.parametrize("but", ["about others", "by others", "nobody is named"])
def test_any_other_decline_buries_nothing(city, but):
    from suggestions import services as voices

    case = factories.say(city, category=city.conduct, body="态度恶劣。", publish=False).suggestion
    voices.decline(case, by=city.triage, reason="不属于受理范围。")
    if but == "about others":
        case.subjects.create(unit=city.yuehe, officer=city.officer.officer)
    if but == "by others":
        case.subjects.create(unit=city.chaoyang)
    assert keys(city.inspector) == []


def test_coaching_is_proven_by_an_upheld_flag_over_a_whole_week(city):
    wave = polls.make_wave(city, state="fielding")
    people = polls.answer(wave, 40)
    polls.advance(city, wave, to="checked")
    week = [one for one in people if one.started_at < people[0].started_at + timedelta(days=7)]
    Flag.objects.bulk_create([Flag(response=one, kind="coached_week") for one in week], ignore_conflicts=True)
    assert keys(city.inspector) == []
    flag = Flag.objects.filter(kind="coached_week").first()
    services.decide_flag(flag, uphold=True, note="所里发了礼品。", by=city.admin)
    found = findings.offered_to(city.inspector).findings
    assert {one.ground for one in found} == {"coaching"}
    assert city.yuehe in [one.unit for one in found]
    assert found[0].rows[0]["upheld"] == 1


def test_a_finding_is_offered_until_it_is_opened(city):
    key = judged.signal_twice(city)
    services.open_inquiry(key, by=city.inspector)
    assert keys(city.inspector) == []
    with pytest.raises(CaseMovedOn):
        services.open_inquiry(key, by=city.admin)


def test_findings_are_offered_only_to_who_may_handle_them(city):
    judged.signal_twice(city)
    judged.buried(city)
    assert len(keys(city.inspector)) == 2
    assert len(keys(city.admin)) == 2
    for user in (city.leader, city.sub_leader, city.officer, city.triage, city.auditor):
        assert keys(user) == [], user
    county = factories.unit("nanxun-inspectorate", "南浔督察", "department", city.nanxun, "inspectorate")
    assert keys(factories.staff(factories.Role.LEADER, county, position="chief")) == []
    inside = factories.staff(factories.Role.OFFICER, city.inspectorate)
    inside.officer.unit = city.yuehe
    inside.officer.save()
    assert [key.split(":")[0] for key in keys(inside)] == ["buried"]


def test_offering_takes_three_statements_whatever_there_is(city, django_assert_num_queries):
    judged.signal_twice(city)
    city.inspector.officer_or_none.unit.parent  # noqa: B018  read once
    keys(city.inspector)
    with django_assert_num_queries(3):
        keys(city.inspector)
    for n, person in enumerate((city.officer2, city.chaoyang_officer)):
        judged.signal_twice(city, person.officer, codes=(f"2025-{3 + n}", f"2025-{7 + n}"))
    with django_assert_num_queries(3):
        assert len(keys(city.inspector)) == 3


# --- from inquiry to answer ---------------------------------------------------------------------------------------


def test_the_whole_way(city):
    case = judged.opened(city)
    assert case.evidence["rows"][0]["number"]
    services.speak(case, statement="那一周所里停电。", by=city.officer)
    case = services.hear(case, record="本人承认逾期。", by=city.inspector)
    case = services.decide(case, outcome="书面检查。", by=city.inspector)
    case = services.answer_in_public(case, answer="三件答复逾期,责任人已书面检查。", by=city.inspector)
    assert [step.to_state for step in case.steps.all()] == [
        "inquiry", "opened", "opened", "heard", "decided", "answered",
    ]  # fmt: skip
    assert [step.is_statement for step in case.steps.all()] == [False, False, True, False, False, False]
    assert case.answered_at
    told = Notification.objects.filter(user=city.officer, dedupe_key__startswith="accountability")
    assert told.count() == 4
    assert case.number in told.first().subject
    moved = AuditEntry.objects.filter(object_id=str(case.pk), action="accountability.moved")
    assert [entry.data["to"] for entry in moved.order_by("pk")] == ["opened", "heard", "decided", "answered"]
    assert OutboxEvent.objects.filter(topic="evaluations.accountability_moved").count() == 5


def test_deadlines_are_in_working_days(city):
    case = judged.opened(city)
    last = case.steps.last()
    assert case.due_at == add_workdays(last.at, CASE_DAYS[CaseState.OPENED])
    assert case.due_at - last.at > timedelta(days=10)


def test_a_rank_alone_is_an_inquiry_and_stays_one(city):
    judged.publish(city, judged.make_signal(city, officer=city.officer.officer))
    case = services.open_inquiry_by_rank(city.officer.officer, facts="排名靠后。", by=city.inspector)
    assert case.evidence["rows"][0]["rank_low"] == "15.00"
    with pytest.raises(NoGround, match="low rank alone"):
        services.open_case(case, reasons="排名太低。", by=city.inspector)
    with pytest.raises(IntegrityError, match="a_rank_alone_is_an_inquiry"), transaction.atomic():
        AccountabilityCase.objects.update(state="opened")
    case = services.drop(case, reasons="排名区间很宽,不能说明问题。", by=city.inspector)
    assert case.state == "dropped"
    assert not Notification.objects.filter(user=city.officer).exists()


def test_an_inquiry_by_rank_becomes_a_case_on_what_is_proven_beside_it(city):
    judged.publish(city, judged.make_signal(city, officer=city.officer.officer, code="2025-3", indicator="safety"))
    case = services.open_inquiry_by_rank(city.officer.officer, facts="排名靠后。", by=city.inspector)
    key = judged.late_replies(city)
    case = services.open_case(case, reasons="三次逾期。", by=city.inspector)
    assert (case.ground, case.finding, case.state) == ("late_three_times", key, "opened")


def test_without_a_shown_rank_there_is_no_inquiry_by_rank(city):
    with pytest.raises(NoGround, match="too few"):
        services.open_inquiry_by_rank(city.officer.officer, facts="听说不好。", by=city.inspector)


def test_evidence_is_looked_up_again_when_the_case_is_opened(city):
    case = services.open_inquiry(judged.late_replies(city), by=city.inspector)
    Suggestion.objects.update(replied_at=F("due_at"))
    with pytest.raises(NoGround, match="do not prove"):
        services.open_case(case, reasons="三次逾期。", by=city.inspector)


def test_nothing_is_opened_on_what_was_only_typed(city):
    for key in ("late:o1:2026", "buried:999", "", "x' OR 1=1"):
        with pytest.raises(NoGround):
            services.open_inquiry(key, by=city.inspector)


def test_once_opened_the_evidence_stands(city):
    case = judged.opened(city)
    for change in ({"evidence": {}}, {"facts": "别的"}, {"ground": "rank"}, {"unit": city.chaoyang}):
        with pytest.raises(IntegrityError, match="stands as it is"), transaction.atomic():
            AccountabilityCase.objects.filter(pk=case.pk).update(**change)
    with pgtrigger.ignore("evaluations.AccountabilityCase:evidence_stands"):
        assert AccountabilityCase.objects.filter(pk=case.pk).update(facts="别的")


def test_what_is_over_stands(city):
    case = services.answer_in_public(judged.decided(city), answer="三件答复逾期。", by=city.inspector)
    with pytest.raises(IntegrityError, match="over stands"), transaction.atomic():
        AccountabilityCase.objects.filter(pk=case.pk).update(public_answer="没有这回事。")
    with pgtrigger.ignore("evaluations.AccountabilityCase:ended_case_stands"):
        assert AccountabilityCase.objects.filter(pk=case.pk).update(public_answer="没有这回事。")


def test_a_case_has_evidence_or_is_none(city):
    case = services.open_inquiry(judged.late_replies(city), by=city.inspector)
    with pytest.raises(IntegrityError, match="opened_case_has_evidence"), transaction.atomic():
        AccountabilityCase.objects.filter(pk=case.pk).update(state="opened", evidence={})


def test_the_public_reads_no_name(city):
    case = services.hear(judged.opened(city), record="承认。", by=city.inspector)
    officer = city.officer.officer
    officer.name = "沈建明"
    officer.save()
    for words in ("沈建明书面检查。", f"警号{officer.badge_number}书面检查。"):
        with pytest.raises(Invalid):
            services.decide(case, outcome=words, by=city.inspector)
    case = services.decide(case, outcome="书面检查。", by=city.inspector)
    with pytest.raises(Invalid):
        services.answer_in_public(case, answer="沈建明已书面检查。", by=city.inspector)


@pytest.mark.parametrize("words", ["", "  ", "字" * 2001])
def test_reasons_are_written(city, words):
    case = services.open_inquiry(judged.late_replies(city), by=city.inspector)
    with pytest.raises(Invalid):
        services.drop(case, reasons=words, by=city.inspector)


# --- nobody judges themselves -------------------------------------------------------------------------------------


def test_who_is_conflicted_sees_nothing_and_who_is_concerned_their_own(city):
    inquiry = services.open_inquiry(judged.late_replies(city), by=city.inspector)
    for user in (city.officer, city.officer2, city.leader):
        assert not visible_cases(user).exists()
        assert not concerning(user).exists()
    case = services.open_case(inquiry, reasons="属实。", by=city.inspector)
    assert list(concerning(city.officer)) == [case]
    for user in (city.officer, city.officer2, city.leader, city.chaoyang_leader):
        assert not visible_cases(user).exists()
        assert not handled_cases(user).exists()
    for user in (city.sub_leader, city.inspector, city.inspector_officer, city.admin, city.auditor):
        assert list(visible_cases(user)) == [case]
    assert not handled_cases(city.sub_leader).exists()
    assert not handled_cases(city.auditor).exists()


def test_a_case_about_the_inspectorate_is_not_the_inspectorates(city):
    judged.signal_twice(city, city.inspector_officer.officer)
    assert keys(city.inspector) == []
    (key,) = keys(city.admin)
    with pytest.raises(NotAllowed):
        services.open_inquiry(key, by=city.inspector)
    case = services.open_inquiry(key, by=city.admin)
    assert not visible_cases(city.inspector).exists()
    with pytest.raises(NotAllowed):
        services.drop(case, reasons="没事。", by=city.inspector)


def test_even_raw_rows_let_nobody_handle_their_own(city):
    case = judged.opened(city)
    for user in (city.officer, city.leader):
        with pytest.raises(IntegrityError, match="nobody handles"), transaction.atomic():
            AccountabilityStep.objects.create(case=case, to_state="heard", by=user)
        with pgtrigger.ignore("evaluations.AccountabilityStep:not_by_the_concerned"):
            assert AccountabilityStep.objects.create(case=case, to_state="heard", by=user)
    values = {"number": "A1", "officer": city.officer.officer, "unit": city.yuehe, "ground": "rank", "facts": "x",
              "due_at": case.due_at}  # fmt: skip
    with pytest.raises(IntegrityError, match="nobody handles"), transaction.atomic():
        AccountabilityCase.objects.create(opened_by=city.leader, **values)
    with pgtrigger.ignore("evaluations.AccountabilityCase:not_opened_by_the_concerned"):
        assert AccountabilityCase.objects.create(opened_by=city.leader, **values)


def test_a_statement_is_by_the_person_concerned(city):
    case = judged.opened(city)
    for user in (city.leader, city.inspector, city.admin):
        with pytest.raises(NotAllowed):
            services.speak(case, statement="不是我。", by=user)
    with pytest.raises(IntegrityError, match="statement is by"), transaction.atomic():
        AccountabilityStep.objects.create(case=case, to_state="opened", by=city.inspector, is_statement=True)


def test_who_leads_the_unit_speaks_for_it(city):
    case = judged.opened(city, handler=False)
    assert case.officer is None
    with pytest.raises(NotAllowed):
        services.speak(case, statement="不是我。", by=city.officer)
    services.speak(case, statement="我们人手不够。", by=city.leader)
    assert case.steps.filter(is_statement=True, by=city.leader).exists()
    assert Notification.objects.filter(user=city.leader, dedupe_key__contains="concerned:opened").exists()


# --- the table and the clock --------------------------------------------------------------------------------------

ACTS = {
    "open": lambda case, by: services.open_case(case, reasons="属实。", by=by),
    "hear": lambda case, by: services.hear(case, record="听取了意见。", by=by),
    "decide": lambda case, by: services.decide(case, outcome="书面检查。", by=by),
    "answer": lambda case, by: services.answer_in_public(case, answer="三件逾期。", by=by),
    "drop": lambda case, by: services.drop(case, reasons="不成立。", by=by),
}
LEADS_TO = {"open": "opened", "hear": "heard", "decide": "decided", "answer": "answered", "drop": "dropped"}


@pytest.fixture
def proven(city):
    return judged.late_replies(city)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tried=st.lists(st.sampled_from(sorted(ACTS)), max_size=8))
def test_whatever_is_tried_a_case_goes_by_the_table(city, proven, tried):
    with transaction.atomic():
        case = services.open_inquiry(proven, by=city.inspector)
        for name in tried:
            start = AccountabilityCase.objects.get(pk=case.pk).state
            try:
                ACTS[name](case, city.inspector)
                went = True
            except CaseMovedOn:
                went = False
            now = AccountabilityCase.objects.get(pk=case.pk).state
            assert went == (LEADS_TO[name] in CASE_TRANSITIONS.get(start, ()))
            assert now == (LEADS_TO[name] if went else start)
        last = case.steps.last()
        assert last.to_state == AccountabilityCase.objects.get(pk=case.pk).state
        transaction.set_rollback(True)


@pytest.mark.parametrize("start", sorted(CaseState))
def test_raw_sql_goes_by_the_same_table(city, start):
    case = judged.decided(city)
    with pgtrigger.ignore():
        AccountabilityCase.objects.filter(pk=case.pk).update(state=start, public_answer="三件逾期。")
    for to in CaseState:
        allowed = to == start or to in CASE_TRANSITIONS.get(start, ())
        over = start in ("answered", "dropped")
        with transaction.atomic():
            if allowed and not over:
                assert AccountabilityCase.objects.filter(pk=case.pk).update(state=to)
            else:
                with pytest.raises(IntegrityError), transaction.atomic():
                    AccountabilityCase.objects.filter(pk=case.pk).update(state=to)
        with pgtrigger.ignore():
            AccountabilityCase.objects.filter(pk=case.pk).update(state=start)


@pytest.mark.django_db(transaction=True)
def test_of_two_steps_at_once_one_is_told():
    city = factories.city()
    case = judged.opened(city)
    outcomes = at_once(
        lambda: services.hear(case, record="听取了意见。", by=city.inspector),
        lambda: services.drop(case, reasons="不成立。", by=city.admin),
    )
    assert sorted(type(one).__name__ for one in outcomes) == ["AccountabilityCase", "CaseMovedOn"]
    assert case.steps.exclude(to_state__in=["inquiry", "opened"]).count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_inquiries_at_once_one_is_opened():
    city = factories.city()
    key = judged.late_replies(city)
    outcomes = at_once(
        lambda: services.open_inquiry(key, by=city.inspector), lambda: services.open_inquiry(key, by=city.admin)
    )
    assert sorted(type(one).__name__ for one in outcomes) == ["AccountabilityCase", "CaseMovedOn"]
    assert AccountabilityCase.objects.count() == 1


def late_by(case, days):
    AccountabilityCase.objects.filter(pk=case.pk).update(due_at=case.opened_at - timedelta(days=days))


def test_the_late_are_reminded_once_a_working_day_and_louder_later(city, monkeypatch):
    case = judged.opened(city)
    monkeypatch.setattr("core.calendar.is_workday", lambda day: True)
    assert services.remind_late_cases() == 0
    late_by(case, 1)
    assert services.remind_late_cases() >= 1
    assert told("late") == {city.inspector.pk}
    services.remind_late_cases()
    assert Notification.objects.filter(dedupe_key__contains=":late:").count() == 1
    late_by(case, 20)
    services.remind_late_cases()
    assert told("late") == {city.inspector.pk, city.inspector_officer.pk, city.admin.pk, city.admin2.pk}


def told(what):
    return set(Notification.objects.filter(dedupe_key__contains=f":{what}:").values_list("user_id", flat=True))


def test_on_a_day_off_nobody_is_reminded(city, monkeypatch):
    case = judged.opened(city)
    late_by(case, 5)
    monkeypatch.setattr("core.calendar.is_workday", lambda day: False)
    assert services.remind_late_cases() == 0


def test_what_is_over_is_not_late(city, monkeypatch):
    monkeypatch.setattr("core.calendar.is_workday", lambda day: True)
    case = services.drop(judged.opened(city), reasons="不成立。", by=city.inspector)
    with pgtrigger.ignore():
        late_by(case, 5)
    assert services.remind_late_cases() == 0


def test_a_reminder_reaches_no_conflicted_person(city, monkeypatch):
    """An inspector who moves to the unit meanwhile is left out."""
    monkeypatch.setattr("core.calendar.is_workday", lambda day: True)
    case = judged.opened(city)
    late_by(case, 20)
    moved = city.inspector.officer
    moved.unit = city.yuehe
    moved.save()
    services.remind_late_cases()
    assert city.inspector.pk not in told("late")
    assert city.admin.pk in told("late")


def test_domain_errors_can_be_read():
    for error in (CaseMovedOn(), NoGround()):
        assert isinstance(error, DomainError)
        assert str(error).endswith((".", "。"))
