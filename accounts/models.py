"""People who sign in, and what we have to tell people."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Self
from uuid import uuid4

import pgtrigger
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import phones
from core import audit, policy, seals
from core.models import KEEP
from core.times import by_the_owner, kept_by_the_day


class UserManager(BaseUserManager["User"]):
    """The three ways a person comes into the table."""

    def create_citizen(self, *, phone: str = "", display_name: str = "", **extra: Any) -> "User":
        """A citizen without a password; a phone given here counts as verified.

        Raises: Invalid when the phone is not a mainland mobile number.
        """
        user = self.model(username=random_username(), display_name=display_name, **extra)
        if phone:
            user.set_phone(phones.normalise(phone), verified_at=timezone.now())
        user.set_unusable_password()
        user.save(using=self._db)
        return user

    def create_staff(self, badge_number: str, password: str | None, *, display_name: str = "", **extra: Any) -> "User":
        """Somebody who signs in by badge number; their roles are memberships, granted elsewhere."""
        user = self.model(username=badge_number, display_name=display_name, **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username: str, password: str | None = None, **extra: Any) -> "User":
        """A technician of the back office, who has no business role by being one; from the shell, and on the ledger."""
        user = self.create_staff(username, password, is_staff=True, is_superuser=True, **extra)
        audit.record("account.appointed", user, role="technician")
        return user


CITIZENS_NAME = re.compile(r"c[0-9a-f]{32}")


def random_username() -> str:
    """A name for a citizen's account that says nothing about them; the letter keeps it apart from badge numbers."""
    return f"c{uuid4().hex}"


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in: a citizen by phone, staff by badge number. Phone and ID number are never readable here."""

    username = models.CharField(_("badge number or account"), max_length=40, unique=True)
    display_name = models.CharField(_("name of the person"), max_length=40, blank=True)
    phone_sealed = models.BinaryField(null=True, editable=False)
    phone_fingerprint = models.CharField(max_length=64, null=True, unique=True, editable=False)  # noqa: DJ001  UNIQUE
    phone_verified_at = models.DateTimeField(null=True, editable=False)
    staff_phone_sealed = models.BinaryField(null=True, editable=False)  # where messages about a staff account go
    id_fingerprint = models.CharField(max_length=64, null=True, unique=True, editable=False)  # noqa: DJ001  UNIQUE
    id_verified_at = models.DateTimeField(_("identity verified"), null=True, editable=False)
    birth_year = models.SmallIntegerField(null=True, editable=False)
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE)
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("technician of the back office"), default=False)
    is_demo = models.BooleanField(default=False, editable=False)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now, editable=False)
    anonymised_at = models.DateTimeField(null=True, editable=False)

    token_scopes: frozenset[str] | None = None  # set on the account of a programme that shows a token; no column

    USERNAME_FIELD = "username"
    objects = UserManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.CheckConstraint(
                name="user_phone_is_sealed_and_findable",
                condition=Q(phone_sealed__isnull=True, phone_fingerprint__isnull=True)
                | Q(phone_sealed__isnull=False, phone_fingerprint__isnull=False),
            ),
            models.CheckConstraint(
                name="user_verified_has_a_fingerprint",
                condition=Q(id_verified_at__isnull=True, id_fingerprint__isnull=True)
                | Q(id_verified_at__isnull=False, id_fingerprint__isnull=False),
            ),
            models.CheckConstraint(
                name="user_anonymised_keeps_nothing",
                condition=Q(anonymised_at__isnull=True)
                | Q(
                    phone_sealed__isnull=True,
                    staff_phone_sealed__isnull=True,
                    id_fingerprint__isnull=True,
                    birth_year__isnull=True,
                    display_name="",
                    is_active=False,
                ),
            ),
        ]
        triggers = [
            kept_by_the_day("last_login", "date_joined", "phone_verified_at", "id_verified_at"),
            by_the_owner(
                "technicians_are_made_by_two",
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("is_staff", "is_superuser"),
                what="""
                    ((NEW.is_staff AND OLD.is_staff IS NOT TRUE) OR (NEW.is_superuser AND OLD.is_superuser IS NOT TRUE))
                    AND NOT EXISTS (
                        SELECT 1 FROM accounts_accountrequest r
                        WHERE r.user_id = NEW.id AND r.kind = 'technician' AND r.confirmed_at IS NOT NULL)
                """,
            ),
            by_the_owner(
                "demo_people_are_made_up",
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("is_demo"),
                what="NEW.is_demo AND OLD.is_demo IS NOT TRUE",
            ),
        ]

    def __str__(self) -> str:
        return self.display_name or self.username

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.display_name

    @property
    def is_verified(self) -> bool:
        """Whether the person's identity was verified by ID number."""
        return self.id_verified_at is not None

    @property
    def is_citizen(self) -> bool:
        """Whether the person signs in by phone, without a password."""
        return not self.has_usable_password()

    @property
    def phone(self) -> str:
        """The phone in E.164, or empty. Unsealed each time: never put it in a log, a URL, a cache or a session."""
        if self.phone_sealed is None:
            return ""
        return seals.unseal(self.phone_sealed, context=f"phone:{self.phone_fingerprint}")

    def set_phone(self, phone: str, *, verified_at: datetime | None) -> None:
        """Put a normalised phone on the (unsaved) row, bound to its own fingerprint; empty takes it away."""
        self.phone_fingerprint = phones.phone_fingerprint(phone) if phone else None
        self.phone_sealed = seals.seal(phone, context=f"phone:{self.phone_fingerprint}") if phone else None
        self.phone_verified_at = verified_at if phone else None

    @property
    def staff_phone(self) -> str:
        """The number that a staff account is registered with, or empty; unsealed each time."""
        sealed = self.staff_phone_sealed
        return seals.unseal(sealed, context=f"staff-phone:{self.pk}") if sealed is not None else ""

    @property
    def is_by_badge(self) -> bool:
        """Whether the account is opened by badge number and password, never by a code alone."""
        return self.is_staff or self.has_usable_password() or CITIZENS_NAME.fullmatch(self.username) is None

    @property
    def officer_or_none(self) -> Any:
        """The officer this person is, or None."""
        try:
            return self.officer
        except (ObjectDoesNotExist, AttributeError):
            return None


class ByTwoQuerySet(models.QuerySet[Any]):
    def waiting(self) -> Self:
        """Those the second person has said nothing to."""
        return self.filter(proposed_by__isnull=False, confirmed_at=None, refused_at=None)


class ByTwo(models.Model):
    """What one person proposes and another confirms; nobody does either for themselves, and until then it is nothing.

    Without a proposer it was given from the shell of the server: the first administrators, and the demo.
    """

    proposed_by = models.ForeignKey(
        User, null=True, editable=False, on_delete=models.PROTECT, related_name="+", verbose_name=_("proposed by")
    )
    proposed_at = models.DateTimeField(_("proposed"), db_default=Now(), editable=False)
    confirmed_by = models.ForeignKey(
        User, null=True, editable=False, on_delete=models.PROTECT, related_name="+", verbose_name=_("confirmed by")
    )
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, editable=False)
    refused_by = models.ForeignKey(User, null=True, editable=False, on_delete=models.PROTECT, related_name="+")
    refused_at = models.DateTimeField(_("refused"), null=True, editable=False)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(class)s_is_of_two_persons",
                condition=Q(proposed_by=None, confirmed_by=None, refused_by=None, confirmed_at=None)
                | Q(proposed_by__isnull=False, confirmed_by=None, confirmed_at=None)
                | (
                    Q(proposed_by__isnull=False, confirmed_by__isnull=False, confirmed_at__isnull=False)
                    & Q(refused_by=None, refused_at=None)
                    & ~Q(confirmed_by=models.F("proposed_by"))
                ),
            )
        ]

    @staticmethod
    def about_a_third(name: str) -> models.CheckConstraint:
        """The constraint of tables with a ``user``: neither the proposer nor the second person is who it is about."""
        return models.CheckConstraint(
            name=name,
            condition=(Q(proposed_by=None) | ~Q(proposed_by=models.F("user")))
            & (Q(confirmed_by=None) | ~Q(confirmed_by=models.F("user"))),
            violation_error_message=_("Nobody gives a role to themselves."),
        )

    @staticmethod
    def standing(*fields: str) -> list[pgtrigger.Trigger]:
        """The triggers: what was proposed stays as it was proposed, what was decided stays decided.

        Only the shell of the server writes what nobody proposed.
        """
        return [
            by_the_owner("proposed_by_somebody", operation=pgtrigger.Insert, what="NEW.proposed_by_id IS NULL"),
            pgtrigger.ReadOnly(name="proposed_stands", fields=["proposed_by", *fields]),
            pgtrigger.Protect(
                name="decided_stands",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "((OLD.confirmed_by_id IS NOT NULL OR OLD.refused_by_id IS NOT NULL)"
                    " AND (NEW.confirmed_by_id, NEW.refused_by_id, NEW.confirmed_at)"
                    " IS DISTINCT FROM (OLD.confirmed_by_id, OLD.refused_by_id, OLD.confirmed_at))"
                ),
            ),
        ]

    @classmethod
    def in_force(cls) -> Q:
        """The condition: confirmed by a second person, or given from the shell."""
        return Q(confirmed_at__isnull=False) | Q(proposed_by=None)

    @property
    def is_in_force(self) -> bool:
        """Whether it was confirmed by a second person, or given from the shell."""
        return self.confirmed_at is not None or self.proposed_by_id is None

    @property
    def is_waiting(self) -> bool:
        """Whether the second person has said nothing yet."""
        return self.proposed_by_id is not None and self.confirmed_at is None and self.refused_at is None


class AccountRequest(ByTwo):
    """What is to become of somebody's way in, and why; confirmed, it is also the one-time right to set a password."""

    class Kind(models.TextChoices):
        INVITE = "invite", _("invite to the portal")
        PASSWORD = "password", _("password lost")
        FACTOR = "factor", _("second factor and password lost")
        TECHNICIAN = "technician", _("make a technician of the back office")
        REOPEN = "reopen", _("open a closed account again")

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="requests", verbose_name=_("person"))
    kind = models.CharField(_("what"), max_length=10, choices=Kind)
    reason = models.CharField(_("reason"), max_length=300)
    phone_sealed = models.BinaryField(null=True, editable=False)  # a number that is to be theirs from now on
    open_until = models.DateTimeField(null=True, editable=False)
    used_at = models.DateTimeField(_("password set"), null=True, editable=False)

    objects = ByTwoQuerySet.as_manager()

    class Meta(ByTwo.Meta):
        abstract = False
        ordering = ["-pk"]
        verbose_name = _("request for an account")
        verbose_name_plural = _("requests for accounts")
        constraints = [
            *ByTwo.Meta.constraints,
            ByTwo.about_a_third("account_request_is_about_a_third"),
            models.UniqueConstraint(
                name="account_request_once_at_a_time",
                fields=["user", "kind"],
                condition=Q(confirmed_at=None, refused_at=None),
            ),
            models.CheckConstraint(
                name="account_request_opens_once_confirmed",
                condition=Q(open_until=None) | Q(confirmed_at__isnull=False),
            ),
        ]
        triggers = [*KEEP, *ByTwo.standing("user", "kind", "reason", "phone_sealed")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.user}"

    @property
    def phone(self) -> str:
        """The new number, for the second person to compare; unsealed each time."""
        return seals.unseal(self.phone_sealed, context=f"staff-phone:{self.user_id}") if self.phone_sealed else ""


TOKEN_LIFE = timedelta(days=366)


class ApiClient(models.Model):
    """A partner's programme, by name. Its account has no password, telephone or role: nobody signs in by it."""

    name = models.CharField(_("programme"), max_length=80, unique=True)
    contact = models.CharField(_("who answers for it"), max_length=120)
    account = models.OneToOneField(User, on_delete=models.PROTECT, editable=False, related_name="programme")

    class Meta:
        ordering = ["name"]
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")

    def __str__(self) -> str:
        return self.name


class ApiTokenQuerySet(ByTwoQuerySet):
    def valid(self) -> Self:
        """Those that open the API now, by the database's clock."""
        alive = self.filter(revoked_at=None, expires_at__gt=Now(), client__account__is_active=True)
        return alive.filter(confirmed_at__isnull=False)


class ApiToken(ByTwo):
    """What a partner's programme shows instead of a session; kept as a fingerprint, so the table opens nothing."""

    client = models.ForeignKey(ApiClient, on_delete=models.PROTECT, related_name="tokens", verbose_name=_("programme"))
    name = models.CharField(_("what for"), max_length=80)
    scopes = ArrayField(models.CharField(max_length=32), verbose_name=_("good for"))
    hint = models.CharField(_("begins with"), max_length=12, editable=False)
    fingerprint = models.CharField(max_length=64, null=True, unique=True, editable=False)  # noqa: DJ001  UNIQUE
    created_at = models.DateTimeField(_("issued"), db_default=Now(), editable=False)
    expires_at = models.DateTimeField(_("valid until"))
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)
    used_on = models.DateField(_("last used on"), null=True, editable=False)

    words = ""  # filled in once, for the page on which it is issued; there is no column
    objects = ApiTokenQuerySet.as_manager()

    class Meta(ByTwo.Meta):
        abstract = False
        ordering = ["-pk"]
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        constraints = [
            *ByTwo.Meta.constraints,
            models.CheckConstraint(name="api_token_is_proposed", condition=Q(proposed_by__isnull=False)),
            models.CheckConstraint(
                name="api_token_has_words_once_confirmed", condition=Q(fingerprint=None) | Q(confirmed_at__isnull=False)
            ),
            models.CheckConstraint(
                name="api_token_ends_within_a_year",
                condition=Q(expires_at__gt=models.F("created_at"))
                & Q(expires_at__lte=models.F("created_at") + TOKEN_LIFE),
            ),
            models.CheckConstraint(
                name="api_token_is_good_for_something",
                condition=Q(scopes__contained_by=list(policy.SCOPES)) & Q(scopes__len__gt=0),
            ),
        ]
        triggers = [
            *ByTwo.standing("client", "scopes", "expires_at"),
            pgtrigger.Protect(
                name="revoked_stays_revoked",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__revoked_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hint}… {self.name}"


KeptBack = Callable[[User], Q]
_kept_back: list[KeptBack] = []


def keeps_back(rule: KeptBack) -> KeptBack:
    """Register which notifications a room does not show to a person any more, though they were told once."""
    _kept_back.append(rule)
    return rule


class NotificationQuerySet(models.QuerySet["Notification"]):
    def of(self, user: User) -> "NotificationQuerySet":
        """What the person was told and may still read, by any channel."""
        told = self.filter(user=user)
        for rule in _kept_back:
            told = told.exclude(rule(user))
        return told

    def inbox(self, user: User) -> "NotificationQuerySet":
        """What the person sees in the portal, newest first."""
        return self.of(user).filter(channel=Notification.Channel.SITE)

    def unread(self) -> "NotificationQuerySet":
        return self.filter(state=Notification.State.SENT)

    def due(self) -> "NotificationQuerySet":
        """What a worker should send now, by the database's clock: waiting ones, and those a dead worker left."""
        return self.filter(
            Q(state=Notification.State.QUEUED, not_before__lte=Now())
            | Q(state=Notification.State.SENDING, lease_until__lt=Now())
        )


class Notification(models.Model):
    """Something to tell somebody: a row first, in the transaction of what it tells; sent by a worker."""

    class Channel(models.TextChoices):
        SITE = "site", _("in the portal")
        SMS = "sms", _("text message")
        EMAIL = "email", _("e-mail")

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting to be sent")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        READ = "read", _("seen")

    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="notifications")
    address_sealed = models.BinaryField(null=True)
    channel = models.CharField(_("channel"), max_length=5, choices=Channel)
    subject = models.CharField(_("heading"), max_length=120)
    body = models.TextField(_("text"), blank=True)
    link = models.CharField(max_length=200, blank=True)
    dedupe_key = models.CharField(max_length=120)
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    created_at = models.DateTimeField(_("written"), db_default=Now())
    not_before = models.DateTimeField(db_default=Now())
    lease_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(_("sent"), null=True)
    read_at = models.DateTimeField(null=True)
    last_error = models.CharField(_("last error"), max_length=100, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        constraints = [
            models.UniqueConstraint(
                name="notification_once", fields=["dedupe_key", "channel", "user"], nulls_distinct=False
            ),
            models.CheckConstraint(
                name="notification_has_a_recipient",
                condition=Q(user__isnull=False) | Q(address_sealed__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="notification_due", fields=["not_before"], condition=Q(state__in=["queued", "sending"])),
            models.Index(name="notification_inbox", fields=["user", "-id"], condition=Q(channel="site")),
            models.Index(name="notification_unread", fields=["user"], condition=Q(channel="site", state="sent")),
            models.Index(name="notification_failed", fields=["-id"], condition=Q(state="failed")),
        ]
        triggers = [kept_by_the_day("read_at")]

    def __str__(self) -> str:
        return f"{self.channel} {self.dedupe_key}"

    @property
    def address(self) -> str:
        """The phone or e-mail this goes to, or empty; unsealed each time."""
        if self.address_sealed is not None:
            return seals.unseal(self.address_sealed, context=f"notification:{self.dedupe_key}")
        if self.user is not None and self.channel == self.Channel.SMS:
            return self.user.phone
        return ""
