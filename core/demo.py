"""The demo city is loaded room by room: a room with something to show has a function ``load`` in ``demo/load.py``.

``load(context)`` is called inside a transaction, after the rooms below. It writes its part once, marked as demo, finds
what is there already the next time, and returns what a visitor may want to open. ``docs/demo.md`` has an example.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from importlib import import_module
from typing import Any, TypedDict

from django.apps import apps
from django.utils.module_loading import module_has_submodule

from core.workdays import SHANGHAI

ROOMS = ("directory", "plaza", "suggestions", "annual_projects", "voting", "evaluations", "volunteers", "portal")
SEED = 2014
VOICES = 2_700


class Account(TypedDict):
    """Somebody a visitor can sign in as; citizens have a phone and no password."""

    role: str
    login: str
    password: str
    phone: str
    name: str


class Loaded(TypedDict, total=False):
    """What a room hands back: who can sign in, one id of each kind of object, and how many rows there are."""

    accounts: list[Account]
    objects: dict[str, Any]
    counts: dict[str, int]


@dataclass
class Context:
    """What every room may lean on.

    ``objects`` is what the rooms below handed back. ``told`` is what no row keeps, and is there in the very run that
    wrote the rows only: ``told["matters"]`` names each voice's matter by the key of its case, such as
    ``household.move_spouse``.
    """

    now: datetime
    say: Callable[[str], object]
    seed: int = SEED
    voices: int = VOICES
    objects: dict[str, Any] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return self.now.astimezone(SHANGHAI).date()


def loaders() -> Iterator[tuple[str, Callable[[Context], Loaded]]]:
    """Every installed room with a ``demo/load.py``, in the order of the arrows."""
    for room in ROOMS:
        if not apps.is_installed(room) or not module_has_submodule(import_module(room), "demo"):
            continue
        if module_has_submodule(import_module(f"{room}.demo"), "load"):
            yield room, import_module(f"{room}.demo.load").load
