"""Every line of a pollster's file against what the wave asks: all faults are found, none stops the search."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from math import isfinite
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from core import seals
from core.errors import Text
from core.workdays import SHANGHAI
from directory.models import Area
from evaluations.errors import Problem
from evaluations.importing.reading import Row
from evaluations.models import Item, Response, Wave
from evaluations.services.weighting import margin_key
from evaluations.states import Said

NEEDED = ("reference", "area", "age_sex", "mode", "started_at", "ended_at")
OPTIONAL = ("interviewer", "phone", "weight", "subject")
MODES = {"phone": "phone", "visit": "visit", "online": "online", "电话": "phone", "入户": "visit", "网络": "online"}
ANSWERS = {str(level): (Said.LEVEL.value, level) for level in range(1, 6)} | {
    word: (said.value, None)
    for said, words in (
        (Said.DONT_KNOW, ("dk", "dont_know", "98", "不知道", "说不清")),
        (Said.REFUSED, ("ref", "refused", "99", "拒答", "不愿说")),
    )
    for word in words
}
EXCEL_DAY_ZERO = datetime(1899, 12, 30)
MOST_PROBLEMS = 2_000
LARGEST_WEIGHT = 1_000_000
_PLAIN = re.compile(r"^[\w.\-]{1,40}$")
_PHONE = re.compile(r"^(?:\+?86)?1\d{10}$")
_WRITTEN = re.compile(
    r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?\s*(上午|下午)?\s*(\d{1,2})[:：时](\d{1,2})(?:[:：分](\d{1,2}))?[分秒]?$"
)
_NUMBER_OF_A_PERSON = re.compile(r"\d{7}")
_SERIAL = re.compile(r"^\d{5}(\.\d+)?$")

MESSAGES: dict[str, Text] = {
    "missing-column": _("This column is missing."),
    "unknown-column": _("Neither a column nor a question of this questionnaire."),
    "empty": _("This must not be empty."),
    "unknown-subject": _("The wave asks about nobody with this code."),
    "unknown-area": _("There is no such area in this wave."),
    "unknown-age-sex": _("There is no such group of age and sex in this wave."),
    "unknown-level": _("An answer is 1 to 5, «dk» or «ref»."),
    "unknown-mode": _("The mode is phone, visit or online."),
    "not-asked-of-this": _("This question is not asked about this subject."),
    "bad-time": _("This is no date and time."),
    "end-before-start": _("The interview ends before it starts."),
    "outside-the-wave": _("The interview lies outside the days of the wave."),
    "bad-weight": _("A weight is a number above 0."),
    "bad-phone": _("This is no mobile number."),
    "bad-code": _("Only letters, digits, dots and hyphens, at most 40."),
    "reference-taken": _("An interview with this reference was handed in already."),
    "other-content": _("The same reference stands further up with other content."),
    "answered-twice": _("This question is answered twice in one interview."),
    "no-answer": _("This line answers nothing."),
    "too-many-problems": _("There are more faults; the search ended here."),
}
MOMENTS = frozenset({"started_at", "ended_at"})
PERSONAL = frozenset({"phone", "interviewer", "reference"})


def masked(column: str, value: str) -> str:
    """What of a wrong cell may be said: nothing that could be a number of a person."""
    if column in MOMENTS and not _NUMBER_OF_A_PERSON.search(value):
        return value[:30]
    if column in PERSONAL or sum(c.isdigit() for c in value) >= 7:
        return value[:1] + "*" * min(len(value) - 1, 8) if value else ""
    return value[:20]


Given = tuple[str, tuple[int, int | None], tuple[str, int | None]]  # column, (item, subject), (said, level)


@dataclass(slots=True)
class Interview:
    """One interview as it goes into the database; ``facts`` are its columns, the same on each of its lines."""

    facts: tuple[str | float | None, ...]
    first: tuple[str, int]
    answers: dict[tuple[int, int | None], tuple[str, int | None]] = field(default_factory=dict)


class Checker:
    """Reads lines into interviews; ``problems`` grows."""

    def __init__(self, wave: Wave, problems: list[Problem]) -> None:
        self.wave, self.problems = wave, problems
        self.items: dict[str, Item] = {item.code.lower(): item for item in wave.questionnaire.items.all()}
        self.subjects = {code.lower(): (pk, kind) for pk, code, kind in wave.subjects.values_list("pk", "code", "kind")}
        self.badges = _short_badges(self.subjects)
        self.areas = set(Area.objects.values_list("code", flat=True))
        self.area_keys = frozenset(wave.margins.get("area", {}))
        self.groups = frozenset(wave.margins.get("age_sex", {}))
        self.taken = frozenset(Response.objects.filter(wave=wave).values_list("reference", flat=True))
        self.interviews: dict[str, Interview] = {}
        self.columns_of: dict[str, bool] = {}
        self.known_areas: dict[str, bool] = {}
        self.moment = lru_cache(maxsize=50_000)(_moment)

    def blame(self, row: Row, column: str, code: str, value: str = "") -> None:
        self.problems.append(Problem(row.sheet, row.line, column, code, str(MESSAGES[code]), masked(column, value)))

    @property
    def full(self) -> bool:
        return len(self.problems) >= MOST_PROBLEMS

    def heading(self, row: Row) -> bool:
        """Whether the columns of this sheet can be read at all; asked once a sheet."""
        if row.sheet not in self.columns_of:
            before = len(self.problems)
            for name in NEEDED:
                if name not in row.cells:
                    self.blame(Row(row.sheet, 1, {}), name, "missing-column")
            for name in row.cells:
                if name not in NEEDED and name not in OPTIONAL and name not in self.items:
                    self.blame(Row(row.sheet, 1, {}), name, "unknown-column", name)
            self.columns_of[row.sheet] = len(self.problems) == before
        return self.columns_of[row.sheet]

    def take(self, row: Row) -> None:
        """One line."""
        if not self.heading(row):
            return
        before = len(self.problems)
        facts = self._facts(row)
        subject = self._subject(row)
        answers = self._answers(row, subject)
        if not answers and len(self.problems) == before:
            self.blame(row, "", "no-answer")
        reference = row.cells["reference"]
        if reference in self.taken:
            self.blame(row, "reference", "reference-taken", reference)
        known = self.interviews.get(reference)
        if known is None:
            known = self.interviews[reference] = Interview(facts, (row.sheet, row.line))
        elif known.facts != facts:
            self.blame(row, "reference", "other-content", reference)
        for column, key, said in answers:
            if key in known.answers:
                self.blame(row, column, "answered-twice")
            known.answers[key] = said

    def _facts(self, row: Row) -> tuple[str | float | None, ...]:
        cells = row.cells
        for name in NEEDED:
            if not cells[name]:
                self.blame(row, name, "empty")
        return (
            self._code(row, "reference"),
            self._area(row),
            self._group(row),
            self._code(row, "interviewer"),
            self._mode(row),
            *self._times(row),
            self._phone(row),
            self._weight(row),
        )

    def _code(self, row: Row, column: str) -> str:
        value = row.cells.get(column, "")
        if value and not _PLAIN.match(value):
            self.blame(row, column, "bad-code", value)
        return value

    def _area(self, row: Row) -> str:
        value = row.cells["area"]
        known = self.known_areas.get(value)
        if known is None:
            known = value in self.areas and margin_key(value, self.area_keys) in self.area_keys
            self.known_areas[value] = known
        if value and not known:
            self.blame(row, "area", "unknown-area", value)
        return value

    def _group(self, row: Row) -> str:
        value = row.cells["age_sex"]
        if value and value not in self.groups:
            self.blame(row, "age_sex", "unknown-age-sex", value)
        return value

    def _mode(self, row: Row) -> str:
        value = row.cells["mode"].lower()
        if value and value not in MODES:
            self.blame(row, "mode", "unknown-mode", value)
        return MODES.get(value, "")

    def _times(self, row: Row) -> tuple[str | None, str | None]:
        moments: list[Moment | None] = []
        for name in ("started_at", "ended_at"):
            value = row.cells[name]
            moment = self.moment(value) if value else None
            if value and moment is None:
                self.blame(row, name, "bad-time", value)
            moments.append(moment)
        start, end = moments
        first, last = self.wave.starts, self.wave.ends
        if start and end and end.at < start.at:
            self.blame(row, "ended_at", "end-before-start", row.cells["ended_at"])
        elif start and not first <= start.day <= last:
            self.blame(row, "started_at", "outside-the-wave", row.cells["started_at"])
        elif end and not first <= end.day <= last:
            self.blame(row, "ended_at", "outside-the-wave", row.cells["ended_at"])
        return start.written if start else None, end.written if end else None

    def _phone(self, row: Row) -> str:
        value = row.cells.get("phone", "").replace(" ", "").replace("-", "")
        if not value:
            return ""
        if not _PHONE.match(value):
            self.blame(row, "phone", "bad-phone", value)
            return ""
        return seals.fingerprint(value[-11:], purpose="poll telephone")

    def _weight(self, row: Row) -> float:
        value = row.cells.get("weight", "")
        if value in ("", "1"):
            return 1.0
        try:
            weight = float(value)
        except ValueError:
            weight = float("nan")
        if not isfinite(weight) or not 0 < weight < LARGEST_WEIGHT:
            self.blame(row, "weight", "bad-weight", value)
            return 1.0
        return weight

    def _subject(self, row: Row) -> tuple[int, str] | None:
        value = row.cells.get("subject", "").lower()
        if not value:
            return None
        found = self.subjects.get(value) or self.badges.get(value.lstrip("0"))
        if found is None:
            self.blame(row, "subject", "unknown-subject", value)
        return found

    def _answers(self, row: Row, subject: tuple[int, str] | None) -> list[Given]:
        answers: list[Given] = []
        for column, item in self.items.items():
            value = row.cells.get(column)
            if not value:
                continue
            said = ANSWERS.get(value) or ANSWERS.get(value.lower())
            if said is None:
                self.blame(row, column, "unknown-level", value)
            elif item.about and (subject is None or subject[1] != item.about):
                if subject is not None or not row.cells.get("subject"):
                    self.blame(row, column, "not-asked-of-this", value)
            else:
                answers.append((column, (item.pk, subject[0] if item.about and subject else None), said))
        return answers


def _short_badges(subjects: dict[str, tuple[int, str]]) -> dict[str, tuple[int, str]]:
    """Badges as Excel leaves them, without the noughts in front, where that is still only one person."""
    short: dict[str, list[tuple[int, str]]] = {}
    for code, subject in subjects.items():
        if code.isdigit():
            short.setdefault(code.lstrip("0"), []).append(subject)
    return {code: found[0] for code, found in short.items() if len(found) == 1}


class Moment(NamedTuple):
    """A moment, its day in Shanghai, and how it is written for the database."""

    at: datetime
    day: date
    written: str


def _moment(value: str) -> Moment | None:
    at = _read_moment(value)
    return Moment(at, at.astimezone(SHANGHAI).date(), at.isoformat()) if at else None


def _read_moment(value: str) -> datetime | None:
    """ISO, 2026/5/3 14:05, 2026年5月3日 14:05, or a day number of Excel; without a zone it is the time of Shanghai."""
    if _SERIAL.match(value):
        whole = EXCEL_DAY_ZERO + timedelta(days=float(value))
        return (whole + timedelta(microseconds=500_000)).replace(microsecond=0, tzinfo=SHANGHAI)
    try:
        moment: datetime | None = datetime.fromisoformat(value)
    except ValueError:
        moment = _as_written(value)
    if moment is None or len(value) <= 10 or not 2000 <= moment.year <= 2100:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)


def _as_written(value: str) -> datetime | None:
    """A date with blanks, dots, slashes or in words, as tables write it: 2026年11月20日 下午 3:05."""
    found = _WRITTEN.match(value)
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(found[n] or 0) for n in (1, 2, 3, 5, 6, 7))
    try:
        return datetime(year, month, day, hour + 12 * (found[4] == "下午" and hour < 12), minute, second)
    except ValueError:
        return None


def check(rows: Iterable[Row], wave: Wave, problems: list[Problem]) -> dict[str, Interview]:
    """All interviews of the lines; ``problems`` holds what is wrong, up to a limit."""
    checker = Checker(wave, problems)
    for row in rows:
        checker.take(row)
        if checker.full:
            checker.blame(row, "", "too-many-problems")
            break
    return checker.interviews
