"""Speak, and read what was published."""

from datetime import date
from typing import Any

from drf_spectacular.utils import OpenApiRequest
from rest_framework import serializers
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import phones
from core import files
from core.api import CleanCharField, idempotency
from core.api.pagination import size_of
from core.api.parsers import ShallowJSONParser
from core.api.schema import listed
from core.api.views import Endpoint, PagedEndpoint
from core.said import limit
from directory.models import Area
from suggestions import services, timeline
from suggestions.api.serializers import (
    CategorySerializer,
    OnePublicSuggestionSerializer,
    PublicSuggestionSerializer,
    ReceiptSerializer,
)
from suggestions.api.verbs import SubjectsField
from suggestions.models import Category, Suggestion
from suggestions.queries import board, guess
from suggestions.services import Voice
from suggestions.services.listen import LONGEST, LONGEST_NAME, LONGEST_WHOM
from suggestions.states import Channel, State

BODIES = (ShallowJSONParser, MultiPartParser, FormParser)
FIRST_YEAR = 2009


class VoiceSerializer(serializers.Serializer):
    """What a citizen may say at once; only the words themselves are required."""

    body = CleanCharField(max_length=LONGEST)
    title = CleanCharField(max_length=limit(Suggestion, "title"), required=False, allow_blank=True)
    category = serializers.PrimaryKeyRelatedField(
        queryset=Category.objects.filter(is_active=True), required=False, allow_null=True
    )
    area = serializers.PrimaryKeyRelatedField(queryset=Area.objects.all(), required=False, allow_null=True)
    place = CleanCharField(max_length=limit(Suggestion, "place"), required=False, allow_blank=True)
    contact_name = CleanCharField(max_length=LONGEST_NAME, required=False, allow_blank=True)
    contact_phone = CleanCharField(max_length=phones.LONGEST, required=False, allow_blank=True)
    anonymous = serializers.BooleanField(required=False, help_text="Keep no name and no number.")
    publish = serializers.BooleanField(
        required=False, help_text="It may be shown, with the answer, on the public board."
    )
    subjects = SubjectsField(
        required=False, help_text="Whom a complaint is about: `unit:<code>` or `officer:<badge number>`."
    )
    about_whom = CleanCharField(
        max_length=LONGEST_WHOM, required=False, allow_blank=True, help_text="Whom it is about, in the citizen's words."
    )
    is_complaint = serializers.BooleanField(
        required=False,
        allow_null=True,
        help_text="Whether it complains of the police, if the citizen was asked. Left out, the words decide.",
    )


class VoiceWithFilesSerializer(VoiceSerializer):
    """The same as a form with photos or PDF files."""

    attachments = serializers.ListField(child=serializers.FileField(), required=False, max_length=files.MOST_FILES)


class BoardQuery(serializers.Serializer):
    """What to look for among the published cases."""

    q = CleanCharField(
        required=False,
        max_length=100,
        help_text="The number of a case, or words: most of them must occur; what has more comes first.",
    )
    category = serializers.SlugField(required=False, max_length=32)
    area = serializers.RegexField(r"^\d{4,12}$", required=False, help_text="The area and everything in it.")
    unit = serializers.SlugField(required=False, max_length=40, help_text="The unit and everything below it.")
    state = serializers.ChoiceField(State.choices, required=False)
    year = serializers.IntegerField(required=False, min_value=FIRST_YEAR, max_value=date.max.year)


class Categories(PagedEndpoint):
    """What voices are about."""

    tag, operation, summary = "suggestions", "categories", "List categories"
    key, answer = ("order", "code"), listed(CategorySerializer)

    def get(self, request: Request) -> Response:
        return self.page(Category.objects.filter(is_active=True), CategorySerializer, request)


class Suggestions(PagedEndpoint):
    """Published cases, newest first; and the door to say something."""

    tag = "suggestions"
    operation = {"GET": "suggestions", "POST": "submit"}
    summary = {"GET": "Search published suggestions", "POST": "Say something"}
    throttle_scope = {"GET": "read", "POST": "submit"}
    parser_classes = BODIES
    parameters = {"GET": [BoardQuery]}
    request_body = {
        "POST": {
            "application/json": OpenApiRequest(VoiceSerializer),
            "multipart/form-data": OpenApiRequest(VoiceWithFilesSerializer),
        }
    }
    answer = {"GET": {200: listed(PublicSuggestionSerializer)}, "POST": {201: ReceiptSerializer}}

    def get(self, request: Request) -> Response:
        asked = self.asked(BoardQuery, request)
        words = asked.pop("q", "")
        found = board.search(words, **asked, cursor=self.cursor(request), size=size_of(request))
        return self.page(found, PublicSuggestionSerializer, request)

    def post(self, request: Request) -> Response:
        given = self.read(VoiceWithFilesSerializer, request).validated_data
        uploads = files.clean_uploads(given.pop("attachments", []))
        key = idempotency.key_of(request)
        receipt = services.submit(
            sorted_voice(Voice(**given, channel=Channel.API)),
            idempotency_key=f"api:{idempotency.caller_of(request)}:{key or idempotency.fresh_key()}",
            user=speaker(request),
            files=uploads,
        )
        headers = idempotency.REPLAYED if receipt.again else {}
        return Response(ReceiptSerializer(receipt).data, status=201, headers=headers)


def speaker(request: Request) -> Any:
    """The citizen who is signed in; behind a programme's token stands somebody else, whom we do not know."""
    return request.user if request.user.is_authenticated and request.auth is None else None


def sorted_voice(voice: Voice) -> Voice:
    """The voice with the category and place that its words speak of, where none was named."""
    guessed = guess.guess_category(voice.body, is_complaint=True if voice.subjects else voice.is_complaint)
    category = voice.category or next(iter(guessed), None)
    area = voice.area or guess.guess_area(f"{voice.place} {voice.body}")
    return Voice(**{**vars(voice), "category": category, "area": area})


class OneSuggestion(Endpoint):
    """One published case with its thread and its answer."""

    tag, operation, summary = "suggestions", "suggestion", "Read one published suggestion"
    answer = OnePublicSuggestionSerializer

    def get(self, request: Request, number: str) -> Response:
        case: Suggestion = self.or_404(board.published().prefetch_related("attachments"), number=number)
        nodes = timeline.nodes(case, board.public_thread(case), reader="public")
        context = {"request": request, "thread": nodes}
        return Response(OnePublicSuggestionSerializer(case, context=context).data)
