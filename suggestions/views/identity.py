"""To come: identity."""

from django.http import Http404, HttpRequest, HttpResponse


def index(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def approve(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def open_identity(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404
