"""One year's round: its phases, its timetable, how it is voted, and the freeze of its list by two persons."""

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from typing import Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from annual_projects import states
from annual_projects.models import triggers
from annual_projects.states import Phase, Voters
from core.models import KEEP
from core.times import written_now
from core.transitions import moves_by, starts_as

YEARS = (2000, 2100)
STARTS = {
    Phase.COLLECTING: "collecting_from",
    Phase.REVIEWING: "reviewing_from",
    Phase.PUBLIC_NOTICE: "notice_from",
    Phase.VOTING: "voting_opens",
    Phase.RESULT: "voting_closes",
    Phase.DELIVERING: "delivering_from",
    Phase.JUDGED: "judged_from",
    Phase.ARCHIVED: "archived_from",
}


def _in_order() -> Q:
    """Each phase begins after the one before."""
    condition = Q()
    for before, after in pairwise(STARTS.values()):
        condition &= Q(**{f"{before}__lt": F(after)})
    return condition


class EditionQuerySet(models.QuerySet["Edition"]):
    def shown(self) -> Self:
        """What the public sees: editions whose first phase has begun."""
        return self.filter(collecting_from__lte=Now())


class Edition(models.Model):
    """The ten projects of one year, from the first idea to the public's judgement."""

    year = models.PositiveSmallIntegerField(
        _("year"), unique=True, validators=[MinValueValidator(YEARS[0]), MaxValueValidator(YEARS[1])]
    )
    phase = models.CharField(_("phase"), max_length=13, choices=Phase, default=Phase.COLLECTING)
    intro = models.CharField(_("a word to the public"), max_length=300, blank=True)

    collecting_from = models.DateTimeField(_("ideas are collected from"))
    reviewing_from = models.DateTimeField(_("ideas are looked at from"))
    notice_from = models.DateTimeField(_("candidates are public from"))
    voting_opens = models.DateTimeField(_("voting opens"))
    voting_closes = models.DateTimeField(_("voting closes"))
    delivering_from = models.DateTimeField(_("projects are carried out from"))
    judged_from = models.DateTimeField(_("the public judges from"))
    archived_from = models.DateTimeField(_("the year is finished on"))

    choose_min = models.PositiveSmallIntegerField(_("choose at least"), default=10)
    choose_max = models.PositiveSmallIntegerField(_("choose at most"), default=10)
    winners = models.PositiveSmallIntegerField(_("projects of the year"), default=10)
    who_may_vote = models.CharField(_("who may vote"), max_length=8, choices=Voters, default=Voters.VERIFIED)
    # ties at the cut line are drawn with a secret whose SHA-256 (hex) is published before voting opens
    tie_commitment = models.CharField(max_length=64, blank=True)
    tie_secret = models.CharField(max_length=128, blank=True)

    freeze_proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    freeze_proposed_at = models.DateTimeField(null=True, blank=True)
    freeze_digest = models.CharField(max_length=64, blank=True)
    frozen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    frozen_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    is_demo = models.BooleanField(default=False)

    objects = EditionQuerySet.as_manager()

    class Meta:
        ordering = ["-year"]
        verbose_name = _("edition")
        verbose_name_plural = _("editions")
        constraints = [
            models.CheckConstraint(condition=Q(year__range=YEARS), name="edition_is_of_this_century"),
            models.CheckConstraint(condition=_in_order(), name="edition_phases_follow_each_other"),
            models.CheckConstraint(
                condition=Q(choose_min__gte=1, choose_max__gte=F("choose_min"), winners__gte=1),
                name="edition_choice_is_possible",
            ),
            models.CheckConstraint(
                condition=Q(freeze_proposed_by=None, freeze_proposed_at=None, freeze_digest="")
                | (Q(freeze_proposed_by__isnull=False, freeze_proposed_at__isnull=False) & ~Q(freeze_digest="")),
                name="edition_freeze_is_proposed_as_a_whole",
            ),
            models.CheckConstraint(
                condition=Q(frozen_by=None, frozen_at=None)
                | (
                    Q(frozen_by__isnull=False, frozen_at__isnull=False, freeze_proposed_by__isnull=False)
                    & ~Q(frozen_by=F("freeze_proposed_by"))
                ),
                name="edition_is_frozen_by_two_persons",
            ),
            models.CheckConstraint(
                condition=Q(frozen_at=None, phase__in=states.BEFORE_FREEZE)
                | Q(frozen_at__isnull=False) & ~Q(phase=Phase.COLLECTING),
                name="edition_is_public_when_frozen",
            ),
        ]
        triggers = [
            *KEEP,
            starts_as("collecting", "phase"),
            moves_by(states.PHASES, "phase"),
            triggers.PHASE_KEEPS_THE_HOUR,
            triggers.FREEZES_A_WHOLE_LIST,
            triggers.FROZEN_EDITION_STANDS,
            triggers.TIE_RULE_IS_SET_BEFOREHAND,
            written_now("freeze_proposed_at", "frozen_at"),
        ]

    def __str__(self) -> str:
        return gettext("The ten projects of %(year)s") % {"year": self.year}

    def get_absolute_url(self) -> str:
        return reverse("annual_projects:edition", args=[self.year])

    def starts(self, phase: Phase | str) -> datetime:
        """When a phase begins by the timetable."""
        return getattr(self, STARTS[Phase(phase)])

    @property
    def timetable(self) -> Iterator[tuple[Phase, datetime]]:
        """Every phase with its beginning, in order."""
        return ((phase, self.starts(phase)) for phase in Phase)

    @property
    def is_frozen(self) -> bool:
        return self.frozen_at is not None

    @property
    def next_phase(self) -> Phase | None:
        return states.next_phase(self.phase)
