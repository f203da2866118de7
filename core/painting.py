"""One picture or paper made anew in a process of its own: bounded in memory, processor time and seconds.

The web process hands the bytes over and reads the fresh file back; whatever a hostile file makes a decoder do, it does
it here, and the process ends with the file. This file is also the program that runs there (``python -m
core.painting``): it knows Pillow and qpdf, not Django, and gets none of the portal's secrets.

Each web process has two lanes. What a phone sends is quick and never waits behind what takes seconds: large pictures,
and papers, whose length no header tells. In the slow lane an address has one at a time, and whoever came first is next.
"""

import json
import os
import resource
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from core import pictures
from core.made import Made, Refused, is_paper
from core.pictures import TooMuchHere

ROOT = Path(__file__).resolve().parent.parent
MEMORY = 1024**3  # bytes of address space: 50 million pixels with alpha, held three times, and the libraries
PROCESSOR_SECONDS = 20
SECONDS = 60  # by the clock, on a busy machine
QUICK_PIXELS = 16_000_000  # what phones send; read in half a second
PAPER_PIXELS = 16_000_000  # as what a paper counts


class Busy(Exception):
    """Others' files are being made anew; the same one may be sent again in a moment."""


@dataclass
class Lane:
    """One file at a time, and few that wait, the first first: each waiting one keeps a thread from readers."""

    waiting: int
    one_each: bool = False  # a sender has no second one here
    _line: deque[tuple[str, object]] = field(default_factory=deque)  # senders; the first is at work
    _moved: threading.Condition = field(default_factory=threading.Condition)

    @contextmanager
    def turn(self, sender: str) -> Iterator[None]:
        """Wait for one's turn, and have it. Raises: Busy."""
        place = (sender, object())
        with self._moved:
            if len(self._line) > self.waiting or (self.one_each and any(sender == other for other, _ in self._line)):
                raise Busy
            self._line.append(place)
            self._moved.wait_for(lambda: self._line[0] is place)
        try:
            yield
        finally:
            with self._moved:
                self._line.popleft()
                self._moved.notify_all()


QUICK, SLOW = Lane(waiting=2), Lane(waiting=1, one_each=True)


def make_anew(raw: bytes, *, sender: str = "", spend: Callable[[int], None] = lambda _: None) -> Made:
    """Return the picture or paper made anew in a bounded process.

    ``sender`` says who of all sends it, ``spend`` is told beforehand how many pixels will be read, and may refuse them.

    Raises: Refused; Busy when too many wait already, or another large one of this sender is being made; as ``spend``.
    """
    pixels = PAPER_PIXELS if is_paper(raw) else pictures.judge(raw) or QUICK_PIXELS
    spend(pixels)
    if pixels <= QUICK_PIXELS and not is_paper(raw):
        try:
            with QUICK.turn(sender):
                return _make_elsewhere(raw, QUICK_PIXELS)
        except TooMuchHere:  # only a decoder could read its header
            spend(pictures.MOST_PIXELS)
    with SLOW.turn(sender):
        return _make_elsewhere(raw, pictures.MOST_PIXELS)


def _make_elsewhere(raw: bytes, most: int) -> Made:
    too_much = Refused("heavy-paper" if is_paper(raw) else "pixels")
    command = [sys.executable, "-m", "core.painting", str(most)]
    try:
        done = subprocess.run(command, input=raw, capture_output=True, timeout=SECONDS, cwd=ROOT, env={})
    except subprocess.TimeoutExpired:
        raise too_much from None
    head, _, content = done.stdout.partition(b"\n")
    if done.returncode != 0 or not head:  # it met a limit
        raise too_much
    told = json.loads(head)
    if "too_much" in told:
        raise TooMuchHere
    if "refused" in told:
        raise Refused(told["refused"])
    return Made(content, **told)


def make_here(raw: bytes, most: int) -> Made:
    """Make the file anew in this very process, without its bounds; of a picture at most so many pixels are read.

    Raises: Refused, TooMuchHere.
    """
    if not is_paper(raw):
        return pictures.paint_anew(raw, most)
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
        made = make_here(sys.stdin.buffer.read(), int(sys.argv[1]))
    except TooMuchHere:
        sys.stdout.write(json.dumps({"too_much": True}) + "\n")
        return
    except Refused as refused:
        sys.stdout.write(json.dumps({"refused": refused.reason}) + "\n")
        return
    told = {"suffix": made.suffix, "mime": made.mime, "width": made.width, "height": made.height}
    sys.stdout.buffer.write(json.dumps(told).encode() + b"\n" + made.content)


if __name__ == "__main__":
    main()
