"""Make a backup: one snapshot of the database, and every file that a row of it can name."""

import os
import shutil
from pathlib import Path
from typing import Any

from django.utils import timezone

from backup import tools
from backup.manifest import BackupError, Manifest, digests
from backup.tools import Database

DUMP, MEDIA, CLUSTER = "database.dump", "media", "cluster"
BASE = f"{CLUSTER}/base.tar"
TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname"


def make(database: Database, media: Path, folder: Path, *, with_base: bool = False) -> Manifest:
    """Write a backup into a folder that is new or empty; ``with_base`` adds the cluster to roll forward from.

    The snapshot comes first: a file is on disk before the row that names it is committed, and none is ever changed, so
    the files copied afterwards hold every one that the snapshot names.
    Raises: BackupError; what is left behind then has no manifest and is no backup.
    """
    _prepare(folder)
    made_at = timezone.localtime().isoformat(timespec="seconds")
    rows = _dump(database, folder / DUMP)
    if media.exists():
        shutil.copytree(media, folder / MEDIA, dirs_exist_ok=True)
    if with_base:
        _base(database, folder)
    _for_us_alone(folder)
    server = str(database.ask("SHOW server_version"))
    manifest = Manifest(made_at, server, database.name, database.user, digests(folder), rows)
    manifest.write(folder)
    return manifest


def _prepare(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        raise BackupError(f"{folder} is not empty: give each backup a folder of its own.")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def _dump(database: Database, to: Path) -> dict[str, int]:
    """The dump, and the rows of every table counted in the same snapshot."""
    pg_dump = tools.program("pg_dump", at_least=database.major)
    with database.connection() as line, line.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        rows = _counts(cursor)
        options = ["--format=custom", "--no-owner", "--no-acl", f"--snapshot={snapshot}", f"--file={to}"]
        tools.run(database, [str(pg_dump), *options])
    return rows


def _counts(cursor: Any) -> dict[str, int]:
    cursor.execute(TABLES)
    names = [name for (name,) in cursor.fetchall()]
    counted = {}
    for name in names:
        cursor.execute(f'SELECT count(*) FROM "{name}"')  # noqa: S608  a name out of the catalogue
        counted[name] = cursor.fetchone()[0]
    return counted


def counts(database: Database) -> dict[str, int]:
    """The rows of every table now."""
    with database.connection() as line, line.cursor() as cursor:
        return _counts(cursor)


def _base(database: Database, folder: Path) -> None:
    """A copy of the whole cluster; the WAL that makes it whole is in the archive."""
    pg_basebackup = tools.program("pg_basebackup", at_least=database.major)
    options = ["--format=tar", "--wal-method=none", "--checkpoint=fast", f"--pgdata={folder / CLUSTER}"]
    tools.run(database, [str(pg_basebackup), *options])


def _for_us_alone(folder: Path) -> None:
    for path in folder.rglob("*"):
        os.chmod(path, 0o700 if path.is_dir() else 0o600)
