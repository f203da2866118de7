"""Generated officers for the units of the demo city, and who of them holds which role.

Names are drawn from common surnames and given names; nobody real is meant.
The same seed gives the same people.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count, pairwise
from math import ceil
from random import Random

from demo_city.directory.names import FEMALE, MALE, SURNAMES
from directory.data.tables import UnitRow, communities_by_town

FIRST_BADGE = 33001
COMMUNITIES_PER_BEAT = 8
MOST_BEATS = 4
FEWEST_BEATS = 2
FEMALE_SHARE = 0.25


@dataclass(frozen=True)
class OfficerSpec:
    """One officer to create; `beats` are community codes and are empty except for community officers."""

    badge_number: str
    name: str
    name_en: str
    unit_code: str
    position: str
    beats: tuple[str, ...]
    phone: str


@dataclass(frozen=True)
class RoleSpec:
    """One role, named as in the policy table, of an officer (by badge number) or of an outsider.

    The inspectorate is no role: its people are the officers of the units with that function.
    """

    login: str
    role: str
    unit_code: str
    name: str


DEPARTMENT_STAFF: Mapping[str, tuple[str, ...]] = {
    "household": ("window", "window", "handler"),
    "exit_entry": ("window", "window", "handler"),
    "traffic": ("traffic", "traffic", "handler"),
    "public_work": ("instructor", "handler", "handler", "handler"),
}
OTHER_STAFF = ("handler", "handler")

OUTSIDERS = (
    RoleSpec("pollster", "pollster", "", "演示民调员"),
    RoleSpec("auditor", "auditor", "", "演示审计员"),
)


def generate(
    seed: int, units: Iterable[UnitRow], communities: Mapping[str, Sequence[str]] | None = None
) -> Iterator[OfficerSpec]:
    """Officers of every unit in order, chiefs first.

    `communities` gives the community codes of each town; without it they are read from areas.csv.
    """
    random = Random(seed)
    covered = communities_by_town() if communities is None else communities
    badges = count(FIRST_BADGE)
    for unit in units:
        taken: set[str] = set()
        for position, beats in posts(unit, covered.get(unit.area_code, ())):
            yield _officer(random, next(badges), unit.code, position, beats, taken)


def posts(unit: UnitRow, communities: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
    """Positions a unit has to fill, each with the communities on its beat."""
    if unit.kind == "station":
        on_the_beat = [("community_officer", beat) for beat in share_out(communities)]
        return [("chief", ()), ("instructor", ()), *on_the_beat, ("window", ())]
    if unit.kind == "department":
        staff = DEPARTMENT_STAFF.get(unit.function, OTHER_STAFF)
        return [("chief", ()), *((position, ()) for position in staff)]
    return [("chief", ()), ("instructor", ())]


def share_out(communities: Sequence[str]) -> list[tuple[str, ...]]:
    """Cut the communities of a town into two to four neighbouring beats, equal to within one."""
    wanted = ceil(len(communities) / COMMUNITIES_PER_BEAT)
    beats = min(MOST_BEATS, max(FEWEST_BEATS, wanted))
    cuts = [len(communities) * index // beats for index in range(beats + 1)]
    return [tuple(communities[start:end]) for start, end in pairwise(cuts)]


def staff_roles(officers: Iterable[OfficerSpec], units: Iterable[UnitRow]) -> list[RoleSpec]:
    """Every role in the demo city: one line for each person and role, outsiders last."""
    unit_of = {unit.code: unit for unit in units}
    top = next(unit.code for unit in unit_of.values() if unit.kind == "bureau")
    roles = [
        RoleSpec(officer.badge_number, role, officer.unit_code, officer.name)
        for officer in officers
        for role in roles_of(officer, unit_of[officer.unit_code], top)
    ]
    return [*roles, *(replace(outsider, unit_code=top) for outsider in OUTSIDERS)]


def roles_of(officer: OfficerSpec, unit: UnitRow, top: str) -> list[str]:
    """Roles that come with an officer's post; the city's public-work centre is the triage desk."""
    roles = ["officer"]
    if officer.position == "chief":
        roles.append("leader")
    if unit.function == "public_work" and unit.parent == top:
        # Two administrators, because an edition is changed and an appraisal locked by two persons.
        roles.append("triage" if officer.position == "handler" else "admin")
    return roles


def _officer(
    random: Random, badge: int, unit_code: str, position: str, beats: tuple[str, ...], taken: set[str]
) -> OfficerSpec:
    """One officer whose name nobody else in the unit has; the demo number ends in the badge number."""
    name, name_en = _name(random, taken)
    number = f"{badge:06d}"
    return OfficerSpec(number, name, name_en, unit_code, position, beats, f"0572-0{number}")


def _name(random: Random, taken: set[str]) -> tuple[str, str]:
    """A name not yet taken, in characters and romanised (surname first)."""
    while True:
        surname, family = random.choice(SURNAMES)
        given, first = random.choice(FEMALE if random.random() < FEMALE_SHARE else MALE)
        if surname + given not in taken:
            taken.add(surname + given)
            return surname + given, f"{family} {first}"
