import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from backup import BackupError, Database, make


class Command(BaseCommand):
    help = "Back up database and media into DIR, a folder that is new or empty. The field keys are not in it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", metavar="DIR", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        archive = settings.WAL_ARCHIVE
        try:
            manifest = make(Database.of_settings(), settings.MEDIA_ROOT, options["folder"], with_base=bool(archive))
        except BackupError as error:
            self.stderr.write(f"error: {error}")
            sys.exit(1)
        rows = sum(manifest.rows.values())
        self.stdout.write(f"{len(manifest.files)} files, {len(manifest.rows)} tables, {rows} rows: {options['folder']}")
        self.stdout.write(
            f"Keep {settings.FIELD_KEYS.name} apart from it: without it sealed names stay sealed for good."
        )
        if not archive:
            self.stdout.write("No WAL archive is set up (WAL_ARCHIVE): what comes after this backup is not in it.")
