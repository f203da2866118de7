import sys
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from backup import BackupError, Database, Manifest, bring_back, bring_back_to
from core import database_roles, promises


class Command(BaseCommand):
    help = "Restore a backup, as the owner, into the empty database of the settings, and check every promise on it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", metavar="DIR", type=Path)
        parser.add_argument("--to", metavar="TIME", help="a moment after the backup, e.g. 2026-11-24T09:30:00+08:00")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            manifest = self._restore(options["folder"], options["to"])
        except BackupError as error:
            self.stderr.write(f"error: {error}")
            sys.exit(1)
        database_roles.apply(settings.PORTAL_ROLE, settings.PORTAL_DATABASE["PASSWORD"])
        self.stdout.write(f"Restored the backup of {manifest.made_at}" + (f" to {options['to']}" * bool(options["to"])))
        self._check()

    @staticmethod
    def _restore(folder: Path, to: str | None) -> Manifest:
        database, media = Database.of_settings(), settings.MEDIA_ROOT
        if to is None:
            return bring_back(folder, database, media)
        archive = Path(settings.WAL_ARCHIVE) if settings.WAL_ARCHIVE else None
        return bring_back_to(_moment(to), folder, database, media, archive=archive)

    def _check(self) -> None:
        """Every promise on what came back; what is wrong was wrong in the backup, and is said."""
        broken = list(promises.violations())
        for violation in broken:
            self.stdout.write(f"{violation.promise} {violation.check} BROKEN BY {violation.row}")
        self.stdout.write(f"{len(promises.checked())} checks, {len(broken)} violations")
        if broken:
            sys.exit(1)


def _moment(typed: str) -> datetime:
    """Raises: BackupError when it is no moment."""
    try:
        moment = parse_datetime(typed)
    except ValueError:
        moment = None
    if moment is None:
        raise BackupError(f"{typed} is no moment. Write it like 2026-11-24T09:30:00+08:00.")
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
