"""What views may take for granted of a request; for annotations."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails


class HtmxHttpRequest(HttpRequest):
    """A request behind ``HtmxMiddleware``: ``request.htmx`` says whether a piece of a page is asked for."""

    htmx: HtmxDetails
