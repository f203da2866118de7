"""The OpenAPI description of an endpoint: what its view says, and the problems that any call may meet."""

import re
from typing import Any

from django.urls import resolve
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import build_array_type
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.serializers import Serializer

from core import policy
from core.api.idempotency import HEADER
from core.api.problems import MEDIA_TYPE, ProblemSerializer
from core.middleware import route_for
from core.policy import Role

EVERYWHERE = {
    "400": "The request cannot be read.",
    "401": "The token or session is not valid, or one is needed.",
    "403": "You may not do this.",
    "404": "There is nothing here, or nothing that you may see.",
    "422": "Something in what you sent is not right; `errors` names the fields.",
    "429": "Too many calls; `Retry-After` says how many seconds to wait.",
    "503": "Busy; try again after `Retry-After` seconds.",
}
WITH_A_BODY = {
    "409": "The thing is not in a state for this, or somebody else was faster (`changes`).",
    "413": "Too much at once.",
    "415": "This endpoint does not read this media type.",
}
KEY = OpenApiParameter(
    HEADER,
    str,
    OpenApiParameter.HEADER,
    description="Any string of your own, up to 255 characters: a retry with the same key and body gets the first answer"
    " again and does nothing twice.",
)
WAIT = {"description": "Seconds to wait.", "schema": {"type": "integer"}}


class PlazaSchema(AutoSchema):
    """Adds the problem responses to every operation and the idempotency header to every unsafe one.

    A view may say more: ``operation`` its id, ``tag`` its chapter, ``summary`` its title, ``request_body`` and
    ``answer`` its serializers, by status where it is not 200, ``parameters`` its query.
    """

    def get_operation_id(self) -> str:
        return self._said("operation") or super().get_operation_id()

    def get_summary(self) -> str | None:
        return self._said("summary") or super().get_summary()

    def get_tags(self) -> list[str]:
        return [self._said("tag")] if self._said("tag") else super().get_tags()

    def get_auth(self) -> list[dict[str, Any]]:
        """With a token or a session, and without either where the route table lets a visitor in."""
        match = resolve(re.sub(r"{\w+}", "1", self.path.replace("{suffix}", "json")))
        route = route_for(match, self.method)
        open_to_all = route is not None and Role.ANONYMOUS in policy.TABLE[route[0]][route[1]]
        return [*super().get_auth(), *([{}] if open_to_all else [])]

    def get_request_serializer(self) -> Any:
        return self._said("request_body") or super().get_request_serializer()

    def get_response_serializers(self) -> Any:
        answer = self._said("answer")
        if answer is None or isinstance(answer, dict):
            return answer or super().get_response_serializers()
        return {200: answer}

    def get_override_parameters(self) -> list[Any]:
        unsafe = [KEY] if self.method not in ("GET", "HEAD") else []
        return [*super().get_override_parameters(), *(self._said("parameters") or []), *unsafe]

    def _said(self, name: str) -> Any:
        """What the view says for this method: one value for all, or ``{"GET": …}`` by method."""
        value = getattr(self.view, name, None)
        if isinstance(value, dict) and set(value) <= {"GET", "POST", "PUT", "PATCH", "DELETE"}:
            return value.get(self.method)
        return value

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies = super()._get_response_bodies(direction)
        expected = EVERYWHERE if self.method in ("GET", "HEAD") else EVERYWHERE | WITH_A_BODY
        statuses = self._said("problem_statuses") or expected
        for status in statuses:
            bodies.setdefault(status, self._problem(status, expected[status]))
        return bodies

    def _problem(self, status: str, says: str) -> dict[str, Any]:
        serializer = self._said("problem_serializer") or ProblemSerializer
        schema = self.resolve_serializer(serializer, "response").ref
        if self._said("problems_are_listed"):
            schema = build_array_type(schema)
        media_types = self._said("problem_media_types") or [MEDIA_TYPE]
        body = self._get_response_for_code(OpenApiResponse(schema, says), status, media_types)
        return {**body, "headers": {"Retry-After": WAIT}} if status in ("429", "503") else body


def listed(serializer: type[Serializer]) -> Any:
    """A page of such rows, for ``answer``."""
    return serializer(many=True)
