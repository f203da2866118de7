"""To come."""

from django.http import Http404, HttpRequest, HttpResponse


def home(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def me(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def export(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def delete(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def open_board(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def open_data(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def open_file(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def audit_heads(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404
