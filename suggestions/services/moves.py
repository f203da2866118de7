"""What every service is made of: lock the row, move it by the table, write the step."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from core import audit, clock, outbox
from core.errors import Stale, WrongState
from core.locks import locked
from directory.models import Unit
from suggestions import access, deadlines, states
from suggestions.kept import CASE
from suggestions.models import Reminder, Step, Suggestion
from suggestions.states import State, StepKind, Who

QUIET = (StepKind.NOTE, StepKind.REMINDED, StepKind.ESCALATED)


def lock(case: Suggestion, *, seen: int | None = None) -> Suggestion:
    """The row, locked and read anew; rows that merely point to it may still be written.

    Raises: Stale when steps were taken after ``seen``, the last step the page had shown.
    """
    shown = Suggestion.objects.select_related("unit__parent", "category", "area", "handler__user", "merged_into__unit")
    row = locked(shown, case.pk, no_key=True)
    notice(row)
    if seen is not None:
        newer = row.steps.filter(pk__gt=seen).exclude(kind__in=QUIET).select_related("unit")
        changes = [_describe(step) for step in newer]
        if changes:
            raise Stale(changes=changes)
    return row


def notice(case: Suggestion) -> None:
    """Say on the ledger when a locked case is not as the last act on it left it: somebody changed rows without one."""
    if CASE.is_changed(case.pk):
        record(case, "found_changed")


def record(case: Suggestion, act: str, *, by: Any = None, **data: Any) -> None:
    """Write what was done to a case on the ledger, with the digest of how the case is now: an act ends with it."""
    audit.record(f"suggestion.{act}", case, by=by, kept=CASE.digest(case.pk), **data)


def lock_together(*keys: int) -> None:
    """Lock several cases, always in the same order, so that two who want the same never wait for each other."""
    rows = Suggestion.objects.select_for_update(no_key=True).filter(pk__in=keys)
    list(rows.order_by("pk").values_list("pk"))


def lock_with_followers(case: Suggestion, *, seen: int | None = None) -> tuple[Suggestion, list[Suggestion]]:
    """The row and those that follow it, the oldest first, locked. Nothing follows it anew until the transaction ends.

    Raises: as ``lock``.
    """
    lock_together(case.pk, *case.members.values_list("pk", flat=True))
    case = lock(case, seen=seen)
    followers = [lock(follower) for follower in case.members.order_by("created_at", "pk")]
    return case, followers


def _describe(step: Step) -> str:
    name = step.get_kind_display()
    return _("%(what)s by %(who)s") % {"what": name, "who": step.unit or step.get_who_display()}


def move(case: Suggestion, to: State, *, who: Who, **changes: Any) -> None:
    """Change the state of a locked case by the table, with the fields that change along.

    Raises: WrongState when the table does not let ``who`` do that.
    """
    if not states.may(case.state, to, who):
        raise WrongState
    start, case.state = case.state, to
    for field, value in changes.items():
        setattr(case, field, value)
    case.save(update_fields=["state", *changes])
    outbox.emit("suggestions.moved", suggestion=case.pk, start=start, to=to.value)


def step(
    case: Suggestion,
    kind: StepKind,
    *,
    who: Who = Who.SYSTEM,
    by: Any = None,
    text: str = "",
    public: bool = True,
    to: Unit | None = None,
    from_state: str = "",
    due_at: datetime | None = None,
) -> Step:
    """Write one entry of the timeline, and of the ledger; what the act changes of the case is saved before.

    It stands under the office of whoever acts, not under the unit that has the case; ``to`` is where the case, or a
    part in it, is given.
    """
    entry = case.steps.create(
        at=clock.now(),
        kind=kind,
        who=who,
        actor=by,
        unit=access.office_of(by, who, case) if by else None,
        to_unit=to,
        from_state=from_state or case.state,
        to_state=case.state,
        text=text,
        is_public=public,
        due_at=due_at,
    )
    record(case, kind, by=by, step=entry.pk)
    return entry


def run_clock(case: Suggestion, *, start: datetime, due: datetime) -> dict[str, datetime]:
    """Plan the reminders for a new deadline; returns the fields to save with the case."""
    stop_reminders(case, at=clock.now())
    planned = [Reminder(suggestion=case, kind=plan.kind, due_at=plan.at) for plan in deadlines.reminders(start, due)]
    Reminder.objects.bulk_create(
        planned,
        update_conflicts=True,
        unique_fields=["suggestion", "kind", "due_at"],
        update_fields=["cancelled_at"],
    )
    return {"clock_from": start, "due_at": due}


def stop_reminders(case: Suggestion, *, at: datetime) -> None:
    """Nothing more is to be reminded of: the case is answered, waits, or has a new deadline."""
    case.reminders.filter(sent_at=None, cancelled_at=None).update(cancelled_at=at)
