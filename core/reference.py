"""Reference data from CSV files: every fault is named by file, line and column; rows are upserted in sets.

A room reads its files into unsaved rows (``reference.read``) and, when no file of any room has a fault, saves them
(``reference.save``). The header names the columns; empty cells mean nothing; flags are ``true`` and ``false``.

A change of what decides (who answers, and by when) is written on the ledger with what was and what is. Filling a table
that was empty is none.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models

from core import audit, text

Row = TypeVar("Row", bound=models.Model)
FLAGS = {"true": True, "false": False}
MOST_ROWS = 500  # rows a statement


@dataclass(frozen=True, order=True)
class Fault:
    """What is wrong in one cell; line 1 is the header, column is empty when the whole line or file is meant."""

    file: str
    line: int
    column: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}"
        return f"{place} {self.column}: {self.message}" if self.column else f"{place}: {self.message}"


class BadFiles(Exception):
    """Nothing was saved; ``faults`` says why."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = sorted(faults)
        super().__init__("\n".join(map(str, self.faults)))


@dataclass
class Line:
    """One line of a file, its cells cleaned."""

    number: int
    cells: Mapping[str, str]
    sheet: "Sheet"

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def words(self, column: str) -> list[str]:
        """The parts of a cell that lists several things, separated by spaces."""
        return self[column].split()

    def fault(self, column: str, message: str) -> None:
        self.sheet.faults.append(Fault(self.sheet.name, self.number, column, message))

    def known(self, column: str, codes: Iterable[str], there: Iterable[str]) -> None:
        """Every one of ``codes`` must be ``there``."""
        for code in codes:
            if code not in there:
                self.fault(column, f"“{code}” is not known")

    def build(self, model: type[Row], columns: Mapping[str, str], **given: Any) -> Row:
        """An unsaved row whose fields come from ``columns`` (field: column); what a field refuses becomes a fault."""
        fields = {name: self._value(model._meta.get_field(name), column) for name, column in columns.items()}
        row = model(**fields, **given)
        rest = {one.name for one in model._meta.fields} - set(columns)
        try:
            row.clean_fields(exclude=rest)
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                self.fault(columns[name], " ".join(messages))
        return row

    def _value(self, column_of: Any, column: str) -> Any:
        cell = self[column]
        if isinstance(column_of, models.BooleanField):
            return FLAGS.get(cell, cell)
        if isinstance(column_of, models.CharField | models.TextField):
            return cell
        return cell or None


@dataclass
class Sheet:
    """One file; ``required`` columns must be in its header."""

    path: Path
    required: Sequence[str]
    faults: list[Fault] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.path.name

    def lines(self, key: Sequence[str]) -> Iterator[Line]:
        """Every line in order; one that repeats the ``key`` of an earlier one is a fault."""
        seen: dict[tuple[str, ...], int] = {}
        for line in self._read():
            values = tuple(line[column] for column in key)
            if values in seen:
                line.fault(key[0], f"the same as line {seen[values]}")
            seen.setdefault(values, line.number)
            yield line

    def _read(self) -> Iterator[Line]:
        try:
            content = self.path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            self.faults.append(Fault(self.name, 1, "", "the file is not in UTF-8"))
            return
        reader = csv.reader(content.splitlines(keepends=True), strict=True)
        try:
            yield from self._under(next(reader, []), reader)
        except csv.Error as error:
            self.faults.append(Fault(self.name, reader.line_num, "", str(error)))

    def _under(self, header: list[str], reader: Any) -> Iterator[Line]:
        missing = [column for column in self.required if column not in header]
        self.faults.extend(Fault(self.name, 1, column, "this column is missing") for column in missing)
        if missing:
            return
        for cells in reader:
            if not any(cells):
                continue
            line = Line(reader.line_num, dict(zip(header, map(text.clean, cells), strict=False)), self)
            if len(cells) != len(header):
                line.fault("", f"{len(cells)} cells where the header has {len(header)}")
            yield line


def upsert(rows: Sequence[Row], *, key: Sequence[str], fields: Sequence[str], decides: Sequence[str] = ()) -> int:
    """Insert the rows, or change those there with the same ``key``; returns how many were new or different.

    ``decides`` are those of the fields whose change is written on the ledger.
    """
    if not rows:
        return 0
    model = type(rows[0])
    there = {values[: len(key)]: values for values in model._default_manager.values_list(*key, *fields)}
    named = [(row, tuple(getattr(row, name) for name in (*key, *fields))) for row in rows]
    changed = [(row, there.get(values[: len(key)])) for row, values in named if there.get(values[: len(key)]) != values]
    model._default_manager.bulk_create(
        [row for row, _was in changed],
        batch_size=MOST_ROWS,
        update_conflicts=True,
        unique_fields=list(key),
        update_fields=list(fields),
    )
    for row, was in changed if there else ():
        before = dict(zip((*key, *fields), was, strict=True)) if was else {}
        _record(row, {name: (before.get(name), getattr(row, name)) for name in fields if name in decides})
    return len(changed)


def _record(row: models.Model, values: Mapping[str, tuple[Any, Any]]) -> None:
    """Write on the ledger what was and what is, where they differ."""
    differ = {name: list(pair) for name, pair in values.items() if pair[0] != pair[1]}
    if differ:
        audit.record("reference.changed", row, values=differ)


def link(through: Any, left: str, right: str, wanted: Mapping[Any, Iterable[Any]], *, decides: str = "") -> int:
    """Make each key of ``wanted`` lead to exactly these by a many-to-many table; returns how many links changed.

    Under the name ``decides`` a change is written on the ledger.
    """
    there = set(through.objects.filter(**{f"{left}__in": list(wanted)}).values_list(f"{left}_id", f"{right}_id"))
    pairs = {(one, other) for one, others in wanted.items() for other in others}
    for one, other in there - pairs:
        through.objects.filter(**{left: one, right: other}).delete()
    missing = sorted(pairs - there)
    through.objects.bulk_create(
        [through(**{f"{left}_id": one, f"{right}_id": other}) for one, other in missing], batch_size=MOST_ROWS
    )
    if decides and there:
        linked = through._meta.get_field(left).related_model
        for key in sorted({one for one, _other in there ^ pairs}):
            _record(linked(pk=key), {decides: (_of(key, there), _of(key, pairs))})
    return len(missing) + len(there - pairs)


def _of(key: Any, links: Iterable[tuple[Any, Any]]) -> list[Any]:
    return sorted(other for one, other in links if one == key)
