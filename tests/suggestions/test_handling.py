"""A case goes from the first word to the last answer, and nobody skips a step."""

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import Notification
from core.errors import Invalid, NotAllowed, Stale, WrongState
from suggestions import services
from suggestions.models import Rating, Reply, Suggestion
from suggestions.queries import desk
from suggestions.states import State
from tests import factories


def test_a_voice_goes_all_the_way_round(city):
    case = factories.say(city, user=city.citizen).suggestion
    assert (case.state, case.unit) == (State.RECEIVED, city.desk)
    services.accept_and_assign(case, by=city.triage)
    case.refresh_from_db()
    assert (case.state, case.unit) == (State.ASSIGNED, city.yuehe)
    services.draft_reply(case, by=city.officer, text="您好,民警已到现场劝导,今后每晚巡查。")
    services.sign_reply(case, by=city.leader)
    services.rate(case, level=5, reasons=["回复及时"], comment="谢谢")
    services.confirm(case)
    case.refresh_from_db()
    assert case.state == State.CLOSED
    kinds = list(case.steps.values_list("kind", flat=True))
    assert [k for k in kinds if k in ("submitted", "accepted", "assigned", "replied", "rated", "closed")] == [
        "submitted",
        "accepted",
        "assigned",
        "replied",
        "rated",
        "closed",
    ]


@pytest.mark.parametrize("state", ["received", "assigned", "waiting", "replied", "closed", "declined"])
def test_only_what_is_accepted_is_assigned(city, state):
    """An answered case that went back by assigning would have neither reminders nor a new deadline."""
    case = factories.case(city, state)
    with pytest.raises(WrongState):
        services.assign(case, by=city.triage)
    case.refresh_from_db()
    assert case.state == state


@pytest.mark.parametrize("verb", [services.accept, services.assign, services.accept_and_assign])
def test_what_follows_another_case_is_neither_accepted_nor_assigned(city, verb):
    case, leader = factories.case(city, "accepted"), factories.case(city, "accepted")
    services.merge(case, into=leader, by=city.triage)
    with pytest.raises(WrongState):
        verb(case, by=city.triage)


def test_the_clock_is_in_working_days_from_acceptance(city):
    case = factories.case(city, "assigned", category=city.lights)
    from core.calendar import workdays_between

    assert workdays_between(case.accepted_at, case.due_at) == 15


def test_nobody_signs_their_own_draft(city):
    from core.policy import Role

    both = factories.staff(Role.LEADER, city.yuehe)
    factories.Membership.objects.create(user=both, role=Role.OFFICER, unit=city.yuehe)
    case = factories.case(city, "assigned")
    services.draft_reply(case, by=both, text="您好,我们已经处理好了这件事情。")
    with pytest.raises(NotAllowed):
        services.sign_reply(case, by=both)


def test_not_even_raw_sql_signs_its_own_draft(city):
    case = factories.case(city, "assigned")
    draft = services.draft_reply(case, by=city.officer, text="您好,我们已经处理好了这件事情。")
    with pytest.raises(IntegrityError), transaction.atomic():
        Reply.objects.filter(pk=draft.pk).update(signed_by=city.officer)


def test_a_second_clerk_is_told_what_changed(city):
    case = factories.case(city)
    seen = desk.last_step(case)
    services.accept(case, by=city.triage, seen=seen)
    with pytest.raises(Stale) as told:
        services.decline(case, by=city.triage2, reason="不属于公安机关职责。", seen=seen)
    assert len(told.value.changes) == 1
    case.refresh_from_db()
    assert case.state == State.ACCEPTED


def test_a_note_does_not_make_a_page_stale(city):
    case = factories.case(city, "assigned")
    seen = desk.last_step(case)
    services.note(case, by=city.officer2, text="已电话联系物业。")
    services.draft_reply(case, by=city.officer, text="您好,我们已经处理好了这件事情。", seen=seen)


def test_asking_back_stops_the_clock_and_the_answer_lets_it_run(city):
    case = factories.case(city, "waiting")
    assert case.reminders.filter(sent_at=None, cancelled_at=None).count() == 0
    services.answer(case, text="三号楼东边。")
    case.refresh_from_db()
    assert case.state == State.ASSIGNED
    assert case.reminders.filter(cancelled_at=None).count() == 3


@pytest.mark.parametrize(
    ("days", "ends"),
    [(5, "granted"), (6, "approved")],
)
def test_a_long_extension_needs_a_second_approval(city, days, ends):
    case = factories.case(city, "assigned")
    extension = services.request_extension(case, by=city.officer, days=days, reason="需要等厂家配件。")
    assert services.decide_extension(extension, by=city.leader, grant=True).state == ends
    before = Suggestion.objects.get(pk=case.pk).due_at
    if ends == "approved":
        assert services.decide_extension(extension, by=city.admin, grant=True).state == "granted"
        assert Suggestion.objects.get(pk=case.pk).due_at > before
    with pytest.raises(WrongState):
        services.request_extension(case, by=city.officer, days=1, reason="还要几天。")


def test_a_bad_rating_opens_a_task_for_the_leader(city):
    case = factories.case(city, "replied")
    services.rate(case, level=1, comment="没有解决")
    task = desk.follow_ups(city.leader).get()
    services.finish_follow_up(task, by=city.leader, note="已上门道歉并重新处理。")
    assert not desk.follow_ups(city.leader).exists()


def test_a_reply_is_rated_once(city):
    case = factories.case(city, "replied")
    services.rate(case, level=4)
    with pytest.raises(WrongState):
        services.rate(case, level=1)
    assert Rating.objects.count() == 1


def test_reopening_starts_a_new_round_and_needs_a_new_reply(city):
    case = factories.case(city, "closed")
    services.reopen(case, reason="昨天晚上又吵了。")
    case.refresh_from_db()
    assert (case.state, case.reopened_times) == (State.ASSIGNED, 1)
    with pytest.raises(WrongState):
        services.close(case, by=city.leader)
    factories.answer(city, case)
    services.close(case, by=city.leader)


def test_the_leaders_reply_reaches_the_merged(city):
    first, second = factories.case(city, "assigned"), factories.case(city, user=city.citizen)
    services.merge(second, into=first, by=city.triage)
    factories.answer(city, first)
    second.refresh_from_db()
    assert second.leader == first
    assert city.citizen.notifications.filter(subject__contains=second.number, dedupe_key__contains="replied").exists()
    services.rate(second, level=5)


def test_a_merged_case_can_be_taken_out_again(city):
    first, second = factories.case(city, "assigned"), factories.case(city, "accepted")
    services.merge(second, into=first, by=city.triage)
    services.unmerge(second, by=city.triage)
    second.refresh_from_db()
    assert (second.state, second.merged_into) == (State.ACCEPTED, None)


def test_a_split_part_keeps_the_same_person(city):
    case = factories.case(city, "accepted", user=city.citizen, contact_name="王大爷", contact_phone="19900000009")
    part = services.split(case, by=city.triage, body="另外路灯也坏了。", category=city.other, area=city.yuehe_area)
    assert part.split_from == case
    opening = services.request_opening(part, by=city.triage, reason="需要电话联系当事人核实地点。")
    assert part.identity.user == city.citizen
    assert opening.needs_second is False


@pytest.mark.parametrize("words", ["", "   ", "‮​", "\x00"])
def test_an_empty_voice_is_refused_by_the_field(city, words):
    with pytest.raises(Invalid) as refused:
        factories.say(city, body=words)
    assert list(refused.value.fields) == ["body"]


@pytest.mark.parametrize("words", ["好", "😀", "𠮷", "<script>alert(1)</script>", "x" * 5000])
def test_any_real_voice_is_accepted(city, words):
    assert factories.say(city, body=words).suggestion.body == words


def test_an_officer_sees_what_is_assigned_and_nothing_else(city):
    mine, other = factories.case(city, "assigned"), factories.case(city, "assigned", unit=city.chaoyang)
    seen = Suggestion.objects.visible_to(city.officer)
    assert mine in seen
    assert other not in seen
    assert {mine, other} <= set(Suggestion.objects.visible_to(city.sub_leader))
    assert Suggestion.objects.visible_to(city.admin).count() == 0
    assert Suggestion.objects.countable_by(city.admin).count() == 2


def test_folders_take_one_statement(city, django_assert_num_queries):
    factories.case(city)
    from core.policy import memberships_of

    memberships_of(city.triage)
    _ = city.triage.officer_or_none
    with django_assert_num_queries(1):
        counts = {folder.key: folder.count for folder in desk.folders(city.triage)}
    assert counts["to_accept"] == 1
    assert counts["all"] == 1


def test_the_table_is_the_trigger(city):
    case = factories.case(city)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE suggestions_suggestion SET state = 'replied' WHERE id = %s", [case.pk])


def test_the_citizen_reads_in_the_portal_what_the_case_is_about_and_nobody_else_does(city):
    """The title and the question stay inside, and in the rows of the citizen's own account."""
    case = factories.case(city, "assigned", user=city.citizen, title="楼下广场舞太吵")
    services.ask(case, by=city.officer, question="请问是哪一栋楼下？")
    rows = Notification.objects.all()
    inside = rows.filter(user=city.citizen, channel="site")
    assert {row.body.split("\n")[0] for row in inside} == {"楼下广场舞太吵"}
    assert inside.get(dedupe_key__contains=":received ").body == "楼下广场舞太吵"
    assert "\n请问是哪一栋楼下？\n" in inside.get(dedupe_key__contains=":asked:").body
    others = rows.difference(inside)
    assert {row.channel for row in others} == {"site", "sms"}
    assert not any("广场舞" in row.body + row.subject or "哪一栋" in row.body for row in others)


def test_whoever_corrects_the_category_takes_no_granted_day_away(city):
    case = factories.case(city, "assigned")
    extension = services.request_extension(case, by=city.officer, days=5, reason="需要等厂家配件。")
    services.decide_extension(extension, by=city.leader, grant=True)
    case.refresh_from_db()
    due = case.due_at
    same = services.classify(case, by=city.triage, category=case.category, area=case.area)
    assert same.due_at == due
