"""Start, watch and stop processes that must never outlive the launcher."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

CHILD = Path(__file__).with_name("child.py")


STEADY = 30.0  # seconds after which a start counts as a success
LONGEST_PAUSE = 10.0  # seconds between two starts


class LauncherError(Exception):
    """Something a person has to put right; the message says what."""


@dataclass
class Backoff:
    """When to start something again that has ended: at once, then later each time, never not at all."""

    failures: int = 0
    started: float = 0.0
    retry_at: float = 0.0

    @property
    def waiting(self) -> bool:
        """Whether its end was noted and the next start is due or still to come."""
        return self.retry_at > 0

    @property
    def over(self) -> bool:
        """Whether it has waited long enough."""
        return time.monotonic() >= self.retry_at

    def tried(self) -> None:
        """It is being started."""
        self.started, self.retry_at = time.monotonic(), 0.0

    def failed(self) -> float:
        """It has ended; return the pause in seconds until the next start."""
        now = time.monotonic()
        self.failures = 1 if now - self.started > STEADY else self.failures + 1
        pause = min(2.0 ** (self.failures - 1), LONGEST_PAUSE)
        self.retry_at = now + pause
        return pause


def bound_command(command: Sequence[str], *, death_signal: str, namespace: bool = False) -> list[str]:
    """Return the command wrapped so that it receives `death_signal` when this process ends."""
    wrapper = [sys.executable, "-I", "-S", str(CHILD), "--parent", str(os.getpid()), "--signal", death_signal]
    if namespace:
        wrapper.append("--namespace")
    return [*wrapper, "--", *command]


def start_logged(command: Sequence[str], log: Path, env: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
    """Start a command in a process group of its own with both outputs appended to a file."""
    with open_log(log) as out:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=env, process_group=0)


def open_log(path: Path, keep_bytes: int = 10_000_000) -> IO[bytes]:
    """Open a log for appending, starting it afresh once it has grown past `keep_bytes`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > keep_bytes:
        path.replace(path.with_suffix(".log.1"))
    return path.open("ab")


def wait_until(check: Callable[[], bool], seconds: float, step: float = 0.05) -> bool:
    """Poll until `check` holds; return False when it did not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not check():
        if time.monotonic() > deadline:
            return False
        time.sleep(step)
    return True


def stop(process: subprocess.Popen[bytes], signum: int, seconds: float) -> None:
    """Send a signal, wait, and kill what has not ended after `seconds`."""
    if process.poll() is not None:
        return
    process.send_signal(signum)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def command_of(pid: int) -> str:
    """Return the command line of a live process, or an empty string."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        if sys.platform.startswith("linux"):
            return ""
    found = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True)
    return found.stdout.strip()


def clear_orphan(pid: int, marks: Iterable[str], signum: int, seconds: float = 15) -> None:
    """Stop a process that a killed launcher left behind; marks in its command line prove it is ours."""

    def alive() -> bool:
        command = command_of(pid)
        return bool(command) and all(mark in command for mark in marks)

    for sign in (signum, signal.SIGKILL):
        if not alive():
            return
        os.kill(pid, sign)
        if wait_until(lambda: not alive(), seconds):
            return
    raise LauncherError(f"process {pid} of an earlier start does not end; please end it by hand")


def tail(path: Path, lines: int = 12) -> str:
    """Return the last lines of a log file, for an error message."""
    if not path.exists():
        return "(no log)"
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
