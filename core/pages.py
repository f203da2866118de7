"""What every page may need: an answer that is kept nowhere, 303, and a form whose refusals stand by its fields."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.cache import add_never_cache_headers

from core import refusals
from core.errors import DomainError, Invalid, NotAllowed, Stale, Text

P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)
SEE_OTHER = 303


class SeeOther(HttpResponseRedirect):
    """303: what was sent is done; the browser fetches the next page and a reload does not send again."""

    status_code = SEE_OTHER


def private_response(view: Callable[P, R]) -> Callable[P, R]:
    """The page is somebody's own: no cache keeps it, no search engine lists it."""

    @wraps(view)
    def answer(*args: P.args, **kwargs: P.kwargs) -> R:
        response = view(*args, **kwargs)
        add_never_cache_headers(response)
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return answer


@dataclass(frozen=True)
class FormResult:
    """What came of a form: the status to answer with, what the service returned, what others did meanwhile."""

    status: int
    value: Any = None
    changes: Sequence[str] = ()

    @property
    def done(self) -> bool:
        return self.status == SEE_OTHER


def submit_form(form: forms.Form, act: Callable[[dict[str, Any]], Any]) -> FormResult:
    """Do what a form asks once it is sent and valid; what the service refuses stands on the form."""
    if not form.is_bound:
        return FormResult(200)
    if not form.is_valid():
        return FormResult(422)
    try:
        with refusals.told():
            return FormResult(SEE_OTHER, act(form.cleaned_data))
    except Stale as error:  # nothing to correct: the page says what others did
        return FormResult(error.status, changes=error.changes)
    except DomainError as error:
        add_domain_error(form, error)
        return FormResult(error.status)


def add_domain_error(form: forms.BaseForm, error: DomainError, otherwise: str | None = None) -> None:
    """Put what a service refused onto the form, by the field it names where the form shows that field."""
    form.errors  # noqa: B018 - a form that nobody looked at yet is read first
    named = error.fields if isinstance(error, Invalid) else {"": [error.message]}
    for name, words in named.items():
        shown = name in form.fields and not form[name].is_hidden
        for message in words:
            form.add_error(name if shown else otherwise, ValidationError(message))


def act_and_return(request: HttpRequest, act: Callable[[], object], done: Text, back: str) -> HttpResponse:
    """Do it and go back to the page, with the reason where it was refused. Raises: NotAllowed, a page of its own."""
    try:
        with refusals.told():
            act()
    except NotAllowed:
        raise
    except DomainError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, str(done))
    return SeeOther(back)
