"""The open data files: what is in each, column by column, and the rows themselves, one at a time."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core import audit
from core.small_cells import FEW, K, Showing
from directory.models import Area, Unit
from evaluations.queries import outcomes
from plaza import queries as plaza
from portal.queries import board
from portal.queries.figures import Group, Window
from suggestions.models import Category
from suggestions.queries.board import published

CHUNK = 500


@dataclass(frozen=True)
class Column:
    """One column of a file; ``type`` as in a Frictionless table schema."""

    name: str
    meaning: Promise
    type: str = "string"


@dataclass(frozen=True)
class DataFile:
    """One file: its columns and a generator of its rows."""

    name: str
    title: Promise
    text: Promise
    columns: tuple[Column, ...]
    rows: Callable[[], Iterable[tuple[Any, ...]]]

    @property
    def header(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


def day(moment: datetime | date | None) -> str:
    """The day in Shanghai, ISO: nothing in a file is finer than a day."""
    if moment is None:
        return ""
    return (timezone.localtime(moment).date() if isinstance(moment, datetime) else moment).isoformat()


def _answers() -> Iterator[tuple[Any, ...]]:
    cases: Iterator[Any] = published().order_by("-published_at", "-pk").iterator(chunk_size=CHUNK)
    for case in cases:
        reply = case.answers[-1] if case.answers else None
        yield (
            case.number,
            case.category_id,
            case.area_id or "",
            case.unit.code,
            day(case.created_at),
            case.state,
            case.public_title,
            case.public_body,
            day(reply.signed_at) if reply else "",
            reply.public_text if reply else "",
            case.support_count,
        )


def _figures() -> Iterator[tuple[Any, ...]]:
    """The city by month; each county and category over the whole window, and by month where no small group shows."""
    window = Window.of(timezone.localdate())
    shown = board.board()
    span = f"{window.start:%Y-%m}/{window.last:%Y-%m}"
    yield from (_counts("city", "", "", month.name, month) for month in shown.months)
    for by, groups in (("county", shown.counties), ("category", shown.categories)):
        yield from (_counts(by, one.key, one.name, span, one) for one in groups)
        monthly = board.monthly(window, groups, shown.months, by)
        for one in groups:
            received = monthly.received[one.key]
            for month, count in zip(monthly.months, received or (), strict=False):
                yield (by, one.key, one.name, f"{month:%Y-%m}", count, *[""] * 5)


def _counts(scope: str, code: str, name: str, period: str, one: Group) -> tuple[Any, ...]:
    counts, cases, ratings = one.counts, one.cases, one.ratings
    days = "" if one.days is None else round(one.days, 2)
    answers = (_few(counts.received, cases), _few(counts.replied, cases), _or_nothing(counts.on_time, cases), days)
    return (scope, code, name, period, *answers, _few(counts.rated, ratings), _or_nothing(counts.satisfied, ratings))


def _few(count: int, showing: Showing) -> int | str:
    if showing == "shown":
        return count
    return FEW if showing == "few" and count < K else ""


def _or_nothing(count: int, showing: Showing) -> int | str:
    return count if showing == "shown" else ""


def _units() -> Iterator[tuple[Any, ...]]:
    for unit in Unit.objects.active().select_related("parent").order_by("path").iterator(chunk_size=CHUNK):
        parent = unit.parent.code if unit.parent else ""
        place = (unit.area_id or "", unit.address, unit.phone, unit.hours)
        yield (unit.code, unit.name, unit.name_en, unit.kind, unit.function, parent, *place, unit.service_zone)


def _areas() -> Iterator[tuple[Any, ...]]:
    yield from Area.objects.order_by("code").values_list("code", "name", "name_en", "level", "parent").iterator(CHUNK)


def _categories() -> Iterator[tuple[Any, ...]]:
    yield from Category.objects.order_by("order", "code").values_list("code", "name", "name_en", "reply_days")


def _plaza_days() -> Iterator[tuple[Any, ...]]:
    for one in plaza.days().order_by("date"):
        places = "; ".join(f"{place.name} ({place.area.name})" for place in one.places.all())
        yield (one.date.isoformat(), one.title, one.title_en, one.hours, places)


def _recovery() -> Iterator[tuple[Any, ...]]:
    """By the year of the case; years of fewer than ten cases without anything."""
    for one in outcomes.recovery_by_year():
        if not one.is_shown:
            yield (one.year, FEW, *[""] * 5, one.as_of.isoformat())
            continue
        told = one.recovery
        shares = (told.rate, told.solved_usually, told.solved_in_huzhou)
        percents = (None if share is None else round(float(share) * 100, 2) for share in shares)
        yield (one.year, told.cases, told.loss, told.recovered, *percents, one.as_of.isoformat())


def _external() -> Iterator[tuple[Any, ...]]:
    names = ("year", "body", "body_en", "indicator", "indicator_en", "value", "source")
    yield from outcomes.assessments().values_list(*names)


def audit_heads() -> Iterator[tuple[Any, ...]]:
    """The head of the audit ledger on every day, as ``tools/verify_audit.py`` reads it."""
    yield from ((head.date.isoformat(), head.seq, head.hash) for head in audit.heads())


HEADS = ("date", "seq", "hash")
CODE = _("code of the area (statistical division code)")
FILES: dict[str, DataFile] = {
    file.name: file
    for file in (
        DataFile(
            "answers",
            _("Published voices and answers"),
            _("What citizens allowed to be published, in the published words, with the answer. Names nobody."),
            (
                Column("number", _("number of the case")),
                Column("category", _("code of the subject, see categories.csv")),
                Column("area", CODE),
                Column("unit", _("code of the answering unit, see units.csv")),
                Column("received", _("day it was said"), "date"),
                Column("state", _("state of the case today")),
                Column("title", _("published title")),
                Column("text", _("published words")),
                Column("answered", _("day the answer was signed"), "date"),
                Column("answer", _("the answer")),
                Column("supporters", _("how many support it"), "integer"),
            ),
            _answers,
        ),
        DataFile(
            "figures",
            _("Open figures"),
            _("Twelve whole months: the city by month; districts and subjects over all of them and by month."),
            (
                Column("scope", _("city, county or category")),
                Column("code", _("code of the district or subject; empty for the city, or where no place was given")),
                Column("name", _("name of the district or subject")),
                Column("period", _("month in which it was said, or first/last month of the whole time")),
                Column("received", _("cases received, without those withdrawn or merged; <10 where fewer than ten")),
                Column("replied", _("of these, answered by today")),
                Column("on_time", _("of these, answered by the promised date")),
                Column("average_days", _("calendar days from saying to answer, on average"), "number"),
                Column("rated", _("ratings given to answers")),
                Column("satisfied", _("of these, fairly satisfied or better")),
            ),
            _figures,
        ),
        DataFile(
            "units",
            _("Stations and units"),
            _("Every police unit with its public telephone, hours and address."),
            (
                Column("code", _("code of the unit")),
                Column("name", _("name in Chinese")),
                Column("name_en", _("name in English")),
                Column("kind", _("bureau, sub-bureau, station or department")),
                Column("function", _("what it does")),
                Column("parent", _("code of the unit it belongs to")),
                Column("area", CODE),
                Column("address", _("address")),
                Column("phone", _("public telephone")),
                Column("hours", _("opening hours")),
                Column("service_zone", _("whether it has a public-work zone"), "boolean"),
            ),
            _units,
        ),
        DataFile(
            "areas",
            _("Districts, towns and communities"),
            _("The administrative tree of the city; a code begins with the code of what it lies in."),
            (
                Column("code", CODE),
                Column("name", _("name in Chinese")),
                Column("name_en", _("name in English")),
                Column("level", _("city, county, town or community")),
                Column("parent", _("code of the area it lies in")),
            ),
            _areas,
        ),
        DataFile(
            "categories",
            _("Subjects"),
            _("What a voice can be about, and in how many working days it is answered."),
            (
                Column("code", _("code of the subject")),
                Column("name", _("name in Chinese")),
                Column("name_en", _("name in English")),
                Column("reply_days", _("working days until the answer"), "integer"),
            ),
            _categories,
        ),
        DataFile(
            "recovery",
            _("Recovered losses"),
            _("Property cases by the year of the case, as the newest file told each of them."),
            (
                Column("year", _("year of the case"), "integer"),
                Column("cases", _("property cases; <10 where fewer than ten, then without anything else")),
                Column("loss", _("everything lost, in yuan"), "number"),
                Column("recovered", _("everything recovered of it, in yuan"), "number"),
                Column("recovery_rate", _("recovered by lost, percent"), "number"),
                Column("suspect_found", _("cases in which a suspect was found, percent"), "number"),
                Column("huzhou_standard", _("cases in which part of the loss came back too, percent"), "number"),
                Column("as_of", _("day of the newest file"), "date"),
            ),
            _recovery,
        ),
        DataFile(
            "external",
            _("Assessed by others"),
            _("What others found when they assessed the police of Huzhou; counted into nothing."),
            (
                Column("year", _("year"), "integer"),
                Column("body", _("who assessed")),
                Column("body_en", _("who assessed, in English")),
                Column("indicator", _("what was assessed")),
                Column("indicator_en", _("what was assessed, in English")),
                Column("value", _("percent"), "number"),
                Column("source", _("where it can be read")),
            ),
            _external,
        ),
        DataFile(
            "plaza-days",
            _("Plaza days"),
            _("The fixed days on which the police stand on the squares and listen."),
            (
                Column("date", _("day"), "date"),
                Column("title", _("title in Chinese")),
                Column("title_en", _("title in English")),
                Column("hours", _("hours")),
                Column("places", _("places, separated by semicolons")),
            ),
            _plaza_days,
        ),
    )
}
