"""To come."""

from django.http import Http404, HttpRequest, HttpResponse


def officers(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def units(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def unit(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def areas(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404
