import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from core import promises


class Command(BaseCommand):
    help = "Check every promise on live data; exit 1 on any violation, naming the rows."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        broken = list(promises.violations())
        if options["json"]:
            checked = [{"promise": number, "check": words} for number, words in promises.checked()]
            report = {"checked": checked, "violations": [violation.as_dict() for violation in broken]}
            self.stdout.write(json.dumps(report, ensure_ascii=False, indent=2))
        else:
            for violation in broken:
                self.stdout.write(f"{violation.promise} {violation.check} BROKEN BY {violation.row}")
            self.stdout.write(f"{len(promises.checked())} checks, {len(broken)} violations")
        if broken:
            sys.exit(1)
