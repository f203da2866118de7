"""To come."""

from django.http import Http404, HttpRequest, HttpResponse


def index(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def day(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404
