"""Reads about places, units and officers; each says how many statements it takes."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.core.cache import cache
from django.db.models import Case, IntegerField, Model, Prefetch, Q, QuerySet, Value, When
from django.db.models.functions import Length, Replace

from core import policy
from core.policy import Role
from core.text import ascii_digits, clean, simplified
from directory.models import Area, Membership, Officer, Unit
from directory.names import Known, names_of, people_in

M = TypeVar("M", bound=Model)
MOST_FOUND = 20
MOST_PARTS = 3
BESIDE_A_NAME = re.compile(
    "(的|社区|片区|值班|办公|上班|联系|报警|咨询|民警|警察|警官|辅警|领导|所长|人员|电话|号码|方式|地址|时间|位置|"
    "在哪里?|哪里|怎么走|是谁|几点|查询|[?？])+$"
)
LONGEST_SEARCH = 40
SHORTEST_BADGE = 3
KEEP_AREAS = 600  # seconds; the reference data changes once a year
KEEP_NAMES = 300  # seconds until a new name of a unit is known everywhere
POSITIONS = (
    Officer.Position.CHIEF,
    Officer.Position.INSTRUCTOR,
    Officer.Position.COMMUNITY_OFFICER,
    Officer.Position.WINDOW,
    Officer.Position.TRAFFIC,
    Officer.Position.HANDLER,
)


@dataclass(frozen=True)
class AreaFile:
    """The areas for a place chooser as JSON, and its entity tag."""

    text: str
    etag: str


def area_file(parent: str = "") -> AreaFile | None:
    """The areas below ``parent`` (a code), or all counties and towns; None for a code that does not exist.

    Kept in the cache: no statement, or two when it is not there.
    """
    key = f"directory:areas:{parent}"
    kept = cache.get(key)
    if kept is None:
        areas = Area.objects.filter(parent=parent) if parent else Area.objects.filter(level__in=["county", "town"])
        if parent and not Area.objects.filter(code=parent).exists():
            return None
        rows = list(areas.order_by("code").values("code", "name", "name_en", "level", "parent"))
        text = json.dumps({"areas": rows}, ensure_ascii=False, separators=(",", ":"))
        kept = text, f'"{hashlib.sha256(text.encode()).hexdigest()[:24]}"'
        cache.set(key, kept, KEEP_AREAS)
    return AreaFile(*kept)


def units_of(role: Role) -> QuerySet[Unit]:
    """The units in which somebody holds ``role`` now: where the triage desk sits, for example; one statement."""
    return Unit.objects.active().filter(pk__in=Membership.objects.current().filter(role=role).values("unit"))


def within(paths: Iterable[str], to: str = "") -> Q:
    """A condition: the unit is at one of these paths or below it; without a path, nothing is.

    ``to`` leads to the unit, as ``suggestion__unit``; left empty the rows are units themselves.
    """
    wanted, lookup = Q(pk=None), f"{to}__path__startswith" if to else "path__startswith"
    for path in paths:
        wanted |= Q(**{lookup: path})
    return wanted


def led_by(user: Any, to: str = "") -> Q:
    """A condition: the unit is one that the user leads, or below it; ``to`` as for :func:`within`."""
    return within([unit.path for unit in policy.units_with(user, Role.LEADER)], to)


def counties() -> QuerySet[Area]:
    """The counties and districts; one statement."""
    return Area.objects.filter(level=Area.Level.COUNTY).order_by("code")


@dataclass(frozen=True)
class Surroundings:
    """A place, what it lies in (the county first), what lies in it, and who answers for it."""

    area: Area
    above: list[Area]
    inside: list[Area]
    officers: list[Officer]
    station: Unit | None


def inspectorates() -> QuerySet[Unit]:
    """The inspectorate of the whole city, which looks into what the police themselves get wrong; one, as a rule."""
    return Unit.objects.active().filter(function=Unit.Function.INSPECTORATE, parent__kind=Unit.Kind.BUREAU)


def surroundings(code: str) -> Surroundings:
    """All the page of a place shows; four statements, five in a community. Raises: Area.DoesNotExist."""
    area = Area.objects.select_related("parent__parent").exclude(level=Area.Level.CITY).get(code=code)
    above = [one for one in (area.parent and area.parent.parent, area.parent) if one and one.level != Area.Level.CITY]
    inside = list(area.children.order_by("pinyin", "code")) if area.level != Area.Level.COMMUNITY else []
    beat = officers_of(area) if area.level == Area.Level.COMMUNITY else []
    return Surroundings(area, above, inside, beat, station_of(area))


def station_of(area: Area) -> Unit | None:
    """The station whose jurisdiction holds the area, with its chief as ``chiefs``; two statements at most."""
    prefixes = [area.code[:length] for length in (12, 9) if len(area.code) >= length]
    if not prefixes:
        return None
    stations = Unit.objects.active().filter(kind=Unit.Kind.STATION, areas__code__in=prefixes)
    return stations.prefetch_related(with_chiefs()).order_by("-areas__code").first()


def with_chiefs() -> Prefetch:
    """Puts the chiefs of each unit into ``unit.chiefs``."""
    return Prefetch("officers", Officer.objects.filter(is_active=True, position=Officer.Position.CHIEF), "chiefs")


def officers_of(area: Area) -> list[Officer]:
    """The officers on whose beat the community is; two statements."""
    beat = Officer.objects.filter(is_active=True, beats=area)
    return list(beat.select_related("unit").prefetch_related("beats"))


def officer(badge_number: str) -> Officer:
    """One officer with station, its chief and the beat; three statements. Raises: Officer.DoesNotExist."""
    found = Officer.objects.filter(is_active=True).select_related("unit").prefetch_related("beats")
    return found.get(badge_number=badge_number)


@dataclass(frozen=True)
class Found:
    """What a search found: places with what they lie in, officers, units."""

    typed: str
    areas: list[Area] = field(default_factory=list)
    officers: list[Officer] = field(default_factory=list)
    units: list[Unit] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.areas or self.officers or self.units)


def search(typed: str) -> Found:
    """Places by name or pinyin, officers by name or badge number, units by name; four statements.

    Beats and telephones of officers come with them; the best matches first. Where the whole finds nothing, its parts
    are looked for without what people say beside a name (月河派出所电话, 织里所民警); four statements more a part.
    """
    words = simplified(ascii_digits(clean(typed[:LONGEST_SEARCH])))
    if not words:
        return Found("")
    found = _found(words, words)
    if not found.is_empty:
        return found
    parts = [name for part in words.split()[:MOST_PARTS] if (name := _name_in(part))]
    together = [_found(words, part) for part in parts if part != words]
    merged = (_merged(getattr(one, kind) for one in together) for kind in ("areas", "officers", "units"))
    return Found(words, *merged)


def _found(typed: str, words: str) -> Found:
    return Found(typed, list(_areas(words)), list(_officers(words)), list(_units(words)))


def _merged(lists: Iterable[list[M]]) -> list[M]:
    """All of them once, in their order."""
    return list({one.pk: one for some in lists for one in some}.values())[:MOST_FOUND]


def _name_in(part: str) -> str:
    """What is left of 月河派出所电话 without what is asked about it; 月河所 is 月河派出所."""
    name = BESIDE_A_NAME.sub("", part)
    return f"{name[:-1]}派出所" if name.endswith("所") and not name.endswith(("派出所", "事务所")) else name


def _areas(words: str) -> Iterable[Area]:
    latin = words.replace(" ", "").lower()
    named = Q(name__contains=words)
    if latin.isascii() and latin.isalpha():
        named |= Q(sound__startswith=latin)
    spelled = Area.objects.exclude(level=Area.Level.CITY).annotate(sound=Replace("pinyin", Value(" "), Value("")))
    return (
        spelled.filter(named)
        .annotate(fit=_fit("name", words, Q(sound=latin)), depth=Length("code"))
        .select_related("parent__parent")
        .order_by("fit", "depth", "code")[:MOST_FOUND]
    )


def _fit(name: str, words: str, exactly: Q) -> Case:
    """0 for the very name, 1 for a name that begins so, 2 for any other."""
    return Case(
        When(Q(**{name: words}) | exactly, then=0),
        When(**{f"{name}__startswith": words}, then=1),
        default=2,
        output_field=IntegerField(),
    )


def _officers(words: str) -> Iterable[Officer]:
    named = Q(name__startswith=words)
    if words.isdigit() and len(words) >= SHORTEST_BADGE:
        named |= Q(badge_number__startswith=words) | Q(badge_number=words.zfill(6))
    known = Officer.objects.filter(named, is_active=True).select_related("unit").prefetch_related("beats")
    return known.order_by("name", "badge_number")[:MOST_FOUND]


def _units(words: str) -> Iterable[Unit]:
    named = Unit.objects.active().filter(Q(name__contains=words) | Q(name_en__icontains=words))
    return named.annotate(fit=_fit("name", words, Q(name_en__iexact=words))).order_by("fit", "path")[:MOST_FOUND]


@dataclass(frozen=True)
class Branch:
    """A unit with its departments and what stands under it."""

    unit: Unit
    departments: list[Unit]
    branches: list["Branch"]


def tree() -> list[Branch]:
    """Every active unit, the bureau first; one statement."""
    units = list(Unit.objects.active().order_by("path"))
    known = {unit.pk for unit in units}
    below: dict[int | None, list[Unit]] = {}
    for unit in units:
        below.setdefault(unit.parent_id if unit.parent_id in known else None, []).append(unit)

    def branch(unit: Unit) -> Branch:
        children = below.get(unit.pk, [])
        departments = [child for child in children if child.kind == Unit.Kind.DEPARTMENT]
        return Branch(unit, departments, [branch(child) for child in children if child not in departments])

    return [branch(unit) for unit in below.get(None, [])]


def public_card(code: str) -> Unit:
    """One active unit with its parent, places and officers (``staff``); four statements. Raises: Unit.DoesNotExist."""
    order = Case(
        *(When(position=position, then=place) for place, position in enumerate(POSITIONS)), default=len(POSITIONS)
    )
    staff = Officer.objects.filter(is_active=True).annotate(rank=order).order_by("rank", "badge_number")
    units = Unit.objects.active().select_related("parent", "area")
    cards = units.prefetch_related("areas", Prefetch("officers", staff.prefetch_related("beats"), "staff"))
    return cards.get(code=code)


def service_zones() -> QuerySet[Unit]:
    """The units with a public-work zone (群众工作功能区); one statement."""
    return Unit.objects.active().filter(service_zone=True).order_by("path")


def spoken_names() -> Mapping[str, int]:
    """Every name that people use of an active unit, to its key. Kept in the cache: no statement, or one."""
    key = "directory:spoken"
    kept = cache.get(key)
    if kept is None:
        fields = ("pk", "name", "name_en", "kind", "function", "parent_id")
        kept = tuple(Unit.objects.active().order_by("pk").values_list(*fields))
        cache.set(key, kept, KEEP_NAMES)
    return names_of(tuple(Known(*row) for row in kept))


def officers_in(words: str) -> list[Officer]:
    """The officers that a text names beside a title, or by badge number; one statement, none where nobody may be."""
    people = people_in(words)
    if not people:
        return []
    named = Q(name__in=people.names) | Q(badge_number__in=people.badges)
    return list(Officer.objects.filter(named, is_active=True).select_related("unit").order_by("pk")[:MOST_FOUND])
