"""Who counts in the demo: at each station two of its own officers; somebody of the desk; an admin."""

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models import User
from core.policy import Role
from demo_city import accounts as accounts
from directory.models import Membership, Unit

STATIONS = 8


@dataclass(frozen=True)
class Station:
    """Where paper is given out, and the two who read it."""

    unit: Unit
    first: User
    second: User

    @property
    def county(self) -> str:
        return self.unit.area.county_code if self.unit.area else ""


@dataclass(frozen=True)
class People:
    """Who issues and who closes, and the stations, a visitor's own first."""

    desk: User
    admin: User
    stations: list[Station]


def people(own: str = "") -> People:
    """Staff of the demo with these roles now, or made-up ones where there are too few; ``own`` is a unit's code."""
    now = Membership.objects.current().select_related("user").order_by("pk")
    desk, admin = _some(now.filter(role=Role.TRIAGE), "desk", 1)[0], _some(now.filter(role=Role.ADMIN), "admin", 1)[0]
    found = Unit.objects.active().filter(kind=Unit.Kind.STATION).select_related("area").order_by("path")
    units = sorted(found, key=lambda unit: unit.code != own)[:STATIONS]
    officers = now.filter(role=Role.OFFICER).exclude(user=admin)
    stations = [Station(unit, *_some(officers.filter(unit=unit), unit.code, 2)) for unit in units]
    return People(desk, admin, stations)


def _some(holding: Iterable[Membership], where: str, count: int) -> list[User]:
    found = list({one.user_id: one.user for one in holding}.values())[:count]
    missing = range(len(found), count)
    return [*found, *(accounts.staff(f"demo-vote-{where}-{number}", "演示计票员") for number in missing)]
