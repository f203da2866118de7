"""To come: desk."""

from django.http import Http404, HttpRequest, HttpResponse


def inbox(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def bulk(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def case(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def attachment(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def act(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404
