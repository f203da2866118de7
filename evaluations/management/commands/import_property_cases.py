from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.errors import DomainError
from evaluations.errors import ImportRefused
from evaluations.management.handing_in import list_problems
from evaluations.services import import_property_cases


class Command(BaseCommand):
    help = "Take a file of property cases (number, year, unit, loss, recovered, suspect_found), whole or not at all."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--as-of", type=date.fromisoformat, required=True, help="the day the file is as of")
        parser.add_argument("--dry-run", action="store_true", help="check only, keep nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            content = options["file"].read_bytes()
        except OSError as error:
            raise CommandError(f"cannot read {options['file']}: {error.strerror}") from None
        try:
            done = import_property_cases(content, as_of=options["as_of"], by=None, dry_run=options["dry_run"])
        except ImportRefused as error:
            list_problems(error.problems, self.stderr)
            raise CommandError(str(error.message)) from None
        except DomainError as error:
            raise CommandError(str(error.message)) from None
        what = "was taken before" if done.again else "is in order" if options["dry_run"] else "taken"
        self.stdout.write(f"{done.cases:,} property cases: {what} ({done.sha256[:12]})")
