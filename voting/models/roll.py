"""Who may vote and who has voted: fingerprints only, no names. No key leads from here to a ballot."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from annual_projects.models import Edition
from core.models import APPEND_ONLY
from voting.models import triggers
from voting.states import Channel

DIGITS = 64  # of a fingerprint in hexadecimal


class Today(models.Func):
    """The day in Huzhou by the database's clock."""

    template = "((clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date)"
    output_field = models.DateField()


class RollEntry(models.Model):
    """One person has voted: the day and the channel, and nothing finer, so that no time leads to a ballot (P4, P5).

    The key is the person's fingerprint in this edition, so a second vote by any channel is impossible. There is no
    running number: it would tell the order.
    """

    pk = models.CompositePrimaryKey("edition_id", "fingerprint")
    edition = models.ForeignKey(
        Edition, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )  # a trigger asks once a statement
    fingerprint = models.CharField(max_length=DIGITS)
    channel = models.CharField(_("channel"), max_length=6, choices=Channel)
    day = models.DateField(_("day"), db_default=Today())

    class Meta:
        verbose_name = _("entry of the voter roll")
        verbose_name_plural = _("voter roll")
        indexes = [
            models.Index(fields=["edition", "day"], condition=Q(channel=Channel.PAPER), name="roll_stubs_by_day")
        ]
        triggers = [*triggers.REWRITTEN_ONLY, triggers.VOTES_IN_TIME, triggers.ENTRY_CARRIES_A_BALLOT]

    def __str__(self) -> str:
        return f"{self.edition_id} {self.channel} {self.day}"


class EligibleVoter(models.Model):
    """Somebody who may vote where an edition goes by an uploaded roll: the fingerprint of an ID number."""

    pk = models.CompositePrimaryKey("edition_id", "fingerprint")
    edition = models.ForeignKey(
        Edition, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )  # a trigger asks once a statement
    fingerprint = models.CharField(max_length=DIGITS)

    class Meta:
        verbose_name = _("eligible voter")
        verbose_name_plural = _("eligible voters")
        triggers = [*APPEND_ONLY, triggers.EDITION_IS_THERE]

    def __str__(self) -> str:
        return f"{self.edition_id} {self.fingerprint[:8]}"


class RollImport(models.Model):
    """A roll file that was taken in whole; the same file is never taken twice (P7)."""

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="roll_imports")
    sha256 = models.CharField(max_length=64)
    lines = models.PositiveIntegerField(_("lines"))
    added = models.PositiveIntegerField(_("new on the roll"))
    imported_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    imported_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-imported_at"]
        verbose_name = _("roll file")
        verbose_name_plural = _("roll files")
        constraints = [models.UniqueConstraint(fields=["edition", "sha256"], name="roll_file_is_taken_once")]
        triggers = APPEND_ONLY

    def __str__(self) -> str:
        return self.sha256[:12]
