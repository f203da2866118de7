"""What may be voted for: a candidate, the demand it answers, the voices behind it, and who proposed it."""

from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Cast, Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from annual_projects import states
from annual_projects.models import triggers
from annual_projects.models.edition import Edition
from annual_projects.states import CandidateState, ShareOf, Source
from core.models import APPEND_ONLY, KEEP
from core.transitions import moves_by, starts_as
from directory.models import Area, TwoNames, Unit
from suggestions.models import Category, Suggestion

SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
LONG = models.BigIntegerField()  # a count of a big city times 20,000 does not fit into four bytes
_COUNT, _TOTAL = Cast("count", LONG), Cast("total", LONG)
# basis points, half up, in whole numbers
SHARE_ROUNDED = (_COUNT * Value(20_000, LONG) + _TOTAL) / (_TOTAL * Value(2, LONG))
PUBLIC_STATES = (CandidateState.UNDER_REVIEW, CandidateState.ACCEPTED)


class Topic(TwoNames):
    """A matter finer than a category, known by its words: the demand board counts the voices that say one of them."""

    code = models.SlugField(_("code"), max_length=32, primary_key=True)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="topics", verbose_name=_("category"))
    words = ArrayField(models.CharField(max_length=20), verbose_name=_("words"))
    order = models.PositiveSmallIntegerField(_("order"), default=100)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["order", "code"]
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        constraints = [models.CheckConstraint(condition=~Q(words=[]), name="topic_has_words")]


class CandidateQuerySet(models.QuerySet["Candidate"]):
    def on_the_ballot(self) -> Self:
        """The accepted ones, by their number."""
        return self.filter(state=CandidateState.ACCEPTED).order_by("number", "pk")

    def public(self) -> Self:
        """What anybody may read: looked at, or on the ballot."""
        return self.filter(state__in=PUBLIC_STATES)

    def visible_to(self, user: Any) -> Self:
        """The public ones, and those the user proposed."""
        if not user.is_authenticated:
            return self.public()
        return self.filter(
            Q(state__in=PUBLIC_STATES) | Q(pk__in=Nomination.objects.filter(user=user).values("candidate"))
        )


class Candidate(models.Model):
    """Something the police could do in a year, described so that a neighbour understands what they vote for."""

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="candidates")
    number = models.PositiveSmallIntegerField(_("number on the ballot"), null=True, blank=True)
    slug = models.SlugField(_("address"), max_length=60, validators=[RegexValidator(SLUG)])
    state = models.CharField(_("state"), max_length=12, choices=CandidateState, default=CandidateState.NOMINATED)
    source = models.CharField(_("proposed by"), max_length=8, choices=Source)
    title = models.CharField(_("title"), max_length=60)
    summary = models.CharField(_("in plain words"), max_length=120, blank=True)
    outcome = models.CharField(_("what will be different by December"), max_length=300, blank=True)
    category = models.ForeignKey(
        Category, null=True, blank=True, on_delete=models.PROTECT, related_name="candidates", verbose_name=_("category")
    )
    area = models.ForeignKey(
        Area, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("area")
    )
    lead_unit = models.ForeignKey(
        Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="candidates", verbose_name=_("lead unit")
    )
    target = models.PositiveIntegerField(_("target"), null=True, blank=True)
    target_unit = models.CharField(_("of what"), max_length=40, blank=True)
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="members")

    reasons = models.CharField(_("reasons"), max_length=500, blank=True)
    cost = models.PositiveBigIntegerField(_("cost in yuan"), null=True, blank=True)
    law = models.CharField(_("legal basis"), max_length=300, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    objects = CandidateQuerySet.as_manager()

    class Meta:
        ordering = ["edition", "number", "pk"]
        verbose_name = _("candidate")
        verbose_name_plural = _("candidates")
        constraints = [
            models.UniqueConstraint(fields=["edition", "slug"], name="candidate_has_its_address"),
            models.UniqueConstraint(fields=["edition", "number"], name="candidate_has_its_number"),
            models.CheckConstraint(condition=Q(slug__regex=SLUG), name="candidate_address_is_plain"),
            models.CheckConstraint(condition=~Q(title=""), name="candidate_has_a_title"),
            models.CheckConstraint(
                condition=Q(number=None) | Q(number__gte=1, state=CandidateState.ACCEPTED),
                name="candidate_numbered_when_accepted",
            ),
            models.CheckConstraint(
                condition=Q(number=None) | Q(number__lte=states.MOST_LISTED), name="candidate_fits_on_the_ballot"
            ),
            models.CheckConstraint(
                condition=Q(state=CandidateState.MERGED, merged_into__isnull=False)
                | ~Q(state=CandidateState.MERGED) & Q(merged_into=None),
                name="candidate_merged_says_into_what",
            ),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="candidate_is_not_merged_into_itself"),
            models.CheckConstraint(
                condition=~Q(state__in=[CandidateState.ACCEPTED, CandidateState.REJECTED])
                | Q(decided_by__isnull=False, decided_at__isnull=False) & ~Q(reasons=""),
                name="candidate_decided_with_reasons",
            ),
            models.CheckConstraint(
                condition=~Q(state=CandidateState.ACCEPTED)
                | Q(lead_unit__isnull=False, target__gte=1) & ~Q(summary="") & ~Q(outcome="") & ~Q(target_unit=""),
                name="candidate_accepted_is_whole",
            ),
        ]
        triggers = [
            *KEEP,
            starts_as("nominated"),
            moves_by(states.CANDIDATES),
            triggers.FROZEN_CANDIDATE_STANDS,
            triggers.CANDIDATE_STAYS_IN_ITS_EDITION,
            triggers.MERGED_WITHIN_THE_EDITION,
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("annual_projects:candidate", args=[self.edition.year, self.slug])


class Evidence(models.Model):
    """The demand a candidate answers, counted once and frozen: how many voices, of how many, from when to when."""

    candidate = models.OneToOneField(Candidate, on_delete=models.PROTECT, related_name="evidence")
    count = models.PositiveIntegerField(_("voices"))
    of = models.CharField(_("share of"), max_length=16, choices=ShareOf)
    total = models.PositiveIntegerField()
    share = models.GeneratedField(  # basis points
        expression=SHARE_ROUNDED, output_field=models.PositiveIntegerField(), db_persist=True
    )
    before = models.PositiveIntegerField(_("voices in the period before"), default=0)
    starts = models.DateField(_("from"))
    ends = models.DateField(_("to"))
    category = models.ForeignKey(Category, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    area = models.ForeignKey(Area, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    topic = models.ForeignKey(Topic, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    words = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    taken_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        constraints = [
            models.CheckConstraint(
                condition=Q(total__gte=1, total__lte=100_000_000, count__lte=F("total")), name="evidence_is_a_share"
            ),
            models.CheckConstraint(condition=Q(ends__gte=F("starts")), name="evidence_has_a_period"),
        ]
        triggers = [*APPEND_ONLY, triggers.FROZEN_BACKING_STANDS]

    def __str__(self) -> str:
        return f"{self.candidate_id} {self.count}/{self.total}"


class CandidateVoice(models.Model):
    """One of the voices behind a candidate. Only how many there are, and the published ones, are ever shown."""

    candidate = models.ForeignKey(Candidate, on_delete=models.PROTECT, related_name="voices")
    suggestion = models.ForeignKey(Suggestion, on_delete=models.PROTECT, related_name="candidate_voices")

    class Meta:
        verbose_name = _("voice behind a candidate")
        verbose_name_plural = _("voices behind a candidate")
        constraints = [models.UniqueConstraint(fields=["candidate", "suggestion"], name="voice_behind_once")]
        triggers = [*APPEND_ONLY, triggers.FROZEN_BACKING_STANDS]

    def __str__(self) -> str:
        return f"{self.candidate_id} {self.suggestion_id}"


class Nomination(models.Model):
    """Somebody proposed this, in their own words. Who it was is for them and the desk alone."""

    candidate = models.ForeignKey(Candidate, on_delete=models.PROTECT, related_name="nominations")
    source = models.CharField(_("proposed by"), max_length=8, choices=Source)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="nominations")
    organisation = models.CharField(_("organisation"), max_length=80, blank=True)
    text = models.TextField(_("in their words"), max_length=1000)
    suggestion = models.ForeignKey(
        Suggestion, null=True, blank=True, on_delete=models.PROTECT, related_name="nominations"
    )
    idempotency_key = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = _("nomination")
        verbose_name_plural = _("nominations")
        constraints = [
            models.UniqueConstraint(fields=["candidate", "user"], name="nomination_once_a_person"),
            models.CheckConstraint(
                condition=~Q(source=Source.PARTNER) | ~Q(organisation=""), name="partner_nomination_names_it"
            ),
        ]
        triggers = [*KEEP, triggers.FROZEN_NOMINATION_STANDS]

    def __str__(self) -> str:
        return f"{self.candidate_id} {self.source}"
