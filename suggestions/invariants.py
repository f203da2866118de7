"""What must hold of every case, asked of the rows themselves."""

from collections.abc import Iterable
from datetime import timedelta

from django.db import connection
from django.db.models import Exists, OuterRef, Prefetch, Q
from django.db.models.functions import Now

from core.promises import promise
from suggestions import on_the_ledger, states
from suggestions.models import FollowUp, IdentityOpening, Reminder, Reply, Step, Subject, Suggestion
from suggestions.models.triggers import clashes, lost_followers, strange_followers, undecided
from suggestions.services import knowing
from suggestions.states import ReplyState, StepKind

__all__ = ["on_the_ledger"]  # loading it registers its checks


@promise("P1")
def nothing_said_is_lost() -> Iterable[object]:
    """Every case has the step that says it was received."""
    first = Step.objects.filter(suggestion=OuterRef("pk"), kind=StepKind.SUBMITTED)
    return Suggestion.objects.filter(~Exists(first)).values_list("number", flat=True)


@promise("P1")
def nothing_merged_is_lost() -> Iterable[object]:
    """A merged case follows one that stands on its own: neither merged, nor withdrawn, nor declined."""
    return _numbers(lost_followers())


@promise("P2")
def answered_means_signed() -> Iterable[object]:
    """Every answered, closed or declined case has a signed reply newer than its last reopening."""
    signed = Reply.objects.filter(suggestion=OuterRef("pk"), state=ReplyState.SIGNED).filter(
        Q(signed_at__gt=OuterRef("reopened_at")) | Q(suggestion__reopened_at=None)
    )
    answered = Suggestion.objects.filter(state__in=states.ANSWERED)
    return answered.filter(~Exists(signed)).values_list("number", flat=True)


@promise("P3")
def open_means_a_deadline() -> Iterable[object]:
    """Every open case has one responsible unit and one deadline."""
    missing = Q(due_at=None) | Q(unit=None)
    return Suggestion.objects.filter(missing, state__in=states.OPEN).values_list("number", flat=True)


@promise("P3")
def nobody_judges_themselves() -> Iterable[object]:
    """No open case is handled, or helped with, by whom it complains of or by a unit under one."""
    return _numbers(clashes())


@promise("P3")
def nobody_reads_what_may_accuse_them() -> Iterable[object]:
    """What seems to complain of the police is handled by nobody who may be meant, until the desk has decided."""
    return _numbers(undecided())


@promise("P3")
def nobody_reads_an_accusing_rating() -> Iterable[object]:
    """What could accuse the police in a rating is no unit's task before the desk has read that it does not."""
    cleared = Step.objects.filter(suggestion=OuterRef("rating__suggestion"), kind=StepKind.NO_COMPLAINT)
    read = Exists(cleared.filter(at__gte=OuterRef("rating__at")))
    return FollowUp.objects.filter(~read, rating__may_accuse=True).values_list("suggestion__number", flat=True)


def _numbers(sql: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [number for (number,) in cursor.fetchall()]


@promise("P6")
def reminders_are_sent() -> Iterable[object]:
    """No reminder of a running case is more than an hour late."""
    late = Reminder.objects.filter(sent_at=None, cancelled_at=None, suggestion__state__in=states.RUNNING)
    return late.filter(due_at__lt=Now() - timedelta(hours=1)).values_list("suggestion__number", "kind")


@promise("P6")
def running_means_reminders() -> Iterable[object]:
    """Every running case has a reminder to come, or had its deadline's reminder."""
    planned = Reminder.objects.filter(suggestion=OuterRef("pk"), cancelled_at=None)
    ahead = planned.filter(Q(sent_at=None) | Q(kind__in=["due", "overdue"]))
    return Suggestion.objects.filter(~Exists(ahead), state__in=states.RUNNING).values_list("number", flat=True)


@promise("P11")
def openings_are_on_the_thread() -> Iterable[object]:
    """Every opening of an identity stands on the citizen's timeline and, where somebody is named, was approved."""
    told = Step.objects.filter(suggestion=OuterRef("suggestion"), kind=StepKind.IDENTITY_OPENED, is_public=True)
    opened = IdentityOpening.objects.filter(opened_at__isnull=False)
    named = Q(Exists(Subject.objects.filter(suggestion=OuterRef("suggestion"))))
    unapproved = named & Q(needs_second=True, approved_at=None)
    return opened.filter(~Exists(told) | unapproved).values_list("pk", flat=True)


@promise("P11")
def followers_complain_of_the_same() -> Iterable[object]:
    """No follower of a case that complains of somebody is visible to them, nor the case to whom a follower names."""
    return _numbers(strange_followers())


@promise("P11")
def public_cases_name_nobody() -> Iterable[object]:
    """No published case names a unit or officer, and each was published with consent."""
    shown = Suggestion.objects.filter(published_at__isnull=False)
    named = Q(Exists(Subject.objects.filter(suggestion=OuterRef("pk"))))
    return shown.filter(named | Q(seems_complaint=True) | Q(publish=False)).values_list("number", flat=True)


@promise("P23")
def what_is_published_was_read() -> Iterable[object]:
    """Every published case, and every published answer, has somebody who read its words."""
    unread = Q(published_at__isnull=False) & (Q(public_read_by=None) | Q(public_read_at=None))
    cases = Suggestion.objects.filter(unread | Q(published_at__isnull=False, public_body=""))
    answers = Reply.objects.filter(unread | Q(published_at__isnull=False, public_text=""))
    return [*cases.values_list("number", flat=True), *answers.values_list("suggestion__number", flat=True)]


@promise("P23")
def what_is_published_says_nothing_sealed() -> Iterable[object]:
    """No published title, words or answer says a name or a number that the sealed record of its own case knows."""
    answers = Prefetch("replies", Reply.objects.filter(published_at__isnull=False), to_attr="answers")
    shown = Suggestion.objects.filter(published_at__isnull=False, identity__isnull=False)
    shown = shown.select_related("identity__user").prefetch_related(answers).defer("search", "body")
    for case in shown.iterator(chunk_size=500):
        known = knowing.of(case.identity)
        said = [case.public_title, case.public_body, *(answer.public_text for answer in case.answers)]
        if any(known.is_in(words) for words in said):
            yield case.number
