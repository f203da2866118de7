"""Roles of people in units, given from a moment on and ended at a moment; and where an officer serves, as whom."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import admission
from accounts.notifications import notify
from core import audit, clock
from core.errors import Invalid, NotAllowed, WrongState
from core.policy import Role
from directory.models import Membership, Officer, Posting, Unit

WITHOUT_A_UNIT = (Role.ADMIN, Role.POLLSTER, Role.AUDITOR)


@transaction.atomic
def propose_membership(
    *, user: Any, role: str, unit: Unit | None, by: Any, starts: datetime | None = None, ends: datetime | None = None
) -> Membership:
    """Ask that a person gets a role in a unit from ``starts`` (now) until ``ends`` (open); a second person confirms.

    Raises: NotAllowed for anybody but a technician, and for a role for oneself; Invalid by field without a unit where
    one is needed, for an end before the beginning, or when the person has this role there at that time already.
    """
    admission.require_technician(by)
    if by.pk == user.pk:
        raise NotAllowed(_("Nobody gives a role to themselves."))
    if hasattr(user, "programme"):
        raise Invalid("user", _("A programme has no role: it has tokens."))
    return _write(user, role, unit, starts, ends, proposed_by=by)


def appoint(*, user: Any, role: str, unit: Unit | None) -> Membership:
    """A role from the shell of the server, for the first administrators; on the ledger. Raises: Invalid."""
    with transaction.atomic():
        return _write(user, role, unit, None, None)


def _write(
    user: Any, role: str, unit: Unit | None, starts: datetime | None, ends: datetime | None, proposed_by: Any = None
) -> Membership:
    starts = starts or clock.now()
    if unit is None and role not in WITHOUT_A_UNIT:
        raise Invalid("unit", _("This role belongs to a unit. Please choose one."))
    _check_order(starts, ends)
    try:
        with transaction.atomic():
            membership = Membership.objects.create(
                user=user, role=role, unit=unit, starts=starts, ends=ends, proposed_by=proposed_by
            )
    except IntegrityError:
        raise Invalid("starts", _("This person has this role there at that time already.")) from None
    verb = "proposed" if proposed_by else "appointed"
    of: dict[str, Any] = {"user": user.pk, "role": role, "unit": unit.pk if unit else None}
    audit.record(f"membership.{verb}", membership, by=proposed_by, **of)
    return membership


@transaction.atomic
def confirm_membership(membership: Membership, *, by: Any) -> Membership:
    """The second person agrees: the role acts on the next request, and its holder is told.

    Raises: NotAllowed for who proposed it and for whom it is; WrongState when it was decided already.
    """
    membership = admission.to_decide(membership, by=by, about=[membership.user_id])
    admission.write_decision(membership, by=by, agreed=True)
    of: dict[str, Any] = {"user": membership.user_id, "role": membership.role, "unit": membership.unit_id}
    audit.record("membership.started", membership, by=by, **of)
    notify(
        user=membership.user,
        phone=membership.user.staff_phone or None,
        subject=gettext_lazy("You have a new role: %(role)s") % {"role": membership},
        dedupe_key=f"membership:{membership.pk}:started",
    )
    return membership


@transaction.atomic
def refuse_membership(membership: Membership, *, by: Any) -> Membership:
    """The second person does not agree. Raises: as ``confirm_membership``."""
    membership = admission.to_decide(membership, by=by, about=[membership.user_id])
    admission.write_decision(membership, by=by, agreed=False)
    audit.record("membership.refused", membership, by=by, user=membership.user_id)
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


@transaction.atomic
def propose_posting(officer: Officer, *, unit: Unit, user: Any, by: Any) -> Posting:
    """Ask that an officer serves in ``unit`` and signs in as ``user``, or as nobody; a second person confirms.

    Raises: NotAllowed for anybody but a technician, and about oneself; Invalid by field for what would change nothing,
    for a unit out of use, and for an account that is not one of staff or is another officer's already; WrongState when
    something is asked for this officer already.
    """
    check_posting(officer, unit, user, by=by)
    try:
        with transaction.atomic():
            asked = Posting.objects.create(officer=officer, unit=unit, user=user, proposed_by=by)
    except IntegrityError:
        raise WrongState(_("This is asked for already and waits for the second person.")) from None
    audit.record("posting.proposed", asked, by=by, **_posting(officer, asked))
    return asked


def check_posting(officer: Officer, unit: Unit, user: Any, *, by: Any) -> None:
    """Raises: as ``propose_posting``."""
    admission.require_technician(by)
    if by.pk in (officer.user_id, user.pk if user else None):
        raise NotAllowed(_("Nobody asks this for themselves."))
    if (unit.pk, user.pk if user else None) == (officer.unit_id, officer.user_id):
        raise Invalid("unit", _("This is so already."))
    if not unit.is_active:
        raise Invalid("unit", _("This unit is not in use any more."))
    if user and (not user.is_by_badge or hasattr(user, "programme")):
        raise Invalid("user", _("This is not the account of a member of staff."))
    if officer.postings.waiting().exists():
        raise WrongState(_("This is asked for already and waits for the second person."))
    if user and Officer.objects.filter(user=user).exclude(pk=officer.pk).exists():
        raise Invalid("user", _("This is the account of another officer."))


def _posting(officer: Officer, asked: Posting) -> dict[str, Any]:
    """What was and what is to be, for the ledger."""
    return {
        "officer": officer.pk,
        "unit": [officer.unit_id, asked.unit_id],
        "user": [officer.user_id, asked.user_id],
    }


@transaction.atomic
def confirm_posting(asked: Posting, *, by: Any) -> Posting:
    """The second person agrees: the officer serves there, and signs in so, from the next request on.

    Raises: NotAllowed for who proposed it and for whom it is or was; WrongState when it was decided already, or when
    the account has become another officer's.
    """
    asked, officer = _to_decide(asked, by=by)
    if asked.user_id and Officer.objects.filter(user=asked.user_id).exclude(pk=officer.pk).exists():
        raise WrongState(_("This is the account of another officer."))
    admission.write_decision(asked, by=by, agreed=True)
    audit.record("posting.confirmed", asked, by=by, **_posting(officer, asked))
    officer.unit_id, officer.user_id = asked.unit_id, asked.user_id
    officer.save(update_fields=["unit", "user"])
    return asked


@transaction.atomic
def refuse_posting(asked: Posting, *, by: Any) -> Posting:
    """The second person does not agree. Raises: NotAllowed, WrongState."""
    asked, officer = _to_decide(asked, by=by)
    admission.write_decision(asked, by=by, agreed=False)
    audit.record("posting.refused", asked, by=by, officer=officer.pk)
    return asked


def _to_decide(asked: Posting, *, by: Any) -> tuple[Posting, Officer]:
    """The locked request and its officer, if ``by`` may decide it."""
    officer = Officer.objects.select_for_update(of=("self",)).get(pk=asked.officer_id)
    return admission.to_decide(asked, by=by, about=[asked.user_id, officer.user_id]), officer
