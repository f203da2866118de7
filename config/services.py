"""Long-running parts of the portal as children: prefixed output, restart with back-off, one end for all."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from embedded.processes import Backoff, bound_command, clear_orphan, wait_until

ROOT = Path(__file__).resolve().parent.parent
GRACE = 5.0  # seconds to end by itself before it is killed
SILENCE = 60.0  # seconds without a pulse until a part that has had one counts as hung
START_SECONDS = 300.0  # until the first pulse of a part that beats


@dataclass
class Service:
    """One part: how it is started, and how it has fared."""

    name: str
    command: Sequence[str]
    env: dict[str, str]
    pulse: Path
    beats: bool = False  # whether it touches `pulse` while it moves
    process: subprocess.Popen[str] | None = None
    backoff: Backoff = field(default_factory=Backoff)
    beat: float = 0.0  # the pulse seen last, by the file's clock
    beaten: float = 0.0  # when it was seen, by ours

    @property
    def running(self) -> bool:
        """Whether its process is alive."""
        return self.process is not None and self.process.poll() is None

    @property
    def hangs(self) -> bool:
        """Whether it beats no more, or has not begun to in the time that a start may take."""
        beat, now = self.pulse.stat().st_mtime if self.pulse.exists() else 0.0, time.monotonic()
        if beat != self.beat:
            self.beat, self.beaten = beat, now
        return self.beats and (now - self.beaten > SILENCE if beat else now - self.backoff.started > START_SECONDS)

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
            pid, _, program = note.read_text().partition("\n")
            if pid.isdecimal() and program:  # a full disk leaves an empty one
                clear_orphan(int(pid), [program], signal.SIGTERM, GRACE)
            note.unlink()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop all."""
        self.stop()

    def start(self, name: str, command: Sequence[str], env: dict[str, str], *, beats: bool = False) -> None:
        """Start a part for the first time; one that beats is replaced when it stops to, or does not begin."""
        self.parts[name] = Service(name, command, env, self.notes / f"{name}.pulse", beats)
        self._launch(self.parts[name])

    def _launch(self, part: Service) -> None:
        # Celery on TERM first finishes what it does, with no database left to do it in.
        death_signal = "SIGTERM" if part.name == "web" else "SIGKILL"
        part.backoff.tried()
        part.pulse.unlink(missing_ok=True)
        part.process = subprocess.Popen(
            bound_command(part.command, death_signal=death_signal),
            env={**part.env, "PYTHONUNBUFFERED": "1", "PULSE_FILE": str(part.pulse)},
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            process_group=0,
        )
        with contextlib.suppress(OSError):  # a full disk: a killed launcher would leave it running, no more
            (self.notes / part.name).write_text(f"{part.process.pid}\n{part.command[0]}")
        threading.Thread(target=self._relay, args=(part.name, part.process), daemon=True).start()

    def _relay(self, name: str, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None  # noqa: S101 - for the type checker
        for line in process.stdout:
            self.say(f"{name:<6} │ {line.rstrip()}")

    def revive(self) -> None:
        """Start again what has ended or hangs, later each time, for as long as it takes."""
        for part in self.parts.values():
            if part.running and part.hangs:
                patience = SILENCE if part.beat else START_SECONDS
                self.say(f"▸ {part.name} has not moved for {patience:.0f} s; it is replaced")
                self.replace(part.name)
            if part.running:
                continue
            if not part.backoff.waiting:
                part.signal_group(signal.SIGKILL)  # whatever it left of itself
                pause = part.backoff.failed()
                code = part.process.returncode if part.process else None
                self.say(f"▸ {part.name} ended (code {code}); starting it again in {pause:.0f} s")
            elif part.backoff.over:
                self._launch_again(part)

    def _launch_again(self, part: Service) -> None:
        try:
            self._launch(part)
        except OSError as error:  # no memory or no process to be had just now
            self.say(f"▸ {part.name} could not be started ({error}); trying again in {part.backoff.failed():.0f} s")

    def replace(self, name: str) -> None:
        """Kill a part that runs but does not move; `revive` starts it again."""
        self.parts[name].signal_group(signal.SIGKILL)
        self.parts[name].pulse.unlink(missing_ok=True)

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
            part.pulse.unlink(missing_ok=True)
        self.parts.clear()
