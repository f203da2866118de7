"""The ballots, what makes them checkable (commitments in a tree, its heads), and what keeps them secret."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from annual_projects.models import Edition
from core.models import APPEND_ONLY, KEEP
from core.times import written_now
from voting import marks
from voting.models import triggers
from voting.states import AgeBand, Channel, HeadState


class Poll(models.Model):
    """The vote of one edition: what was fixed before it opened, and how it ended."""

    edition = models.OneToOneField(Edition, on_delete=models.PROTECT, primary_key=True, related_name="poll")
    candidates = models.BigIntegerField(help_text=_("the numbers on the ballot, as bits"))
    tie_secret_sealed = models.BinaryField()
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    published_at = models.DateTimeField(null=True, blank=True)
    result = models.TextField(blank=True)  # the published bytes

    class Meta:
        verbose_name = _("vote")
        verbose_name_plural = _("votes")
        constraints = [
            models.CheckConstraint(condition=Q(candidates__gt=0), name="poll_has_candidates"),
            models.CheckConstraint(
                condition=Q(published_at=None, result="") | (Q(closed_at__isnull=False) & ~Q(result="")),
                name="poll_is_published_after_the_close",
            ),
        ]
        triggers = [
            *KEEP,
            triggers.POLL_IS_FIXED,
            triggers.POLL_CLOSES_AFTER_VOTING,
            written_now("closed_at", "published_at"),
        ]

    def __str__(self) -> str:
        return str(self.edition)


class Ballot(models.Model):
    """One vote. Nothing here says who gave it or when: a random id, the choices, the channel, and what the voter may
    have told for the statistics. Rows are only added, and only while the edition is voted on.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    edition = models.ForeignKey(
        Edition, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )  # a trigger asks once a statement
    marks = models.BigIntegerField()
    nonce = models.CharField(max_length=64)
    commitment = models.CharField(max_length=64)
    channel = models.CharField(max_length=6, choices=Channel)
    county = models.CharField(max_length=6, blank=True)
    age_band = models.PositiveSmallIntegerField(null=True, choices=AgeBand)

    class Meta:
        verbose_name = _("ballot")
        verbose_name_plural = _("ballots")
        constraints = [
            models.UniqueConstraint(fields=["edition", "commitment"], name="ballot_is_committed_to_once"),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="ballot_came_by_a_channel"),
            models.CheckConstraint(
                condition=Q(age_band=None) | Q(age_band__in=AgeBand.values), name="ballot_age_band_is_coarse"
            ),
        ]
        triggers = [*triggers.REWRITTEN_ONLY, triggers.BALLOT_IS_VALID]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def choices(self) -> tuple[int, ...]:
        """The numbers of the candidates chosen, ascending."""
        return marks.unpack(self.marks)


class Leaf(models.Model):
    """A commitment in its place in the tree. They enter in shuffled batches: the place says nothing of who or when."""

    pk = models.CompositePrimaryKey("edition_id", "position")
    edition = models.ForeignKey(
        Edition, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )  # a trigger asks once a statement
    position = models.PositiveIntegerField()
    commitment = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("commitment")
        verbose_name_plural = _("commitments")
        constraints = [models.UniqueConstraint(fields=["edition", "commitment"], name="leaf_stands_once")]
        triggers = [*APPEND_ONLY, triggers.EDITION_IS_THERE]

    def __str__(self) -> str:
        return f"{self.position} {self.commitment[:12]}"


class Head(models.Model):
    """A signed statement of the tree: how many ballots, and the root over all of them. Published at once."""

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="heads")
    seq = models.PositiveIntegerField()
    at = models.DateTimeField()
    size = models.PositiveIntegerField()
    online = models.PositiveIntegerField()
    paper = models.PositiveIntegerField()
    stubs = models.PositiveIntegerField()
    root = models.CharField(max_length=64)
    previous = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=HeadState)
    signature = models.CharField(max_length=128)
    consistency = models.JSONField(default=list)

    class Meta:
        ordering = ["edition", "seq"]
        verbose_name = _("head of the tree")
        verbose_name_plural = _("heads of the tree")
        constraints = [
            models.UniqueConstraint(fields=["edition", "seq"], name="head_has_its_place"),
            models.CheckConstraint(condition=Q(size=F("online") + F("paper")), name="head_adds_up"),
            models.CheckConstraint(condition=Q(paper__lte=F("stubs")), name="head_has_no_paper_without_a_stub"),
        ]
        triggers = [*APPEND_ONLY, triggers.HEADS_ONLY_GROW, triggers.HEADS_HOLD_VOTES_OF_PEOPLE, written_now("at")]

    def __str__(self) -> str:
        return f"{self.seq} {self.root[:12]}"


class Rewriting(models.Model):
    """Ballots and roll written anew in random order, because rows of one transaction share its number and lie at the
    same place in their tables (P5). While such a row is open in a transaction the tables may be emptied and filled
    again; at its end the database refuses unless exactly the same rows are there as before.
    """

    at = models.DateTimeField(db_default=Now())
    xact = models.CharField(max_length=20, blank=True, db_index=True)
    digest = models.CharField(max_length=64, blank=True)
    done = models.BooleanField(default=False)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("rewriting in random order")
        verbose_name_plural = _("rewritings in random order")
        triggers = [
            *KEEP,
            triggers.REWRITING_REMEMBERS_WHAT_WAS,
            triggers.REWRITING_CHANGES_NOTHING,
            triggers.REWRITING_ENDS,
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d} {self.digest[:12]}"
