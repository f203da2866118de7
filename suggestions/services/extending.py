"""More time: asked for once a round, approved by the leader, and a second time when it is long."""

from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core import calendar, clock, refusals
from core.errors import Invalid, NotAllowed, WrongState
from core.said import limit, required
from suggestions import access, deadlines, limits
from suggestions.models import Extension, Suggestion
from suggestions.models.desk import LONGEST_EXTENSION
from suggestions.services import moves, telling
from suggestions.states import ExtensionState, State, StepKind, Who


@transaction.atomic
def request_extension(case: Suggestion, *, by: Any, days: int, reason: str, seen: int | None = None) -> Extension:
    """Ask for up to 15 more working days.

    Raises: NotAllowed, WrongState when it was asked for in this round already, Stale, Invalid by field.
    """
    case = moves.lock(case, seen=seen)
    access.require(by, "request extension", case)
    if case.state != State.ASSIGNED:
        raise WrongState
    if not 1 <= days <= LONGEST_EXTENSION:
        raise Invalid("days", _("Between 1 and %(n)s working days.") % {"n": LONGEST_EXTENSION})
    reason = required(reason, "reason", limit(Extension, "reason"))
    with refusals.told(), transaction.atomic():
        extension = case.extensions.create(round=case.reopened_times, days=days, reason=reason, requested_by=by)
    moves.step(case, StepKind.EXTENSION_REQUESTED, who=Who.OFFICER, by=by, text=extension.reason, public=False)
    key = f"extension:{extension.pk}"
    telling.staff(telling.leaders(case), case, key=key, subject=telling.EXTENSION_ASKED)
    return extension


@transaction.atomic
def decide_extension(extension: Extension, *, by: Any, grant: bool, reason: str = "") -> Extension:
    """Grant, or refuse with a reason; more than five days that a leader approved wait for the admin as well.

    Raises: NotAllowed, also for one's own request; WrongState when it is decided or the case has moved on; Invalid.
    """
    said = "" if grant else required(reason, "reason", limits.REASON)
    case = moves.lock(extension.suggestion)
    extension = Extension.objects.select_for_update().get(pk=extension.pk)
    if case.state != State.ASSIGNED:
        raise WrongState
    match extension.state:
        case ExtensionState.REQUESTED:
            access.require(by, "approve extension", case)
            _not_by(by, extension.requested_by_id)
            extension.approved_by = by
            is_long = extension.days > deadlines.LONG_EXTENSION
            granted = ExtensionState.APPROVED if is_long else ExtensionState.GRANTED
        case ExtensionState.APPROVED:
            access.require(by, "approve extension again", case)
            _not_by(by, extension.requested_by_id, extension.approved_by_id)
            extension.confirmed_by = by
            granted = ExtensionState.GRANTED
        case _:
            raise WrongState(_("This was decided already."))
    extension.state = granted if grant else ExtensionState.REFUSED
    extension.decided_at = clock.now()
    extension.save(update_fields=["state", "approved_by", "confirmed_by", "decided_at"])
    _take_effect(case, extension, by, said)
    return extension


def _not_by(by: Any, *others: int | None) -> None:
    if by.pk in others:
        raise NotAllowed(_("Somebody else must decide this."))


def _take_effect(case: Suggestion, extension: Extension, by: Any, refused_because: str) -> None:
    tell = partial(telling.staff, [extension.requested_by], case, key=f"extension:{extension.pk}:decided")
    if extension.state == ExtensionState.REFUSED:
        moves.step(case, StepKind.EXTENSION_REFUSED, who=Who.LEADER, by=by, text=refused_because, public=False)
        tell(subject=telling.EXTENSION_REFUSED, inside=refused_because)
    if extension.state != ExtensionState.GRANTED:
        if extension.state == ExtensionState.APPROVED:
            moves.record(case, "extension_approved", by=by, extension=extension.pk)
        return
    due = calendar.add_workdays(case.deadline, extension.days)
    for name, value in moves.run_clock(case, start=case.clock_from, due=due).items():
        setattr(case, name, value)
    case.save(update_fields=["clock_from", "due_at"])
    moves.step(case, StepKind.EXTENDED, who=Who.LEADER, by=by, text=extension.reason, due_at=due)
    tell(subject=telling.EXTENSION_GRANTED)
    telling.citizen_and_members(case, key=f"extended:{extension.pk}", subject=telling.LATER, body=telling.LATER_BODY)
