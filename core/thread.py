"""The thread (一件事的来龙去脉): one node of the vertical line from *said* to *answered for*.

Any room builds a list of these and hands it to ``{% thread nodes %}``; the page needs nothing else.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from core.day_words import What

Kind = Literal[
    "said", "accepted", "assigned", "waiting", "reply", "rated", "closed", "reopened", "declined", "merged",
    "withdrawn", "extended", "escalated", "internal", "support", "candidate", "vote", "project", "delivered",
    "appraisal", "answered", "step",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Node:
    """One thing that happened (``done``), is happening (``current``) or is promised (not done, ``due``)."""

    title: str
    at: datetime | None = None
    actor: str = ""
    text: str = ""
    url: str = ""
    link_text: str = ""
    kind: Kind = "step"
    current: bool = False
    done: bool = True
    due: date | datetime | None = None
    what: What = "reply"
    private: bool = False
