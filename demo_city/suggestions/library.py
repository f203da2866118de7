"""Reads the grammar files: one TOML file a family of matters in `voices/`, shared words in `words.toml`."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from demo_city.suggestions.grammar import lines

HERE = Path(__file__).parent
Lines = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing people talk about.

    `family` is the file it is written in; `where` is any, urban or rural; a `shared` matter may be said by many
    about one place; the core of a `whole` one is the whole body, nothing is added or restyled.
    """

    family: str
    category: str
    key: str
    weight: int
    where: str
    shared: bool
    whole: bool
    complexity: str
    expected: str
    personas: Mapping[str, int]
    parts: Mapping[str, Lines]
    facts: Mapping[str, Lines]

    @property
    def code(self) -> str:
        """`category.key`, unique over all files."""
        return f"{self.category}.{self.key}"


def read(name: str) -> dict[str, Any]:
    """Parse a TOML file of this package."""
    return tomllib.loads((HERE / name).read_text(encoding="utf-8"))


def pools(table: Mapping[str, str]) -> dict[str, Lines]:
    """Turn a table of text blocks into pools of lines."""
    return {name: lines(block) for name, block in table.items()}


@cache
def words() -> tuple[dict[str, Lines], dict[str, Lines]]:
    """The parts and the facts every matter may use."""
    table = read("words.toml")
    return pools(table["parts"]), pools(table["facts"])


@cache
def matters() -> tuple[Matter, ...]:
    """Every matter of every file, in the order of file names, so that a seed means the same everywhere."""
    found: list[Matter] = []
    for path in sorted((HERE / "voices").glob("*.toml")):
        found.extend(_matters_of(path.stem, read(f"voices/{path.name}")))
    return tuple(found)


@cache
def matters_of(family: str) -> tuple[Matter, ...]:
    """The matters of one family, that is of one file."""
    return tuple(matter for matter in matters() if matter.family == family)


@cache
def matter_by_code(code: str) -> Matter:
    """The matter with this `category.key`. Raises KeyError."""
    return {matter.code: matter for matter in matters()}[code]


def _matters_of(family: str, table: Mapping[str, Any]) -> Iterator[Matter]:
    common = pools(table.get("parts", {}))
    for row in table["matter"]:
        own = pools({name: row[name] for name in _PARTS if name in row})
        whole = row.get("whole", False)
        yield Matter(
            family=family,
            category=table["category"],
            key=row["key"],
            weight=row.get("weight", 10),
            where=row.get("where", "any"),
            shared=row.get("shared", False),
            whole=whole,
            complexity=row.get("complexity", "simple"),
            expected=row.get("expected", "answer"),
            personas=row.get("personas", table.get("personas", {})),
            parts=own if whole else _joined(common, own),
            facts=pools(row.get("facts", {})),
        )


_PARTS = ("title", "core", "detail", "ask", "place", "reply", "extra")


def _joined(common: Mapping[str, Lines], own: Mapping[str, Lines]) -> dict[str, Lines]:
    both = {name: own.get(name, ()) + common.get(name, ()) for name in {*common, *own}}
    return both | {name: own[name] for name in ("title", "core", "place", "reply") if name in own}
