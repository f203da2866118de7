"""What both import commands share: their arguments, a line of progress, and how faults are listed."""

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.errors import DomainError
from evaluations.errors import ImportRefused, Problem
from evaluations.models import Wave


class ImportCommand(BaseCommand):
    """A command that takes one signed file into one wave."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="CSV or XLSX")
        parser.add_argument("--wave", required=True, help="code of the wave")
        parser.add_argument("--signature", required=True, help="Ed25519 over the file's SHA-256, hexadecimal")
        parser.add_argument("--key", required=True, help="the public key, hexadecimal")
        parser.add_argument("--dry-run", action="store_true", help="check only, keep nothing")

    def take(self, wave: Wave, content: bytes, options: dict[str, Any]) -> str:
        raise NotImplementedError

    def handle(self, *args: Any, **options: Any) -> None:
        wave = Wave.objects.filter(code=options["wave"]).first()
        if wave is None:
            raise CommandError(f"no wave {options['wave']}")
        try:
            content = options["file"].read_bytes()
        except OSError as error:
            raise CommandError(f"cannot read {options['file']}: {error.strerror}") from None
        try:
            self.stdout.write(self.take(wave, content, options))
        except ImportRefused as error:
            list_problems(error.problems, self.stderr)
            raise CommandError(str(error.message)) from None
        except DomainError as error:
            raise CommandError(str(error.message)) from None


def list_problems(problems: Sequence[Problem], out: Any) -> None:
    """Every fault on a line of its own: sheet, line and column, code, words, the masked value."""
    for p in problems:
        where = ":".join(part for part in (p.sheet, str(p.line), p.column) if part)
        out.write(f"{where} {p.code} {p.message} {p.value}".rstrip())


def show(lines: int) -> None:
    """One line on a terminal that counts along."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{lines:>9,} lines")
        sys.stderr.flush()
