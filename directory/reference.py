"""Areas and units from areas.csv and units.csv; what the columns mean is written in directory/data/README.md."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connection

from core.reference import Fault, Line, Sheet, link, upsert
from directory.models import DECIDES_ROUTING, Area, Unit

HERE = Path(__file__).parent / "data"
CODE_LENGTH = {"city": 4, "county": 6, "town": 9, "community": 12}
AREA_COLUMNS = {name: name for name in ("code", "name", "level", "name_en", "pinyin", "lng", "lat")}
UNIT_COLUMNS = {
    **{name: name for name in ("code", "name", "name_en", "kind", "function", "address", "phone")},
    **{name: name for name in ("lng", "lat", "service_zone", "intro", "hours_en")},
    "hours": "hours_zh",
    "is_demo": "demo",
}
PARENTS = {"bureau": (), "sub_bureau": ("bureau",), "department": ("bureau", "sub_bureau"), "station": ("sub_bureau",)}
# every bureau's path by its parents; a unit that moved takes along those that are not in the file
TRUE_PATHS = """
    WITH RECURSIVE tree AS (
        SELECT id, '/' || code || '/' AS path FROM directory_unit WHERE parent_id IS NULL
        UNION ALL
        SELECT u.id, tree.path || u.code || '/' FROM directory_unit u JOIN tree ON u.parent_id = tree.id
    )
    UPDATE directory_unit u SET path = tree.path FROM tree WHERE u.id = tree.id AND u.path <> tree.path
"""


@dataclass(frozen=True)
class UnitLine:
    """A unit still without its parent, the codes it names, and the areas it answers for."""

    row: Unit
    parent: str
    areas: tuple[str, ...]


@dataclass
class Directory:
    """What the files say; empty lists for a file that was not given."""

    areas: list[Area] = field(default_factory=list)
    units: list[UnitLine] = field(default_factory=list)
    area_codes: set[str] = field(default_factory=set)
    unit_codes: set[str] = field(default_factory=set)


def read(folder: Path, faults: list[Fault]) -> Directory:
    """Both files of ``folder``, those that are there; codes may also name what the database has already."""
    found = Directory(
        area_codes=set(Area.objects.values_list("pk", flat=True)),
        unit_codes=set(Unit.objects.values_list("code", flat=True)),
    )
    if (folder / "areas.csv").exists():
        _read_areas(Sheet(folder / "areas.csv", [*AREA_COLUMNS, "parent"], faults), found)
    if (folder / "units.csv").exists():
        _read_units(Sheet(folder / "units.csv", [*UNIT_COLUMNS.values(), "parent", "area_code"], faults), found)
    return found


def _read_areas(sheet: Sheet, found: Directory) -> None:
    for line in sheet.lines(key=["code"]):
        row = line.build(Area, AREA_COLUMNS, parent_id=line["parent"] or None)
        if not row.code.isdigit() or len(row.code) != CODE_LENGTH.get(row.level):
            line.fault("code", f"a {row.level} has {CODE_LENGTH.get(row.level, 'other')} digits")
        if not row.code.startswith(line["parent"]) or bool(line["parent"]) != (row.level != "city"):
            line.fault("parent", "not the area around this one")
        line.known("parent", filter(None, [line["parent"]]), found.area_codes)
        found.area_codes.add(row.code)
        found.areas.append(row)


def _read_units(sheet: Sheet, found: Directory) -> None:
    kinds = dict(Unit.objects.values_list("code", "kind"))
    for line in sheet.lines(key=["code"]):
        row = line.build(Unit, UNIT_COLUMNS, area_id=line["area_code"] or None)
        line.known("parent", filter(None, [line["parent"]]), found.unit_codes)
        line.known("area_code", filter(None, [line["area_code"]]), found.area_codes)
        line.known("areas", line.words("areas"), found.area_codes)
        _check_parent(line, row, kinds)
        kinds[row.code] = row.kind
        found.unit_codes.add(row.code)
        found.units.append(UnitLine(row, line["parent"], _jurisdiction(line, row)))
    _check_top(sheet, found)


def _check_parent(line: Line, row: Unit, kinds: dict[str, str]) -> None:
    fitting = PARENTS.get(row.kind, ())
    if line["parent"] in kinds and kinds[line["parent"]] not in fitting:
        line.fault("parent", f"a {row.kind} does not stand under a {kinds[line['parent']]}")
    if fitting and not line["parent"]:
        line.fault("parent", f"a {row.kind} stands under another unit")


def _jurisdiction(line: Line, row: Unit) -> tuple[str, ...]:
    """The column ``areas`` where it is filled in; else a station answers for its area."""
    own = line.words("areas")
    if not own and row.kind == Unit.Kind.STATION and line["area_code"]:
        own = [line["area_code"]]
    return tuple(own)


def _check_top(sheet: Sheet, found: Directory) -> None:
    """Every voice arrives at the one public-work centre of the one bureau."""
    tops = [unit.row.code for unit in found.units if unit.row.kind == Unit.Kind.BUREAU]
    desks = [u for u in found.units if u.row.function == Unit.Function.PUBLIC_WORK and u.parent in tops]
    if len(tops) != 1:
        sheet.faults.append(Fault(sheet.name, 1, "kind", f"one bureau is needed, {len(tops)} are given"))
    elif len(desks) != 1:
        message = f"one public_work department of the bureau is needed, {len(desks)} are given"
        sheet.faults.append(Fault(sheet.name, 1, "function", message))


def save(found: Directory) -> dict[str, int]:
    """Upsert areas, then units from the top down with their jurisdictions; returns what changed."""
    fields = ["name", "name_en", "level", "parent_id", "pinyin", "lng", "lat"]
    areas = upsert(found.areas, key=["code"], fields=fields, decides=("level", "parent_id"))
    decides = DECIDES_ROUTING if Unit.objects.exists() else ()  # a city that is filled level by level changes nothing
    units = sum(_save_units(level, decides) for level in _levels(found.units))
    with connection.cursor() as cursor:
        cursor.execute(TRUE_PATHS)
    return {"areas": areas, "units": units, "jurisdictions": _save_jurisdictions(found.units)}


def _levels(units: list[UnitLine]) -> Iterable[list[UnitLine]]:
    """Parents before children, in as few sets as the tree is deep."""
    given = {unit.row.code for unit in units}
    done: set[str] = set()
    rest = units
    while rest:
        ready = [unit for unit in rest if unit.parent not in given or unit.parent in done]
        done |= {unit.row.code for unit in ready}
        rest = [unit for unit in rest if unit.row.code not in done]
        yield ready


def _save_units(level: list[UnitLine], decides: Sequence[str]) -> int:
    above = {code: (pk, path) for code, pk, path in Unit.objects.values_list("code", "pk", "path")}
    for unit in level:
        unit.row.parent_id, path = above[unit.parent] if unit.parent else (None, "/")
        unit.row.path = f"{path}{unit.row.code}/"
    fields = [name for name in UNIT_COLUMNS if name != "code"]
    fields += ["parent_id", "path", "area_id"]
    return upsert([unit.row for unit in level], key=["code"], fields=fields, decides=decides)


def _save_jurisdictions(units: list[UnitLine]) -> int:
    """A sub-bureau answers for the areas of its stations."""
    pks = dict(Unit.objects.values_list("code", "pk"))
    wanted: dict[int, set[str]] = {pks[unit.row.code]: set(unit.areas) for unit in units}
    for unit in units:
        if unit.row.kind == Unit.Kind.STATION:
            wanted.get(pks[unit.parent], set()).update(unit.areas)
    return link(Unit.areas.through, "unit", "area", wanted, decides="areas")
