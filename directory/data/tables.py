"""Typed readers for areas.csv and units.csv. What the columns mean is written in README.md beside them."""

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class AreaRow:
    """One area: the city, a county or district, a town or street, a community or village."""

    code: str
    name: str
    level: str
    parent: str
    name_en: str
    pinyin: str
    lng: Decimal | None
    lat: Decimal | None


@dataclass(frozen=True)
class UnitRow:
    """One police unit with its public card."""

    code: str
    name: str
    name_en: str
    kind: str
    function: str
    parent: str
    area_code: str
    address: str
    phone: str
    hours_zh: str
    hours_en: str
    lng: Decimal | None
    lat: Decimal | None
    service_zone: bool
    intro: str
    intro_en: str
    demo: bool


def areas() -> list[AreaRow]:
    """Every area, parents before children, by code."""
    return [AreaRow(**row) for row in _rows("areas.csv")]


def units() -> list[UnitRow]:
    """Every unit, parents before children."""
    return [UnitRow(**row) for row in _rows("units.csv")]


def communities_by_town() -> dict[str, list[str]]:
    """Community codes of every town, in code order."""
    towns: dict[str, list[str]] = {}
    for area in areas():
        if area.level == "community":
            towns.setdefault(area.parent, []).append(area.code)
    return towns


def _rows(name: str) -> Iterator[dict[str, Any]]:
    """Lines of one file, the columns that are not text turned into what they mean."""
    with (HERE / name).open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            yield {column: MEANING.get(column, str)(text) for column, text in row.items()}


def _degrees(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def _is_true(text: str) -> bool:
    return {"true": True, "false": False}[text]


MEANING: Mapping[str, Callable[[str], Any]] = {
    "lng": _degrees,
    "lat": _degrees,
    "service_zone": _is_true,
    "demo": _is_true,
}
