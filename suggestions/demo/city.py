"""Who is who while the demo's cases are told: units with their people, the desk, where a voice goes, office hours."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from random import Random
from typing import Any

from django.utils.translation import gettext

from core import workdays
from core.calendar import corrections
from core.policy import Role
from core.workdays import SHANGHAI, Corrections
from directory.models import Area, Membership, Officer, Unit
from plaza.models import ActivityDay
from suggestions.demo.model import PlaceSpec
from suggestions.demo.replies import Desk
from suggestions.demo.story import Crew
from suggestions.models import Category
from suggestions.services import routing

OPENS, CLOSES = time(8, 30), time(17, 30)


@dataclass
class Hours:
    """Moments at which people are at work."""

    corrections: Corrections

    def at_work(self, rng: Random, moment: datetime) -> datetime:
        """The moment itself in office hours, else some time after the doors open next."""
        local = moment.astimezone(SHANGHAI)
        day = local.date()
        if workdays.is_workday(day, self.corrections):
            if OPENS <= local.time() < CLOSES:
                return local
            if local.time() < OPENS:
                return self._morning(rng, local)
        return self._morning(rng, workdays.add_workdays(local, 1, self.corrections))

    def later(self, rng: Random, moment: datetime, days: int) -> datetime:
        """Some time in office hours, that many working days later."""
        day = (
            workdays.add_workdays(moment, days, self.corrections).date() if days else moment.astimezone(SHANGHAI).date()
        )
        minutes = rng.randint(0, 9 * 60 - 1)
        return datetime.combine(day, OPENS, tzinfo=SHANGHAI) + timedelta(minutes=minutes, seconds=rng.randint(0, 59))

    def _morning(self, rng: Random, day: datetime) -> datetime:
        opens = datetime.combine(day.date(), OPENS, tzinfo=SHANGHAI)
        return opens + timedelta(minutes=rng.randint(2, 190), seconds=rng.randint(0, 59))


@dataclass
class City:
    """Read once; asks the routing rules once for each category and town."""

    corrections: Corrections = field(default_factory=corrections)
    categories: Mapping[str, Category] = field(default_factory=lambda: Category.objects.in_bulk())
    areas: Mapping[str, Area] = field(default_factory=lambda: Area.objects.in_bulk())
    days: Mapping[Any, ActivityDay] = field(
        default_factory=lambda: {day.date: day for day in ActivityDay.objects.all()}
    )

    def __post_init__(self) -> None:
        self.hours = Hours(self.corrections)
        self.silence = gettext("No objection within the time to confirm.")
        self.centre = routing.triage_unit()
        self.crews = _crews()
        holding = Membership.objects.current().select_related("user")
        self.desk = [one.user for one in holding.filter(role=Role.TRIAGE).order_by("pk")]
        self.admins = [one.user for one in holding.filter(role=Role.ADMIN).order_by("pk")]
        self._routes: dict[tuple[str, str, int | None], Unit] = {}
        self._stations: dict[str, Unit] = {}

    def places(self, town: str = "") -> list[PlaceSpec]:
        """The communities of a town, or of the whole city."""
        return [
            PlaceSpec(code, area.name, self.areas[code[:9]].name, self.areas[code[:6]].name)
            for code, area in self.areas.items()
            if area.level == Area.Level.COMMUNITY and code.startswith(town)
        ]

    def route(self, category: Category, area: Area, subject: Unit | None = None) -> Unit:
        """Where the rules send it; a town is routed like each of its communities."""
        key = (category.pk, area.code[:9], subject.pk if subject else None)
        if key not in self._routes:
            subjects = [(subject, None)] if subject else []
            self._routes[key] = routing.route(category, area, subjects).unit
        return self._routes[key]

    def station(self, area: str) -> Unit:
        """The station of the town, or the desk itself where there is none."""
        town = area[:9]
        if town not in self._stations:
            self._stations[town] = routing.station_of(self.areas[town]) or self.centre
        return self._stations[town]

    def crew(self, unit: Unit) -> Crew:
        return self.crews[unit.pk]

    def neighbour(self, rng: Random, unit: Unit) -> Unit:
        """Another unit under the same one, of the same kind where there is one."""
        beside = [crew.chief.unit for crew in self.crews.values() if crew.chief.unit.parent_id == unit.parent_id]
        others = [other for other in beside if other.pk != unit.pk and other.function != Unit.Function.INSPECTORATE]
        alike = [other for other in others if other.kind == unit.kind]
        return rng.choice(alike or others)

    def says(self, unit: Unit, officer: Officer, due: datetime) -> Desk:
        """How the unit signs its texts."""
        by = due.astimezone(SHANGHAI)
        return Desk(unit.name, officer.name, unit.phone, f"{by.month}月{by.day}日")


def _crews() -> dict[int, Crew]:
    officers = Officer.objects.filter(is_active=True, user__isnull=False)
    units: dict[int, list[Officer]] = {}
    for officer in officers.select_related("user", "unit__parent").prefetch_related("beats").order_by("badge_number"):
        units.setdefault(officer.unit_id, []).append(officer)
    return {
        unit: Crew(
            chief=next(one for one in people if one.position == Officer.Position.CHIEF),
            officers=tuple(one for one in people if one.position != Officer.Position.CHIEF),
        )
        for unit, people in units.items()
    }
