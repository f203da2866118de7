"""What the desk works with: who helps, what was asked, more time, reminders, rules and templates."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core.times import set_once, stands, written_now
from directory.models import Area, Unit
from suggestions.models import story, triggers
from suggestions.models.case import Category, Suggestion
from suggestions.models.thread import Rating
from suggestions.states import ExtensionState, ReminderKind

LONGEST_EXTENSION = 15


class Question(models.Model):
    """Something staff ask the citizen; the clock stops until the answer, or until ``due_at``."""

    suggestion = models.ForeignKey(Suggestion, on_delete=models.PROTECT, related_name="questions")
    text = models.TextField(max_length=1000)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField()
    answer = models.TextField(max_length=2000, blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["suggestion"],
                condition=Q(answered_at__isnull=True),
                name="one_open_question_at_a_time",
            ),
            models.CheckConstraint(condition=Q(answer="") | Q(answered_at__isnull=False), name="answer_has_its_moment"),
        ]
        triggers = [
            written_now("asked_at", "answered_at"),
            set_once("answered_at"),
            stands("answered_at"),
            story.QUESTION,
        ]

    def __str__(self) -> str:
        return f"{self.suggestion_id} {self.asked_at:%Y-%m-%d}"


class Extension(models.Model):
    """More time, asked for once; a leader approves, and a long one needs the public-work admin as well."""

    suggestion = models.ForeignKey(Suggestion, on_delete=models.PROTECT, related_name="extensions")
    round = models.PositiveSmallIntegerField(default=0, help_text=_("how often the case had been reopened"))
    days = models.PositiveSmallIntegerField(_("working days"))
    reason = models.CharField(_("reason"), max_length=500)
    state = models.CharField(max_length=9, choices=ExtensionState, default=ExtensionState.REQUESTED)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(db_default=Now())
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["requested_at"]
        constraints = [
            models.CheckConstraint(condition=Q(days__range=(1, LONGEST_EXTENSION)), name="extension_is_short"),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=models.F("requested_by")),
                name="nobody_extends_for_themselves",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=models.F("approved_by")),
                name="second_approval_by_somebody_else",
            ),
            models.UniqueConstraint(
                fields=["suggestion", "round"],
                condition=~Q(state=ExtensionState.REFUSED),
                name="one_extension_a_round",
            ),
        ]
        triggers = [
            written_now("requested_at", "decided_at"),
            triggers.DECIDED_EXTENSION_STANDS,
            story.EXTENSION,
        ]

    def __str__(self) -> str:
        return f"{self.suggestion_id} +{self.days}"


class Reminder(models.Model):
    """A reminder that is due at a moment and was sent, once, or not yet (P6)."""

    suggestion = models.ForeignKey(Suggestion, on_delete=models.PROTECT, related_name="reminders")
    kind = models.CharField(max_length=7, choices=ReminderKind)
    due_at = models.DateTimeField()
    level = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["suggestion", "kind", "due_at"], name="reminder_once"),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(cancelled_at__isnull=True),
                name="reminder_sent_or_cancelled",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(sent_at__isnull=True, cancelled_at__isnull=True),
                name="reminder_pending",
            )
        ]
        triggers = [written_now("sent_at", "cancelled_at"), set_once("sent_at"), story.REMINDER]

    def __str__(self) -> str:
        return f"{self.suggestion_id} {self.kind}"


class FollowUp(models.Model):
    """A task for the unit's leader after a bad rating: call back, and say what came of it."""

    suggestion = models.ForeignKey(Suggestion, on_delete=models.PROTECT, related_name="follow_ups")
    rating = models.OneToOneField(Rating, on_delete=models.PROTECT, related_name="follow_up")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="follow_ups")
    opened_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(_("what came of it"), max_length=1000, blank=True)

    class Meta:
        ordering = ["due_at"]
        indexes = [models.Index(fields=["unit", "done_at", "due_at"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(done_at__isnull=True) | (Q(done_by__isnull=False) & ~Q(note="")),
                name="follow_up_done_says_what_came_of_it",
            )
        ]
        triggers = [written_now("opened_at", "done_at"), set_once("done_at"), stands("done_at"), story.FOLLOW_UP]

    def __str__(self) -> str:
        return f"{self.suggestion_id}"


class IdentityOpeningQuerySet(models.QuerySet["IdentityOpening"]):
    def waiting(self) -> Self:
        """Those the second person has said nothing to."""
        return self.filter(approved_at=None, refused_at=None, opened_at=None)


class IdentityOpening(models.Model):
    """A request to see who said it: a reason always, a second person when somebody is named in the case (P11)."""

    suggestion = models.ForeignKey(Suggestion, on_delete=models.PROTECT, related_name="openings")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    office = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")  # theirs, when they asked and opened
    requested_at = models.DateTimeField(db_default=Now())
    reason = models.CharField(_("reason"), max_length=500)
    needs_second = models.BooleanField()
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)
    refused_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    refused_at = models.DateTimeField(null=True)
    refused_because = models.CharField(_("why not"), max_length=500, blank=True, db_default="")
    opened_at = models.DateTimeField(null=True)

    objects = IdentityOpeningQuerySet.as_manager()

    class Meta:
        ordering = ["-requested_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=models.F("requested_by")),
                name="identity_second_person",
            ),
            models.CheckConstraint(
                condition=Q(opened_at__isnull=True) | Q(needs_second=False) | Q(approved_at__isnull=False),
                name="identity_opened_after_approval",
            ),
            models.CheckConstraint(
                condition=Q(refused_at__isnull=True) | Q(approved_at__isnull=True, opened_at__isnull=True),
                name="identity_refused_is_not_opened",
            ),
        ]
        triggers = [
            written_now("requested_at", "approved_at", "refused_at", "opened_at"),
            set_once("approved_at", "refused_at", "opened_at"),
            stands("opened_at", "refused_at"),
            triggers.OPENED_WITH_A_SECOND_PERSON,
            story.OPENING,
        ]

    def __str__(self) -> str:
        return f"{self.suggestion_id} {self.requested_at:%Y-%m-%d}"


class RoutingRule(models.Model):
    """Where a voice of a category from an area goes; the most specific rule wins, then the lowest order."""

    class Target(models.TextChoices):
        UNIT = "unit", _("this unit")
        STATION = "station", _("the station of the place")
        COUNTY = "county", _("the department of the county")
        BUREAU = "bureau", _("the department of the bureau")

    category = models.ForeignKey(Category, null=True, blank=True, on_delete=models.CASCADE, verbose_name=_("category"))
    area = models.ForeignKey(Area, null=True, blank=True, on_delete=models.CASCADE, verbose_name=_("area"))
    target = models.CharField(_("goes to"), max_length=7, choices=Target)
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, verbose_name=_("unit"))
    function = models.CharField(_("department"), max_length=16, choices=Unit.Function, blank=True)
    order = models.PositiveSmallIntegerField(_("order"), default=100)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["category", "area", "order"]
        verbose_name = _("routing rule")
        verbose_name_plural = _("routing rules")
        constraints = [
            models.CheckConstraint(condition=~Q(target="unit") | Q(unit__isnull=False), name="rule_to_a_unit_names_it"),
            models.CheckConstraint(
                condition=~Q(target__in=["county", "bureau"]) | ~Q(function=""),
                name="rule_to_a_department_names_it",
            ),
            models.UniqueConstraint(
                fields=["category", "area", "order"], nulls_distinct=False, name="rule_has_its_place"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.category or _('Any category')} · {self.area or _('The whole city')}"


class ReplyTemplate(models.Model):
    """A saved text to start a reply from; of the whole city, or of one unit."""

    title = models.CharField(_("title"), max_length=60)
    text = models.TextField(_("text"), max_length=3000)
    category = models.ForeignKey(Category, null=True, blank=True, on_delete=models.CASCADE, verbose_name=_("category"))
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.CASCADE, verbose_name=_("unit"))
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["category", "title"]
        verbose_name = _("reply template")
        verbose_name_plural = _("reply templates")

    def __str__(self) -> str:
        return self.title
