"""Both servers over one data folder, guarded by one lock."""

import contextlib
import fcntl
import hashlib
import os
import re
import subprocess
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Self

from .ballast import Ballast
from .postgres import PORTAL, Postgres
from .processes import Backoff, LauncherError, wait_until
from .valkey import Valkey

ENDING = "ending"
SECONDS_TO_END = 60  # which a launcher that says it ends is given by the next one
SECONDS_TO_SAY_SO = 3
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
    ballast: Ballast = field(init=False)
    _lock: IO[str] | None = None
    _backoff: dict[type, Backoff] = field(default_factory=lambda: defaultdict(Backoff))

    def __post_init__(self) -> None:
        """Lay out the folders' names; nothing is created before `start`."""
        self.data_dir = Path(self.data_dir).absolute()
        self.ballast = Ballast(self.data_dir / "ballast")

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
        """Start again what has ended by itself, later each time, for as long as it takes; return what happened."""
        lines = [self.ballast.keep() if self.want_postgres else ""]
        return [line for line in lines + [self._revive(server) for server in self._wanted()] if line]

    def _revive(self, server: Postgres | Valkey) -> str:
        name, backoff = type(server).__name__, self._backoff[type(server)]
        if not server.ended() or (backoff.waiting and not backoff.over):
            return ""
        backoff.tried()
        try:
            server.start()
        except (LauncherError, OSError, subprocess.SubprocessError) as error:
            return f"{name} does not start; trying again in {backoff.failed():.0f} s: {error}"
        return f"{name} had ended and was started again"

    def start(self) -> Self:
        """Take the lock and start both servers."""
        self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = wait_for_lock(self.data_dir)
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
        self.announce_end()
        self.valkey.stop()
        self.postgres.stop()
        with contextlib.suppress(OSError):  # not empty: somebody else's
            self.postgres.sockets.rmdir()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def announce_end(self) -> None:
        """Let a launcher that is started now wait for the lock, instead of going away."""
        if self._lock is not None:
            with contextlib.suppress(OSError):  # a full disk: it then waits a little only
                _write(self._lock, f"{os.getpid()} {ENDING}\n")

    def __enter__(self) -> Self:
        """Start on entering the block."""
        return self.start()

    def __exit__(self, *_: object) -> None:
        """Stop on leaving it."""
        self.stop()


def wait_for_lock(data_dir: Path) -> IO[str]:
    """Hold the folder for this launcher; the system gives the lock back even after kill -9.

    One that is just ending is waited for. Raises: LauncherError naming the process that holds it.
    """
    lock = (data_dir / "launcher.lock").open("a+")
    began = time.monotonic()

    def settled() -> bool:
        waited = time.monotonic() - began
        return _locked(lock) or waited > (SECONDS_TO_END if ENDING in _read(lock) else SECONDS_TO_SAY_SO)

    wait_until(settled, SECONDS_TO_END + 1, step=0.2)
    if not _locked(lock):
        holder = _read(lock).strip() or "?"
        lock.close()
        raise LauncherError(
            f"{data_dir} is in use by another launcher (process {holder}). "
            "Stop that one first, or give this one a DATA_DIR of its own."
        )
    with contextlib.suppress(OSError):  # a full disk must not keep us from starting
        _write(lock, f"{os.getpid()}\n")
    return lock


def _locked(lock: IO[str]) -> bool:
    """Take the lock if it is free; say whether it is ours."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _read(lock: IO[str]) -> str:
    lock.seek(0)
    return lock.read()


def _write(lock: IO[str], text: str) -> None:
    lock.seek(0)
    lock.truncate()
    lock.write(text)
    lock.flush()
