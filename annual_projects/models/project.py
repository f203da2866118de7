"""The ten: what was promised, what was done by when, what it changed for how many, and what the public thinks of it."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now, TruncMonth
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from annual_projects import states
from annual_projects.models import triggers
from annual_projects.models.candidate import Candidate
from annual_projects.models.edition import Edition
from annual_projects.states import MilestoneState, ProjectState, ReminderKind, Told
from core.models import KEEP
from core.times import written_now
from core.transitions import moves_by, starts_as
from directory.models import Unit
from suggestions.states import RATING_LEVELS

USER = settings.AUTH_USER_MODEL


class Project(models.Model):
    """One of the year's ten, as the vote decided."""

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="projects")
    candidate = models.OneToOneField(Candidate, on_delete=models.PROTECT, related_name="project")
    rank = models.PositiveSmallIntegerField(_("place in the result"))
    votes = models.PositiveIntegerField(_("votes, as published"), null=True)
    state = models.CharField(_("state"), max_length=13, choices=ProjectState, default=ProjectState.PLANNED)
    achieved = models.PositiveIntegerField(_("reached"), null=True, blank=True)
    closing_words = models.CharField(_("what came of it"), max_length=500, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["edition", "rank"]
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        constraints = [
            models.UniqueConstraint(fields=["edition", "rank"], name="project_has_its_place"),
            models.CheckConstraint(
                condition=~Q(state__in=states.SETTLED)
                | Q(achieved__isnull=False, closed_at__isnull=False) & ~Q(closing_words=""),
                name="project_settled_says_what_came_of_it",
            ),
        ]
        triggers = [
            *KEEP,
            starts_as("planned"),
            moves_by(states.PROJECTS),
            triggers.PROJECT_COMES_FROM_A_RESULT,
            triggers.DELIVERED_MEANS_DONE,
        ]

    def __str__(self) -> str:
        return str(self.candidate)

    def get_absolute_url(self) -> str:
        return reverse("annual_projects:project", args=[self.edition.year, self.candidate.slug])

    @property
    def is_settled(self) -> bool:
        return self.state in states.SETTLED


class Milestone(models.Model):
    """A step of a project with an owner and a date; the date first promised stays on record."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="milestones")
    title = models.CharField(_("step"), max_length=80)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="milestones", verbose_name=_("responsible"))
    due_on = models.DateField(_("due"))
    first_due_on = models.DateField(_("first promised for"))
    moved_because = models.CharField(_("why the date was moved"), max_length=300, blank=True)
    state = models.CharField(_("state"), max_length=7, choices=MilestoneState, default=MilestoneState.OPEN)
    settled_on = models.DateField(_("done on"), null=True, blank=True)
    settled_by = models.ForeignKey(USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        ordering = ["due_on", "pk"]
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        constraints = [
            models.UniqueConstraint(fields=["project", "title"], name="milestone_once_a_project"),
            models.CheckConstraint(
                condition=Q(state=MilestoneState.OPEN, settled_on=None, settled_by=None)
                | ~Q(state=MilestoneState.OPEN) & Q(settled_on__isnull=False, settled_by__isnull=False),
                name="milestone_settled_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state=MilestoneState.DROPPED) | ~Q(note=""), name="milestone_dropped_says_why"
            ),
            models.CheckConstraint(
                condition=Q(due_on=models.F("first_due_on")) | ~Q(moved_because=""), name="milestone_moved_says_why"
            ),
        ]
        indexes = [models.Index(fields=["due_on"], condition=Q(state="open"), name="milestone_open")]
        triggers = [
            *KEEP,
            starts_as("open"),
            moves_by(states.MILESTONES),
            triggers.FIRST_DATE_STANDS,
        ]

    def __str__(self) -> str:
        return self.title

    def is_late(self, today: date) -> bool:
        """Whether it was not done by its date."""
        return self.due_on < (self.settled_on or today) and self.state != MilestoneState.DROPPED


class MilestoneReminder(models.Model):
    """A reminder that is due on a day and was sent, once, or not yet (P6)."""

    milestone = models.ForeignKey(Milestone, on_delete=models.PROTECT, related_name="reminders")
    kind = models.CharField(max_length=7, choices=ReminderKind)
    due_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["milestone", "kind", "due_at"], name="milestone_reminder_once"),
            models.CheckConstraint(
                condition=Q(sent_at=None) | Q(cancelled_at=None), name="milestone_reminder_sent_or_cancelled"
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(sent_at=None, cancelled_at=None), name="milestone_reminder_pending"
            )
        ]

    def __str__(self) -> str:
        return f"{self.milestone_id} {self.kind}"


class ProgressReport(models.Model):
    """What has been done, in words and pictures. What was said stands; a report can be hidden, with the reason."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="reports")
    text = models.TextField(_("what has been done"), max_length=2000)
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    reported_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())
    hidden_at = models.DateTimeField(null=True, blank=True)
    hidden_because = models.CharField(_("why it is hidden"), max_length=300, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("progress report")
        verbose_name_plural = _("progress reports")
        constraints = [
            models.CheckConstraint(condition=Q(hidden_at=None) | ~Q(hidden_because=""), name="report_hidden_says_why")
        ]
        triggers = [*KEEP, triggers.REPORT_STANDS, written_now("at", "hidden_at")]

    def __str__(self) -> str:
        return f"{self.project_id} {self.at:%Y-%m-%d}"


class ProgressPhoto(models.Model):
    """A picture of a progress report: re-encoded, without its old name and without metadata."""

    report = models.ForeignKey(ProgressReport, on_delete=models.PROTECT, related_name="photos")
    file = models.FileField(upload_to="progress/%Y/%m/")
    mime = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["report", "sha256"], name="photo_once_a_report")]

    def __str__(self) -> str:
        return f"{self.report_id} {self.mime}"


class Measure(models.Model):
    """A rule or measure that was issued for a project (出台的规定): the six rules of a year are six rows."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="measures")
    title = models.CharField(_("title"), max_length=120)
    document_number = models.CharField(_("document number"), max_length=40)
    issued_on = models.DateField(_("issued on"))
    summary = models.CharField(_("what it changes"), max_length=300, blank=True)
    recorded_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["issued_on", "pk"]
        verbose_name = _("measure")
        verbose_name_plural = _("measures")
        constraints = [
            models.UniqueConstraint(fields=["project", "document_number"], name="measure_once_a_project"),
            models.CheckConstraint(condition=~Q(title="") & ~Q(document_number=""), name="measure_can_be_found"),
        ]
        triggers = KEEP

    def __str__(self) -> str:
        return self.title


class BeneficiaryCount(models.Model):
    """How many people a project served in a month, by which definition and from which source."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="beneficiaries")
    month = models.DateField(_("month"))
    definition = models.CharField(_("who is counted"), max_length=80)
    source = models.CharField(_("source of the figure"), max_length=80)
    number = models.PositiveIntegerField(_("people"))
    recorded_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["definition", "month"]
        verbose_name = _("beneficiary count")
        verbose_name_plural = _("beneficiary counts")
        constraints = [
            models.UniqueConstraint(fields=["project", "definition", "month"], name="beneficiaries_once_a_month"),
            models.CheckConstraint(condition=Q(number__gte=0), name="beneficiaries_are_people"),
            models.CheckConstraint(condition=Q(month=TruncMonth("month")), name="beneficiaries_by_whole_months"),
            models.CheckConstraint(
                condition=~Q(definition="") & ~Q(source=""), name="beneficiaries_say_who_and_whence"
            ),
        ]
        triggers = KEEP

    def __str__(self) -> str:
        return f"{self.project_id} {self.month:%Y-%m}"


class ProjectRating(models.Model):
    """What a verified citizen thinks of a project at the end of its year, once."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="ratings")
    user = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    level = models.PositiveSmallIntegerField(_("rating"), choices=RATING_LEVELS)
    comment = models.CharField(_("comment"), max_length=300, blank=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("rating of a project")
        verbose_name_plural = _("ratings of projects")
        constraints = [
            models.UniqueConstraint(fields=["project", "user"], name="project_rated_once"),
            models.CheckConstraint(condition=Q(level__range=(1, 5)), name="project_rating_has_five_levels"),
        ]
        triggers = [*KEEP, triggers.RATING_STANDS, triggers.RATED_WHEN_IT_IS_TIME, written_now("at")]

    def __str__(self) -> str:
        return f"{self.project_id} {self.level}"


class Telling(models.Model):
    """Everyone whose voice stood behind a candidate is to be told something; ``told_to`` is how far that has come."""

    candidate = models.ForeignKey(Candidate, on_delete=models.PROTECT, related_name="tellings")
    kind = models.CharField(max_length=9, choices=Told)
    created_at = models.DateTimeField(db_default=Now())
    told_to = models.BigIntegerField(_("last voice told"), default=0)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["candidate", "kind"], name="told_once_of_each_kind")]
        indexes = [models.Index(fields=["created_at"], condition=Q(done_at=None), name="telling_pending")]

    def __str__(self) -> str:
        return f"{self.candidate_id} {self.kind}"
