"""What changes about a person: signing in for the first time, proving who they are, leaving."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import identity, phones
from accounts.models import Notification, User
from core import audit, policy
from core.errors import Invalid, NotAllowed, WrongState
from core.outbox import emit

LOG_LENGTH = 500  # notifications in an export
TAKEN = _("This ID number is already verified with another account. Please sign in with that phone number.")


def citizen_with_phone(phone: str) -> User:
    """The account of a number that has just proved itself by a code; a new number gets a new account.

    Raises: Invalid when the number is not a mainland mobile number.
    """
    phone = phones.normalise(phone)
    try:
        with transaction.atomic():
            return _known_by(phone) or _welcome(phone)
    except IntegrityError:  # the same number came in at the same moment by another door
        return User.objects.get(phone_fingerprint=phones.phone_fingerprint(phone))


def _known_by(phone: str) -> User | None:
    user = User.objects.filter(phone_fingerprint=phones.phone_fingerprint(phone)).first()
    if user is not None and user.phone_verified_at is None:
        user.phone_verified_at = timezone.now()
        user.save(update_fields=["phone_verified_at"])
    return user


def _welcome(phone: str) -> User:
    """The account itself keeps the day; the ledger, which keeps the second, would name what is said right after."""
    return User.objects.create_citizen(phone=phone)


def change_phone(user: User, phone: str) -> User:
    """Move the account to a number that has just proved itself by a code.

    Raises: Invalid when the number serves another account.
    """
    phone = phones.normalise(phone)
    try:
        with transaction.atomic():
            user = User.objects.select_for_update().get(pk=user.pk)
            user.set_phone(phone, verified_at=timezone.now())
            user.save(update_fields=["phone_sealed", "phone_fingerprint", "phone_verified_at"])
            audit.record("accounts.phone_changed", user, by=user)
    except IntegrityError as error:
        raise Invalid("phone", _("This number already serves another account.")) from error
    return user


def verify_identity(user: User, *, name: str, id_number: str) -> User:
    """Remember, as a fingerprint alone, which ID number this person proved; one number serves one account.

    Raises: Invalid (number mistyped, not this name's, or used by another account), WrongState (already verified),
    VerifierAway.
    """
    if user.is_verified:
        raise WrongState(_("Your identity is already verified."))
    proved = identity.read(id_number)
    if not identity.belongs_together(name, proved):
        raise Invalid("id_number", _("Name and ID number do not belong together. Please check both."))
    try:
        return _keep_fingerprint(user, proved)
    except IntegrityError as error:
        raise Invalid("id_number", TAKEN) from error


@transaction.atomic
def _keep_fingerprint(user: User, proved: identity.IdNumber) -> User:
    user = User.objects.select_for_update().get(pk=user.pk)
    if user.is_verified:  # in another tab, a moment ago
        raise WrongState(_("Your identity is already verified."))
    user.id_fingerprint = proved.fingerprint
    user.id_verified_at = timezone.now()
    user.birth_year = proved.birth_date.year
    user.save(update_fields=["id_fingerprint", "id_verified_at", "birth_year"])
    audit.record("accounts.verified", user, by=user)
    emit("accounts.verified", user_id=user.pk)
    return user


@transaction.atomic
def sign_out_everywhere(user: User) -> User:
    """End every session of somebody who signs in without a password, by changing what sessions are bound to.

    Raises: WrongState for somebody with a password: they change that instead.
    """
    if user.has_usable_password():
        raise WrongState(_("Change your password: that signs you out everywhere."))
    user.set_unusable_password()
    user.save(update_fields=["password"])
    audit.record("accounts.signed_out_everywhere", user, by=user)
    return user


def mark_read(notification: Notification) -> Notification:
    """Note that the person has opened it; a second time changes nothing."""
    unread = Notification.objects.filter(pk=notification.pk, state=Notification.State.SENT)
    unread.update(state=Notification.State.READ, read_at=timezone.now())
    return notification


def mark_all_read(user: User) -> int:
    """Note that the person has seen all of their inbox; return how many were new."""
    unread = Notification.objects.inbox(user).unread()
    return unread.update(state=Notification.State.READ, read_at=timezone.now())


@transaction.atomic
def send_again(notification: Notification, *, by: User) -> Notification:
    """Put a failed notification back in the queue with all its tries.

    Raises: NotAllowed, WrongState when it is not failed.
    """
    policy.require(by, "failures", "notification")
    row = Notification.objects.select_for_update(of=("self",)).get(pk=notification.pk)
    if row.state != Notification.State.FAILED:
        raise WrongState(_("This notification is not waiting for you any more."))
    row.state, row.attempts, row.not_before, row.last_error = Notification.State.QUEUED, 0, timezone.now(), ""
    row.save(update_fields=["state", "attempts", "not_before", "last_error"])
    audit.record("notification.sent_again", row, by=by)
    return row


def export_person(user: User) -> dict[str, Any]:
    """Everything this room knows about a person, ready for JSON: the account and what it was told."""
    told = Notification.objects.of(user).order_by("-pk")[:LOG_LENGTH]
    return {
        "account": {
            "name": user.display_name,
            "phone": user.phone,
            "staff_phone": user.staff_phone,
            "phone_verified_at": user.phone_verified_at,
            "identity_verified_at": user.id_verified_at,
            "birth_year": user.birth_year,
            "language": user.language,
            "joined": user.date_joined,
            "last_sign_in": user.last_login,
        },
        "notifications": [
            {"at": row.created_at, "channel": row.channel, "subject": row.subject, "text": row.body} for row in told
        ],
    }


@transaction.atomic
def erase_person(user: User, *, by: User) -> User:
    """Take a person out of their account: phone, identity, name and messages go, the row stays for what refers to it.

    The other rooms hear ``accounts.erased`` and cut their own links. Raises: NotAllowed for staff, whose acts must stay
    answered for; WrongState when it was done before.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    if user.anonymised_at:
        raise WrongState(_("This account has already been deleted."))
    if user.is_staff or policy.is_staff_member(user):
        raise NotAllowed(_("A staff account is closed by the back office, not deleted."))
    Notification.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()
    SocialAccount.objects.filter(user=user).delete()
    _empty(user)
    audit.record("accounts.erased", user, by=by)
    emit("accounts.erased", user_id=user.pk)
    return user


def _empty(user: User) -> None:
    user.set_phone("", verified_at=None)
    user.staff_phone_sealed = None
    user.id_fingerprint = user.id_verified_at = user.birth_year = None
    user.display_name = ""
    user.is_active = False
    user.anonymised_at = timezone.now()
    user.set_unusable_password()
    user.save()
