"""One picture painted anew in a process of its own: bounded in memory, processor time and seconds.

The web process hands the bytes over and reads the fresh picture back; whatever a hostile file makes a decoder do, it
does it here, and the process ends with the picture. This file is also the program that runs there (``python -m
core.painting``): it knows Pillow, not Django, and gets none of the portal's secrets.
"""

import io
import json
import os
import resource
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

ROOT = Path(__file__).resolve().parent.parent
MOST_PIXELS = 50_000_000
LONGEST_SIDE = 2560
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")

MEMORY = 1024**3  # bytes of address space: 50 million pixels with alpha, held three times, and the libraries
PROCESSOR_SECONDS = 20
SECONDS = 60  # by the clock, on a busy machine
AT_ONCE = 1  # in each web process
MOST_WAITING = 1  # more forms than this do not wait, for each waiting one keeps a thread from readers

_easel = threading.BoundedSemaphore(AT_ONCE)
_room = threading.BoundedSemaphore(AT_ONCE + MOST_WAITING)


@dataclass(frozen=True)
class Painted:
    """A fresh picture; sizes in pixels."""

    raw: bytes
    suffix: str
    mime: str
    width: int
    height: int


class Refused(Exception):
    """The picture is not painted; ``why`` is ``kind`` (no picture we know), ``pixels`` or ``damaged``."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Busy(Exception):
    """Others' pictures are being painted; the same one may be sent again in a moment."""


def paint(raw: bytes) -> Painted:
    """Return the picture painted anew in a bounded process.

    Raises: Refused; Busy when too many wait already.
    """
    judge(raw)
    if not _room.acquire(blocking=False):
        raise Busy
    try:
        with _easel:
            return _paint_elsewhere(raw)
    finally:
        _room.release()


def _paint_elsewhere(raw: bytes) -> Painted:
    command = [sys.executable, "-m", "core.painting"]
    try:
        done = subprocess.run(command, input=raw, capture_output=True, timeout=SECONDS, cwd=ROOT, env={})
    except subprocess.TimeoutExpired:
        raise Refused("pixels") from None
    head, _, painted = done.stdout.partition(b"\n")
    if done.returncode != 0 or not head:  # it met a limit
        raise Refused("pixels")
    told = json.loads(head)
    if "refused" in told:
        raise Refused(told["refused"])
    return Painted(painted, **told)


def judge(raw: bytes) -> None:
    """Look at the header alone, which decodes nothing.

    Raises: Refused.
    """
    with _opened(raw) as image:
        if image.width * image.height > MOST_PIXELS:
            raise Refused("pixels")


def _opened(raw: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(raw), formats=FORMATS)
    except Image.DecompressionBombError:
        raise Refused("pixels") from None
    except UnidentifiedImageError:
        raise Refused("kind") from None
    except (OSError, SyntaxError, ValueError):  # what Pillow raises for a torn file
        raise Refused("damaged") from None


def paint_here(raw: bytes) -> Painted:
    """Paint in this very process, without its bounds.

    Raises: Refused.
    """
    judge(raw)
    try:
        with _opened(raw) as image:
            return _painted_anew(image)
    except (OSError, SyntaxError, ValueError):
        raise Refused("damaged") from None


def _painted_anew(image: Image.Image) -> Painted:
    has_alpha = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG is decoded no larger than needed
    ImageOps.exif_transpose(image, in_place=True)
    upright = image.convert("RGBA" if has_alpha else "RGB")
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    fresh = Image.new(upright.mode, upright.size)
    fresh.paste(upright)
    buffer = io.BytesIO()
    if has_alpha:
        fresh.save(buffer, "PNG", optimize=True)
        return Painted(buffer.getvalue(), "png", "image/png", *fresh.size)
    fresh.save(buffer, "JPEG", quality=85, optimize=True)
    return Painted(buffer.getvalue(), "jpg", "image/jpeg", *fresh.size)


def _bound() -> None:
    """Give this process its limits, and readers' pages the first turn on the processor."""
    os.nice(5)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """Read a picture, write one line of JSON about it and the fresh one."""
    _bound()
    try:
        painted = paint_here(sys.stdin.buffer.read())
    except Refused as refused:
        sys.stdout.write(json.dumps({"refused": refused.why}) + "\n")
        return
    told = {"suffix": painted.suffix, "mime": painted.mime, "width": painted.width, "height": painted.height}
    sys.stdout.buffer.write(json.dumps(told).encode() + b"\n" + painted.raw)


if __name__ == "__main__":
    main()
