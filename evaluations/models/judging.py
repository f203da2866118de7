"""What follows from the public's judgement: the yearly appraisal, promotion, and being called to account."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.errors import Text
from core.models import APPEND_ONLY, KEEP
from core.times import written_now
from core.transitions import moves_by, starts_as
from directory.models import Officer, Unit
from evaluations.models import accountability_triggers, triggers
from evaluations.models.working import Work
from evaluations.sources import PUBLIC_KEYS
from evaluations.states import (
    APPRAISAL_TRANSITIONS,
    CASE_TRANSITIONS,
    AppealState,
    AppraisalState,
    CaseState,
    Ground,
    SubjectKind,
)

User = settings.AUTH_USER_MODEL


class Scheme(models.Model):
    """How a year's appraisals of one role are made up; locked by two people before anybody is appraised by it."""

    year = models.PositiveSmallIntegerField(_("year"))
    about = models.CharField(max_length=8, choices=SubjectKind)
    role = models.CharField(_("role"), max_length=20, blank=True)
    title = models.CharField(_("title"), max_length=80)
    proposed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    locked_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    locked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-year", "about", "role"]
        constraints = [
            models.UniqueConstraint(fields=["year", "about", "role"], name="scheme_once"),
            models.CheckConstraint(
                condition=Q(locked_by__isnull=True) | ~Q(locked_by=F("proposed_by")), name="scheme_locked_by_two"
            ),
            models.CheckConstraint(
                condition=Q(locked_by__isnull=True, locked_at__isnull=True)
                | Q(locked_by__isnull=False, locked_at__isnull=False, proposed_by__isnull=False),
                name="locked_scheme_says_by_whom",
            ),
        ]
        triggers = [*KEEP, triggers.SCHEME_IS_THE_PUBLICS, triggers.LOCKED_SCHEME_STANDS, written_now("locked_at")]

    def __str__(self) -> str:
        return f"{self.year} {self.title}"


class Component(models.Model):
    """One part of a scheme: where its score of 100 comes from, and its weight in whole basis points."""

    scheme = models.ForeignKey(Scheme, on_delete=models.PROTECT, related_name="components")
    key = models.SlugField(max_length=40)
    label = models.CharField(_("name"), max_length=60)
    label_en = models.CharField(_("English name"), max_length=80, blank=True)
    weight = models.PositiveSmallIntegerField(_("basis points"))
    is_public = models.BooleanField(_("the public decides"))
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["scheme", "order", "key"]
        constraints = [
            models.UniqueConstraint(fields=["scheme", "key"], name="component_once"),
            models.CheckConstraint(condition=Q(weight__range=(1, 10_000)), name="weight_in_basis_points"),
            models.CheckConstraint(
                condition=Q(is_public=False) | Q(key__in=PUBLIC_KEYS), name="only_a_poll_speaks_for_the_public"
            ),
        ]
        triggers = [
            triggers.COMPONENTS_ARE_THE_PUBLICS,
            triggers.LOCKED_COMPONENTS_STAND,
            triggers.COMPONENT_STAYS,
        ]

    def __str__(self) -> str:
        return f"{self.scheme_id} {self.key}"


class AppraisalRun(Work):
    """All appraisals of one scheme, worked out together; a new run follows an appeal that was upheld."""

    scheme = models.ForeignKey(Scheme, on_delete=models.PROTECT, related_name="runs")
    number = models.PositiveSmallIntegerField()
    version = models.CharField(max_length=20)
    inputs_sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=9, choices=AppraisalState, default=AppraisalState.DRAFT)
    effective_public = models.DecimalField(max_digits=6, decimal_places=4, null=True)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())
    frozen_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    not_counted = models.PositiveSmallIntegerField(default=0, db_default=0)  # cases left out after appeals
    published_at = models.DateTimeField(null=True)
    is_current = models.BooleanField(default=False)

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(fields=["scheme", "number"], name="appraisal_run_once"),
            models.UniqueConstraint(fields=["scheme"], condition=Q(is_current=True), name="one_current_appraisal_run"),
            models.CheckConstraint(
                condition=Q(frozen_by__isnull=True) | ~Q(frozen_by=F("by")), name="appraisals_frozen_by_a_second"
            ),
            models.CheckConstraint(
                condition=Q(state=AppraisalState.DRAFT) | Q(frozen_by__isnull=False), name="frozen_run_says_by_whom"
            ),
            models.CheckConstraint(
                condition=Q(state=AppraisalState.DRAFT) | Q(finished_at__isnull=False), name="frozen_run_is_worked_out"
            ),
        ]
        triggers = [
            *KEEP,
            moves_by(APPRAISAL_TRANSITIONS),
            triggers.RUN_HAS_A_LOCKED_SCHEME,
            triggers.FROZEN_RUN_KEEPS_ITS_FIGURES,
            written_now("published_at"),
        ]

    def __str__(self) -> str:
        return f"{self.scheme_id} #{self.number}"

    @property
    def state_words(self) -> Text:
        """Where it stands; before anything stands, whether it is on its way or cannot be worked out."""
        if self.failed:
            return _("could not be worked out")
        return self.get_state_display() if self.finished_at else _("being worked out")


class Appraisal(models.Model):
    """One officer's or unit's year. Without a public score there is no total: nothing is spread over the rest (P9)."""

    run = models.ForeignKey(AppraisalRun, on_delete=models.PROTECT, related_name="appraisals")
    officer = models.ForeignKey(Officer, null=True, on_delete=models.PROTECT, related_name="appraisals")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="appraisals")
    total = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    missing = models.JSONField(
        default=dict, db_default=Value({}, models.JSONField())
    )  # {component: why it has no score}
    salt = models.CharField(max_length=64, blank=True, db_default="")  # so that nobody guesses a line from its hash

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "officer", "unit"], nulls_distinct=False, name="appraised_once"),
            models.CheckConstraint(
                condition=Q(total__isnull=True) | Q(total__range=(0, 100)), name="total_on_the_scale"
            ),
        ]
        triggers = [
            *KEEP,
            triggers.TOTAL_IS_THE_SUM,
            triggers.FROZEN_APPRAISAL_STANDS,
            triggers.APPRAISAL_STAYS,
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.officer or self.unit}"

    def get_absolute_url(self) -> str:
        """The page that tells how it came about."""
        return reverse("evaluations:appraisal", args=[self.pk])


class AppraisalLine(models.Model):
    """What one component gave, with the inputs it was worked out from, so that the officer sees how it came about."""

    appraisal = models.ForeignKey(Appraisal, on_delete=models.PROTECT, related_name="lines")
    component = models.ForeignKey(Component, on_delete=models.PROTECT, related_name="+")
    score = models.DecimalField(max_digits=5, decimal_places=2)
    points = models.DecimalField(max_digits=5, decimal_places=2)
    inputs = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["appraisal", "component"], name="line_once"),
            models.CheckConstraint(condition=Q(score__range=(0, 100)), name="score_on_the_scale"),
        ]
        triggers = [*KEEP, triggers.FROZEN_LINE_STANDS, triggers.LINE_MAKES_THE_SUM, triggers.LINE_STAYS]

    def __str__(self) -> str:
        return f"{self.component_id}: {self.points}"


class Appeal(models.Model):
    """The appraised says what is wrong; somebody else decides, with reasons."""

    appraisal = models.ForeignKey(Appraisal, on_delete=models.PROTECT, related_name="appeals")
    text = models.TextField(max_length=2000)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=AppealState, default=AppealState.OPEN)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reasons = models.TextField(max_length=2000, blank=True)
    not_counted = ArrayField(
        models.CharField(max_length=16), default=list, db_default=Value([], ArrayField(models.CharField(max_length=16)))
    )  # numbers of the cases that no longer count for anybody, because the appeal was upheld

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(
                fields=["appraisal"], condition=Q(state=AppealState.OPEN), name="one_open_appeal_an_appraisal"
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("by")), name="nobody_decides_their_own_appeal"
            ),
            models.CheckConstraint(
                condition=Q(state=AppealState.OPEN) | (Q(decided_by__isnull=False) & ~Q(reasons="")),
                name="decided_appeal_has_reasons",
            ),
            models.CheckConstraint(
                condition=Q(state=AppealState.UPHELD) | Q(not_counted=[]), name="only_an_upheld_appeal_leaves_cases_out"
            ),
        ]
        triggers = [
            *KEEP,
            triggers.APPEALED_BY_THE_APPRAISED,
            triggers.DECIDED_APPEAL_STANDS,
            written_now("at", "decided_at"),
        ]

    def __str__(self) -> str:
        return f"{self.appraisal_id} {self.state}"


class Gate(models.Model):
    """Whether the public recognises an officer in a year, by a published run: the precondition of promotion."""

    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="gates")
    year = models.PositiveSmallIntegerField()
    run = models.ForeignKey(AppraisalRun, on_delete=models.PROTECT, related_name="gates")
    public_points = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    threshold = models.DecimalField(max_digits=5, decimal_places=2)
    passed = models.BooleanField()
    because = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["officer", "year", "run"], name="gate_once_a_run"),
            models.CheckConstraint(
                condition=Q(passed=False) | Q(public_points__gte=F("threshold")), name="passed_means_recognised"
            ),
        ]
        triggers = [*APPEND_ONLY, triggers.GATE_IS_WHAT_THE_APPRAISAL_SAYS, written_now("at")]

    def __str__(self) -> str:
        return f"{self.officer_id} {self.year} {self.passed}"


class PromotionDecision(models.Model):
    """A promotion: it names the passing gate of the same officer and year, from the current run (P10)."""

    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="promotions")
    year = models.PositiveSmallIntegerField()
    to_position = models.CharField(_("to the post of"), max_length=60)
    gate = models.ForeignKey(Gate, on_delete=models.PROTECT, related_name="promotions")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-at"]
        constraints = [models.UniqueConstraint("officer", "year", name="promoted_once_a_year")]
        triggers = [
            *APPEND_ONLY,
            triggers.PROMOTED_WITH_RECOGNITION,
            accountability_triggers.NOBODY_PROMOTES_THEMSELVES,
            written_now("at"),
        ]

    def __str__(self) -> str:
        return f"{self.officer_id} {self.year}"


class AccountabilityCase(models.Model):
    """Somebody is called to account (问责). A low rank alone opens an inquiry and nothing more.

    ``finding`` is the key under which the evidence was looked up; each is opened once.
    """

    number = models.CharField(max_length=16, unique=True)
    officer = models.ForeignKey(Officer, null=True, on_delete=models.PROTECT, related_name="accountability_cases")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="accountability_cases")
    ground = models.CharField(max_length=16, choices=Ground)
    facts = models.TextField(max_length=3000)
    evidence = models.JSONField(default=dict)
    finding = models.CharField(max_length=60, blank=True, db_default="")
    state = models.CharField(max_length=8, choices=CaseState, default=CaseState.INQUIRY)
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField()
    outcome = models.TextField(max_length=2000, blank=True)
    public_answer = models.TextField(max_length=2000, blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-opened_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[CaseState.INQUIRY, CaseState.DROPPED]) | ~Q(ground=Ground.RANK),
                name="a_rank_alone_is_an_inquiry",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[CaseState.DECIDED, CaseState.ANSWERED]) | ~Q(outcome=""),
                name="decided_case_has_an_outcome",
            ),
            models.CheckConstraint(
                condition=~Q(state=CaseState.ANSWERED) | ~Q(public_answer=""), name="answered_case_has_an_answer"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[CaseState.INQUIRY, CaseState.DROPPED]) | (~Q(finding="") & ~Q(evidence={})),
                name="opened_case_has_evidence",
            ),
            models.UniqueConstraint(fields=["finding"], condition=~Q(finding=""), name="finding_opened_once"),
        ]
        indexes = [
            models.Index(fields=["state", "due_at"]),
            models.Index(fields=["-answered_at", "-id"], condition=Q(state=CaseState.ANSWERED), name="case_answered"),
        ]
        triggers = [
            *KEEP,
            starts_as(CaseState.INQUIRY),
            moves_by(CASE_TRANSITIONS),
            accountability_triggers.CASE_NOT_OPENED_BY_THE_CONCERNED,
            accountability_triggers.EVIDENCE_STANDS,
            accountability_triggers.ENDED_CASE_STANDS,
            written_now("opened_at", "answered_at"),
        ]

    def __str__(self) -> str:
        return self.number


class AccountabilityStep(models.Model):
    """What happened in an accountability case; only ever added. A statement is the concerned person's own word."""

    case = models.ForeignKey(AccountabilityCase, on_delete=models.PROTECT, related_name="steps")
    at = models.DateTimeField(db_default=Now())
    to_state = models.CharField(max_length=8, choices=CaseState)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(max_length=2000, blank=True)
    is_statement = models.BooleanField(default=False, db_default=False)

    class Meta:
        ordering = ["at", "pk"]
        triggers = [*APPEND_ONLY, accountability_triggers.STEP_NOT_BY_THE_CONCERNED, written_now("at")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.to_state}"
