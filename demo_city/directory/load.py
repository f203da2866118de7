"""The demo city's people: officers with their beats, everybody's roles, and the accounts a visitor may try."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings

from accounts.models import User
from core.policy import Role
from core.reference import link
from core.workdays import SHANGHAI
from demo_city import accounts
from demo_city.context import Account, Context, Loaded
from demo_city.directory import SHOWN_STATION
from demo_city.directory.people import OfficerSpec, RoleSpec, generate, staff_roles
from directory.data import tables
from directory.models import Area, Membership, Officer, Unit

YEARS_IN_OFFICE = 4


def load(context: Context) -> Loaded:
    """Citizens, staff, officers, beats and memberships; what is there already stays."""
    context.say("officers, roles and accounts")
    units = tables.units()
    specs = sorted(generate(context.seed, units), key=_shown_first)
    roles = staff_roles(specs, units)
    since = datetime(context.today.year - YEARS_IN_OFFICE, 1, 1, tzinfo=SHANGHAI)
    users = accounts.staff_members([(role.login, role.name) for role in roles], joined=since)
    _officers(specs, users)
    _memberships(roles, users, since, until=datetime(context.today.year + 2, 1, 1, tzinfo=SHANGHAI))
    station = Unit.objects.get(code=SHOWN_STATION)
    chief = Officer.objects.get(unit=station, position=Officer.Position.CHIEF)
    return {
        "accounts": [*_citizens(), *_staff(roles, specs), _technician()],
        "objects": {"area": station.area_id, "unit": station.code, "officer": chief.badge_number},
        "counts": {
            "areas": Area.objects.count(),
            "units": Unit.objects.count(),
            "officers": Officer.objects.count(),
            "memberships": Membership.objects.count(),
        },
    }


def _shown_first(officer: OfficerSpec) -> int:
    """The officer and the chief whom a visitor is shown come first; the others stay as they are."""
    if officer.unit_code != SHOWN_STATION:
        return 2
    return {"community_officer": 0, "chief": 1}.get(officer.position, 2)


def _officers(specs: list[OfficerSpec], users: dict[str, User]) -> None:
    units = dict(Unit.objects.values_list("code", "pk"))
    there = set(Officer.objects.values_list("badge_number", flat=True))
    Officer.objects.bulk_create(
        Officer(
            badge_number=spec.badge_number,
            name=spec.name,
            unit_id=units[spec.unit_code],
            position=spec.position,
            user=users[spec.badge_number],
            phone=spec.phone,
            is_demo=True,
        )
        for spec in specs
        if spec.badge_number not in there
    )
    pks = dict(Officer.objects.values_list("badge_number", "pk"))
    fresh = [spec for spec in specs if spec.badge_number not in there]
    link(Officer.beats.through, "officer", "area", {pks[spec.badge_number]: spec.beats for spec in fresh})


def _memberships(roles: list[RoleSpec], users: dict[str, User], since: datetime, until: datetime) -> None:
    """Since years ago; those who are not police are let in for a time."""
    units = dict(Unit.objects.values_list("code", "pk"))
    there = set(Membership.objects.values_list("user_id", "role", "unit_id"))
    wanted = [(users[role.login].pk, role.role, units[role.unit_code]) for role in roles]
    outsiders = (Role.POLLSTER, Role.AUDITOR)
    Membership.objects.bulk_create(
        Membership(user_id=user, role=role, unit_id=unit, starts=since, ends=until if role in outsiders else None)
        for user, role, unit in wanted
        if (user, role, unit) not in there
    )


def _citizens() -> Iterable[Account]:
    """One citizen whose identity was checked and one whose was not."""
    people = accounts.citizens()
    shown = {person.is_verified: person for person in reversed(people)}
    for role, verified in ((Role.CITIZEN, False), (Role.VERIFIED, True)):
        phone = shown[verified].phone.removeprefix("+86")
        yield Account(role=role.value, login=phone, password="", phone=phone, name=shown[verified].display_name)


def _staff(roles: list[RoleSpec], specs: list[OfficerSpec]) -> Iterable[Account]:
    """The first holder of each role, two administrators, and who leads the bureau's inspectorate."""
    for role in (Role.OFFICER, Role.TRIAGE, Role.LEADER, Role.ADMIN, Role.POLLSTER, Role.AUDITOR):
        holders = [spec for spec in roles if spec.role == role]
        for holder in holders[: 2 if role == Role.ADMIN else 1]:
            yield _account(role.value, holder.login, holder.name)
    inspector = next(spec for spec in specs if spec.unit_code == "huzhou-inspectorate" and spec.position == "chief")
    yield _account("inspectorate", inspector.badge_number, inspector.name)


def _technician() -> Account:
    user = accounts.technician()
    return _account("technician", user.username, user.display_name)


def _account(role: str, login: str, name: str) -> Account:
    return Account(role=role, login=login, password=settings.DEMO_PASSWORD, phone="", name=name)
