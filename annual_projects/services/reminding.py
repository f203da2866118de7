"""Reminders of milestones: a row a reminder, due in SQL, sent once however often the sweep runs (P6)."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import User
from accounts.notifications import notify
from annual_projects.models import Milestone, MilestoneReminder
from annual_projects.states import MilestoneState, ReminderKind
from core import clock
from core.locks import Lock, sweep, take_if_free
from core.policy import Role
from core.workdays import SHANGHAI
from suggestions.services import telling

MORNING = time(9)
WEEK = timedelta(days=7)


def _morning(day: date) -> datetime:
    return datetime.combine(day, MORNING, tzinfo=SHANGHAI)


def plan(step: Milestone) -> None:
    """A week before, on the day, and the morning after; those of another date are cancelled, those missed left out."""
    stop(step)
    now = clock.now()
    wanted = {
        ReminderKind.SOON: _morning(step.due_on - WEEK),
        ReminderKind.DUE: _morning(step.due_on),
        ReminderKind.OVERDUE: max(_morning(step.due_on + timedelta(days=1)), now),
    }
    planned = [MilestoneReminder(milestone=step, kind=kind, due_at=at) for kind, at in wanted.items() if at >= now]
    MilestoneReminder.objects.bulk_create(
        planned,
        update_conflicts=True,
        unique_fields=["milestone", "kind", "due_at"],
        update_fields=["cancelled_at"],
    )


def stop(step: Milestone) -> None:
    """Nothing more is to be reminded of."""
    step.reminders.filter(sent_at=None, cancelled_at=None).update(cancelled_at=clock.now())


def send_milestone_reminders(batch: int = 200) -> int:
    """Send up to ``batch`` reminders that are due, each in its own transaction; returns how many were sent."""
    return sweep(_send_next, batch)


@transaction.atomic
def _send_next() -> bool | None:
    """The oldest due reminder: True sent, False not needed any more, None nothing due or another sweep runs."""
    if not take_if_free(Lock.MILESTONE_REMINDERS):
        return None
    due = MilestoneReminder.objects.filter(due_at__lte=Now(), sent_at=None, cancelled_at=None)
    found = due.select_for_update(skip_locked=True).order_by("due_at", "pk").first()
    if found is None:
        return None
    reminder = MilestoneReminder.objects.select_related(
        "milestone__unit", "milestone__project__edition", "milestone__project__candidate"
    ).get(pk=found.pk)
    step = reminder.milestone
    if step.state != MilestoneState.OPEN or step.project.is_settled:
        reminder.cancelled_at = clock.now()
        reminder.save(update_fields=["cancelled_at"])
        return False
    reminder.sent_at = clock.now()
    reminder.save(update_fields=["sent_at"])
    for user in _who_is_reminded(reminder):
        _remind(user, reminder)
    if reminder.kind == ReminderKind.OVERDUE:
        again = _morning(reminder.sent_at.astimezone(SHANGHAI).date() + WEEK)
        MilestoneReminder.objects.get_or_create(milestone=step, kind=ReminderKind.OVERDUE, due_at=again)
    return True


def _who_is_reminded(reminder: MilestoneReminder) -> Iterable[User]:
    """Those who lead the unit; when it is late, the public-work admins too."""
    leaders = list(telling.members(Role.LEADER, reminder.milestone.unit))
    if reminder.kind != ReminderKind.OVERDUE:
        return leaders
    return [*leaders, *telling.members(Role.ADMIN)]


def _remind(user: User, reminder: MilestoneReminder) -> None:
    step = reminder.milestone
    with override(user.language):
        notify(
            user=user,
            subject=_("%(step)s: %(when)s") % {"step": step.title, "when": reminder.get_kind_display()},
            body=_("Project: %(project)s. Report on it, or say why it takes longer.") % {"project": step.project},
            link=f"/desk/annual/{step.project.edition.year}/projects/{step.project.candidate.slug}/",
            dedupe_key=f"milestone:{reminder.pk}",
            channels=("site",),
        )
