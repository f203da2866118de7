"""Paper: sheets with serials, batches, and what clerks read on them. Who voted is not here: stubs are on the roll."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from annual_projects.models import Edition
from core.models import KEEP, NEVER_EMPTIED
from core.transitions import moves_by, starts_as
from directory.models import Unit
from voting import marks, states
from voting.models import paper_triggers as triggers
from voting.models.roll import Today
from voting.paper import Sheet, spaced
from voting.states import SETTLED, AgeBand, BatchState, Fault, SheetState

USER = settings.AUTH_USER_MODEL
LARGEST_BATCH = 500


class PaperSheet(models.Model):
    """One printed ballot: its serial, the unit it was issued to, and what became of it."""

    serial = models.CharField(_("serial"), max_length=8, primary_key=True)
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", verbose_name=_("issued to"))
    state = models.CharField(_("state"), max_length=10, choices=SheetState, default=SheetState.ISSUED)
    issued_by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField(db_default=Now())
    reason = models.CharField(_("reason"), max_length=100, blank=True)

    class Meta:
        ordering = ["serial"]
        verbose_name = _("ballot paper")
        verbose_name_plural = _("ballot papers")
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=SheetState.SPOILED) | ~Q(reason=""), name="spoiled_sheet_says_why"
            )
        ]
        indexes = [models.Index(fields=["edition", "unit", "state"])]
        triggers = [
            *KEEP,
            starts_as(SheetState.ISSUED),
            moves_by(states.SHEETS),
            triggers.SHEET_STAYS_WHERE_IT_WAS_ISSUED,
        ]

    def __str__(self) -> str:
        return spaced(self.serial)


class Stubs(models.Model):
    """How many people a clerk has given a ballot to, at a unit on a day: who wrote the stubs, and never for whom.

    It is a count, because a line for each stub would have a time or an order, and so would those on the roll (P5).
    """

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", verbose_name=_("given out at"))
    clerk = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    day = models.DateField(_("day"), db_default=Today())
    written = models.PositiveIntegerField(_("stubs"), default=1)

    class Meta:
        ordering = ["edition", "-day", "unit", "clerk"]
        verbose_name = _("stubs of a day")
        verbose_name_plural = _("stubs by day")
        constraints = [
            models.UniqueConstraint(fields=["edition", "unit", "clerk", "day"], name="stubs_are_counted_in_one_place")
        ]
        triggers = [
            *KEEP,
            triggers.STUBS_STAY_WITH_WHO_WROTE_THEM,
            triggers.STUBS_ONLY_GROW,
            triggers.STUBS_HAVE_SHEETS,
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.written}"


class PaperBatch(models.Model):
    """A pile of ballots from one unit with a declared count, read by two different people and closed by another."""

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="batches")
    number = models.PositiveIntegerField(_("number"))
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", verbose_name=_("from"))
    declared = models.PositiveSmallIntegerField(_("ballots in it, as counted by hand"))
    state = models.CharField(_("state"), max_length=9, choices=BatchState, default=BatchState.KEYING)
    opened_by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(db_default=Now())
    first_clerk = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    second_clerk = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    first_done = models.BooleanField(default=False)
    second_done = models.BooleanField(default=False)
    closed_by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["edition", "number"]
        verbose_name = _("batch of ballots")
        verbose_name_plural = _("batches of ballots")
        constraints = [
            models.UniqueConstraint(fields=["edition", "number"], name="batch_has_its_number"),
            models.CheckConstraint(condition=Q(declared__range=(1, LARGEST_BATCH)), name="batch_is_of_a_size"),
            models.CheckConstraint(condition=~Q(first_clerk=F("second_clerk")), name="batch_is_keyed_by_two"),
            models.CheckConstraint(
                condition=Q(closed_by=None) | ~Q(closed_by=F("first_clerk")) & ~Q(closed_by=F("second_clerk")),
                name="batch_is_closed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state=BatchState.CLOSED, closed_by__isnull=False, closed_at__isnull=False)
                | ~Q(state=BatchState.CLOSED) & Q(closed_by=None, closed_at=None),
                name="batch_closed_by_somebody",
            ),
        ]
        triggers = [
            *KEEP,
            starts_as(BatchState.KEYING),
            moves_by(states.BATCHES),
            triggers.CLOSED_BATCH_STANDS,
            triggers.BATCH_IS_WHOLE,
        ]

    def __str__(self) -> str:
        return f"{self.number}"


class KeyedSheet(models.Model):
    """What one person read on one sheet: the first clerk, the second, or the third who settled a difference."""

    batch = models.ForeignKey(PaperBatch, on_delete=models.PROTECT, related_name="keyed")
    reading = models.PositiveSmallIntegerField()
    sheet = models.ForeignKey(PaperSheet, on_delete=models.PROTECT, related_name="+")
    marks = models.BigIntegerField(default=0)
    fault = models.CharField(_("why it does not count"), max_length=7, choices=Fault, blank=True)
    age_band = models.PositiveSmallIntegerField(null=True, choices=AgeBand)
    keyed_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["batch", "reading", "pk"]
        verbose_name = _("keyed ballot")
        verbose_name_plural = _("keyed ballots")
        constraints = [
            models.UniqueConstraint(fields=["sheet", "reading"], name="sheet_is_keyed_once_a_reading"),
            models.CheckConstraint(condition=Q(reading__range=(1, SETTLED)), name="keyed_in_a_reading"),
            models.CheckConstraint(condition=~Q(fault="") | Q(marks__gt=0), name="keyed_ballot_has_marks_or_a_fault"),
        ]
        triggers = [NEVER_EMPTIED, triggers.KEYED_BY_THE_RIGHT_PERSON, triggers.KEYED_WHILE_THE_BATCH_IS_OPEN]

    def __str__(self) -> str:
        return f"{self.sheet_id} {self.reading}"

    @property
    def choices(self) -> tuple[int, ...]:
        return marks.unpack(self.marks)

    @property
    def as_sheet(self) -> Sheet:
        """What was read, to be compared."""
        return Sheet(self.choices, self.fault, self.age_band)
