"""The web server: ``python -m config.web --host 127.0.0.1 --port 8000``.

granian starts the processes and replaces one that ends; a thread here kills one that no longer moves, which comes to
the same. See docs/decisions/web-server.md.
"""

import argparse
import contextlib
import os
import resource
import shutil
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from config.front import pulse_file

MOST_CONNECTIONS = 4000  # of each process; an idle one costs some kilobytes
SILENCE = 15.0  # seconds without a pulse until a process counts as hung
START_SECONDS = 600.0  # until the first pulse
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - memory, not a disk that may be full


def parse() -> argparse.Namespace:
    """Return the command line's options; the environment has the rest."""
    parser = argparse.ArgumentParser(prog="python -m config.web")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=int(os.environ.get("WEB_WORKERS", "2")))
    parser.add_argument("--grace", type=int, default=20, help="seconds for open requests to end at a stop")
    return parser.parse_args()


def in_memory_folder(name: str) -> Path:
    """A fresh folder in memory where the system has one: mapped files on a full disk would kill who writes to them."""
    place = SHARED_MEMORY if os.access(SHARED_MEMORY, os.W_OK) else Path(tempfile.gettempdir())
    folder = place / f"plaza-{os.geteuid()}-{name}"
    shutil.rmtree(folder, ignore_errors=True)  # of a start that was killed
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:  # somebody else's
        return Path(tempfile.mkdtemp(dir=place))
    return folder


def allow_many_connections() -> None:
    """Raise the soft limit of open files to the hard one."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def server(options: argparse.Namespace) -> Any:
    """Return granian, set up but not started."""
    most_memory = os.environ.get("WEB_MAX_RSS", "900")  # megabytes, after which a process is replaced in good order
    return Server(
        "config.asgi:application",
        address=options.host,
        port=options.port,
        interface=Interfaces.ASGI,
        workers=options.workers,
        blocking_threads=1,
        websockets=False,
        http=HTTPModes.http1,
        backlog=4096,
        backpressure=MOST_CONNECTIONS,
        http1_settings=HTTP1Settings(header_read_timeout=10_000, max_buffer_size=128 * 1024),
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=options.grace,
        workers_max_rss=int(most_memory),
    )


def watch(running: Any, seen: dict[int, float]) -> None:
    """Kill each process whose pulse has stopped; `seen` remembers when a process was first looked at."""
    for worker in list(running.wrks):
        pid = worker.inner.pid
        file = pulse_file(pid)
        if pid is None or file is None or not worker.is_alive():
            continue
        first = seen.setdefault(pid, time.time())
        try:
            silent, limit = time.time() - file.stat().st_mtime, SILENCE
        except FileNotFoundError:
            silent, limit = time.time() - first, START_SECONDS
        if silent > limit:
            sys.stdout.write(f"web process {pid} has not moved for {silent:.0f} s; it is replaced\n")
            sys.stdout.flush()
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            file.unlink(missing_ok=True)


def keep_watch(running: Any) -> None:
    """Watch for ever; a machine that slept is given time to wake up."""
    seen: dict[int, float] = {}
    while True:
        before = time.time()
        time.sleep(1)
        if time.time() - before > SILENCE / 2:
            time.sleep(SILENCE)
        watch(running, seen)


def main() -> None:
    """Serve until a signal."""
    options = parse()
    allow_many_connections()
    pulses, metrics = in_memory_folder(f"pulses-{options.port}"), in_memory_folder(f"metrics-{options.port}")
    os.environ["WEB_PULSES"] = str(pulses)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(metrics)
    running = server(options)
    threading.Thread(target=keep_watch, args=(running,), daemon=True).start()
    try:
        running.serve()
    finally:
        for folder in (pulses, metrics):
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
