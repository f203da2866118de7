"""CSV and XLSX as rows of text: encodings, dates of Excel and full-width digits made plain, traps refused."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import zip_longest
from typing import IO, Any
from xml.etree import ElementTree

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from core.text import ascii_digits
from evaluations.errors import ImportRefused, Problem

MEGABYTE = 1024 * 1024
LARGEST = 60 * MEGABYTE
LARGEST_UNPACKED = 600 * MEGABYTE
MOST_TIMES_LARGER = 60  # a workbook shrinks ten- to thirtyfold; a bomb a thousandfold
MOST_PARTS = 500
MOST_ROWS = 400_000
LONGEST_CELL = 200
FORMULA = "="
FORMULA_CELL = re.compile(
    rb'<(?:\w+:)?c\b[^<>]*?\br="(?P<column>[A-Z]{1,3})(?P<line>\d{1,7})"[^<>]*>\s*<(?:\w+:)?f[\s>/]'
)
LONGEST_TAG = 1000  # bytes: a piece of a sheet goes on where it could have cut one
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


@dataclass(frozen=True, slots=True)
class Row:
    """One line: where it stands, and its cells by the name of the column, as plain text without blanks around."""

    sheet: str
    line: int
    cells: dict[str, str]


def rows(content: bytes, problems: list[Problem]) -> Iterator[Row]:
    """Every line of the file but the heading and empty ones; what is wrong goes to ``problems``.

    Raises: ImportRefused where the file as a whole cannot be read.
    """
    if not content:
        raise _refused("empty-file", _("The file is empty."))
    if len(content) > LARGEST:
        raise _refused("too-large", _("The file is too large: at most %(n)s MB.") % {"n": LARGEST // MEGABYTE})
    sheets = _workbook(content) if content.startswith(b"PK") else [("", _csv(content))]
    count = 0
    for name, lines in sheets:
        for row in _with_heading(name, lines, problems):
            count += 1
            if count > MOST_ROWS:
                raise _refused("too-many-rows", _("At most %(n)s lines a file.") % {"n": f"{MOST_ROWS:,}"})
            yield row
    if not count and not problems:
        raise _refused("empty-file", _("The file is empty."))


def lines_in(content: bytes) -> int:
    """How many lines a CSV seems to have; 0 for a workbook, which does not say."""
    return 0 if content.startswith(b"PK") else content.count(b"\n")


def _refused(code: str, message: str, sheet: str = "", line: int = 0, column: str = "") -> ImportRefused:
    return ImportRefused([Problem(sheet, line, column, code, message)])


def _with_heading(sheet: str, lines: Iterator[list[str]], problems: list[Problem]) -> Iterator[Row]:
    heading = [name.lower() for name in next(lines, [])]
    named = [name for name in heading if name]
    for name in sorted({name for name in named if named.count(name) > 1}):
        raise _refused("column-twice", _("This column stands there twice."), sheet, 1, name)
    for number, cells in enumerate(lines, 2):
        if not any(cells):
            continue
        if any(cell for name, cell in zip_longest(heading, cells, fillvalue="") if not name):
            problems.append(Problem(sheet, number, "", "too-many-cells", _("More cells than columns.")))
        whole = "\n".join(cells)
        if len(whole) > LONGEST_CELL or whole.startswith(FORMULA) or f"\n{FORMULA}" in whole:
            _blame_cells(sheet, number, heading, cells, problems)
        cells += [""] * (len(heading) - len(cells))
        yield Row(sheet, number, {name: cell for name, cell in zip(heading, cells, strict=False) if name})


def _blame_cells(sheet: str, number: int, heading: list[str], cells: list[str], problems: list[Problem]) -> None:
    for name, cell in zip(heading, cells, strict=False):
        if cell.startswith(FORMULA):
            problems.append(Problem(sheet, number, name, "formula", _("Formulas are not taken, only values.")))
        elif len(cell) > LONGEST_CELL:
            problems.append(Problem(sheet, number, name, "too-long", _("This is too long.")))


# --- CSV ----------------------------------------------------------------------------------------------------------


def _csv(content: bytes) -> Iterator[list[str]]:
    text = _decoded(content)
    if "\0" in text:
        raise _refused("not-text", _("This is neither CSV nor an Excel file (XLSX)."))
    plain = text if text.isascii() else ascii_digits(text)
    reader = csv.reader(io.StringIO(plain, newline=""), strict=True)
    try:
        for cells in reader:
            yield [cell.strip() for cell in cells]
    except csv.Error:
        raise _refused("broken-csv", _("This line is no CSV."), line=reader.line_num) from None


def _decoded(content: bytes) -> str:
    """UTF-8 with or without its mark, else GB 18030, which holds GBK and what Excel in China writes."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _refused("encoding", _("The characters can be read neither as UTF-8 nor as GBK."))


# --- XLSX ---------------------------------------------------------------------------------------------------------


def _workbook(content: bytes) -> Iterator[tuple[str, Iterator[list[str]]]]:
    _defuse(content)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        formulas = _formulas(content)
    except (CalamineError, KeyError, ValueError, zipfile.BadZipFile, ElementTree.ParseError, OSError):
        raise _refused("not-xlsx", _("This Excel file cannot be read.")) from None
    sheets = [sheet for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    hidden = [sheet.name for sheet in sheets if sheet.visible != SheetVisibleEnum.Visible]
    if hidden:
        raise _refused("hidden-sheet", _("Hidden sheets are not taken."), hidden[0])
    for sheet in sheets:
        yield sheet.name, _cells(book, sheet.name, formulas.get(sheet.name, set()))


def _defuse(content: bytes) -> None:
    """Look at the directory of the archive before anything is unpacked. Raises: ImportRefused."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except zipfile.BadZipFile:
        raise _refused("not-xlsx", _("This Excel file cannot be read.")) from None
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts) or 1
    bomb = unpacked > LARGEST_UNPACKED or len(parts) > MOST_PARTS
    if bomb or (unpacked > MEGABYTE and unpacked > MOST_TIMES_LARGER * packed):
        raise _refused("zip-bomb", _("This file unpacks to far more than it should. It was not opened."))
    if any(part.filename.lower().endswith("vbaproject.bin") for part in parts):
        raise _refused("macros", _("Files with macros are not taken."))


def _formulas(content: bytes) -> dict[str, set[tuple[int, int]]]:
    """Where each sheet has a formula, as (line, column) from 1: what was worked out is no answer anybody gave."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314  expat knows the bombs
        part_of = {link.get("Id"): link.get("Target", "") for link in links}
        sheets = ElementTree.fromstring(archive.read("xl/workbook.xml")).iter(f"{{{MAIN}}}sheet")  # noqa: S314
        parts = {sheet.get("name", ""): part_of.get(sheet.get(f"{{{LINKS}}}id"), "") for sheet in sheets}
        names = {name.lower(): name for name in archive.namelist()}
        found = {}
        for name, part in parts.items():
            path = part.lstrip("/") if part.startswith("/") else f"xl/{part}"
            if path.lower() in names:
                with archive.open(names[path.lower()]) as sheet:
                    found[name] = {_place(cell) for cell in _found_in(sheet)}
    return found


def _found_in(sheet: IO[bytes]) -> Iterator[re.Match[bytes]]:
    """The cells with a formula, read in pieces that overlap."""
    rest = b""
    while piece := sheet.read(MEGABYTE):
        text = rest + piece
        yield from FORMULA_CELL.finditer(text)
        rest = text[-LONGEST_TAG:]


def _place(cell: re.Match[bytes]) -> tuple[int, int]:
    column = 0
    for letter in cell["column"]:
        column = 26 * column + letter - 64
    return int(cell["line"]), column


def _cells(book: CalamineWorkbook, name: str, formulas: set[tuple[int, int]]) -> Iterator[list[str]]:
    """The lines of a sheet. Where it is empty at its left, the first column is the first that is not."""
    try:
        sheet = book.get_sheet_by_name(name)
        left = sheet.start[1] if sheet.start else 0
        for number, row in enumerate(sheet.iter_rows(), 1):
            cells = [_as_text(value) for value in row]
            for column in range(len(cells)) if formulas else ():
                if (number, column + left + 1) in formulas:
                    cells[column] = FORMULA
            yield cells
    except (CalamineError, ValueError):
        raise _refused("not-xlsx", _("This Excel file cannot be read."), name) from None


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, (date, time)):
        return value.isoformat()
    return ascii_digits(str(value)).strip()
