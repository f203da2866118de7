"""The rollups that pages read: one row a subject and indicator in a scoring run, equal to a recomputation."""

import gzip
from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core.models import APPEND_ONLY, KEEP
from evaluations.models import triggers
from evaluations.models.polls import Subject, Wave
from evaluations.models.working import Work
from evaluations.states import Indicator


class ScoringRun(Work):
    """One working-out of a wave: which formula, over which inputs, with or without the flagged interviews."""

    wave = models.ForeignKey(Wave, on_delete=models.PROTECT, related_name="runs")
    version = models.CharField(max_length=20)
    inputs_sha256 = models.CharField(max_length=64)
    pooled_waves = models.CharField(
        max_length=140, blank=True, db_default="", help_text=_("codes with + between them, the newest first")
    )
    pool_sha256 = models.CharField(max_length=64, blank=True, db_default="")
    without_flagged = models.BooleanField(default=False)
    responses_count = models.PositiveIntegerField(default=0)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField(db_default=Now())
    is_current = models.BooleanField(default=False)

    class Meta:
        ordering = ["-started_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["wave", "without_flagged"], condition=Q(is_current=True), name="one_current_run_a_wave"
            ),
            models.CheckConstraint(
                condition=Q(is_current=False) | Q(finished_at__isnull=False), name="current_run_is_finished"
            ),
        ]
        triggers = [*KEEP, triggers.FROZEN_RUN_STANDS]

    def __str__(self) -> str:
        return f"{self.wave_id} {self.version}"


class Known(models.Model):
    """What is known of a subject and indicator, and how surely. Shares in points of 100."""

    indicator = models.CharField(max_length=12, choices=Indicator)
    positive_levels = ArrayField(models.PositiveSmallIntegerField())
    n = models.PositiveIntegerField()
    n_eff = models.DecimalField(max_digits=12, decimal_places=2)
    dont_know = models.PositiveIntegerField(default=0)
    points = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    low = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    high = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    shrunk = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    shrunk_low = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    shrunk_high = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    reliability = models.DecimalField(max_digits=4, decimal_places=2, null=True)
    rank = models.DecimalField(max_digits=7, decimal_places=2, null=True)
    rank_low = models.DecimalField(max_digits=7, decimal_places=2, null=True)
    rank_high = models.DecimalField(max_digits=7, decimal_places=2, null=True)
    peers = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True


class Score(Known):
    """What is known of a subject, how surely, and whether it may be shown at all (P14). Shares in points of 100."""

    run = models.ForeignKey(ScoringRun, on_delete=models.PROTECT, related_name="scores")
    subject = models.ForeignKey(Subject, null=True, on_delete=models.PROTECT, related_name="scores")
    signal = models.SmallIntegerField(default=0)  # -1 below, +1 above the funnel after false-discovery control
    is_shown = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "subject", "indicator"], nulls_distinct=False, name="score_once_a_run"
            ),
            models.CheckConstraint(
                condition=Q(points__isnull=True) | Q(points__range=(0, 100)), name="points_lie_on_the_scale"
            ),
            models.CheckConstraint(
                condition=Q(is_shown=False) | Q(points__isnull=False, n__gte=30, n_eff__gte=25),
                name="nothing_is_shown_on_too_little",
            ),
        ]
        indexes = [models.Index(fields=["run", "indicator", "is_shown"])]
        triggers = [
            *KEEP,
            triggers.FROZEN_SCORE_STANDS,
            triggers.SHOWN_ON_ENOUGH,
            triggers.SHOWN_ON_ENOUGH_STILL,
        ]

    def __str__(self) -> str:
        return f"{self.subject_id} {self.indicator}"


class PooledScore(Known):
    """A person's figure over up to four waves of one kind, where one had too few answers. Only what may be shown.

    It belongs to the run of the newest of its waves; there is no signal in it, as earlier waves gave theirs already.
    """

    run = models.ForeignKey(ScoringRun, on_delete=models.PROTECT, related_name="pooled_scores")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="pooled_scores")
    waves = ArrayField(models.CharField(max_length=32), help_text=_("codes, the newest first"))

    is_shown, signal = True, 0

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "subject", "indicator"], name="pooled_score_once_a_run"),
            models.CheckConstraint(condition=Q(waves__len__range=(2, 4)), name="pooled_over_two_to_four_waves"),
            models.CheckConstraint(
                condition=Q(points__range=(0, 100), n__gte=30, n_eff__gte=25, reliability__gte=Decimal("0.70")),
                name="nothing_is_pooled_on_too_little",
            ),
        ]
        triggers = [*KEEP, triggers.FROZEN_SCORE_STANDS]

    def __str__(self) -> str:
        return f"{self.subject_id} {self.indicator} {'+'.join(self.waves)}"


class OpenFile(models.Model):
    """A file of a published wave as everybody downloads it: written once, the same bytes for good (P8)."""

    wave = models.ForeignKey(Wave, on_delete=models.PROTECT, related_name="open_files")
    name = models.CharField(max_length=16)
    gzipped = models.BinaryField()  # a tenth of 50 MB, of a wave of 100,000 interviews
    sha256 = models.CharField(max_length=64)  # of the content

    class Meta:
        constraints = [models.UniqueConstraint(fields=["wave", "name"], name="open_file_once")]
        triggers = [*APPEND_ONLY, triggers.OPENED_ONCE_PUBLISHED]

    def __str__(self) -> str:
        return f"{self.wave_id} {self.name}"

    @property
    def content(self) -> bytes:
        return gzip.decompress(self.gzipped)
