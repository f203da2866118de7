"""Both servers over one data folder, guarded by one lock."""

import contextlib
import fcntl
import hashlib
import os
import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Self

from .postgres import PORTAL, Postgres
from .processes import LauncherError
from .valkey import Valkey

LONGEST_FOLDER = 80  # the system allows about 104 bytes for a socket's whole path


def socket_folder(data_dir: Path) -> Path:
    """Return a private folder for the sockets: in the data folder, or a temporary one for long paths."""
    folder = data_dir / "run"
    if len(os.fsencode(folder)) > LONGEST_FOLDER or not re.fullmatch(r"[\w./-]+", str(folder), re.ASCII):
        digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
        folder = Path(min(tempfile.gettempdir(), "/tmp", key=len)) / f"plaza-{os.geteuid()}-{digest}"  # noqa: S108
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.geteuid() != 0 and folder.stat().st_uid != os.geteuid():
        raise LauncherError(f"{folder} belongs to another user; please remove it")
    folder.chmod(0o700)
    return folder


@dataclass
class Pair:
    """PostgreSQL and Valkey on one data folder, for a `with` block; a port of 0 means unix sockets only.

    Raises: LauncherError on entering when another launcher holds the folder or a server does not come up.
    """

    data_dir: Path
    durable: bool = True
    database: str = "plaza"
    postgres_port: int = 0
    valkey_port: int = 0
    want_postgres: bool = True
    want_valkey: bool = True
    postgres: Postgres = field(init=False)
    valkey: Valkey = field(init=False)
    _lock: IO[str] | None = None

    def __post_init__(self) -> None:
        """Lay out the folders' names; nothing is created before `start`."""
        self.data_dir = Path(self.data_dir).absolute()

    def addresses(self) -> dict[str, str]:
        """Return the environment that leads Django to those servers that this pair runs."""
        found = {}
        if self.want_postgres:
            found["DATABASE_URL"] = self.postgres.url(self.database, PORTAL)
            found["DATABASE_OWNER_URL"] = self.postgres.url(self.database)
        if self.want_valkey:
            found["REDIS_URL"] = self.valkey.url
        return found

    def revive(self) -> list[str]:
        """Start again what has ended by itself; return its names."""
        ended = [server for server in self._wanted() if server.ended()]
        for server in ended:
            server.start()
        return [type(server).__name__ for server in ended]

    def start(self) -> Self:
        """Take the lock and start both servers."""
        self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = take_lock(self.data_dir)
        sockets, logs = socket_folder(self.data_dir), self.data_dir / "log"
        data = self.data_dir / "postgres"
        archive = os.environ.get("WAL_ARCHIVE")
        self.postgres = Postgres(
            data,
            sockets,
            logs / "postgres.log",
            self.durable,
            self.postgres_port,
            Path(archive).absolute() if archive and self.durable else None,
        )
        self.valkey = Valkey(self.data_dir / "valkey", sockets, logs / "valkey.log", self.valkey_port)
        try:
            self._start_servers()
        except BaseException:
            self.stop()
            raise
        return self

    def _wanted(self) -> list[Postgres | Valkey]:
        return [
            *([self.valkey] if self.want_valkey else []),
            *([self.postgres] if self.want_postgres else []),
        ]

    def _start_servers(self) -> None:
        for server in self._wanted():
            server.start()
        if self.want_postgres:
            self.postgres.create_database(self.database)

    def stop(self) -> None:
        """Stop both servers and give the lock back."""
        self.valkey.stop()
        self.postgres.stop()
        with contextlib.suppress(OSError):  # not empty: somebody else's
            self.postgres.sockets.rmdir()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def __enter__(self) -> Self:
        """Start on entering the block."""
        return self.start()

    def __exit__(self, *_: object) -> None:
        """Stop on leaving it."""
        self.stop()


def take_lock(data_dir: Path) -> IO[str]:
    """Hold the folder for this launcher; the system gives the lock back even after kill -9.

    Raises: LauncherError naming the process that holds it.
    """
    lock = (data_dir / "launcher.lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.seek(0)
        holder = lock.read().strip() or "?"
        lock.close()
        raise LauncherError(
            f"{data_dir} is in use by another launcher (process {holder}). "
            "Stop that one first, or give this one a DATA_DIR of its own."
        ) from None
    lock.seek(0)
    lock.truncate()
    lock.write(f"{os.getpid()}\n")
    lock.flush()
    return lock
