"""What staff may send with each verb. The names of the fields are those of the service that the verb calls."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError as FormError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api import CleanCharField
from core.said import limit
from directory.models import Area, Officer, Unit
from suggestions import limits, services
from suggestions.fields import MOST_SUBJECTS, resolve
from suggestions.models import Category, Extension, Question, Reply, Suggestion
from suggestions.models.desk import LONGEST_EXTENSION
from suggestions.states import StandingAnswer

LONGEST_ID = 19


def category(**options: Any) -> serializers.PrimaryKeyRelatedField:
    return serializers.PrimaryKeyRelatedField(queryset=Category.objects.filter(is_active=True), **options)


def area(**options: Any) -> serializers.PrimaryKeyRelatedField:
    return serializers.PrimaryKeyRelatedField(queryset=Area.objects.all(), **options)


def unit(**options: Any) -> serializers.SlugRelatedField[Unit]:
    return serializers.SlugRelatedField(slug_field="code", queryset=Unit.objects.active(), **options)


def officer(**options: Any) -> serializers.SlugRelatedField[Officer]:
    found = Officer.objects.filter(is_active=True).select_related("unit", "user")
    return serializers.SlugRelatedField(slug_field="badge_number", queryset=found, **options)


@extend_schema_field(str)
class VisibleCase(serializers.SlugRelatedField[Suggestion]):
    """The number of a case that the caller may see."""

    def get_queryset(self) -> QuerySet[Suggestion]:
        return Suggestion.objects.visible_to(self.context["request"].user)


class SubjectsField(serializers.ListField):
    """Whom a complaint is about: ``unit:<code>`` or ``officer:<badge number>``."""

    def __init__(self, **options: Any) -> None:
        super().__init__(child=CleanCharField(max_length=60), max_length=MOST_SUBJECTS, **options)

    def to_internal_value(self, data: Any) -> Any:
        values = super().to_internal_value(data)
        try:
            return resolve(list(dict.fromkeys(values)))
        except FormError as error:
            raise serializers.ValidationError(error.messages) from error


class Nothing(serializers.Serializer):
    """No more than the case itself."""


class Seen(serializers.Serializer):
    """With ``seen`` the call is refused (409, ``changes``) when others acted after that step."""

    seen = serializers.IntegerField(
        required=False, min_value=0, max_value=2**63 - 1, help_text="`last_step` of the case as you read it."
    )


class AcceptBody(Seen):
    category = category(required=False)
    area = area(required=False)


class GivenToUnit(serializers.Serializer):
    """Where the citizen's words name the unit or could be about the police, ``no_complaint`` says that they
    were read and complain of nobody."""

    no_complaint = serializers.BooleanField(required=False)


class AcceptAndAssignBody(GivenToUnit, AcceptBody):
    unit = unit(required=False, help_text="Without it the routing rules say which.")


class AssignBody(GivenToUnit, Seen):
    unit = unit(required=False, help_text="Without it the routing rules say which.")
    handler = officer(required=False)
    note = CleanCharField(max_length=limits.NOTE, required=False, allow_blank=True)


class ReasonBody(serializers.Serializer):
    reason = CleanCharField(max_length=limits.REASON)


class SeenReasonBody(Seen, ReasonBody):
    pass


class DeclineBody(Seen):
    reason = CleanCharField(max_length=limit(Reply, "text"), help_text="The citizen reads it word for word.")


class ReturnBody(Seen):
    reason = CleanCharField(max_length=limit(Reply, "returned_because"))


class ClassifyBody(serializers.Serializer):
    category = category()
    area = area(allow_null=True)


class MergeBody(GivenToUnit, Seen):
    into = VisibleCase(slug_field="number")
    standing_answer = serializers.ChoiceField(
        StandingAnswer.choices,
        required=False,
        help_text="Needed where the other case has its answer: it fits this voice too, or it is taken up again.",
    )


class SplitBody(ClassifyBody):
    body = CleanCharField(max_length=limit(Suggestion, "body"))


class NameSubjectBody(serializers.Serializer):
    unit = unit()
    officer = officer(required=False)


class SettleBody(Seen):
    is_complaint = serializers.BooleanField()
    subjects = SubjectsField(required=False, help_text="Those it is about; whom else the words suggested is cleared.")
    reason = CleanCharField(max_length=500, required=False, allow_blank=True, help_text="Needed to clear anybody.")


class PublishBody(Seen):
    """The words as they were read. An answer that is not in ``answers`` stays as it is; an empty one is kept back."""

    title = CleanCharField(max_length=limit(Suggestion, "public_title"))
    body = CleanCharField(max_length=limit(Suggestion, "public_body"))
    answers = serializers.DictField(
        child=CleanCharField(max_length=limit(Reply, "public_text"), allow_blank=True),
        required=False,
        help_text="By the `id` of a signed reply, the words it is shown in.",
    )
    reason = CleanCharField(max_length=limits.REASON, required=False, help_text="Why an answer is kept back.")

    def validate_answers(self, answers: dict[str, str]) -> dict[int, str]:
        if not all(key.isdecimal() and len(key) < LONGEST_ID for key in answers):
            raise serializers.ValidationError(_("This is no signed answer of the case."))
        return {int(key): said for key, said in answers.items()}


class TransferBody(GivenToUnit, SeenReasonBody):
    unit = unit()


class OfficerBody(serializers.Serializer):
    officer = officer()


class UnitBody(GivenToUnit):
    unit = unit()


class NoteBody(serializers.Serializer):
    text = CleanCharField(max_length=limits.NOTE)


class AskBody(Seen):
    question = CleanCharField(max_length=limit(Question, "text"))


class ExtensionBody(serializers.Serializer):
    days = serializers.IntegerField(min_value=1, max_value=LONGEST_EXTENSION)
    reason = CleanCharField(max_length=limit(Extension, "reason"))


class DraftBody(Seen):
    text = CleanCharField(max_length=limit(Reply, "text"))


class SignBody(Seen):
    text = CleanCharField(max_length=limit(Reply, "text"), required=False, help_text="Better words than the draft's.")
    public_text = CleanCharField(
        max_length=limit(Reply, "public_text"), required=False, help_text="The same for others, greeting nobody."
    )


@dataclass(frozen=True)
class Verb:
    """A verb of the desk: its body, and the service that does it."""

    name: str
    body: type[serializers.Serializer]
    run: Callable[..., Any]
    summary: str


VERBS = (
    Verb("accept", AcceptBody, services.accept, "Accept"),
    Verb("accept_and_assign", AcceptAndAssignBody, services.accept_and_assign, "Accept and assign in one step"),
    Verb("decline", DeclineBody, services.decline, "Decline, with the reason"),
    Verb("assign", AssignBody, services.assign, "Assign to a unit"),
    Verb("classify", ClassifyBody, services.classify, "Correct category and place"),
    Verb("merge", MergeBody, services.merge, "Let it follow another case"),
    Verb("unmerge", Nothing, services.unmerge, "Take it apart again"),
    Verb("split", SplitBody, services.split, "Take one of several matters out"),
    Verb("settle_complaint", SettleBody, services.settle_complaint, "Decide whether it complains of the police"),
    Verb("name_subject", NameSubjectBody, services.name_subject, "Record whom it complains of"),
    Verb("publish", PublishBody, services.publish, "Show it on the public board"),
    Verb("keep_back", SeenReasonBody, services.keep_back, "Keep what waits to be published off the board"),
    Verb("unpublish", ReasonBody, services.unpublish, "Take it off the public board"),
    Verb("escalate", ReasonBody, services.escalate, "Put it under closer supervision"),
    Verb("transfer", TransferBody, services.transfer, "Transfer to another unit"),
    Verb("set_handler", OfficerBody, services.set_handler, "Name the officer who handles it"),
    Verb("add_co_handler", UnitBody, services.add_co_handler, "Ask another unit to help"),
    Verb("take", Nothing, services.take, "Take it in hand"),
    Verb("note", NoteBody, services.note, "Write an internal note"),
    Verb("ask", AskBody, services.ask, "Ask the citizen"),
    Verb("request_extension", ExtensionBody, services.request_extension, "Ask for more time"),
    Verb("draft_reply", DraftBody, services.draft_reply, "Draft the reply"),
    Verb("sign_reply", SignBody, services.sign_reply, "Sign the draft"),
    Verb("return_draft", ReturnBody, services.return_draft, "Send the draft back"),
    Verb("close", Seen, services.close, "Close on the citizen's word"),
)
