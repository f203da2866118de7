"""One's own case, opened by its code in every call: nothing is remembered between two, no address holds the code."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from drf_spectacular.utils import OpenApiRequest
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from core import files
from core.api import CleanCharField, once_per_key
from core.api.parsers import ShallowJSONParser
from core.api.views import Endpoint
from core.said import limit
from suggestions import limits, services, tracking
from suggestions.api.serializers import OwnCaseSerializer
from suggestions.forms.citizen import RATING_REASONS
from suggestions.models import Rating, Suggestion
from suggestions.queries import tracked
from suggestions.states import RATING_LEVELS


class CodeSerializer(serializers.Serializer):
    """What opens one's own case."""

    code = CleanCharField(max_length=60, help_text="The tracking code of the receipt.")
    phone_tail = CleanCharField(
        max_length=8, required=False, allow_blank=True, help_text="The last four digits, where a number was left."
    )


class RateSerializer(CodeSerializer):
    level = serializers.ChoiceField(RATING_LEVELS, help_text="5 very satisfied … 1 very dissatisfied")
    reasons = serializers.ListField(child=serializers.ChoiceField(RATING_REASONS), required=False)
    comment = CleanCharField(max_length=limit(Rating, "comment"), required=False, allow_blank=True)


class ReopenSerializer(CodeSerializer):
    reason = CleanCharField(max_length=limits.REASON)


class WithdrawSerializer(CodeSerializer):
    reason = CleanCharField(max_length=limits.REASON, required=False, allow_blank=True)


class AddSerializer(CodeSerializer):
    text = CleanCharField(max_length=limits.ADDED, required=False, allow_blank=True)


class AddWithFilesSerializer(AddSerializer):
    attachments = serializers.ListField(child=serializers.FileField(), required=False, max_length=files.MOST_FILES)


@dataclass(frozen=True)
class Act:
    """One thing a citizen can do with their case."""

    name: str
    body: type[CodeSerializer]
    run: Callable[..., Any]
    summary: str
    with_files: bool = False


ACTS = (
    Act("rate", RateSerializer, services.rate, "Rate the newest answer"),
    Act("confirm", CodeSerializer, services.confirm, "Say that it is settled"),
    Act("reopen", ReopenSerializer, services.reopen, "Have it taken up again"),
    Act("withdraw", WithdrawSerializer, services.withdraw, "Take it back"),
    Act("add", AddWithFilesSerializer, services.add_information, "Add something", with_files=True),
    Act("answer", AddWithFilesSerializer, services.answer, "Answer the question that was asked", with_files=True),
)


class Track(Endpoint):
    """Open one's own case."""

    tag, operation, summary = "track", "track", "Read one's own case"
    throttle_scope = "track"
    request_body: Any = CodeSerializer
    answer = OwnCaseSerializer

    def post(self, request: Request) -> Response:
        given = self.read(CodeSerializer, request).validated_data
        return self.own_case(open_case(request, given))

    @staticmethod
    def own_case(case: Suggestion) -> Response:
        own = tracked.own_case(case)
        names = ("rate", "confirm", "reopen", "add", "withdraw")
        actions = [name for name in names if getattr(own, f"can_{name}")]
        if own.question:
            actions.append("answer")
        shown = {"case": case, "own": own, "due_at": own.due_at, "actions": actions}
        response = Response(OwnCaseSerializer(shown).data)
        response["Cache-Control"] = "no-store"
        return response


class TrackAct(Track):
    """Do something with one's own case; the answer is the case as it then is."""

    act: Act = ACTS[0]
    parser_classes = (ShallowJSONParser, MultiPartParser)

    @property
    def operation(self) -> str:  # type: ignore[override]
        return f"track_{self.act.name}"

    @property
    def summary(self) -> str:  # type: ignore[override]
        return self.act.summary

    @property
    def request_body(self) -> Any:
        if not self.act.with_files:
            return {"application/json": OpenApiRequest(self.act.body)}
        return {
            "application/json": OpenApiRequest(AddSerializer),
            "multipart/form-data": OpenApiRequest(AddWithFilesSerializer),
        }

    @once_per_key
    def post(self, request: Request) -> Response:
        given = self.read(self.act.body, request).validated_data
        case = open_case(request, given)
        self.act.run(case, **(_words_and_files(given) if self.act.with_files else given))
        return self.own_case(tracking.fresh(case))


def open_case(request: Request, given: dict[str, Any]) -> Suggestion:
    """The case of the code, by the same limits as on the page."""
    return tracking.look_up(request._request, given.pop("code"), given.pop("phone_tail", ""))


def _words_and_files(given: dict[str, Any]) -> dict[str, Any]:
    return {"text": given.get("text", ""), "files": files.clean_uploads(given.get("attachments", []))}
