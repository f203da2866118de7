"""A roll file: read line by line, all of it or nothing, never twice (P7)."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from django.db import connection, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import identity
from annual_projects.models import Edition
from core import audit, clock, copying, policy
from core.errors import Invalid, WrongState
from voting.models import RollImport

FINGERPRINT = re.compile(r"[0-9a-f]{64}")
MOST_REPORTED = 1_000
TWICE = """
    SELECT line FROM (
        SELECT line, row_number() OVER (PARTITION BY fingerprint ORDER BY line) AS time FROM roll_staging
    ) seen WHERE time > 1 ORDER BY line LIMIT %s
"""
ADD = """
    INSERT INTO voting_eligiblevoter (edition_id, fingerprint)
    SELECT %s, fingerprint FROM roll_staging ORDER BY fingerprint ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class LineFault:
    """One bad line: where, which column, what is wrong with it, and what stood there with most of it hidden."""

    line: int
    column: str
    code: str
    value: str

    @property
    def words(self) -> str | Promise:
        return FAULTS[self.code]


FAULTS = {
    "header": _("The first line must say fingerprint or id_number."),
    "encoding": _("This is not UTF-8 text."),
    "fingerprint": _("A fingerprint has 64 digits and letters a to f."),
    "id_number": _("This ID number cannot be right."),
    "columns": _("There is more than one column."),
    "twice": _("This person already stands further up."),
    "empty": _("The file names nobody."),
}


@dataclass
class Report:
    """What came of a roll file; nothing was taken when there are faults."""

    sha256: str
    lines: int = 0
    added: int = 0
    faults: list[LineFault] = field(default_factory=list)
    more_faults: int = 0
    taken: bool = False

    def blame(self, line: int, column: str, code: str, value: str = "") -> None:
        if len(self.faults) < MOST_REPORTED:
            self.faults.append(LineFault(line, column, code, masked(value)))
        else:
            self.more_faults += 1


def masked(value: str) -> str:
    """The first two characters and how many there are."""
    return f"{value[:2]}… ({len(value)})" if value else ""


def import_roll(edition: Edition, file: BinaryIO, *, by: Any = None, dry_run: bool = False) -> Report:
    """Put everybody a file names on the list of eligible voters; a bad line anywhere, and nobody is.

    The file is UTF-8 text with one column under the header ``fingerprint`` (of an ID number, as ``accounts`` makes it)
    or ``id_number``. ``by`` is a user, or None from the command line.
    Raises: NotAllowed, WrongState after voting has closed, Invalid("file") when the very file was taken before.
    """
    if by is not None:
        policy.require(by, "import", "roll")
    if clock.now() >= edition.voting_closes:
        raise WrongState(_("Voting has ended; the roll stands."))
    report = Report(sha256=_digest(file))
    if RollImport.objects.filter(edition=edition, sha256=report.sha256).exists():
        raise Invalid("file", _("This very file has been taken before. Nothing was changed."))
    with transaction.atomic():
        _stage(file, report)
        if report.faults or dry_run:
            transaction.set_rollback(True)
            return report
        _take(edition, report, by)
    return report


def _digest(file: BinaryIO) -> str:
    digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    file.seek(0)
    return digest


def _stage(file: BinaryIO, report: Report) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT voting_stage_roll()")
        copying.copy_text("roll_staging", ("line", "fingerprint"), _read(file, report))
        if not report.lines and not report.faults:
            report.blame(1, "", "empty")
        cursor.execute(TWICE, [MOST_REPORTED])
        for (line,) in cursor.fetchall():
            report.blame(line, "fingerprint", "twice")
    report.faults.sort(key=lambda fault: fault.line)


def _take(edition: Edition, report: Report, by: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(ADD, [edition.pk])
        report.added = cursor.rowcount
    taken = RollImport.objects.create(
        edition=edition, sha256=report.sha256, lines=report.lines, added=report.added, imported_by=by
    )
    audit.record("voting.roll_imported", taken, by=by, lines=report.lines, added=report.added)
    report.taken = True


def _read(file: BinaryIO, report: Report) -> Iterator[str]:
    """Lines for COPY: the line's number, a tab, the fingerprint. Faults go into the report."""
    lines = _lines(file, report)
    column = next(lines, (1, ""))[1].strip().lower()
    reader = {"fingerprint": _fingerprint, "id_number": _id_number}.get(column)
    if reader is None:
        report.blame(1, "", "header", column)
        return
    for number, text in lines:
        value = text.strip()
        if not value:
            continue
        report.lines += 1
        found = reader(value)
        if found:
            yield f"{number}\t{found}"
        else:
            report.blame(number, column, "columns" if "," in value else column, value)


def _lines(file: BinaryIO, report: Report) -> Iterator[tuple[int, str]]:
    for number, raw in enumerate(file, start=1):
        try:
            yield number, raw.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError:
            report.blame(number, "", "encoding")


def _fingerprint(value: str) -> str:
    return value if FINGERPRINT.fullmatch(value) else ""


def _id_number(value: str) -> str:
    try:
        return identity.read(value).fingerprint
    except Invalid:
        return ""
