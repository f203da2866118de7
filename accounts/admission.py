"""A way in for staff: proposed by a technician with a reason, confirmed by a second person, told to the owner.

Nobody ever sets a password, a second factor or the rights of somebody else. What is confirmed lets the owner of the
account, and of the telephone it is registered with, set a password once; whoever has a role is then led to the second
factor. Everything is on the ledger.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, TypeVar

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts import phones
from accounts.models import AccountRequest, ByTwo, User
from accounts.notifications import notify
from core import audit, clock, policy, seals
from core.errors import Invalid, NotAllowed, WrongState
from core.said import limit, required, said
from core.text import ascii_digits, clean

Kind = AccountRequest.Kind
Proposed = TypeVar("Proposed", bound=ByTwo)
OPENS_A_WAY = (Kind.INVITE, Kind.PASSWORD, Kind.FACTOR)
OPEN_FOR = timedelta(hours=48)
SHORTEST_REASON = 5
SOMEBODY_ELSE = _("Somebody else must confirm this.")
PROPOSED = {
    Kind.INVITE: _("An account was proposed for you"),
    Kind.PASSWORD: _("Somebody asked to have your password reset"),
    Kind.FACTOR: _("Somebody asked to have your password and second factor reset"),
    Kind.TECHNICIAN: _("Somebody proposed you as a technician of the back office"),
    Kind.REOPEN: _("Somebody asked to open your account again"),
}
NOT_YOU = _("If you did not ask for it, call your bureau's public-work centre.")
WAY_IS_OPEN = _("Police e-Plaza: set your password")
WAY_IS_OPEN_BODY = _(
    "Within 48 hours open %(address)s and enter your badge number; a code comes to this number. Then set a password."
)
DONE = {
    Kind.TECHNICIAN: _("You are a technician of the back office now"),
    Kind.REOPEN: _("Your account is open again"),
}


def require_technician(by: Any) -> None:
    """Raises: NotAllowed for anybody but a technician of the back office."""
    if not (by.is_active and by.is_staff):
        raise NotAllowed


@transaction.atomic
def add_staff(badge_number: str, name: str, *, phone: str, reason: str, by: User) -> AccountRequest:
    """A new account without a password, and the invitation that a second person is to confirm.

    Raises: NotAllowed; Invalid by field.
    """
    require_technician(by)
    badge = ascii_digits(clean(badge_number))
    if not badge or len(badge) > limit(User, "username") or User.objects.filter(username=badge).exists():
        raise Invalid("username", _("This badge number has an account already, or is none."))
    user = User.objects.create_staff(badge, None, display_name=said(name, "display_name", limit(User, "display_name")))
    audit.record("account.added", user, by=by)
    return propose(user, Kind.INVITE, reason=reason, phone=phone, by=by)


@transaction.atomic
def propose(user: User, kind: str, *, reason: str, by: User, phone: str = "") -> AccountRequest:
    """Ask that something becomes of an account; ``phone`` is a number that is to be its owner's from now on.

    The owner is told at once, at the number that is on record. Raises: NotAllowed, also for oneself; Invalid by field;
    WrongState when the same is asked for already.
    """
    require_technician(by)
    if by.pk == user.pk:
        raise NotAllowed(_("Nobody asks this for themselves."))
    number = phones.normalise(phone) if phone else ""
    _check(user, kind, reason, number)
    sealed = seals.seal(number, context=f"staff-phone:{user.pk}") if number else None
    try:
        with transaction.atomic():
            asked = AccountRequest.objects.create(
                user=user,
                kind=kind,
                reason=said(reason, "reason", limit(AccountRequest, "reason")),
                phone_sealed=sealed,
                proposed_by=by,
            )
    except IntegrityError:
        raise WrongState(_("This is asked for already and waits for the second person.")) from None
    audit.record("account.proposed", asked, by=by, reason=asked.reason, user=user.pk, kind=kind)
    _tell(user, f"account:{asked.pk}:proposed", PROPOSED[Kind(kind)], NOT_YOU)
    return asked


def _check(user: User, kind: str, reason: str, number: str) -> None:
    if len(clean(reason)) < SHORTEST_REASON:
        raise Invalid("reason", _("Please say why; the second person reads it."))
    if not user.is_by_badge or hasattr(user, "programme"):
        raise Invalid("user", _("This is not the account of a member of staff."))
    if kind == Kind.REOPEN and user.is_active:
        raise Invalid("kind", _("This account is open."))
    if kind != Kind.REOPEN and not user.is_active:
        raise Invalid("user", _("This account is closed."))
    if kind in OPENS_A_WAY and not (number or user.staff_phone_sealed):
        raise Invalid("phone", _("No number is on record for this person. Please enter their own."))


def waiting() -> QuerySet[AccountRequest]:
    """What the second person has said nothing to, oldest first; one statement."""
    return AccountRequest.objects.waiting().select_related("user", "proposed_by").order_by("pk")


def to_decide(row: Proposed, *, by: User, about: Sequence[int | None] = ()) -> Proposed:
    """The row, locked, where ``by`` is its second person: not who proposed it, not one of those it is ``about``.

    Raises: NotAllowed, WrongState when it was decided already.
    """
    rows: Any = type(row)._default_manager
    row = rows.select_for_update(of=("self",)).get(pk=row.pk)
    policy.require(by, "confirm", "account")
    if by.pk in (row.proposed_by_id, *about):
        raise NotAllowed(SOMEBODY_ELSE)
    if not row.is_waiting:
        raise WrongState(_("This was decided already."))
    return row


def write_decision(row: ByTwo, *, by: User, agreed: bool, also: Sequence[str] = ()) -> None:
    """Note on the row who agreed or did not, and when; ``also`` names the fields that go along."""
    if agreed:
        row.confirmed_by, row.confirmed_at = by, clock.now()
    else:
        row.refused_by, row.refused_at = by, clock.now()
    row.save(update_fields=["confirmed_by", "confirmed_at", "refused_by", "refused_at", *also])


@transaction.atomic
def confirm(asked: AccountRequest, *, by: User) -> AccountRequest:
    """The second person agrees; it takes effect, and the owner is told. Raises: as ``to_decide``."""
    asked = to_decide(asked, by=by, about=[asked.user_id])
    user = User.objects.select_for_update().get(pk=asked.user_id)
    asked.open_until = clock.now() + OPEN_FOR if asked.kind in OPENS_A_WAY else None
    write_decision(asked, by=by, agreed=True, also=["open_until"])
    _take_effect(asked, user)
    audit.record("account.confirmed", asked, by=by, user=user.pk, kind=asked.kind)
    return asked


@transaction.atomic
def refuse(asked: AccountRequest, *, by: User) -> AccountRequest:
    """The second person does not agree. Raises: as ``to_decide``."""
    asked = to_decide(asked, by=by, about=[asked.user_id])
    write_decision(asked, by=by, agreed=False)
    audit.record("account.refused", asked, by=by, user=asked.user_id, kind=asked.kind)
    return asked


def _take_effect(asked: AccountRequest, user: User) -> None:
    """Do what was agreed: a lost password ends every session, a lost factor is taken away with it."""
    before = user.staff_phone
    if asked.phone_sealed is not None:
        user.staff_phone_sealed = asked.phone_sealed
    match asked.kind:
        case Kind.TECHNICIAN:
            user.is_staff = user.is_superuser = True
        case Kind.REOPEN:
            user.is_active = True
        case _:
            AccountRequest.objects.filter(user=user, used_at=None).exclude(pk=asked.pk).update(open_until=None)
            user.set_unusable_password()
    if asked.kind == Kind.FACTOR:
        Authenticator.objects.filter(user=user).delete()
    user.save()
    key = f"account:{asked.pk}:confirmed"
    if asked.kind in DONE:
        _tell(user, key, DONE[Kind(asked.kind)], NOT_YOU)
        return
    if before and before != user.staff_phone:  # whoever has the old number hears of it too
        notify(user=user, phone=before, subject=PROPOSED[Kind(asked.kind)], body=NOT_YOU, dedupe_key=f"{key}:before")
    address = f"{settings.PUBLIC_URL.rstrip('/')}/accounts/welcome/"
    notify(
        user=user,
        phone=user.staff_phone,
        subject=WAY_IS_OPEN,
        body=WAY_IS_OPEN_BODY % {"address": address},
        dedupe_key=key,
        channels=("sms",),
    )


def _tell(user: User, key: str, subject: Any, body: Any) -> None:
    notify(user=user, phone=user.staff_phone or None, subject=subject, body=body, dedupe_key=key)


def open_way(badge_number: str) -> AccountRequest | None:
    """The confirmed request by which the owner of this badge number may set a password now, or None."""
    badge = ascii_digits(clean(badge_number[:40]))
    found = AccountRequest.objects.filter(user__username=badge, user__is_active=True, used_at=None)
    return found.filter(open_until__gt=clock.now()).select_related("user").order_by("-pk").first()


@transaction.atomic
def set_password(asked: AccountRequest, password: str) -> User:
    """The owner, who has proved the number, sets the password, once. Raises: WrongState when the time is over."""
    asked = AccountRequest.objects.select_for_update(of=("self",)).get(pk=asked.pk)
    user = User.objects.select_for_update().get(pk=asked.user_id)
    now = clock.now()
    if asked.used_at or asked.open_until is None or asked.open_until <= now or not user.is_active:
        raise WrongState(_("The time to set a password is over. Ask a technician of your bureau again."))
    user.set_password(password)
    user.save(update_fields=["password"])
    asked.used_at = now
    asked.save(update_fields=["used_at"])
    audit.record("account.password_set", asked, by=user, user=user.pk)
    _tell(user, f"account:{asked.pk}:used", _("Your password was set"), NOT_YOU)
    return user


@transaction.atomic
def close(user: User, *, by: User, reason: str) -> User:
    """Shut an account at once: it is signed out on its next request. Opening it again takes two.

    Raises: NotAllowed, also for oneself; Invalid without a reason; WrongState when it is closed.
    """
    require_technician(by)
    if by.pk == user.pk:
        raise NotAllowed(_("Nobody asks this for themselves."))
    user = User.objects.select_for_update().get(pk=user.pk)
    if not user.is_active:
        raise WrongState(_("This account is closed."))
    missing = _("Please say why; the second person reads it.")
    why = required(reason, "reason", limit(AccountRequest, "reason"), missing)
    user.is_active = False
    user.save(update_fields=["is_active"])
    audit.record("account.closed", user, by=by, reason=why)
    return user
