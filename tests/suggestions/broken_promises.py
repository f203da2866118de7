"""How each promise about a case is broken, past every guard; returns what the check must name."""

from datetime import timedelta

import pgtrigger

from core import clock
from suggestions import invariants, on_the_ledger, services
from suggestions.models import FollowUp, Subject, Suggestion
from tests import factories
from tests.core.broken_promises import asleep, raw


def without(constraint: str) -> None:
    """Take a constraint away, for the rest of the test's transaction."""
    raw("SET CONSTRAINTS ALL IMMEDIATE")
    raw(f"ALTER TABLE suggestions_suggestion DROP CONSTRAINT {constraint}")


def its_first_step_was_removed(city) -> str:
    case = factories.case(city)
    with pgtrigger.ignore("suggestions.Step:never_deleted"):
        case.steps.all().delete()
    return case.number


def its_leader_was_withdrawn(city) -> str:
    first, second = (factories.case(city, "accepted") for _n in range(2))
    services.merge(second, into=first, by=city.triage)
    raw("SET CONSTRAINTS ALL IMMEDIATE")
    with pgtrigger.ignore("suggestions.Suggestion:follower_has_a_leader"):
        raw("UPDATE suggestions_suggestion SET state = 'withdrawn' WHERE id = %s", first.pk)
    return second.number


def it_was_closed_without_a_reply(city) -> str:
    case = factories.case(city, "assigned")
    with pgtrigger.ignore():
        raw("UPDATE suggestions_suggestion SET state = 'closed' WHERE id = %s", case.pk)
    return case.number


def its_deadline_was_removed(city) -> str:
    case = factories.case(city, "assigned")
    without("open_case_has_a_deadline")
    raw("UPDATE suggestions_suggestion SET due_at = NULL WHERE id = %s", case.pk)
    return case.number


def it_is_judged_by_its_subject(city) -> str:
    case = factories.case(city, "assigned", publish=False)
    with pgtrigger.ignore():
        Subject.objects.create(suggestion=case, unit=city.yuehe)
        raw("SET CONSTRAINTS ALL IMMEDIATE")
    return case.number


def a_station_has_what_may_accuse_it(city) -> str:
    case = factories.case(city, "assigned", publish=False)
    with pgtrigger.ignore("suggestions.Suggestion:not_judged_by_its_subject"):
        Suggestion.objects.filter(pk=case.pk).update(seems_complaint=True)
        raw("SET CONSTRAINTS ALL IMMEDIATE")
    return case.number


def a_reminder_was_forgotten(city) -> str:
    case = factories.case(city, "assigned")
    case.reminders.filter(kind="half", cancelled_at=None).update(due_at=clock.now() - timedelta(hours=2))
    return case.number


def no_reminder_was_planned(city) -> str:
    case = factories.case(city, "assigned")
    case.reminders.update(cancelled_at=clock.now())
    return case.number


def an_identity_was_opened_in_secret(city) -> str:
    case = factories.case(city, "accepted", contact_name="李秀英", contact_phone="19900007788")
    opening = services.request_opening(case, by=city.triage, reason="需要电话联系当事人核实地点。")
    opening.opened_at = clock.now()
    opening.save()
    return str(opening.pk)


def its_follower_was_left_to_who_is_named(city) -> str:
    leader, follower = (factories.case(city, "accepted", publish=False) for _n in range(2))
    services.merge(follower, into=leader, by=city.triage)
    raw("SET CONSTRAINTS ALL IMMEDIATE")
    with pgtrigger.ignore("suggestions.Subject:subject_of_all_that_follow"):
        Subject.objects.create(suggestion=leader, unit=city.chaoyang)
    return follower.number


def a_name_was_published(city) -> str:
    case = factories.case(city, "accepted")
    Subject.objects.create(suggestion=case, unit=city.chaoyang)
    return case.number


def it_was_slipped_in(city) -> str:
    case = factories.case(city)
    with asleep():
        raw("DELETE FROM core_auditentry WHERE object_id = %s", str(case.pk))
    return case.number


def its_words_were_changed(city) -> str:
    case = factories.case(city, "assigned")
    with asleep():
        raw("UPDATE suggestions_suggestion SET body = 'All is well.' WHERE id = %s", case.pk)
    return case.number


def an_act_went_on_from_a_forgery(city) -> str:
    case = factories.case(city, "assigned")
    with asleep():
        raw("UPDATE suggestions_suggestion SET body = 'All is well.' WHERE id = %s", case.pk)
    services.note(case, by=city.officer, text="已电话联系。")
    return f"case {case.pk},"


def it_was_moved_without_a_step(city) -> str:
    case = factories.case(city, "assigned")
    raw("UPDATE suggestions_suggestion SET state = 'withdrawn' WHERE id = %s", case.pk)
    return case.number


def its_answer_is_of_the_future(city) -> str:
    case = factories.case(city, "replied")
    with asleep():
        raw("UPDATE suggestions_reply SET signed_at = now() + interval '5 years' WHERE suggestion_id = %s", case.pk)
    return case.number


def its_reader_was_forgotten(city) -> str:
    case = factories.case(city, "replied")
    raw("SET CONSTRAINTS ALL IMMEDIATE")
    raw("ALTER TABLE suggestions_reply DROP CONSTRAINT published_reply_has_a_reader")
    raw("UPDATE suggestions_reply SET public_read_by_id = NULL WHERE suggestion_id = %s", case.pk)
    return case.number


def its_answer_says_who_spoke(city) -> str:
    case = factories.case(city, "replied", contact_name="李秀英", contact_phone="19900007788")
    with pgtrigger.ignore("suggestions.Reply:published_words_are_read"):
        raw("UPDATE suggestions_reply SET public_text = %s WHERE suggestion_id = %s", "打 199-0000-7788", case.pk)
    return case.number


def its_accusing_rating_became_a_task(city) -> str:
    case = factories.case(city, "replied")
    rating = services.rate(case, level=1, comment="来的民警骂我，还推了我一把")
    FollowUp.objects.create(suggestion=case, rating=rating, unit=case.unit, due_at=case.created_at)
    return case.number


SEEDS = {
    on_the_ledger.every_case_is_on_the_ledger: it_was_slipped_in,
    on_the_ledger.cases_are_as_the_last_act_left_them: its_words_were_changed,
    on_the_ledger.acts_found_cases_as_they_were_left: an_act_went_on_from_a_forgery,
    on_the_ledger.steps_lead_to_where_a_case_is: it_was_moved_without_a_step,
    on_the_ledger.times_follow_each_other: its_answer_is_of_the_future,
    invariants.nothing_said_is_lost: its_first_step_was_removed,
    invariants.nothing_merged_is_lost: its_leader_was_withdrawn,
    invariants.answered_means_signed: it_was_closed_without_a_reply,
    invariants.open_means_a_deadline: its_deadline_was_removed,
    invariants.nobody_judges_themselves: it_is_judged_by_its_subject,
    invariants.nobody_reads_what_may_accuse_them: a_station_has_what_may_accuse_it,
    invariants.nobody_reads_an_accusing_rating: its_accusing_rating_became_a_task,
    invariants.reminders_are_sent: a_reminder_was_forgotten,
    invariants.running_means_reminders: no_reminder_was_planned,
    invariants.openings_are_on_the_thread: an_identity_was_opened_in_secret,
    invariants.followers_complain_of_the_same: its_follower_was_left_to_who_is_named,
    invariants.public_cases_name_nobody: a_name_was_published,
    invariants.what_is_published_was_read: its_reader_was_forgotten,
    invariants.what_is_published_says_nothing_sealed: its_answer_says_who_spoke,
}
