"""Doing something to a case from a form: one way for the citizen's pages and for the desk's."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms

from core import refusals
from core.errors import DomainError, Stale, Text
from suggestions.forms.citizen import blame

SEE_OTHER = 303


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


@dataclass(frozen=True)
class Outcome:
    """What came of a form: the status to answer with, what the service returned, what others did meanwhile."""

    status: int
    result: Any = None
    changes: Sequence[str] = ()

    @property
    def done(self) -> bool:
        return self.status == SEE_OTHER


def attempt(form: forms.Form, do: Callable[[dict[str, Any]], Any]) -> Outcome:
    """Do what a form asks once it is sent and valid; what the service refuses is said on the form."""
    if not form.is_bound:
        return Outcome(200)
    if not form.is_valid():
        return Outcome(422)
    try:
        with refusals.told():
            return Outcome(SEE_OTHER, do(form.cleaned_data))
    except Stale as error:  # nothing to correct: the page says what others did
        return Outcome(error.status, changes=error.changes)
    except DomainError as error:
        blame(form, error)
        return Outcome(error.status)
