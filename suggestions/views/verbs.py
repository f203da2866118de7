"""Doing something to a case from a form: one way for the citizen's pages and for the desk's."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.errors import Text


@dataclass(frozen=True)
class Verb:
    """One thing that can be done with a case: its class of form, its words, and the service that does it."""

    name: str
    form: Callable[..., Any]
    title: Text
    lede: Text
    submit: Text
    done: Text
    run: Callable[..., Any]
    kind: str = "primary"
    key: str = ""
    folder: str = ""  # of the inbox, where whoever did it goes on with the next case
