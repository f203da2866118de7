"""The door of the API: the same table as the pages', asked by view name."""

from typing import Any

from rest_framework.exceptions import MethodNotAllowed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from core import policy
from core.middleware import Route, route_for

# what a token must be good for to change anything; an address that is not here is not a programme's to write to
WRITES: dict[Route, str] = {("suggestion", "submit"): "suggestions:write", ("wave", "hand in"): "polls:hand-in"}
SAFE = ("GET", "HEAD", "OPTIONS")


class PolicyPermission(BasePermission):
    """Asks the route table by view name, or the pair that the view itself names; neither there: closed."""

    def has_permission(self, request: Request, view: Any) -> bool:
        method = request.method or "GET"
        if method not in view.allowed_methods:
            raise MethodNotAllowed(method)
        route = getattr(view, "policy", None)
        if route is None and request.resolver_match is not None:
            route = route_for(request.resolver_match, method)
        if route is None or not policy.can(request.user, route[1], route[0]):
            return False
        scopes = getattr(request.user, "token_scopes", None)
        if scopes is None or method in SAFE:
            return True
        return (getattr(view, "token_scope", None) or WRITES.get(route)) in scopes
