"""The clock: every sweep finds what is due in SQL, however late it runs, and does each thing once (P6)."""

from datetime import datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.db.models.functions import Now
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.notifications import notify
from core import calendar, clock
from core.locks import Lock, sweep, take_if_free
from core.policy import Role
from core.workdays import SHANGHAI
from directory.models import Membership
from suggestions import deadlines, states
from suggestions.models import Reminder, Suggestion
from suggestions.services import moves, telling
from suggestions.services.handle import resume
from suggestions.services.triage import raise_level
from suggestions.states import ReminderKind, State, StepKind, Who

MORNING = time(9)
RECIPIENTS = (telling.handlers, telling.leaders, telling.triage_desk, telling.inspectorate)


def send_due_reminders(batch: int = 500) -> int:
    """Send up to ``batch`` reminders that are due, each in its own transaction; returns how many were sent.

    One sweep at a time: a second one finds the lock taken and leaves at once.
    """
    return sweep(_send_next, batch)


@transaction.atomic
def _send_next() -> bool | None:
    """The oldest due reminder: True sent, False not needed any more, None nothing due or another sweep runs."""
    if not take_if_free(Lock.CASE_REMINDERS):
        return None
    due = Reminder.objects.filter(due_at__lte=Now(), sent_at=None, cancelled_at=None)
    reminder = due.select_for_update(skip_locked=True).order_by("due_at", "pk").first()
    if reminder is None:
        return None
    case = moves.lock(reminder.suggestion)
    now = clock.now()
    if case.state not in states.RUNNING:
        reminder.cancelled_at = now
        reminder.save(update_fields=["cancelled_at"])
        return False
    _remind(case, reminder, now)
    return True


def _remind(case: Suggestion, reminder: Reminder, now: datetime) -> None:
    level = _level(case, reminder)
    reminder.level, reminder.sent_at = level, now
    reminder.save(update_fields=["level", "sent_at"])
    for recipients in RECIPIENTS[: max(level, 1)]:
        telling.staff(recipients(case), case, key=f"reminder:{reminder.pk}", subject=telling.REMINDER[reminder.kind])
    if reminder.kind in (ReminderKind.DUE, ReminderKind.OVERDUE):
        raise_level(case, level)
        _plan_next(case, now)
    moves.step(case, StepKind.REMINDED, text=reminder.get_kind_display(), public=False)


def _level(case: Suggestion, reminder: Reminder) -> int:
    """1 the handler, 2 the leader, 3 the triage desk, 4 the inspectorate: one more each day it stays late."""
    if reminder.kind in (ReminderKind.HALF, ReminderKind.MOST):
        return 1
    late = case.reminders.filter(
        kind__in=[ReminderKind.DUE, ReminderKind.OVERDUE], sent_at__isnull=False, due_at__gte=case.due_at
    ).count()
    return min(2 + late, len(RECIPIENTS))


def _plan_next(case: Suggestion, now: datetime) -> None:
    """Tomorrow morning again, on the next working day."""
    day = calendar.add_workdays(now, 1).date()
    at = datetime.combine(day, MORNING, tzinfo=SHANGHAI)
    Reminder.objects.get_or_create(suggestion=case, kind=ReminderKind.OVERDUE, due_at=at)


def close_confirmed_by_silence(batch: int = 500) -> int:
    """Close answered cases whose citizen did not speak up within their time; returns how many."""
    latest = _workdays_ago(deadlines.CONFIRM_DAYS)
    silent = Suggestion.objects.filter(state=State.REPLIED, replied_at__lt=latest)
    return sum(_close(pk) for pk in silent.order_by("replied_at").values_list("pk", flat=True)[:batch])


def _workdays_ago(days: int) -> datetime:
    """The moment before which more than ``days`` working days have fully passed."""
    now = clock.now()
    candidate = now - timedelta(days=days)
    while calendar.add_workdays(candidate, days) >= now:
        candidate -= timedelta(days=1)
    return datetime.combine(candidate.astimezone(SHANGHAI).date(), time.max, tzinfo=SHANGHAI)


@transaction.atomic
def _close(pk: int) -> bool:
    case = Suggestion.objects.select_for_update(skip_locked=True).filter(pk=pk, state=State.REPLIED).first()
    if case is None:
        return False
    moves.notice(case)
    moves.move(case, State.CLOSED, who=Who.SYSTEM, closed_at=clock.now())
    moves.step(case, StepKind.CLOSED, from_state=State.REPLIED, text=_("No objection within the time to confirm."))
    return True


def resume_unanswered(batch: int = 500) -> int:
    """Go on with cases whose question nobody answered in time; returns how many."""
    late = Suggestion.objects.filter(state=State.WAITING, due_at__lt=Now())
    return sum(_resume(pk) for pk in late.order_by("due_at").values_list("pk", flat=True)[:batch])


@transaction.atomic
def _resume(pk: int) -> bool:
    case = Suggestion.objects.select_for_update(skip_locked=True).filter(pk=pk, state=State.WAITING).first()
    if case is None:
        return False
    moves.notice(case)
    case.questions.filter(answered_at=None).update(answered_at=clock.now())
    resume(case, who=Who.SYSTEM)
    moves.step(case, StepKind.RESUMED, from_state=State.WAITING, due_at=case.due_at)
    return True


def send_digests() -> int:
    """Each working morning, one summary a unit for its leaders; running it again the same day sends nothing new."""
    now = timezone.localtime(clock.now())
    if now.time() < time(8) or not calendar.is_workday(now.date()):
        return 0
    counts = (
        Suggestion.objects.filter(state__in=states.RUNNING)
        .values("unit")
        .annotate(open=Count("pk"), late=Count("pk", filter=Q(due_at__lt=Now())))
    )
    by_unit = {row["unit"]: (row["open"], row["late"]) for row in counts}
    leaders = Membership.objects.current().filter(role=Role.LEADER, unit__in=by_unit)
    for leader in leaders.select_related("user"):
        waiting, late = by_unit.get(leader.unit_id or 0, (0, 0))
        _digest(leader.user, waiting, late, key=f"digest:{leader.unit_id}:{now.date()}")
    return len(leaders)


def _digest(user: Any, waiting: int, late: int, *, key: str) -> None:
    with translation.override(user.language):
        notify(
            user=user,
            subject=_("Today at your unit: %(open)s open, %(late)s overdue") % {"open": waiting, "late": late},
            body=_("Open the desk to see them by deadline."),
            link="/desk/",
            dedupe_key=key,
            channels=("site",),
        )
