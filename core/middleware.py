"""The door: a page without a row in the route table does not open, for anybody."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import ResolverMatch
from django.utils.module_loading import import_string

from core import policy, refusals
from core.errors import DomainError, TooMany
from core.requests import typed_words

Route = tuple[str, str]
SAFE = {"HEAD": "GET", "OPTIONS": "GET"}


def route_for(match: ResolverMatch, method: str) -> Route | None:
    """The (object, action) a request needs, from the table that ``settings.ROUTE_POLICY`` names, or None.

    A row is either one pair for every method or a dict by method; a namespace may have one row for all it holds.
    """
    table = import_string(settings.ROUTE_POLICY)
    row = table.get(match.view_name) or table.get(f"{match.app_names[0]}:*" if match.app_names else "")
    if isinstance(row, dict):
        return row.get(SAFE.get(method, method))
    return row


class PolicyMiddleware:
    """Asks the policy table before any view runs; API views answer through their own permission class."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        match = request.resolver_match
        if match is None or getattr(view, "cls", None) is not None:  # DRF: core.api.PolicyPermission asks
            return None
        route = route_for(match, request.method or "GET")
        if route is None:
            return None if self._wrong_method(match) else self._refuse()
        if policy.can(request.user, route[1], route[0]):
            return None
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return self._refuse()

    @staticmethod
    def _wrong_method(match: ResolverMatch) -> bool:
        """A page that exists for another method: the view itself answers 405."""
        return any(route_for(match, method) for method in ("GET", "POST"))

    @staticmethod
    def _refuse() -> HttpResponse:
        raise PermissionDenied

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """A rule of the house, or a guard of the database, that no view caught: a page with what was typed, no 500."""
        if getattr(request, "accepted_renderer", None):  # the API answers for itself
            return None
        said = error if isinstance(error, DomainError) else refusals.domain_error(error)
        if said is None:
            return None
        if isinstance(said, TooMany):
            return too_many(request, said)
        return render(request, "domain_error.html", {"error": said, "typed": typed_words(request)}, status=said.status)


def too_many(request: HttpRequest, error: TooMany) -> HttpResponse:
    """Slower, please: how long to wait, for people and for programs."""
    context = {"message": error.message, "minutes": error.minutes}
    response = render(request, "429.html", context, status=error.status)
    response["Retry-After"] = str(error.retry_after)
    return response
