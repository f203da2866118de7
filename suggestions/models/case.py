"""The case itself: what was said, who answers for it, by when; and, sealed and apart, who said it."""

from datetime import datetime
from typing import Any, Self

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.errors import WrongState
from core.models import KEEP
from core.policy import Scope, memberships_of, scopes
from core.times import by_the_owner, written_now
from core.transitions import moves_by, starts_as
from directory.models import Area, Officer, TwoNames, Unit
from plaza.models import ActivityDay
from suggestions import states
from suggestions.models import story, triggers
from suggestions.models.reading import ReadBeforeShown, published_means_read, published_words_are_read
from suggestions.states import Channel, Complexity, State

SAMPLE_ONE_IN = 10
TOP_LEVEL = 4  # of supervision: the inspectorate


class Category(TwoNames):
    """What a voice is about; it sets the time allowed and the kind of unit that answers."""

    code = models.SlugField(_("code"), max_length=32, primary_key=True)
    kind = models.CharField(_("kind"), max_length=16, default="other")
    complexity = models.CharField(_("complexity"), max_length=8, choices=Complexity, default=Complexity.SIMPLE)
    reply_days = models.PositiveSmallIntegerField(_("working days to reply"), default=5)
    keywords = ArrayField(models.CharField(max_length=20), verbose_name=_("keywords"), default=list, blank=True)
    order = models.PositiveSmallIntegerField(_("order"), default=100)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["order", "code"]
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        triggers = [
            by_the_owner(
                "conduct_from_the_shell",
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("code", "kind", "is_active"),
                what="""
                    (TG_OP = 'INSERT' AND NEW.kind = 'complaint') OR NEW.code <> OLD.code OR NEW.kind <> OLD.kind
                    OR (NEW.kind = 'complaint' AND NEW.is_active <> OLD.is_active)
                """,
            )
        ]


class SameMeaning(models.Model):
    """Words that say the same (户口本, 户口簿): who looks for one of them finds the others."""

    words = ArrayField(models.CharField(max_length=20), verbose_name=_("words that say the same"), unique=True)

    class Meta:
        ordering = ["words"]
        verbose_name = _("words that say the same")
        verbose_name_plural = _("words that say the same")
        constraints = [models.CheckConstraint(condition=Q(words__len__gte=2), name="same_meaning_of_two_words")]

    def __str__(self) -> str:
        return " = ".join(self.words)


class SuggestionQuerySet(models.QuerySet["Suggestion"]):
    def open(self) -> Self:
        return self.filter(state__in=states.OPEN)

    def published(self) -> Self:
        """What anybody may read: shown with consent, and naming nobody."""
        return self.filter(published_at__isnull=False).naming_nobody()

    def naming_nobody(self) -> Self:
        """Those that complain of nobody, as far as is known, and do not seem to."""
        named = Exists(Subject.objects.filter(suggestion=OuterRef("pk")))
        return self.filter(seems_complaint=False).exclude(named)

    def complaining_of(self, user: Any) -> Self:
        """The cases whose subject is the user, or a unit of which the user is a member or commander."""
        return self.filter(self._conflict(user))

    def without_conflict(self, user: Any) -> Self:
        """Without the cases that complain of the user: nothing of them is shown to who is judged by them."""
        return self.exclude(self._conflict(user))

    @staticmethod
    def _conflict(user: Any) -> Exists:
        units = [m.unit for m in memberships_of(user) if m.unit is not None] if user.is_authenticated else []
        clash = Q(unit__path__in={path for unit in units for path in unit.commanding_paths})
        officer = user.officer_or_none if user.is_authenticated else None
        if officer:
            clash |= Q(officer=officer) | Q(unit__path__in=officer.unit.commanding_paths)
        return Exists(Subject.objects.filter(clash, suggestion=OuterRef("pk")))

    def visible_to(self, user: Any) -> Self:
        """The cases a member of staff may read, by the policy table; a conflicted person sees nothing of them."""
        reach = scopes(user, "read", "suggestion")
        return self._within(user, reach)

    def countable_by(self, user: Any) -> Self:
        """The cases that may enter counts shown to this user: the same, and all of them for who may only count."""
        return self._within(user, scopes(user, "count", "suggestion"))

    def _within(self, user: Any, reach: set[Scope]) -> Self:
        wanted = Q(pk=None)
        if reach & {Scope.ALL, Scope.COUNTS}:
            wanted = Q()
        else:
            members = [m for m in memberships_of(user) if m.unit is not None] if user.is_authenticated else []
            if Scope.ASSIGNED in reach:
                own = [m.unit_id for m in members if m.role == "officer"]
                wanted |= Q(unit__in=own) | Q(Exists(_co_handled_by(Q(unit__in=own))))
            if Scope.SUBTREE in reach:
                for member in members:
                    if member.role == "leader":
                        below = Q(unit__path__startswith=member.unit.path)
                        wanted |= below | Q(Exists(_co_handled_by(below))) | _supervised_by(member.unit)
            if Scope.SAMPLE in reach:
                wanted |= Q(sample=0)
        return self.filter(wanted).without_conflict(user)


def _co_handled_by(condition: Q) -> models.QuerySet:
    return CoHandling.objects.filter(condition, suggestion=OuterRef("pk"))


def _supervised_by(unit: Unit) -> Q:
    """An inspectorate also reads what has been escalated to it among the units it inspects."""
    if unit.function != Unit.Function.INSPECTORATE or unit.parent is None:
        return Q(pk=None)
    return Q(escalation=TOP_LEVEL, unit__path__startswith=unit.parent.path)


class Suggestion(ReadBeforeShown):
    """One voice: a suggestion, request, complaint or praise, from the first word to the last answer."""

    number = models.CharField(_("number"), max_length=16, unique=True)
    tracking_mac = models.CharField(max_length=64, unique=True)
    idempotency_key = models.CharField(max_length=64, unique=True)
    body_digest = models.CharField(max_length=64)

    title = models.CharField(_("title"), max_length=60)
    body = models.TextField(_("what was said"), max_length=5000)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, verbose_name=_("category"))
    area = models.ForeignKey(Area, null=True, blank=True, on_delete=models.PROTECT, verbose_name=_("area"))
    place = models.CharField(_("place"), max_length=120, blank=True)
    channel = models.CharField(_("channel"), max_length=8, choices=Channel, default=Channel.WEB)
    plaza_day = models.ForeignKey(
        ActivityDay, null=True, blank=True, on_delete=models.PROTECT, related_name="suggestions"
    )
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    about_whom = models.CharField(_("about whom, in their words"), max_length=200, blank=True, db_default="")
    seems_complaint = models.BooleanField(
        _("seems to complain of the police"), default=False, db_default=False, help_text=_("nobody has decided yet")
    )
    anonymous = models.BooleanField(_("anonymous"), default=False)
    publish = models.BooleanField(_("may be published"), default=False)

    state = models.CharField(_("state"), max_length=9, choices=State, default=State.RECEIVED)
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="suggestions", verbose_name=_("responsible unit")
    )
    handler = models.ForeignKey(
        Officer,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="suggestions",
        verbose_name=_("handler"),
    )
    complexity = models.CharField(max_length=8, choices=Complexity, default=Complexity.SIMPLE)
    clock_from = models.DateTimeField(_("clock runs from"))
    due_at = models.DateTimeField(_("deadline"), null=True)
    escalation = models.PositiveSmallIntegerField(_("supervision level"), default=0)

    created_at = models.DateTimeField(_("received at"), db_default=Now())
    accepted_at = models.DateTimeField(null=True)
    replied_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    reopened_at = models.DateTimeField(null=True)
    reopened_times = models.PositiveSmallIntegerField(default=0)
    paused_from = models.CharField(max_length=9, choices=State, blank=True)
    paused_at = models.DateTimeField(null=True)
    days_left = models.PositiveSmallIntegerField(null=True, help_text=_("working days left when the clock stopped"))

    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="members")
    split_from = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="parts")

    public_title = models.CharField(max_length=60, blank=True)
    public_body = models.TextField(max_length=5000, blank=True)
    search = SearchVectorField(null=True)
    sample = models.GeneratedField(
        expression=models.F("id") % SAMPLE_ONE_IN, output_field=models.SmallIntegerField(), db_persist=True
    )
    is_demo = models.BooleanField(default=False)

    objects = SuggestionQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("suggestion")
        verbose_name_plural = _("suggestions")
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=states.OPEN) | Q(due_at__isnull=False), name="open_case_has_a_deadline"
            ),
            models.CheckConstraint(
                condition=Q(state=State.MERGED, merged_into__isnull=False)
                | (~Q(state=State.MERGED) & Q(merged_into__isnull=True)),
                name="merged_case_has_a_leader",
            ),
            models.CheckConstraint(condition=~Q(merged_into=models.F("id")), name="case_is_not_merged_into_itself"),
            models.CheckConstraint(
                condition=Q(published_at__isnull=True) | Q(publish=True), name="published_with_consent_only"
            ),
            published_means_read("published_case_has_a_reader", "public_title", "public_body"),
            models.CheckConstraint(
                condition=(Q(state=State.WAITING) & ~Q(paused_from="") & Q(days_left__isnull=False))
                | (~Q(state=State.WAITING) & Q(paused_from="")),
                name="waiting_case_knows_where_it_goes_on",
            ),
            models.CheckConstraint(condition=Q(escalation__lte=TOP_LEVEL), name="supervision_has_four_levels"),
        ]
        indexes = [
            models.Index(fields=["unit", "state", "due_at"]),
            models.Index(fields=["state", "due_at"]),
            models.Index(fields=["handler", "state"]),
            models.Index(fields=["-created_at", "-id"]),
            models.Index(fields=["category", "-created_at"]),
            models.Index(
                fields=["-published_at", "-id"],
                condition=Q(published_at__isnull=False),
                name="case_public_newest",
            ),
            GinIndex(fields=["search"], name="case_search"),
        ]
        triggers = [
            *KEEP,
            starts_as(State.RECEIVED),
            moves_by(states.TRANSITIONS),
            published_words_are_read("public_title", "public_body"),
            triggers.CASE_ANSWERED_MEANS_SIGNED,
            story.CASE,
            written_now(
                *("created_at", "accepted_at", "replied_at", "closed_at", "reopened_at"),
                *("published_at", "public_read_at"),
            ),
            triggers.CASE_NOT_JUDGED_BY_ITS_SUBJECT,
            triggers.FOLLOWER_COMPLAINS_OF_THE_SAME,
            triggers.FOLLOWER_HAS_A_LEADER,
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        """The desk page; the public one is ``public_url``."""
        return reverse("suggestions:desk_case", args=[self.number])

    @property
    def words(self) -> str:
        """All that the citizen said at first: title, body, and about whom."""
        return f"{self.title}\n{self.body}\n{self.about_whom}"

    @property
    def public_url(self) -> str:
        return reverse("suggestions:case", args=[self.number])

    @property
    def is_open(self) -> bool:
        return self.state in states.OPEN

    @property
    def deadline(self) -> datetime:
        """The deadline of an open case, which the database sees to. Raises: WrongState for a case without one."""
        if self.due_at is None:
            raise WrongState
        return self.due_at

    @property
    def can_reopen(self) -> bool:
        """Whether there is an answer, to itself or to the case it follows, with which its citizen may disagree."""
        return self.leader.state in states.REOPENABLE

    @property
    def can_withdraw(self) -> bool:
        """Whether its citizen may take it back: while it is worked on, by itself or with the case it follows."""
        return self.leader.is_open

    @property
    def complains(self) -> bool:
        """Whether somebody is complained of, or may be."""
        return self.seems_complaint or bool(self.subjects.all())

    @property
    def leader(self) -> "Suggestion":
        """The case whose handling counts: itself, or the one it was merged into."""
        return self.merged_into or self


class Identity(models.Model):
    """Who said it, sealed (P11). No other table leads to a person; nothing here is searched, listed or exported.

    ``user`` lets a signed-in citizen find their own cases. Opening the name or telephone goes through
    ``services.identity`` alone, which logs first.
    """

    suggestion = models.OneToOneField(Suggestion, on_delete=models.PROTECT, primary_key=True, related_name="identity")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="suggestion_identities"
    )
    name_sealed = models.BinaryField(null=True)
    phone_sealed = models.BinaryField(null=True)
    phone_tail_mac = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("sealed identity")
        verbose_name_plural = _("sealed identities")
        triggers = [triggers.ANONYMOUS_IS_NOBODY, story.IDENTITY]

    def __str__(self) -> str:
        return str(self.suggestion_id)


class StandingSubjects(models.Manager["Subject"]):
    """Those that no desk has cleared: only they are complained of."""

    def get_queryset(self) -> models.QuerySet["Subject"]:
        return super().get_queryset().filter(cleared_at=None)


class Subject(models.Model):
    """The unit, and perhaps the officer, that a complaint is about. Naming an officer names the officer's unit.

    Whom only the words seem to accuse is a subject like any other, until the triage desk confirms or clears them.
    """

    class Source(models.TextChoices):
        CITIZEN = "citizen", _("named by the citizen")
        DESK = "desk", _("named by the desk")
        WORDS = "words", _("found in the words")

    suggestion = models.ForeignKey(Suggestion, on_delete=models.PROTECT, related_name="subjects")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    officer = models.ForeignKey(Officer, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=7, choices=Source, default=Source.CITIZEN, db_default=Source.CITIZEN)
    cleared_at = models.DateTimeField(null=True)
    cleared_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    cleared_because = models.CharField(max_length=500, blank=True, db_default="")

    objects = StandingSubjects()
    every: models.Manager["Subject"] = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["suggestion", "unit", "officer"], nulls_distinct=False, name="subject_named_once"
            ),
            models.CheckConstraint(
                condition=Q(cleared_at=None) | (Q(source="words", cleared_by__isnull=False) & ~Q(cleared_because="")),
                name="only_suspects_are_cleared_with_a_reason",
            ),
        ]
        triggers = [
            *KEEP,
            triggers.SUBJECT_DOES_NOT_JUDGE,
            triggers.SUBJECT_OF_ALL_THAT_FOLLOW,
            triggers.NAMED_SUBJECT_STANDS,
            story.SUBJECT,
            written_now("cleared_at"),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.officer or ''}".strip()


class CoHandling(models.Model):
    """A unit that helps the responsible one; the responsibility stays where it is."""

    suggestion = models.ForeignKey(Suggestion, on_delete=models.PROTECT, related_name="co_handlings")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="co_handlings")
    since = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["suggestion", "unit"], name="co_handler_once")]
        triggers = [triggers.CO_HANDLER_IS_NO_SUBJECT, story.CO_HANDLING]

    def __str__(self) -> str:
        return f"{self.suggestion_id} {self.unit}"
