from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.errors import Invalid
from core.reference import BadFiles
from portal import reference


class Command(BaseCommand):
    help = "Load areas, units, plaza places and days, categories and default routing rules from CSV, all or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--data", metavar="DIR", type=Path, help="a bureau's own files; without it the ones shipped"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            changed = reference.load(options["data"])
        except BadFiles as error:
            for fault in error.faults:
                self.stderr.write(str(fault))
            raise CommandError(f"{len(error.faults)} faults; nothing was changed") from error
        except Invalid as error:
            raise CommandError(str(error.message)) from error
        parts = ", ".join(f"{name} {count}" for name, count in changed.items())
        self.stdout.write(f"{sum(changed.values())} changed ({parts})")
