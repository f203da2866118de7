"""To come: follow_ups."""

from django.http import Http404, HttpRequest, HttpResponse


def index(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def done(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def extensions(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404
