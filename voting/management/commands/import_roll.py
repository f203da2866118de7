import io
import sys
from argparse import ArgumentParser, FileType
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError
from django.db.models.functions import Now

from annual_projects.models import Edition
from annual_projects.states import Voters
from core.errors import DomainError
from voting import services
from voting.services import Report


class Command(BaseCommand):
    help = "Take a roll file into the list of eligible voters: all of it or nothing, never twice."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=FileType("rb"), help="one column, headed fingerprint or id_number")
        parser.add_argument("--year", type=int, help="the edition; without it the next one that goes by a roll")
        parser.add_argument("--dry-run", action="store_true", help="read and check everything, take nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        edition = _edition(options["year"])
        try:
            report = services.import_roll(edition, _Progress(options["file"], self), dry_run=options["dry_run"])
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        self._tell(edition, report)

    def _tell(self, edition: Edition, report: Report) -> None:
        for fault in report.faults:
            self.stdout.write(f"line {fault.line}  {fault.column}  {fault.code}  {fault.value}  {fault.words}")
        if report.more_faults:
            self.stdout.write(f"… and {report.more_faults} more")
        if report.faults:
            raise CommandError(f"{len(report.faults) + report.more_faults} bad lines; nothing was taken.")
        taken = (
            f"{report.added} are new on the roll of {edition.year}" if report.taken else "a dry run: nothing was taken"
        )
        self.stdout.write(f"{report.lines} lines; {taken}; sha256 {report.sha256}")


def _edition(year: int | None) -> Edition:
    editions = Edition.objects.filter(year=year) if year else _coming()
    found = editions.first()
    if found is None:
        raise CommandError("There is no such edition." if year else "No edition to come goes by a roll; name --year.")
    return found


def _coming() -> Any:
    return Edition.objects.filter(who_may_vote=Voters.ROLL, voting_closes__gt=Now()).order_by("year")


class _Progress(io.BufferedReader):
    """The file, telling a person at the terminal how far it has been read."""

    STEP = 4 * 1024 * 1024

    def __init__(self, file: BinaryIO, command: Command) -> None:
        super().__init__(file.raw if isinstance(file, io.BufferedReader) else file)  # type: ignore[arg-type]
        self._command, self._next = command, self.STEP
        self._size = file.seek(0, io.SEEK_END)
        file.seek(0)

    def __next__(self) -> bytes:
        line = super().__next__()
        if self.tell() >= self._next and sys.stderr.isatty():
            self._command.stderr.write(f"\r{100 * self.tell() // max(self._size, 1)} %", ending="")
            self._next += self.STEP
        return line
