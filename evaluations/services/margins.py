"""The population by area and by age and sex that a wave is weighted to, read from a file with every fault by line."""

from dataclasses import dataclass
from math import isfinite
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import audit, policy
from core.errors import Text
from directory.models import Area
from evaluations.errors import ImportRefused, Problem, WaveMovedOn
from evaluations.importing.reading import Row, rows
from evaluations.models import Frame, Wave
from evaluations.services.preparing import check_margins, lock_wave
from evaluations.states import WaveState

Margins = dict[str, dict[str, float]]
NAMES = ("area", "age_sex")
COLUMNS = ("margin", "category", "people")
LONGEST = 12
AGREE = 1e-6
MESSAGES: dict[str, Text] = {
    "missing-column": gettext_lazy("This column is missing."),
    "unknown-margin": gettext_lazy("A margin is «area» or «age_sex»."),
    "missing-margin": gettext_lazy("No line of this margin is there."),
    "unknown-area": gettext_lazy("There is no area with this code."),
    "bad-category": gettext_lazy("A category has 1 to 12 characters, no blanks or commas."),
    "category-twice": gettext_lazy("This category stands further up already."),
    "area-in-area": gettext_lazy("This area lies in another one of the list: its people would count twice."),
    "bad-number": gettext_lazy("This is no number of people."),
    "empty-category": gettext_lazy("Nobody lives here: a category has at least one person. Leave the line out."),
}


@dataclass(frozen=True)
class _Line:
    row: Row
    margin: str
    category: str
    people: float | None


def read_margins(content: bytes) -> Margins:
    """The margins of a CSV or XLSX with ``margin, category, people``. Raises: ImportRefused with every fault."""
    problems: list[Problem] = []
    found = list(rows(content, problems))
    missing = [name for name in COLUMNS if found and name not in found[0].cells]
    problems += [_fault(found[0].sheet, 1, name, "missing-column") for name in missing]
    if not missing:
        _check_lines([_line(row, problems) for row in found], problems)
    if problems:
        raise ImportRefused(sorted(problems, key=lambda p: (p.sheet, p.line, p.column)))
    return {name: {r.cells["category"]: float(r.cells["people"]) for r in found if r.cells["margin"] == name}
            for name in NAMES}  # fmt: skip


def _fault(sheet: str, line: int, column: str, code: str, value: str = "") -> Problem:
    return Problem(sheet, line, column, code, str(MESSAGES[code]), value[:20])


def _line(row: Row, problems: list[Problem]) -> _Line:
    margin, category, people = (row.cells[name] for name in COLUMNS)
    if margin not in NAMES:
        problems.append(_fault(row.sheet, row.line, "margin", "unknown-margin", margin))
    if not 1 <= len(category) <= LONGEST or any(c in category for c in " ,;\"'"):
        problems.append(_fault(row.sheet, row.line, "category", "bad-category", category))
    count = _number(people)
    if count is None or count < 0:
        problems.append(_fault(row.sheet, row.line, "people", "bad-number", people))
    elif count == 0:
        problems.append(_fault(row.sheet, row.line, "people", "empty-category", people))
    return _Line(row, margin, category, count)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None


def _check_lines(lines: list[_Line], problems: list[Problem]) -> None:
    """What is wrong between lines: twice, unknown or nested areas, a margin that is not there, totals that differ."""
    _without_doubles(lines, problems)
    _areas(lines, problems)
    absent = [name for name in NAMES if all(line.margin != name for line in lines)]
    problems += [_fault("", 0, name, "missing-margin") for name in absent]
    if not problems:
        _totals(lines, problems)


def _without_doubles(lines: list[_Line], problems: list[Problem]) -> None:
    seen: set[tuple[str, str]] = set()
    for line in lines:
        if (line.margin, line.category) in seen:
            problems.append(_fault(line.row.sheet, line.row.line, "category", "category-twice", line.category))
        seen.add((line.margin, line.category))


def _areas(lines: list[_Line], problems: list[Problem]) -> None:
    areas = [line for line in lines if line.margin == "area"]
    known = set(Area.objects.filter(code__in={line.category for line in areas}).values_list("code", flat=True))
    codes = {line.category for line in areas}
    for line in areas:
        code = line.category
        if code not in known:
            problems.append(_fault(line.row.sheet, line.row.line, "category", "unknown-area", code))
        elif any(code[:length] in codes for length in range(1, len(code))):
            problems.append(_fault(line.row.sheet, line.row.line, "category", "area-in-area", code))


def _totals(lines: list[_Line], problems: list[Problem]) -> None:
    totals = {name: sum(line.people or 0 for line in lines if line.margin == name) for name in NAMES}
    if max(totals.values()) - min(totals.values()) > AGREE * max(totals.values()):
        said = ", ".join(f"{name} {total:,.0f}" for name, total in totals.items())
        last = max((line.row for line in lines if line.margin == NAMES[-1]), key=lambda row: row.line)
        words = _("The populations do not agree: %(totals)s.") % {"totals": said}
        problems.append(Problem(last.sheet, last.line, "people", "totals-disagree", words))


@transaction.atomic
def set_margins(wave: Wave, margins: Margins, *, by: Any) -> Wave:
    """Put other people in place of those a wave was planned with, before its frame is drawn.

    Raises: NotAllowed, WaveMovedOn, Invalid.
    """
    policy.require(by, "prepare", "wave")
    wave = lock_wave(wave, WaveState.DRAFT)
    if Frame.objects.filter(wave=wave).exists():
        raise WaveMovedOn(_("The frame is drawn from these people already."))
    check_margins(margins)
    wave.margins = margins
    wave.save(update_fields=["margins"])
    audit.record("wave.margins_set", wave, by=by, people=round(sum(margins["area"].values())))
    return wave
