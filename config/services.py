"""Long-running parts of the portal as children: prefixed output, restart with back-off, one end for all."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from config.embedded.processes import LauncherError, bound_command, clear_orphan, wait_until

ROOT = Path(__file__).resolve().parent.parent
GRACE = 5.0  # seconds to end by itself before it is killed
STEADY = 30.0  # seconds after which a restart counts as a success
MOST_FAILURES = 5


@dataclass
class Service:
    """One part: how it is started, and how it has fared."""

    name: str
    command: Sequence[str]
    env: dict[str, str]
    process: subprocess.Popen[str] | None = None
    started: float = 0.0
    failures: int = 0
    retry_at: float = 0.0

    @property
    def running(self) -> bool:
        """Whether its process is alive."""
        return self.process is not None and self.process.poll() is None

    def signal_group(self, signum: int) -> None:
        """Send a signal to the process and everything it has started."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, signum)
            except ProcessLookupError:
                return


@dataclass
class Services:
    """The parts that run; use it in a `with` block and all have ended after it.

    `notes` is a folder with one file for each child, so that the next start can clear up after a kill
    -9 where the system does not do that by itself.
    """

    notes: Path
    say: Callable[[str], None]
    parts: dict[str, Service] = field(default_factory=dict)

    def __enter__(self) -> Self:
        """End what a killed launcher left running."""
        self.notes.mkdir(exist_ok=True)
        for note in self.notes.iterdir():
            pid, program = note.read_text().split("\n")
            clear_orphan(int(pid), [program], signal.SIGTERM, GRACE)
            note.unlink()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop all."""
        self.stop()

    def start(self, name: str, command: Sequence[str], env: dict[str, str]) -> None:
        """Start a part for the first time."""
        self.parts[name] = Service(name, command, env)
        self._launch(self.parts[name])

    def _launch(self, part: Service) -> None:
        # Celery on TERM first finishes what it does, with no database left to do it in.
        death_signal = "SIGTERM" if part.name == "web" else "SIGKILL"
        part.process = subprocess.Popen(
            bound_command(part.command, death_signal=death_signal),
            env={**part.env, "PYTHONUNBUFFERED": "1"},
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            process_group=0,
        )
        part.started = time.monotonic()
        (self.notes / part.name).write_text(f"{part.process.pid}\n{part.command[0]}")
        threading.Thread(target=self._relay, args=(part.name, part.process), daemon=True).start()

    def _relay(self, name: str, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None  # noqa: S101 - for the type checker
        for line in process.stdout:
            self.say(f"{name:<6} │ {line.rstrip()}")

    def revive(self) -> None:
        """Start again what has ended, later each time.

        Raises: LauncherError when one does not stay up.
        """
        now = time.monotonic()
        for part in self.parts.values():
            if part.running:
                continue
            if part.retry_at == 0:
                self._note_failure(part, now)
            elif now >= part.retry_at:
                part.retry_at = 0
                self._launch(part)

    def _note_failure(self, part: Service, now: float) -> None:
        part.failures = 1 if now - part.started > STEADY else part.failures + 1
        if part.failures > MOST_FAILURES:
            raise LauncherError(f"{part.name} does not stay up; its last lines are above")
        part.signal_group(signal.SIGKILL)  # whatever it left of itself
        pause = min(2 ** (part.failures - 1), 10)
        part.retry_at = now + pause
        code = part.process.returncode if part.process else None
        self.say(f"▸ {part.name} ended (code {code}); starting it again in {pause} s")

    def stop(self) -> None:
        """End every part, by force what takes longer than the grace."""
        for part in self.parts.values():
            part.signal_group(signal.SIGTERM)
        wait_until(lambda: not any(part.running for part in self.parts.values()), GRACE)
        for part in self.parts.values():
            part.signal_group(signal.SIGKILL)
            if part.process is not None:
                part.process.wait()
            (self.notes / part.name).unlink(missing_ok=True)
        self.parts.clear()
