"""What views may take for granted of a request, and the address under which people know this portal."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails


class HtmxHttpRequest(HttpRequest):
    """A request behind ``HtmxMiddleware``: ``request.htmx`` says whether a piece of a page is asked for."""

    htmx: HtmxDetails


def absolute(request: Any, path: str) -> str:
    """The path with the portal's own address in front. ``PUBLIC_URL`` says it; the ``Host`` of a request is anybody's.

    Without ``PUBLIC_URL`` (a demo on one's own machine) it is the address that was asked for.
    """
    public = settings.PUBLIC_URL.rstrip("/")
    return f"{public}{path}" if public else request.build_absolute_uri(path)
