"""Places and fixed days from places.csv and days.csv; what the columns mean is written in plaza/data/README.md."""

from dataclasses import dataclass, field
from pathlib import Path

from core.reference import Fault, Line, Sheet, link, upsert
from directory.models import Unit
from directory.reference import Directory
from plaza.models import ActivityDay, Place

HERE = Path(__file__).parent / "data"
PLACE_COLUMNS = {name: name for name in ("name", "name_en", "address")}
DAY_COLUMNS = {"date": "date", "title": "name", "title_en": "name_en", "is_demo": "demo"}
Key = tuple[str, str]  # area code and name: what tells places apart


@dataclass(frozen=True)
class DayLine:
    """A day, the places it is held at, and the units that attend; no units means whoever serves those counties."""

    row: ActivityDay
    places: tuple[Key, ...]
    units: tuple[str, ...]


@dataclass
class Plaza:
    places: list[Place] = field(default_factory=list)
    days: list[DayLine] = field(default_factory=list)


def read(folder: Path, faults: list[Fault], directory: Directory) -> Plaza:
    """Both files of ``folder``, those that are there; days name places by their slug in places.csv."""
    found, slugs = Plaza(), dict[str, Key]()
    if (folder / "places.csv").exists():
        sheet = Sheet(folder / "places.csv", ["slug", "county", *PLACE_COLUMNS.values()], faults)
        for line in sheet.lines(key=["slug"]):
            line.known("county", [line["county"]], directory.area_codes)
            slugs[line["slug"]] = (line["county"], line["name"])
            found.places.append(line.build(Place, PLACE_COLUMNS, area_id=line["county"]))
    if (folder / "days.csv").exists():
        sheet = Sheet(folder / "days.csv", [*DAY_COLUMNS.values(), "starts", "ends", "places"], faults)
        found.days = [_day(line, slugs, directory) for line in sheet.lines(key=["date"])]
    return found


def _day(line: Line, slugs: dict[str, Key], directory: Directory) -> DayLine:
    line.known("places", line.words("places"), slugs)
    line.known("units", line.words("units"), directory.unit_codes)
    row = line.build(ActivityDay, DAY_COLUMNS, hours=f"{line['starts']}–{line['ends']}")
    places = tuple(slugs[slug] for slug in line.words("places") if slug in slugs)
    return DayLine(row, places, tuple(line.words("units")))


def save(found: Plaza) -> dict[str, int]:
    """Upsert places and days, and say who attends; returns what changed."""
    places = upsert(found.places, key=["area_id", "name"], fields=["name_en", "address"])
    fields = ["title", "title_en", "hours", "is_demo"]
    days = upsert([day.row for day in found.days], key=["date"], fields=fields)
    pks = dict(ActivityDay.objects.values_list("date", "pk"))
    at = {(area, name): pk for pk, area, name in Place.objects.values_list("pk", "area_id", "name")}
    held = {pks[day.row.date]: [at[key] for key in day.places] for day in found.days}
    attend = {pks[day.row.date]: _attending(day) for day in found.days}
    links = link(ActivityDay.places.through, "activityday", "place", held)
    links += link(ActivityDay.units.through, "activityday", "unit", attend)
    return {"places": places, "plaza days": days, "plaza day links": links}


def _attending(day: DayLine) -> set[int]:
    """The units named, or the public-work departments of the bureau and of every county the day is held in."""
    units = Unit.objects.active()
    if day.units:
        return set(units.filter(code__in=day.units).values_list("pk", flat=True))
    counties = {county for county, _name in day.places}
    centres = units.filter(function=Unit.Function.PUBLIC_WORK)
    serving = centres.filter(parent__kind=Unit.Kind.BUREAU) | centres.filter(parent__area__in=counties)
    return set(serving.values_list("pk", flat=True))
