"""What views may take for granted of a request, what was typed into it, and the portal's own address."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

TOO_BIG = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)
NOT_TO_ECHO = ("csrfmiddlewaretoken", "password", "code", "phone", "id_number", "key")


class HtmxHttpRequest(HttpRequest):
    """A request behind ``HtmxMiddleware``: ``request.htmx`` says whether a piece of a page is asked for."""

    htmx: HtmxDetails


def absolute(request: Any, path: str) -> str:
    """The path with the portal's own address in front. ``PUBLIC_URL`` says it; the ``Host`` of a request is anybody's.

    Without ``PUBLIC_URL`` (a demo on one's own machine) it is the address that was asked for.
    """
    public = settings.PUBLIC_URL.rstrip("/")
    return f"{public}{path}" if public else request.build_absolute_uri(path)


def typed_words(request: HttpRequest) -> list[tuple[str, str]]:
    """What a person wrote into a form that could not be taken, to be given back: (name of the field, words)."""
    return [(name, value) for name, value in _sent(request).items() if _is_words(name, str(value))]


def _sent(request: HttpRequest) -> dict[str, str]:
    try:
        return request.POST.dict()
    except (OSError, *TOO_BIG):
        return {}


def _is_words(name: str, value: str) -> bool:
    """Something a person wrote, not a choice from a list; what is secret or private is not repeated."""
    return (len(value) > 5 or not value.isascii()) and not any(word in name.lower() for word in NOT_TO_ECHO)
