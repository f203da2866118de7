"""Who is who while the demo's cases are told: units with their people, the desk, where a voice goes, office hours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from django.utils.translation import gettext

from accounts.models import User
from core import workdays
from core.calendar import corrections
from core.policy import Role
from core.workdays import SHANGHAI, Corrections
from demo_city import accounts as demo
from demo_city.suggestions.model import PlaceSpec
from demo_city.suggestions.replies import Desk
from directory.models import Area, Membership, Officer, Unit
from plaza.models import ActivityDay
from suggestions import access
from suggestions.models import Category, RoutingRule, Suggestion
from suggestions.services import routing
from suggestions.states import Who

OPENS, CLOSES = time(8, 30), time(17, 30)
ALREADY = time(9, 30)  # from then on something can have happened today


@dataclass(frozen=True)
class Crew:
    """The people of one unit: who signs, and who drafts."""

    chief: Officer
    officers: tuple[Officer, ...]


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

    def before(self, rng: Random, now: datetime) -> datetime:
        """Some time in the last office hours that are at least an hour old."""
        local = now.astimezone(SHANGHAI)
        day = local.date()
        if local.time() < ALREADY or not workdays.is_workday(day, self.corrections):
            day -= timedelta(days=1)
        while not workdays.is_workday(day, self.corrections):
            day -= timedelta(days=1)
        opens = datetime.combine(day, OPENS, tzinfo=SHANGHAI)
        last = min(local, datetime.combine(day, CLOSES, tzinfo=SHANGHAI))
        return opens + (last - opens) * rng.uniform(0.1, 0.95)

    def _morning(self, rng: Random, day: datetime) -> datetime:
        opens = datetime.combine(day.date(), OPENS, tzinfo=SHANGHAI)
        return opens + timedelta(minutes=rng.randint(2, 190), seconds=rng.randint(0, 59))


@dataclass
class City:
    """The directory, the rules and the people, read once."""

    corrections: Corrections = field(default_factory=corrections)
    categories: Mapping[str, Category] = field(default_factory=lambda: Category.objects.in_bulk())
    areas: Mapping[str, Area] = field(default_factory=lambda: Area.objects.in_bulk())
    days: Mapping[date, ActivityDay] = field(default_factory=lambda: ActivityDay.objects.in_bulk(field_name="date"))
    citizens: Sequence[User] = field(default_factory=demo.citizens)

    def __post_init__(self) -> None:
        self.hours = Hours(self.corrections)
        self.silence = gettext("No objection within the time to confirm.")
        self.centre = routing.triage_unit()
        self.crews = _crews()
        holding = Membership.objects.current().select_related("user", "unit")
        self._offices = {(one.user_id, one.role): one.unit for one in holding if one.unit}
        self.desk = [one.user for one in holding.filter(role=Role.TRIAGE).order_by("pk")]
        self.admins = [one.user for one in holding.filter(role=Role.ADMIN).order_by("pk")]
        chiefs = [crew.chief for crew in self.crews.values() if crew.chief.unit.function == Unit.Function.INSPECTORATE]
        self._inspectors = [(chief.unit.parent.path, chief.user) for chief in chiefs if chief.unit.parent]
        self._find_ways()

    def _find_ways(self) -> None:
        """What the routing rules ask the database for, kept in memory: thousands of voices go the same few ways."""
        units = Unit.objects.active().select_related("parent__parent").prefetch_related("areas")
        self._rules = list(RoutingRule.objects.filter(is_active=True).select_related("unit__parent"))
        self._stations = {a.pk: unit for unit in units for a in unit.areas.all() if unit.kind == Unit.Kind.STATION}
        self._departments = {(unit.parent_id, unit.function): unit for unit in units if unit.parent}

    def add_workdays(self, start: datetime, days: int) -> datetime:
        return workdays.add_workdays(start, days, self.corrections)

    def station(self, area: str) -> Unit:
        """The station of the community or its town, or the desk itself where there is none."""
        return self._stations.get(area) or self._stations.get(area[:9]) or self.centre

    def places(self, town: str = "") -> list[PlaceSpec]:
        """The communities of a town, or of the whole city."""
        return [
            PlaceSpec(code, area.name, self.areas[code[:9]].name, self.areas[code[:6]].name)
            for code, area in self.areas.items()
            if area.level == Area.Level.COMMUNITY and code.startswith(town)
        ]

    def route(self, category: Category, area: Area, subject: Unit | None = None) -> Unit:
        """What `routing.route` says of a community, without asking the database each time."""
        targets = (self._target(rule, area) for rule in self._rules_for(category, area))
        unit = next((unit for unit in targets if unit is not None), None) or self.station(area.code)
        return routing.away_from(unit, [(subject, None)]) if subject else unit

    def _rules_for(self, category: Category, area: Area) -> list[RoutingRule]:
        fitting = [one for one in self._rules if one.category_id in (None, category.pk)]
        here = [one for one in fitting if area.code.startswith(one.area_id or "")]
        return sorted(here, key=lambda rule: (rule.category_id is None, -len(rule.area_id or ""), rule.order))

    def _target(self, rule: RoutingRule, area: Area) -> Unit | None:
        station = self.station(area.code)
        match rule.target:
            case RoutingRule.Target.UNIT:
                return rule.unit
            case RoutingRule.Target.STATION:
                return station
            case RoutingRule.Target.COUNTY:
                return self._departments.get((station.parent_id, rule.function))
            case _:
                return self._departments.get((self.centre.parent_id, rule.function))

    def office(self, by: Any, who: Who) -> Unit:
        """The unit of the role in which this member of staff acts."""
        mine = [unit for (user, _role), unit in self._offices.items() if user == by.pk]
        return self._offices.get((by.pk, str(access.ACTS_AS[who]))) or (mine or [self.centre])[0]

    def crew(self, unit: Unit) -> Crew:
        return self.crews[unit.pk]

    def handlers(self, case: Suggestion) -> list[Any]:
        """The handler, or everybody who handles cases in the responsible unit."""
        officers = [case.handler] if case.handler else self.crew(case.unit).officers
        return [officer.user for officer in officers]

    def reminded(self, case: Suggestion, level: int) -> list[Any]:
        """Who is told on a level of supervision: handlers, chief, desk, inspectorate."""
        told = self.handlers(case)
        if level > 1:
            told.append(self.crew(case.unit).chief.user)
        if level > 2:
            told += self.desk
        if level > 3:
            told += [chief for path, chief in self._inspectors if path in case.unit.commanding_paths]
        return told

    def elsewhere(self, rng: Random, unit: Unit) -> Unit:
        """A unit of the same kind somewhere else, beside this one where there is one."""
        units = [crew.chief.unit for crew in self.crews.values()]
        alike = [one for one in units if (one.kind, one.function) == (unit.kind, unit.function) and one.pk != unit.pk]
        beside = [one for one in alike if one.parent_id == unit.parent_id]
        return rng.choice(beside or alike or [self.centre])

    def helper(self, unit: Unit, area: str) -> Unit:
        """Who helps: the public-work department beside a station, the station of the place a department."""
        if unit.kind != Unit.Kind.STATION:
            return self.station(area)
        return self._departments.get((unit.parent_id, Unit.Function.PUBLIC_WORK), self.centre)

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
