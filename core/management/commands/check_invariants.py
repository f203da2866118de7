import csv
import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core import audit, promises
from core.promises import Violation

HELD = "The ledger has every head that was kept outside."


class Command(BaseCommand):
    help = "Check every promise on live data; exit 1 on any violation, naming the rows."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument(
            "--heads",
            metavar="FILE",
            type=Path,
            help="heads of the audit ledger that were kept elsewhere: date,seq,hash",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        checked, broken = promises.checked(), list(promises.violations())
        if options["heads"]:
            checked.append(("P12", HELD))
            broken += [
                Violation("P12", HELD, f"{head.date} {head.seq}") for head in audit.missing(kept(options["heads"]))
            ]
        if options["json"]:
            said = [{"promise": number, "check": words} for number, words in checked]
            report = {"checked": said, "violations": [violation.as_dict() for violation in broken]}
            self.stdout.write(json.dumps(report, ensure_ascii=False, indent=2))
        else:
            for violation in broken:
                self.stdout.write(f"{violation.promise} {violation.check} BROKEN BY {violation.row}")
            self.stdout.write(f"{len(checked)} checks, {len(broken)} violations")
        if broken:
            sys.exit(1)


def kept(path: Path) -> Iterator[audit.Head]:
    """The heads in a file as published. Raises: CommandError when it is none."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                yield audit.Head(date.fromisoformat(row["date"]), int(row["seq"]), row["hash"])
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise CommandError(f"{path} is no list of heads (date,seq,hash): {error}") from error
