"""One picture or paper made anew in a process of its own: bounded in memory, processor time and seconds.

The web process hands the bytes over and reads the fresh file back; whatever a hostile file makes a decoder do, it does
it here, and the process ends with the file. This file is also the program that runs there (``python -m
core.painting``): it knows Pillow and qpdf, not Django, and gets none of the portal's secrets.
"""

import json
import os
import resource
import subprocess
import sys
import threading
from pathlib import Path

from core import pictures
from core.made import Made, Refused, is_paper

ROOT = Path(__file__).resolve().parent.parent
MEMORY = 1024**3  # bytes of address space: 50 million pixels with alpha, held three times, and the libraries
PROCESSOR_SECONDS = 20
SECONDS = 60  # by the clock, on a busy machine
AT_ONCE = 1  # in each web process
MOST_WAITING = 1  # more forms than this do not wait, for each waiting one keeps a thread from readers

_easel = threading.BoundedSemaphore(AT_ONCE)
_room = threading.BoundedSemaphore(AT_ONCE + MOST_WAITING)


class Busy(Exception):
    """Others' files are being made anew; the same one may be sent again in a moment."""


def make_anew(raw: bytes) -> Made:
    """Return the picture or paper made anew in a bounded process.

    Raises: Refused; Busy when too many wait already.
    """
    if not is_paper(raw):
        pictures.judge(raw)
    if not _room.acquire(blocking=False):
        raise Busy
    try:
        with _easel:
            return _make_elsewhere(raw)
    finally:
        _room.release()


def _make_elsewhere(raw: bytes) -> Made:
    too_much = Refused("heavy-paper" if is_paper(raw) else "pixels")
    command = [sys.executable, "-m", "core.painting"]
    try:
        done = subprocess.run(command, input=raw, capture_output=True, timeout=SECONDS, cwd=ROOT, env={})
    except subprocess.TimeoutExpired:
        raise too_much from None
    head, _, content = done.stdout.partition(b"\n")
    if done.returncode != 0 or not head:  # it met a limit
        raise too_much
    told = json.loads(head)
    if "refused" in told:
        raise Refused(told["refused"])
    return Made(content, **told)


def make_here(raw: bytes) -> Made:
    """Make the file anew in this very process, without its bounds.

    Raises: Refused.
    """
    if not is_paper(raw):
        return pictures.paint_anew(raw)
    from core import papers  # loads qpdf, which a picture has no use for

    return papers.write_anew(raw)


def _bound() -> None:
    """Give this process its limits, and readers' pages the first turn on the processor."""
    os.nice(5)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """Read a file, write one line of JSON about it and the fresh one."""
    _bound()
    try:
        made = make_here(sys.stdin.buffer.read())
    except Refused as refused:
        sys.stdout.write(json.dumps({"refused": refused.reason}) + "\n")
        return
    told = {"suffix": made.suffix, "mime": made.mime, "width": made.width, "height": made.height}
    sys.stdout.buffer.write(json.dumps(told).encode() + b"\n" + made.content)


if __name__ == "__main__":
    main()
