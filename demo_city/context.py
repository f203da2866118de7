"""The demo city is loaded app by app: what an app has to show is a function ``load`` in ``demo_city/<app>/load.py``.

``load(context)`` is called inside a transaction, after the rooms below. It writes its part once, marked as demo, finds
what is there already the next time, and returns what a visitor may want to open. ``docs/demo.md`` has an example.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from importlib import import_module
from pathlib import Path
from typing import Any, TypedDict

from django.apps import apps

from core.workdays import SHANGHAI

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
    """The part of every installed app that has one, in the order of ``INSTALLED_APPS``, which is the arrows' own."""
    for label in apps.app_configs:
        if (Path(__file__).parent / label / "load.py").exists():
            yield label, import_module(f"demo_city.{label}.load").load
