"""Bring a backup back, into a database with nothing in it."""

import shutil
from pathlib import Path

from backup import tools
from backup.make import DUMP, MEDIA, counts
from backup.manifest import BackupError, Manifest, digest_of
from backup.tools import Database


def bring_back(folder: Path, database: Database, media: Path) -> Manifest:
    """Restore database and files, all or nothing of the database, and compare every table with the manifest.

    Raises: BackupError before anything is written when the backup is incomplete or damaged, the database is not empty,
    or a file of ours stands where another one would go.
    """
    manifest = Manifest.read(folder)
    manifest.check(folder)
    refuse_to_overwrite(folder, database, media)
    load(folder / DUMP, database)
    bring_media(folder, media)
    _compare(manifest.rows, counts(database))
    return manifest


def refuse_to_overwrite(folder: Path, database: Database, media: Path) -> None:
    """Raises: BackupError when the database or a file is there already."""
    if not database.is_empty:
        raise BackupError(
            f"The database {database.name} is not empty. Restore into a new one; this one stays as it is."
        )
    for source, target in _files(folder, media):
        if target.exists() and digest_of(target) != digest_of(source):
            raise BackupError(f"{target} is there already and is another file. Empty the media folder first.")


def load(dump: Path, database: Database) -> None:
    """Everything that is in the dump, in one transaction; then the planner learns how much there is."""
    pg_restore = tools.program("pg_restore", at_least=database.major)
    options = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-acl", f"--dbname={database.name}"]
    tools.run(database, [str(pg_restore), *options, str(dump)])
    with database.connection() as line, line.cursor() as cursor:
        cursor.execute("ANALYZE")
        line.commit()


def bring_media(folder: Path, media: Path) -> None:
    """Every file that is not there yet."""
    for source, target in _files(folder, media):
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
            target.chmod(0o640)


def _files(folder: Path, media: Path) -> list[tuple[Path, Path]]:
    kept = folder / MEDIA
    return [(path, media / path.relative_to(kept)) for path in sorted(kept.rglob("*")) if path.is_file()]


def _compare(expected: dict[str, int], found: dict[str, int]) -> None:
    wrong = [f"{table}: {n} rows, not {expected.get(table)}" for table, n in found.items() if n != expected.get(table)]
    missing = [f"{table}: gone" for table in expected.keys() - found.keys()]
    if wrong or missing:
        raise BackupError(f"What came back is not what was backed up: {'; '.join([*wrong, *missing])}")
