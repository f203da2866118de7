"""What a higher room puts on the front door and on a person's own page, without the front door knowing the room.

A room registers a source when it is loaded (in its ``AppConfig.ready``); ``portal`` asks all sources. A source states
how many statements it takes, answers nothing when there is nothing, and never raises.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class OnNow:
    """Something a citizen can do today and not on other days: the vote, a nomination, a sign-up."""

    title: str
    text: str
    url: str
    icon: str = "vote"
    until: date | datetime | None = None


@dataclass(frozen=True, slots=True)
class Own:
    """One line of what is a person's own: a vote taken part in (never what was voted), a sign-up, hours."""

    title: str
    text: str = ""
    url: str = ""
    at: date | datetime | None = None


NowSource = Callable[[], list[OnNow]]
OwnSource = Callable[[Any], list[Own]]
ExportSource = Callable[[Any], Any]

_now: dict[str, NowSource] = {}
_own: dict[str, OwnSource] = {}
_exports: dict[str, ExportSource] = {}


def add_now(room: str, source: NowSource) -> None:
    """Let ``room`` show what is on now, on the home page."""
    _now[room] = source


def add_own(room: str, source: OwnSource) -> None:
    """Let ``room`` show what is the user's own, on /me/."""
    _own[room] = source


def add_export(room: str, source: ExportSource) -> None:
    """Let ``room`` add what it knows of the user to their export, under its name."""
    _exports[room] = source


def on_now() -> list[OnNow]:
    """All that is on now: what ends comes before what goes on, else in the order of registration."""
    found = [one for source in _now.values() for one in source()]
    return sorted(found, key=lambda one: one.until is None)


def own(user: Any) -> list[Own]:
    """All that the higher rooms hold of the user, in the order of registration."""
    return [one for source in _own.values() for one in source(user)]


def export(user: Any) -> dict[str, Any]:
    """What each higher room adds to the export of the user."""
    return {room: source(user) for room, source in _exports.items()}
