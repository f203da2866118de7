"""What happened to a case, in order, and what was said about it."""

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core.models import APPEND_ONLY, KEEP
from core.times import written_now
from directory.models import Officer, Unit
from suggestions.models import story, triggers
from suggestions.models.case import Suggestion
from suggestions.models.reading import ReadBeforeShown, published_means_read, published_words_are_read
from suggestions.redaction import neutral
from suggestions.states import RATING_LEVELS, ReplyKind, ReplyState, State, StepKind, Who


class Step(models.Model):
    """One entry of a case's timeline. Public steps are for the citizen, all of them for staff. Only ever added."""

    suggestion = models.ForeignKey(Suggestion, on_delete=models.PROTECT, related_name="steps")
    at = models.DateTimeField(db_default=Now())
    kind = models.CharField(max_length=20, choices=StepKind)
    who = models.CharField(max_length=8, choices=Who, default=Who.SYSTEM)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    # the office of whoever acted, at that moment; never merely the unit that has the case
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    to_unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    from_state = models.CharField(max_length=9, choices=State, blank=True)
    to_state = models.CharField(max_length=9, choices=State, blank=True)
    text = models.TextField(blank=True)
    is_public = models.BooleanField(default=False)
    due_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["suggestion", "at"])]
        constraints = [
            models.CheckConstraint(
                condition=~Q(who=Who.CITIZEN) | Q(actor__isnull=True), name="step_never_names_the_citizen"
            ),
            models.UniqueConstraint(
                fields=["suggestion"], condition=Q(kind=StepKind.SUBMITTED), name="step_of_the_first_word_once"
            ),
        ]
        triggers = [*APPEND_ONLY, written_now("at")]

    def __str__(self) -> str:
        return f"{self.suggestion_id} {self.kind}"


class ReplyQuerySet(models.QuerySet["Reply"]):
    def published(self) -> Self:
        """What anybody may read of a published case: read by somebody for that, and of the round that stands."""
        stands = Q(suggestion__reopened_at=None) | Q(signed_at__gt=F("suggestion__reopened_at"))
        return self.filter(stands, state=ReplyState.SIGNED, published_at__isnull=False)

    def unread(self) -> Self:
        """Signed, and nobody has read it for publishing yet."""
        return self.filter(state=ReplyState.SIGNED, public_read_at=None)


class Reply(ReadBeforeShown):
    """What the police answer: drafted by one officer, signed by another. A signed reply stands as it is.

    ``text`` is for the one who asked. ``public_text`` says the same and greets nobody: it is shown to who signs, goes
    to those whose cases follow this one, and to everybody once somebody has read it for that (``published_at``).
    """

    suggestion = models.ForeignKey(Suggestion, on_delete=models.PROTECT, related_name="replies")
    kind = models.CharField(max_length=7, choices=ReplyKind, default=ReplyKind.REPLY)
    state = models.CharField(max_length=8, choices=ReplyState, default=ReplyState.DRAFT)
    text = models.TextField(_("reply"), max_length=5000)
    public_text = models.TextField(_("public wording"), max_length=5000, blank=True)
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField(db_default=Now())
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(null=True)
    returned_because = models.CharField(max_length=500, blank=True)

    objects = ReplyQuerySet.as_manager()

    class Meta:
        ordering = ["drafted_at", "pk"]
        verbose_name = _("reply")
        verbose_name_plural = _("replies")
        indexes = [models.Index(fields=["suggestion", "state"])]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=ReplyState.SIGNED) | Q(signed_by__isnull=False, signed_at__isnull=False),
                name="signed_reply_has_a_signature",
            ),
            models.CheckConstraint(
                condition=Q(kind=ReplyKind.DECLINE) | Q(signed_by__isnull=True) | ~Q(signed_by=F("drafted_by")),
                name="nobody_signs_their_own_draft",
            ),
            models.UniqueConstraint(
                fields=["suggestion"], condition=Q(state=ReplyState.DRAFT), name="one_draft_at_a_time"
            ),
            published_means_read("published_reply_has_a_reader", "public_text", state=ReplyState.SIGNED),
        ]
        triggers = [
            *KEEP,
            triggers.SIGNED_REPLY_STANDS,
            published_words_are_read("public_text"),
            written_now("drafted_at", "signed_at", "published_at", "public_read_at"),
            story.REPLY,
        ]

    def __str__(self) -> str:
        return f"{self.suggestion_id} {self.state}"

    @property
    def neutral_text(self) -> str:
        """The answer without whom it greets, for others than who asked: the public wording, or what is proposed."""
        return self.public_text or neutral(self.text)

    def text_for(self, case: Suggestion) -> str:
        """What the citizen of ``case`` reads: word for word what was written to them, else without whom it greets."""
        return self.text if self.suggestion_id == case.pk else self.neutral_text


class RatingQuerySet(models.QuerySet["Rating"]):
    def waiting(self) -> Self:
        """Those whose words nobody has read yet who is not meant by them."""
        return self.filter(~Exists(_decided_on()), may_accuse=True)


def _decided_on() -> models.QuerySet[Step]:
    decided = Step.objects.filter(kind__in=(StepKind.COMPLAINT, StepKind.NO_COMPLAINT))
    return decided.filter(suggestion=OuterRef("suggestion"), at__gte=OuterRef("at"))


class Rating(models.Model):
    """What the citizen thinks of one reply, on the five levels of the national scale (好差评).

    Where the comment could accuse the police (``may_accuse``), the desk reads it before the unit that is rated.
    """

    suggestion = models.ForeignKey(Suggestion, on_delete=models.PROTECT, related_name="ratings")
    reply = models.ForeignKey(Reply, on_delete=models.PROTECT, related_name="ratings")
    level = models.PositiveSmallIntegerField(_("rating"), choices=RATING_LEVELS)
    reasons = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    comment = models.CharField(_("comment"), max_length=500, blank=True)
    may_accuse = models.BooleanField(default=False, db_default=False)
    at = models.DateTimeField(db_default=Now())

    objects = RatingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(level__range=(1, 5)), name="rating_has_five_levels"),
            models.UniqueConstraint(fields=["suggestion", "reply"], name="rated_once_a_reply"),
        ]
        indexes = [models.Index(fields=["suggestion"]), models.Index(fields=["at"])]
        triggers = [*APPEND_ONLY, written_now("at"), story.RATING]

    def __str__(self) -> str:
        return f"{self.suggestion_id} {self.level}"


class Attachment(models.Model):
    """A photo or paper that belongs to a case: re-encoded, without its old name and without metadata."""

    suggestion = models.ForeignKey(Suggestion, on_delete=models.PROTECT, related_name="attachments")
    file = models.FileField(upload_to="attachments/%Y/%m/")
    mime = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    by_staff = models.ForeignKey(Officer, null=True, on_delete=models.PROTECT, related_name="+")
    is_public = models.BooleanField(default=False)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["suggestion", "sha256"], name="file_once_a_case")]
        triggers = [written_now("at"), story.ATTACHMENT]

    def __str__(self) -> str:
        return f"{self.suggestion_id} {self.mime}"


class Supporter(models.Model):
    """Somebody who says: me too (附议)."""

    suggestion = models.ForeignKey(Suggestion, on_delete=models.PROTECT, related_name="supporters")
    # empty once they have deleted their account: what they supported stays counted
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["suggestion", "user"], name="support_once")]
        triggers = [written_now("at")]

    def __str__(self) -> str:
        return str(self.suggestion_id)
