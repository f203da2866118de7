"""Bring back a moment between two backups: the cluster of a backup, rolled forward through the archived WAL.

The cluster comes up beside the running one, in a folder of its own, stops at the moment, and is read out into the empty
database like any other backup.
"""

import shlex
import tarfile
import tempfile
import time
from datetime import datetime
from pathlib import Path

import psycopg2

from backup import tools
from backup.bring_back import bring_media, load, refuse_to_overwrite
from backup.make import BASE, DUMP
from backup.manifest import BackupError, Manifest
from backup.tools import Database
from embedded.pair import socket_folder
from embedded.postgres import SOCKET_PORT, Postgres
from embedded.processes import LauncherError, tail

LONGEST_RECOVERY = 3600  # seconds
TRUST_THE_SOCKET = "local all all trust\n"  # its folder is ours alone


def bring_back_to(moment: datetime, folder: Path, database: Database, media: Path, *, archive: Path | None) -> Manifest:
    """Restore what was committed at ``moment``; files are those of the backup.

    Raises: BackupError when no WAL archive is set up, the backup has no cluster in it or is younger than the moment,
    or the archive does not reach it.
    """
    if archive is None:
        raise BackupError(
            "--to needs a WAL archive, and none is set up here: WAL_ARCHIVE is empty. Without --to the backup itself "
            "can be restored. docs/backup.md says how to set an archive up."
        )
    manifest = Manifest.read(folder)
    if BASE not in manifest.files:
        raise BackupError("This backup was made without a WAL archive: it cannot be rolled forward to a moment.")
    if moment < datetime.fromisoformat(manifest.made_at):
        raise BackupError(f"This backup is of {manifest.made_at}, after that moment. Take an older one.")
    manifest.check(folder)
    refuse_to_overwrite(folder, database, media)
    with tempfile.TemporaryDirectory(prefix="plaza-recovery-") as place:
        dump = Path(place) / DUMP
        _read_out(_cluster(Path(place), folder, archive, moment), manifest, dump)
        load(dump, database)
    bring_media(folder, media)
    return manifest


def _cluster(place: Path, folder: Path, archive: Path, moment: datetime) -> Postgres:
    """The backup's cluster, told how far to go."""
    data = place / "postgres"
    data.mkdir(mode=0o700)
    with tarfile.open(folder / BASE) as tar:
        tar.extractall(data, filter="data")
    (data / "pg_hba.conf").write_text(TRUST_THE_SOCKET)
    with (data / "postgresql.auto.conf").open("a") as conf:
        copy = f"cp {shlex.quote(str(archive))}/%f %p"
        conf.writelines(
            f"{name} = '{value.replace(chr(39), chr(39) * 2)}'\n"
            for name, value in {
                "restore_command": copy,
                "recovery_target_time": moment.isoformat(sep=" "),
                "recovery_target_action": "promote",
                "archive_mode": "off",
            }.items()
        )
    (data / "recovery.signal").touch()
    return Postgres(data, socket_folder(place), place / "recovery.log")


def _read_out(server: Postgres, manifest: Manifest, dump: Path) -> None:
    try:
        server.start()
    except LauncherError as error:
        raise BackupError(f"The archive does not lead to that moment. {error}") from None
    try:
        there = Database(manifest.database, str(server.sockets), str(SOCKET_PORT), manifest.user)
        _wait_for_the_moment(server, there)
        pg_dump = tools.program("pg_dump", at_least=there.major)
        tools.run(there, [str(pg_dump), "--format=custom", "--no-owner", "--no-acl", f"--file={dump}"])
    finally:
        server.stop()


def _wait_for_the_moment(server: Postgres, there: Database) -> None:
    """Raises: BackupError with the end of the log when the server gives up, which it does where the archive ends."""
    until = time.monotonic() + LONGEST_RECOVERY
    try:
        while there.ask("SELECT pg_is_in_recovery()"):
            if time.monotonic() > until:
                raise BackupError("it takes too long")
            time.sleep(0.2)
    except (BackupError, psycopg2.Error) as error:
        raise BackupError(f"The archive does not lead to that moment ({error}):\n{tail(server.log)}") from None
