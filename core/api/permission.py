"""The door of the API: the same table as the pages', asked by view name."""

from typing import Any

from rest_framework.exceptions import MethodNotAllowed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from core import policy
from core.middleware import route_for


class PolicyPermission(BasePermission):
    """Asks the route table by view name, or the pair that the view itself names; neither there: closed."""

    def has_permission(self, request: Request, view: Any) -> bool:
        method = request.method or "GET"
        if method not in view.allowed_methods:
            raise MethodNotAllowed(method)
        route = getattr(view, "policy", None)
        if route is None and request.resolver_match is not None:
            route = route_for(request.resolver_match, method)
        return route is not None and policy.can(request.user, route[1], route[0])
