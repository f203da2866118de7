"""Areas, units and officers: where things are, who answers for them, and what role a person has in which unit."""

from dataclasses import dataclass
from typing import Any, Self

import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import ByTwo, ByTwoQuerySet
from core.models import KEEP
from core.policy import STAFF, Role
from core.times import by_the_owner


class TwoNames(models.Model):
    """Something with a Chinese name and an English one."""

    name = models.CharField(_("name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=120, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.local_name

    @property
    def local_name(self) -> str:
        """The name in the language of the page."""
        in_english = (get_language() or "").startswith("en")
        return self.name_en if in_english and self.name_en else self.name


class AreaQuerySet(models.QuerySet["Area"]):
    def under(self, code: str) -> Self:
        """The area with this code and everything inside it: codes nest by prefix."""
        return self.filter(code__startswith=code)


class Area(TwoNames):
    """A part of the city by its statistical code: 4 digits city, 6 county, 9 town, 12 community."""

    class Level(models.TextChoices):
        CITY = "city", _("city")
        COUNTY = "county", _("county or district")
        TOWN = "town", _("town or street")
        COMMUNITY = "community", _("community or village")

    code = models.CharField(_("code"), max_length=12, primary_key=True)
    level = models.CharField(_("level"), max_length=9, choices=Level)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children", verbose_name=_("part of")
    )
    pinyin = models.CharField(max_length=160, blank=True, help_text=_("sort key"))
    lng = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)

    objects = AreaQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        verbose_name = _("area")
        verbose_name_plural = _("areas")
        indexes = [
            models.Index(fields=["code"], name="area_code_prefix", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["level", "pinyin"]),
        ]

    @property
    def county_code(self) -> str:
        return self.code[:6]

    @property
    def lineage_codes(self) -> list[str]:
        """The codes of its county, its town and itself, as far down as it reaches."""
        return [self.code[:length] for length in (6, 9, 12) if length <= len(self.code)]


class UnitQuerySet(models.QuerySet["Unit"]):
    def under(self, unit: "Unit") -> Self:
        """The unit and all below it."""
        return self.filter(path__startswith=unit.path)

    def active(self) -> Self:
        return self.filter(is_active=True)


# what a unit is and whom it stands under: by it cases find their unit, and complaints stay away from it
DECIDES_ROUTING = ("code", "kind", "function", "parent_id", "path", "area_id", "is_active")


class Unit(TwoNames):
    """A police unit: the bureau, a sub-bureau, a station, or a department of one of them."""

    class Kind(models.TextChoices):
        BUREAU = "bureau", _("bureau")
        SUB_BUREAU = "sub_bureau", _("sub-bureau")
        STATION = "station", _("station")
        DEPARTMENT = "department", _("department")

    class Function(models.TextChoices):
        GENERAL = "general", _("general")
        HOUSEHOLD = "household", _("household registration")
        TRAFFIC = "traffic", _("traffic")
        CRIME = "crime", _("crime investigation")
        EXIT_ENTRY = "exit_entry", _("exit and entry")
        INSPECTORATE = "inspectorate", _("inspectorate")
        PUBLIC_WORK = "public_work", _("public-work centre")
        PUBLIC_SECURITY = "public_security", _("public security")
        ANTI_FRAUD = "anti_fraud", _("anti-fraud centre")
        LEGAL = "legal", _("legal affairs")

    code = models.SlugField(_("code"), max_length=40, unique=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    function = models.CharField(_("function"), max_length=16, choices=Function, default=Function.GENERAL)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children", verbose_name=_("stands under")
    )
    path = models.CharField(max_length=200, unique=True, editable=False)
    area = models.ForeignKey(
        Area, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("seat")
    )
    areas = models.ManyToManyField(Area, blank=True, related_name="units", verbose_name=_("jurisdiction"))
    address = models.CharField(_("address"), max_length=120, blank=True)
    phone = models.CharField(_("telephone"), max_length=20, blank=True)
    hours = models.CharField(_("opening hours"), max_length=120, blank=True)
    hours_en = models.CharField(_("opening hours in English"), max_length=120, blank=True)
    intro = models.TextField(_("introduction"), blank=True)
    service_zone = models.BooleanField(_("has a public-work zone"), default=False)
    lng = models.FloatField(_("longitude"), null=True, blank=True)
    lat = models.FloatField(_("latitude"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    is_demo = models.BooleanField(default=False)

    objects = UnitQuerySet.as_manager()

    class Meta:
        ordering = ["path"]
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        indexes = [models.Index(fields=["path"], name="unit_path_prefix", opclasses=["varchar_pattern_ops"])]
        triggers = [
            by_the_owner(
                "built_from_the_shell",
                operation=pgtrigger.Insert | pgtrigger.UpdateOf(*DECIDES_ROUTING),
                what=" OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in DECIDES_ROUTING),
            )
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep ``path`` true to the parent; units are moved by the back office so rarely that children follow here."""
        before, self.path = self.path, f"{self.parent.path if self.parent else '/'}{self.code}/"
        super().save(*args, **kwargs)
        if before and before != self.path:
            for child in self.children.all():
                child.save()

    def get_absolute_url(self) -> str:
        return reverse("directory:unit", args=[self.code])

    def is_under(self, other: "Unit") -> bool:
        """Whether this unit is ``other`` or below it."""
        return self.path.startswith(other.path)

    @property
    def commanding_paths(self) -> list[str]:
        """The paths of the units whose subject-hood bars this one from a case: itself and all it stands under.

        When the bureau itself is complained of, its own inspectorate is not barred: somebody must answer.
        """
        paths = self.lineage
        is_top_inspectorate = self.function == self.Function.INSPECTORATE and len(paths) == 2
        return paths[1:] if is_top_inspectorate else paths

    @property
    def lineage(self) -> list[str]:
        """The paths of all it stands under, the highest first, and its own."""
        codes = self.path.strip("/").split("/")
        return ["/" + "/".join(codes[: n + 1]) + "/" for n in range(len(codes))]

    @property
    def local_hours(self) -> str:
        in_english = (get_language() or "").startswith("en")
        return self.hours_en if in_english and self.hours_en else self.hours


@dataclass(frozen=True, slots=True)
class OfficerCard:
    """What is printed of an officer, in the language of the page."""

    name: str
    position: str
    unit: str
    phone: str
    badge_number: str
    beats: str


class Officer(models.Model):
    """A police officer as the public knows them: name, badge, post, telephone and beat."""

    class Position(models.TextChoices):
        CHIEF = "chief", _("chief")
        INSTRUCTOR = "instructor", _("political instructor")
        COMMUNITY_OFFICER = "community_officer", _("community officer")
        HANDLER = "handler", _("handling officer")
        WINDOW = "window", _("window officer")
        TRAFFIC = "traffic", _("traffic officer")

    badge_number = models.CharField(_("badge number"), max_length=10, unique=True)
    name = models.CharField(_("name"), max_length=40)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="officers", verbose_name=_("unit"))
    position = models.CharField(_("position"), max_length=20, choices=Position)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="officer",
        verbose_name=_("signs in as"),
    )
    beats = models.ManyToManyField(Area, blank=True, related_name="beat_officers", verbose_name=_("beat"))
    phone = models.CharField(_("public telephone"), max_length=20, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    is_demo = models.BooleanField(default=False)

    class Meta:
        ordering = ["unit", "badge_number"]
        verbose_name = _("officer")
        verbose_name_plural = _("officers")
        triggers = [
            by_the_owner(
                "posted_by_two",
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("user_id", "unit_id", "badge_number"),
                what="""
                    (NEW.user_id IS DISTINCT FROM OLD.user_id OR NEW.badge_number <> OLD.badge_number
                     OR NEW.unit_id <> OLD.unit_id)
                    AND NOT EXISTS (
                        SELECT 1 FROM directory_posting p
                        WHERE p.officer_id = NEW.id AND p.unit_id = NEW.unit_id
                          AND p.user_id IS NOT DISTINCT FROM NEW.user_id AND NEW.badge_number = OLD.badge_number
                          AND p.confirmed_at >= transaction_timestamp())
                """,
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.badge_number}"

    def get_absolute_url(self) -> str:
        return f"{reverse('directory:officers')}?officer={self.badge_number}"

    @property
    def card(self) -> OfficerCard:
        """For ``{% officer_card %}``; ask for ``unit`` and ``beats`` beforehand."""
        beats = str(_(", ")).join(beat.local_name for beat in self.beats.all())
        return OfficerCard(self.name, self.post, self.unit.local_name, self.phone, self.badge_number, beats)

    @property
    def post(self) -> str:
        """The position in words; whoever leads is called after what they lead."""
        if self.position != self.Position.CHIEF:
            return str(self.get_position_display())
        return str(_("station chief") if self.unit.kind == Unit.Kind.STATION else _("head of the unit"))


class TsTzRange(Func):
    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class MembershipQuerySet(ByTwoQuerySet):
    def current(self) -> Self:
        """Those in force now."""
        now = timezone.now()
        return self.filter(Membership.in_force(), starts__lte=now).filter(Q(ends=None) | Q(ends__gt=now))


class Membership(ByTwo):
    """A role that a person holds in a unit from one moment to another: proposed by a technician, confirmed by a second
    person, it acts on the next request."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("person")
    )
    role = models.CharField(_("role"), max_length=10, choices=[(r.value, r.label) for r in STAFF])
    unit = models.ForeignKey(
        Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("unit")
    )
    starts = models.DateTimeField(_("from"), default=timezone.now)
    ends = models.DateTimeField(_("to"), null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta(ByTwo.Meta):
        abstract = False
        ordering = ["-starts"]
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends=None) | Q(ends__gt=F("starts")),
                name="membership_ends_after_it_starts",
                violation_error_message=_("The end must be after the beginning."),
            ),
            models.CheckConstraint(
                condition=Q(unit__isnull=False) | Q(role__in=[Role.ADMIN, Role.POLLSTER, Role.AUDITOR]),
                name="membership_of_officers_names_a_unit",
                violation_error_message=_("This role belongs to a unit. Please choose one."),
            ),
            *ByTwo.Meta.constraints,
            ByTwo.about_a_third("nobody_gives_a_role_to_themselves"),
            ExclusionConstraint(
                name="membership_once_at_a_time",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    ("unit", RangeOperators.EQUAL),
                    (TsTzRange("starts", "ends", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
                condition=Q(refused_at=None),
                violation_error_message=_("This person has this role there at that time already."),
            ),
        ]
        triggers = [*KEEP, *ByTwo.standing("user", "role", "unit", "starts")]

    def __str__(self) -> str:
        return f"{self.get_role_display()} · {self.unit or ''}"


class Posting(ByTwo):
    """In which unit an officer serves from now on, and by which account they sign in: proposed by a technician,
    confirmed by a second person. Who is complained of is kept from their case by it."""

    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="postings", verbose_name=_("officer"))
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", verbose_name=_("unit"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("signs in as"),
    )

    objects = ByTwoQuerySet.as_manager()

    class Meta(ByTwo.Meta):
        abstract = False
        ordering = ["-pk"]
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        constraints = [
            *ByTwo.Meta.constraints,
            ByTwo.about_a_third("posting_is_about_a_third"),
            models.UniqueConstraint(
                name="posting_once_at_a_time", fields=["officer"], condition=Q(confirmed_at=None, refused_at=None)
            ),
        ]
        triggers = [*KEEP, *ByTwo.standing("officer", "unit", "user")]

    def __str__(self) -> str:
        return f"{self.officer} · {self.unit}"
