"""What ``core.painting`` is given and gives back: a file made anew, or in one word why it was not taken.

No Django here, nor in ``core.pictures`` and ``core.papers``: they run in a process of their own.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Made:
    """What is kept, and what it is; sizes in pixels, of pictures alone."""

    content: bytes
    suffix: str
    mime: str
    width: int | None = None
    height: int | None = None


class Refused(Exception):
    """The file is not taken; ``reason`` is a key of ``core.files.WORDS``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def is_paper(raw: bytes) -> bool:
    """Whether this says of itself that it is a PDF; a mark or blanks may stand in front."""
    return raw[:64].lstrip(b"\xef\xbb\xbf \t\r\n\0").startswith(b"%PDF-")
