"""What the pollster asks and hands in. Nobody who answered can be found from these rows."""

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import ByTwo, ByTwoQuerySet
from core.models import APPEND_ONLY, KEEP
from core.times import set_once, written_now
from core.transitions import moves_by, starts_as
from directory.models import Area, Officer, TwoNames, Unit
from evaluations.models import triggers
from evaluations.states import WAVE_TRANSITIONS, FlagKind, FlagState, Indicator, Said, SubjectKind, WaveKind, WaveState

User = settings.AUTH_USER_MODEL


class Pollster(TwoNames):
    """A company that polls for the bureau and belongs to nobody it asks about."""

    code = models.SlugField(_("code"), max_length=32, unique=True)
    members: "models.ManyToManyField[Any, Any]" = models.ManyToManyField(
        User, blank=True, related_name="pollsters", verbose_name=_("people")
    )
    is_active = models.BooleanField(_("active"), default=True)
    is_demo = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("pollster")
        verbose_name_plural = _("pollsters")


class SigningKey(ByTwo):
    """The public half of the key (Ed25519, hexadecimal digits) with which a pollster signs what it hands in; one admin
    enters it, another one compares it with the pollster and confirms."""

    pollster = models.ForeignKey(Pollster, on_delete=models.PROTECT, related_name="keys")
    public_key = models.CharField(max_length=64, unique=True)
    since = models.DateTimeField(db_default=Now())
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ByTwoQuerySet.as_manager()

    class Meta(ByTwo.Meta):
        abstract = False
        triggers = [*KEEP, *ByTwo.standing("pollster", "public_key"), set_once("revoked_at")]
        constraints = [
            models.CheckConstraint(condition=Q(public_key__regex=r"^[0-9a-f]{64}$"), name="signing_key_is_ed25519"),
            *ByTwo.Meta.constraints,
        ]

    def __str__(self) -> str:
        return f"{self.pollster} {self.public_key[:12]}"


class Questionnaire(models.Model):
    """A version of the questions; once a wave has used it, it stands as it is."""

    code = models.SlugField(max_length=32)
    version = models.PositiveSmallIntegerField()
    title = models.CharField(_("title"), max_length=80)
    frozen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="questionnaire_version_once")]
        triggers = KEEP

    def __str__(self) -> str:
        return f"{self.code}-{self.version}"


class Item(models.Model):
    """One question: what it measures, of whom, and whether it is turned round or names somebody who does not exist."""

    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.PROTECT, related_name="items")
    code = models.SlugField(max_length=32)
    text = models.CharField(_("question"), max_length=200)
    text_en = models.CharField(_("question in English"), max_length=300, blank=True)
    indicator = models.CharField(max_length=12, choices=Indicator)
    about = models.CharField(max_length=8, choices=SubjectKind, blank=True, help_text=_("empty: the city as a whole"))
    is_reversed = models.BooleanField(default=False)
    is_foil = models.BooleanField(default=False)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["questionnaire", "order", "code"]
        constraints = [
            models.UniqueConstraint(fields=["questionnaire", "code"], name="item_once"),
            models.CheckConstraint(
                condition=Q(is_foil=False) | Q(indicator=Indicator.FAMILIARITY), name="foils_measure_familiarity"
            ),
        ]
        triggers = [*KEEP, triggers.FROZEN_QUESTIONS_STAND]

    def __str__(self) -> str:
        return self.code


class Wave(models.Model):
    """One round of asking. It goes forward only; who scored it does not publish it."""

    code = models.SlugField(_("code"), max_length=32, unique=True)
    title = models.CharField(_("title"), max_length=80)
    kind = models.CharField(_("kind"), max_length=10, choices=WaveKind)
    year = models.PositiveSmallIntegerField(_("year"))
    pollster = models.ForeignKey(Pollster, on_delete=models.PROTECT, related_name="waves")
    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.PROTECT, related_name="waves")
    starts = models.DateField(_("from"))
    ends = models.DateField(_("to"))
    state = models.CharField(max_length=9, choices=WaveState, default=WaveState.DRAFT)
    positive_levels = ArrayField(models.PositiveSmallIntegerField(), default=list)
    margins = models.JSONField(default=dict, help_text=_("{margin: {category: people}}"))
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    scored_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    frozen_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(null=True)
    is_demo = models.BooleanField(default=False)

    class Meta:
        ordering = ["-starts", "code"]
        verbose_name = _("wave")
        verbose_name_plural = _("waves")
        constraints = [
            models.CheckConstraint(condition=Q(ends__gte=F("starts")), name="wave_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(published_by__isnull=True) | ~Q(published_by=F("scored_by")),
                name="who_scores_does_not_publish",
            ),
            models.CheckConstraint(
                condition=~Q(state=WaveState.PUBLISHED) | Q(published_by__isnull=False, published_at__isnull=False),
                name="published_wave_has_a_publisher",
            ),
            models.CheckConstraint(condition=Q(positive_levels__len__gte=1), name="wave_says_what_is_positive"),
        ]
        triggers = [
            *KEEP,
            starts_as(WaveState.DRAFT),
            moves_by(WAVE_TRANSITIONS),
            written_now("frozen_at", "published_at"),
        ]

    def __str__(self) -> str:
        return self.code


class Subject(models.Model):
    """Whom a wave asks about, as they were then: role and peer group do not change with a later transfer."""

    wave = models.ForeignKey(Wave, on_delete=models.PROTECT, related_name="subjects")
    code = models.CharField(max_length=40)
    kind = models.CharField(max_length=8, choices=SubjectKind)
    officer = models.ForeignKey(Officer, null=True, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, blank=True)
    peer_group = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["wave", "code"], name="subject_once_a_wave"),
            models.CheckConstraint(
                condition=Q(kind=SubjectKind.OFFICER, officer__isnull=False)
                | Q(kind=SubjectKind.UNIT, officer__isnull=True),
                name="officer_subject_names_the_officer",
            ),
        ]
        indexes = [models.Index(fields=["wave", "peer_group"])]
        triggers = KEEP

    def __str__(self) -> str:
        return f"{self.wave_id}:{self.code}"


class Frame(models.Model):
    """Whom to ask, drawn with a seed, so that the draw can be done again; handed to the pollster with its hash."""

    wave = models.OneToOneField(Wave, on_delete=models.PROTECT, related_name="frame")
    seed = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    built_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    built_at = models.DateTimeField(db_default=Now())

    class Meta:
        triggers = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.wave_id} {self.sha256[:12]}"


class FrameEntry(models.Model):
    """One interview to be done: where, whom (age and sex), and which subjects to ask about. No name, no number."""

    frame = models.ForeignKey(Frame, on_delete=models.PROTECT, related_name="entries")
    reference = models.CharField(max_length=40)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    age_sex = models.CharField(max_length=12)
    subjects = ArrayField(models.CharField(max_length=40), default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["frame", "reference"], name="frame_reference_once")]

    def __str__(self) -> str:
        return self.reference


class Batch(models.Model):
    """One file handed in: signed, taken whole or not at all, and the same file once (P7)."""

    wave = models.ForeignKey(Wave, on_delete=models.PROTECT, related_name="batches")
    sha256 = models.CharField(max_length=64, unique=True)
    key = models.ForeignKey(SigningKey, on_delete=models.PROTECT, related_name="+")
    signature = models.CharField(max_length=128)
    responses_count = models.PositiveIntegerField(default=0)
    answers_count = models.PositiveIntegerField(default=0)
    received_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    received_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-received_at"]
        triggers = [*KEEP, triggers.BATCH_COMES_WHILE_FIELDING, written_now("received_at")]

    def __str__(self) -> str:
        return self.sha256[:12]


class Response(models.Model):
    """One interview. The telephone is a keyed fingerprint for finding doubles, and nothing else."""

    wave = models.ForeignKey(Wave, on_delete=models.PROTECT, related_name="responses", db_index=False)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="responses")
    reference = models.CharField(max_length=40)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+", db_index=False)
    age_sex = models.CharField(max_length=12)
    interviewer = models.CharField(max_length=40, blank=True)
    mode = models.CharField(max_length=12)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    phone_mac = models.CharField(max_length=64, blank=True)
    base_weight = models.FloatField(default=1)
    weight = models.FloatField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["wave", "reference"], name="response_once_a_wave"),
            models.CheckConstraint(condition=Q(ended_at__gte=F("started_at")), name="interview_ends_after_it_starts"),
            models.CheckConstraint(condition=Q(base_weight__gt=0, base_weight__lt=1e6), name="base_weight_is_positive"),
            models.CheckConstraint(
                condition=Q(weight__isnull=True) | Q(weight__gt=0, weight__lt=1e6), name="weight_is_positive"
            ),
        ]
        indexes = [
            models.Index(fields=["wave", "interviewer"]),
            models.Index(fields=["wave", "phone_mac"], condition=~Q(phone_mac=""), name="response_phone"),
        ]
        triggers = [*KEEP, triggers.RESPONSES_COME_WHILE_FIELDING, triggers.FROZEN_RESPONSES_STAND]

    def __str__(self) -> str:
        return self.reference


class Answer(models.Model):
    """What was said to one question about one subject: a level of 1–5, or that the person does not know or say."""

    # filled by the hundred thousand: no index but the constraint's, for figures are read from rollups, and triggers ask
    # once a statement whether all three are there, where foreign keys would ask once a row
    response = models.ForeignKey(
        Response, on_delete=models.PROTECT, related_name="answers", db_index=False, db_constraint=False
    )
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    subject = models.ForeignKey(
        Subject, null=True, on_delete=models.PROTECT, related_name="answers", db_index=False, db_constraint=False
    )
    said = models.CharField(max_length=9, choices=Said, default=Said.LEVEL)
    level = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["response", "item", "subject"], nulls_distinct=False, name="answered_once"),
            models.CheckConstraint(
                condition=Q(said=Said.LEVEL, level__range=(1, 5)) | (~Q(said=Said.LEVEL) & Q(level__isnull=True)),
                name="answer_is_a_level_or_none",
            ),
        ]
        triggers = [
            *APPEND_ONLY,
            triggers.ANSWERS_COME_WHILE_FIELDING,
            triggers.ANSWERS_ARE_ABOUT_THE_WAVE,
        ]

    def __str__(self) -> str:
        return f"{self.item_id}: {self.level or self.said}"


class Flag(models.Model):
    """A reason to look twice at an interview. A flag never deletes: figures are published with and without."""

    response = models.ForeignKey(Response, on_delete=models.PROTECT, related_name="flags")
    kind = models.CharField(max_length=20, choices=FlagKind)
    detail = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=9, choices=FlagState, default=FlagState.OPEN)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    note = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["response", "kind"], name="flag_once"),
            models.CheckConstraint(
                condition=Q(state=FlagState.OPEN) | (Q(decided_by__isnull=False) & ~Q(note="")),
                name="decided_flag_has_a_reason",
            ),
        ]
        triggers = [*KEEP, triggers.NO_NEW_FLAG_WHEN_FROZEN, triggers.FROZEN_FLAGS_STAND]

    def __str__(self) -> str:
        return f"{self.response_id} {self.kind}"


class CallBack(models.Model):
    """A second call to one interview in ten: did it take place, and do the answers hold?"""

    response = models.OneToOneField(Response, on_delete=models.PROTECT, related_name="call_back")
    took_place = models.BooleanField(null=True)
    same_answers = models.BooleanField(null=True)
    called_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    called_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.response_id)
