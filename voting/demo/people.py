"""Who counts in the demo: two clerks, somebody of the desk, an admin."""

from dataclasses import dataclass

from accounts import demo as accounts
from accounts.models import User
from core.policy import Role
from directory.models import Membership, Unit

STATIONS = 8


@dataclass(frozen=True)
class People:
    """Two who read, one who issues, one who closes; four different people."""

    first: User
    second: User
    desk: User
    admin: User


def people() -> People:
    """Staff of the demo with these roles now, or made-up ones where there are too few."""
    return People(*_some(Role.OFFICER, 2), *_some(Role.TRIAGE, 1), *_some(Role.ADMIN, 1))


def _some(role: Role, count: int) -> list[User]:
    holding = Membership.objects.current().filter(role=role).select_related("user").order_by("pk")
    found = list({one.user_id: one.user for one in holding}.values())[:count]
    missing = range(len(found), count)
    return [*found, *(accounts.staff(f"demo-vote-{role}-{number}", "演示计票员") for number in missing)]


def stations() -> list[Unit]:
    """Some stations that give out paper."""
    found = Unit.objects.active().filter(kind=Unit.Kind.STATION).select_related("area").order_by("path")
    return list(found[:STATIONS])
