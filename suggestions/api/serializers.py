"""What programs read: published cases, one's own case, the desk's. None has a field for who said it (P11)."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.requests import absolute
from core.thread import Node
from suggestions import deadlines, states
from suggestions.models import Attachment, Category, Reply, Suggestion
from suggestions.services import Receipt
from suggestions.states import State


class CategorySerializer(serializers.ModelSerializer):
    """What a voice is about, and the working days to the reply."""

    class Meta:
        model = Category
        fields = ["code", "name", "name_en", "kind", "complexity", "reply_days"]
        read_only_fields = fields


class NodeSerializer(serializers.Serializer[Node]):
    """One node of the thread: what happened, or what is promised (``done`` is false, ``due`` says by when)."""

    kind = serializers.CharField()
    title = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True)
    due = serializers.DateTimeField(allow_null=True)
    actor = serializers.CharField(allow_blank=True)
    text = serializers.CharField(allow_blank=True)
    done = serializers.BooleanField()
    current = serializers.BooleanField()


class AnswerSerializer(serializers.ModelSerializer):
    """A signed answer."""

    class Meta:
        model = Reply
        fields = ["kind", "text", "signed_at"]
        read_only_fields = fields


class PublicAnswer(AnswerSerializer):
    """The newest answer of a published case that is not being worked on again, in its public wording."""

    text = serializers.CharField(source="public_text", read_only=True)

    def get_attribute(self, instance: Any) -> Reply | None:
        return instance.answers[-1] if instance.answers and not instance.is_open else None


class DueField(serializers.DateTimeField):
    """The deadline of an open case; null once it is answered."""

    def get_attribute(self, instance: Suggestion) -> datetime | None:
        return instance.due_at if instance.is_open else None


class PublicSuggestionSerializer(serializers.ModelSerializer):
    """A published case: shown with consent, naming nobody."""

    title = serializers.CharField(source="public_title", read_only=True)
    body = serializers.CharField(source="public_body", read_only=True)
    state = serializers.ChoiceField(State.choices, read_only=True)
    unit = serializers.SlugRelatedField[Any](slug_field="code", read_only=True)
    due_at = DueField(read_only=True, allow_null=True, help_text="By when it is answered; null once it is.")
    said_by = serializers.SerializerMethodField(help_text="How many said the same or support it.")
    answer = PublicAnswer(read_only=True, allow_null=True)
    url = serializers.SerializerMethodField(help_text="Its page.")

    class Meta:
        model = Suggestion
        fields = [
            "number", "title", "body", "category", "area", "unit", "state", "created_at", "published_at", "due_at",
            "said_by", "answer", "url",
        ]  # fmt: skip
        read_only_fields = fields

    def get_said_by(self, case: Any) -> int:
        return 1 + case.support_count + case.follower_count

    def get_url(self, case: Suggestion) -> str:
        return absolute(self.context["request"], case.public_url)


class PictureSerializer(serializers.ModelSerializer):
    """A picture that the desk has shown with a published case."""

    url = serializers.SerializerMethodField()

    class Meta:
        model = Attachment
        fields = ["mime", "width", "height", "url"]
        read_only_fields = fields

    def get_url(self, file: Attachment) -> str:
        path = reverse("suggestions:attachment", args=[self.context["number"], file.pk])
        return absolute(self.context["request"], path)


class OnePublicSuggestionSerializer(PublicSuggestionSerializer):
    """A published case with its thread and pictures; the view puts the steps into the context."""

    thread = serializers.SerializerMethodField()
    pictures = serializers.SerializerMethodField()

    class Meta(PublicSuggestionSerializer.Meta):
        fields = [*PublicSuggestionSerializer.Meta.fields, "thread", "pictures"]
        read_only_fields = fields

    @extend_schema_field(NodeSerializer(many=True))
    def get_thread(self, case: Suggestion) -> Any:
        return NodeSerializer(self.context["thread"], many=True).data

    @extend_schema_field(PictureSerializer(many=True))
    def get_pictures(self, case: Suggestion) -> Any:
        shown = [file for file in case.attachments.all() if file.is_public]
        return PictureSerializer(shown, many=True, context={**self.context, "number": case.number}).data


class ReceiptSerializer(serializers.Serializer[Receipt]):
    """The proof that it is written down. We keep the tracking code nowhere: keep it for the citizen."""

    number = serializers.CharField(source="suggestion.number")
    tracking_code = serializers.CharField()
    state = serializers.ChoiceField(State.choices, source="suggestion.state")
    received_at = serializers.DateTimeField(source="suggestion.created_at")
    promised_at = serializers.SerializerMethodField(help_text="The latest moment of the answer.")

    @extend_schema_field(serializers.DateTimeField())
    def get_promised_at(self, receipt: Receipt) -> str | None:
        case = receipt.suggestion
        promised = deadlines.promised(case.created_at, case.category.reply_days)
        return serializers.DateTimeField().to_representation(promised)


class RatingSerializer(serializers.Serializer):
    """What the citizen thought of the answer: 5 very satisfied … 1 very dissatisfied."""

    level = serializers.ChoiceField(states.RATING_LEVELS)
    at = serializers.DateTimeField()


class QuestionSerializer(serializers.Serializer):
    """What the police ask the citizen."""

    text = serializers.CharField()
    asked_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()


class FileSerializer(serializers.ModelSerializer):
    """A file of the case."""

    class Meta:
        model = Attachment
        fields = ["mime", "size", "sha256", "width", "height"]
        read_only_fields = fields


class OpeningSerializer(serializers.Serializer):
    """When which office opened the citizen's identity, and for what reason."""

    opened_at = serializers.DateTimeField()
    office = serializers.CharField(source="office.local_name")
    reason = serializers.CharField()


class OwnCaseSerializer(serializers.Serializer):
    """One's own case: what was said, what is promised, what was answered, and what can be done now."""

    number = serializers.CharField(source="case.number")
    state = serializers.ChoiceField(State.choices, source="case.state")
    title = serializers.CharField(source="case.title")
    body = serializers.CharField(source="case.body")
    category = serializers.CharField(source="case.category_id")
    area = serializers.CharField(source="case.area_id", allow_null=True)
    place = serializers.CharField(source="case.place", allow_blank=True)
    unit = serializers.CharField(source="case.unit.code")
    anonymous = serializers.BooleanField(source="case.anonymous")
    created_at = serializers.DateTimeField(source="case.created_at")
    due_at = serializers.DateTimeField(allow_null=True)
    follows = serializers.CharField(source="case.merged_into.number", default=None, allow_null=True)
    answer = AnswerSerializer(
        source="own.reply", allow_null=True, help_text="As this voice may read it, also where it follows another case."
    )
    rating = RatingSerializer(source="own.rating", allow_null=True)
    question = QuestionSerializer(source="own.question", allow_null=True)
    thread = NodeSerializer(source="own.thread", many=True)
    leader_thread = NodeSerializer(source="own.leader_thread", many=True)
    attachments = FileSerializer(source="own.attachments", many=True)
    openings = OpeningSerializer(source="own.openings", many=True)
    others = serializers.ListField(
        child=serializers.CharField(), source="own.others", help_text="Numbers of what was split off."
    )
    actions = serializers.ListField(child=serializers.CharField(), help_text="What can be done now.")
