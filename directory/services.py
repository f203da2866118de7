"""Roles of people in units: given from a moment on, ended at a moment, never changed otherwise and never removed."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from core import audit, clock
from core.errors import Invalid, NotAllowed, WrongState
from core.policy import Role
from directory.models import Membership, Unit

WITHOUT_A_UNIT = (Role.ADMIN, Role.POLLSTER, Role.AUDITOR)


@transaction.atomic
def start_membership(
    *, user: Any, role: str, unit: Unit | None, by: Any, starts: datetime | None = None, ends: datetime | None = None
) -> Membership:
    """Give a person a role in a unit from ``starts`` (now) until ``ends`` (open); it acts on their next request.

    Raises: NotAllowed for a role for oneself; Invalid by field without a unit where one is needed, for an end before
    the beginning, or when the person has this role there at that time already.
    """
    if by is not None and by.pk == user.pk:
        raise NotAllowed(_("Nobody gives a role to themselves."))
    starts = starts or clock.now()
    if unit is None and role not in WITHOUT_A_UNIT:
        raise Invalid("unit", _("This role belongs to a unit. Please choose one."))
    _check_order(starts, ends)
    try:
        with transaction.atomic():
            membership = Membership.objects.create(
                user=user, role=role, unit=unit, starts=starts, ends=ends, granted_by=by
            )
    except IntegrityError:
        raise Invalid("starts", _("This person has this role there at that time already.")) from None
    audit.record("membership.started", membership, by=by, user=user.pk, role=role, unit=unit.pk if unit else None)
    return membership


@transaction.atomic
def end_membership(membership: Membership, *, by: Any, ends: datetime | None = None) -> Membership:
    """End a role at ``ends`` (now). Raises: WrongState when it is over; Invalid for an end before its beginning."""
    membership = Membership.objects.select_for_update(of=("self",)).get(pk=membership.pk)
    now = clock.now()
    ends = ends or now
    if membership.ends is not None and membership.ends <= now:
        raise WrongState(_("This role is over already."))
    _check_order(membership.starts, ends)
    membership.ends = ends
    membership.save(update_fields=["ends"])
    audit.record("membership.ended", membership, by=by, user=membership.user_id, ends=ends.isoformat())
    return membership


def _check_order(starts: datetime, ends: datetime | None) -> None:
    if ends is not None and ends <= starts:
        raise Invalid("ends", _("The end must be after the beginning."))
