"""Every line of a file of property cases: all faults are found, none stops the search."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from core.errors import Text
from directory.models import Unit
from evaluations.errors import Problem
from evaluations.importing.checking import MOST_PROBLEMS
from evaluations.importing.reading import Row

COLUMNS = ("number", "year", "unit", "loss", "recovered", "suspect_found")
FIRST_YEAR = 2000
YES_OR_NO = {"1": True, "yes": True, "true": True, "是": True, "0": False, "no": False, "false": False, "否": False}
LONGEST_NUMBER = 40
_YUAN = re.compile(r"^\d{1,12}(\.\d{1,2})?$")
_YEAR = re.compile(r"^\d{4}$")

MESSAGES: dict[str, Text] = {
    "missing-column": _("This column is missing."),
    "unknown-column": _("There is no such column in a file of property cases."),
    "empty": _("This must not be empty."),
    "too-long": _("This is too long."),
    "number-twice": _("This case stands further up already."),
    "bad-year": _("The year of the case has four digits."),
    "year-out-of-range": _("The year lies before 2000 or after the day the file is as of."),
    "unknown-unit": _("There is no police unit with this code."),
    "bad-amount": _("An amount is in yuan, without separators, with at most two places."),
    "no-loss": _("A loss is more than 0."),
    "more-than-lost": _("No more can come back than was lost."),
    "bad-yes-or-no": _("This is 1 or 0 (是 or 否)."),
    "too-many-problems": _("There are more faults; the search ended here."),
}


@dataclass(frozen=True, slots=True)
class Case:
    """One property case as a line of the file tells it; amounts in yuan."""

    number: str
    year: int
    unit_id: int
    loss: Decimal
    recovered: Decimal
    suspect_found: bool


def masked(column: str, value: str) -> str:
    """What of a wrong cell may be said: of the number of a case its first sign alone."""
    if column == "number" or sum(c.isdigit() for c in value) >= 7:
        return value[:1] + "*" * min(len(value) - 1, 8) if value else ""
    return value[:20]


def check(lines: Iterable[Row], as_of: date, problems: list[Problem]) -> list[Case]:
    """The cases of all lines without a fault; one statement. Faults are added to ``problems``."""
    units = dict(Unit.objects.values_list("code", "pk"))
    seen: set[str] = set()
    cases = []
    for place, row in enumerate(lines):
        if not place and _columns_are_wrong(row, problems):
            break
        line = _Line(row, problems)
        case = line.case(units, as_of, seen)
        if case is not None:
            cases.append(case)
        if len(problems) >= MOST_PROBLEMS:
            problems.append(Problem(row.sheet, row.line, "", "too-many-problems", str(MESSAGES["too-many-problems"])))
            break
    return cases


def _columns_are_wrong(row: Row, problems: list[Problem]) -> bool:
    there = [name for name in row.cells if name]
    wrong = [("missing-column", name) for name in COLUMNS if name not in there]
    wrong += [("unknown-column", name) for name in there if name not in COLUMNS]
    problems += [Problem(row.sheet, 1, name, code, str(MESSAGES[code])) for code, name in wrong]
    return bool(wrong)


class _Line:
    """One line and what is wrong in it."""

    def __init__(self, row: Row, problems: list[Problem]) -> None:
        self.row, self.problems, self.is_right = row, problems, True

    def wrong(self, column: str, code: str) -> None:
        value = masked(column, self.row.cells.get(column, ""))
        self.problems.append(Problem(self.row.sheet, self.row.line, column, code, str(MESSAGES[code]), value))
        self.is_right = False

    def case(self, units: dict[str, int], as_of: date, seen: set[str]) -> Case | None:
        number, year = self._number(seen), self._year(as_of)
        unit = units.get(self.row.cells["unit"])
        if unit is None:
            self.wrong("unit", "unknown-unit")
        loss, recovered = self._amount("loss"), self._amount("recovered")
        if loss is not None and loss <= 0:
            self.wrong("loss", "no-loss")
        elif loss is not None and recovered is not None and recovered > loss:
            self.wrong("recovered", "more-than-lost")
        found = YES_OR_NO.get(self.row.cells["suspect_found"].lower())
        if found is None:
            self.wrong("suspect_found", "bad-yes-or-no")
        if not self.is_right or unit is None or loss is None or recovered is None or found is None:
            return None
        return Case(number, year, unit, loss, recovered, found)

    def _number(self, seen: set[str]) -> str:
        number = self.row.cells["number"]
        if not number:
            self.wrong("number", "empty")
        elif len(number) > LONGEST_NUMBER:
            self.wrong("number", "too-long")
        elif number in seen:
            self.wrong("number", "number-twice")
        seen.add(number)
        return number

    def _year(self, as_of: date) -> int:
        text = self.row.cells["year"]
        if not _YEAR.match(text):
            self.wrong("year", "bad-year")
            return 0
        if not FIRST_YEAR <= int(text) <= as_of.year:
            self.wrong("year", "year-out-of-range")
        return int(text)

    def _amount(self, column: str) -> Decimal | None:
        text = self.row.cells[column]
        if not _YUAN.match(text):
            self.wrong(column, "bad-amount")
            return None
        return Decimal(text)
