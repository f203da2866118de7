"""What went wrong, in the form of RFC 9457: ``application/problem+json`` with the errors by field."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.db import DatabaseError
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions, serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from core import refusals
from core.errors import DomainError, Invalid, will_pass

log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
KIND = "urn:problem-type:plaza:"
TOO_BIG = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)
BUSY_SECONDS = 30


class ProblemSerializer(serializers.Serializer):
    """A problem (RFC 9457). ``errors`` names the fields that are wrong; ``changes`` what others did meanwhile."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(required=False)
    errors = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()), required=False
    )
    changes = serializers.ListField(child=serializers.CharField(), required=False)


@dataclass(frozen=True)
class Problem:
    """One problem on its way to becoming a response."""

    status: int
    detail: str = ""
    kind: str = "about:blank"
    title: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        title = self.title or HTTPStatus(self.status).phrase
        content = {"type": self.kind, "title": title, "status": self.status, "detail": self.detail}
        return {name: value for name, value in {**content, **self.more}.items() if value != ""}


def problem_response(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """The answer to an error that an endpoint raised; None for one that nobody foresaw, which is logged as it is."""
    problem = problem_of(error)
    if problem is None:
        return None
    request = context.get("request")
    if request is not None:  # whatever was asked for, an error is told in JSON
        request.accepted_renderer, request.accepted_media_type = JSONRenderer(), MEDIA_TYPE
    return Response(problem.body(), status=problem.status, headers=problem.headers, content_type=MEDIA_TYPE)


def problem_of(error: Exception) -> Problem | None:
    """What to say about an error."""
    match error:
        case DomainError():
            return _of_the_house(error)
        case exceptions.ValidationError():
            return _invalid(flat(error.detail))
        case exceptions.APIException():
            return Problem(error.status_code, _words(error.detail), headers=_headers(error))
        case Http404():
            return Problem(404, _("There is nothing here."))
        case PermissionDenied():
            return Problem(403, _("You do not have permission to do this."))
        case _ if isinstance(error, TOO_BIG):
            return Problem(413, _("This is too much at once."))
        case DatabaseError() if (refused := refusals.domain_error(error)) is not None:
            return _of_the_house(refused)
        case SuspiciousOperation():
            return Problem(400, _("This request makes no sense."))
        case _ if will_pass(error):
            log.warning("busy: %s", type(error).__name__)
            return Problem(503, _("Please try again in a moment."), headers={"Retry-After": str(BUSY_SECONDS)})
    return None


def _of_the_house(error: DomainError) -> Problem:
    if isinstance(error, Invalid):
        return _invalid({name: [str(word) for word in words] for name, words in error.fields.items()})
    wait = getattr(error, "retry_after", None)
    headers = {"Retry-After": str(wait)} if wait else {}
    return Problem(error.status, str(error.message), f"{KIND}{error.code}", str(error.default), headers, error.extra)


def _invalid(errors: dict[str, list[str]]) -> Problem:
    first = next((words[0] for words in errors.values() if words), "")
    title = _("Something in what you sent is not right.")
    return Problem(422, first, f"{KIND}invalid", title, more={"errors": errors})


def flat(detail: Any, path: str = "") -> dict[str, list[str]]:
    """Nested errors as one level: ``{"subjects.0": ["…"]}``; what belongs to no field is under ``body``."""
    if isinstance(detail, Mapping):
        pairs: Iterable[tuple[Any, Any]] = detail.items()
    elif any(isinstance(part, Mapping | list) for part in detail):
        pairs = enumerate(detail)
    else:
        return {path or "body": [str(word) for word in detail]}
    found: dict[str, list[str]] = {}
    for name, inner in pairs:
        name = "body" if name == "non_field_errors" else str(name)
        found |= flat(inner, f"{path}.{name}" if path else name)
    return found


def _words(detail: Any) -> str:
    return str(detail) if isinstance(detail, str) else "; ".join(str(part) for part in detail)


def _headers(error: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait) + 1)
    return headers
