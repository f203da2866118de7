"""The desk for programs: folders, one case, the verbs, more time and follow-ups; who may is asked as on the pages."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from core.api import CleanCharField, once_per_key
from core.api.pagination import size_of
from core.api.schema import listed
from core.api.views import Endpoint, PagedEndpoint, page_of
from core.said import limit
from suggestions import access, limits, services, timeline
from suggestions.api.serializers import FileSerializer, NodeSerializer
from suggestions.api.verbs import VERBS, Verb
from suggestions.models import Extension, FollowUp, Reply, Subject, Suggestion
from suggestions.queries import desk
from suggestions.states import Channel, State


class FolderSerializer(serializers.Serializer):
    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    count = serializers.IntegerField()


class DeskRowSerializer(serializers.ModelSerializer):
    """A case in a folder."""

    state = serializers.ChoiceField(State.choices, read_only=True)
    channel = serializers.ChoiceField(Channel.choices, read_only=True)
    unit = serializers.SlugRelatedField[Any](slug_field="code", read_only=True)
    handler = serializers.SlugRelatedField[Any](slug_field="badge_number", read_only=True, allow_null=True)

    class Meta:
        model = Suggestion
        fields = [
            "number", "title", "state", "category", "area", "unit", "handler", "channel", "created_at", "due_at",
            "escalation",
        ]  # fmt: skip
        read_only_fields = fields


class DeskReplySerializer(serializers.ModelSerializer):
    """A draft, a returned or a signed reply."""

    unit = serializers.SlugRelatedField[Any](slug_field="code", read_only=True)
    drafted_by = serializers.SlugRelatedField[Any](slug_field="username", read_only=True)
    signed_by = serializers.SlugRelatedField[Any](slug_field="username", read_only=True, allow_null=True)

    class Meta:
        model = Reply
        fields = [
            "id", "kind", "state", "text", "public_text", "published_at", "unit", "drafted_by", "drafted_at",
            "signed_by", "signed_at", "returned_because",
        ]  # fmt: skip
        read_only_fields = fields


class SubjectSerializer(serializers.Serializer):
    """Whom the case complains of."""

    unit = serializers.CharField(source="unit.code")
    officer = serializers.CharField(source="officer.badge_number", default=None, allow_null=True)
    source = serializers.ChoiceField(Subject.Source.choices)  # type: ignore[assignment]  # a field of that name


class DeskCaseSerializer(DeskRowSerializer):
    """A case with its thread, and the verbs that are possible for the caller now. Who said it is not in it."""

    replies = serializers.SerializerMethodField()
    about_whom = serializers.SerializerMethodField(help_text="For the triage desk and the inspectorate alone.")
    subjects = SubjectSerializer(many=True, read_only=True)
    co_handlers = serializers.SerializerMethodField()
    attachments = FileSerializer(many=True, read_only=True)
    merged_into = serializers.SlugRelatedField[Any](slug_field="number", read_only=True, allow_null=True)
    split_from = serializers.SlugRelatedField[Any](slug_field="number", read_only=True, allow_null=True)
    thread = serializers.SerializerMethodField()
    actions = serializers.SerializerMethodField()
    last_step = serializers.SerializerMethodField(help_text="Send it as `seen` with a verb.")

    class Meta(DeskRowSerializer.Meta):
        fields = [
            *DeskRowSerializer.Meta.fields, "body", "place", "about_whom", "seems_complaint", "complexity", "anonymous",
            "publish", "published_at", "accepted_at", "replied_at", "closed_at", "reopened_times", "merged_into",
            "split_from", "subjects", "co_handlers", "replies", "attachments", "thread", "actions", "last_step",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(DeskReplySerializer(many=True))
    def get_replies(self, case: Suggestion) -> Any:
        replies = case.replies.select_related("unit", "drafted_by", "signed_by")
        return DeskReplySerializer(replies, many=True).data

    def get_about_whom(self, case: Suggestion) -> str:
        return case.about_whom if access.reads_about_whom(self.context["request"].user) else ""

    def get_co_handlers(self, case: Suggestion) -> list[str]:
        return [helper.unit.code for helper in case.co_handlings.all()]

    @extend_schema_field(NodeSerializer(many=True))
    def get_thread(self, case: Suggestion) -> Any:
        nodes: Any = timeline.nodes(case, self.context["steps"], reader="desk")
        return NodeSerializer(nodes, many=True).data

    def get_actions(self, case: Suggestion) -> list[str]:
        return sorted(desk.actions(self.context["request"].user, case))

    def get_last_step(self, case: Suggestion) -> int:
        return max((step.pk for step in self.context["steps"]), default=0)


class MovedSerializer(serializers.Serializer):
    """Where the case is after the verb; after a split, the new case."""

    number = serializers.CharField()
    state = serializers.ChoiceField(State.choices)
    unit = serializers.CharField(source="unit.code")
    handler = serializers.CharField(source="handler.badge_number", default=None, allow_null=True)
    due_at = serializers.DateTimeField(allow_null=True)
    escalation = serializers.IntegerField()
    last_step = serializers.SerializerMethodField()

    def get_last_step(self, case: Suggestion) -> int:
        return desk.last_step(case)


class InboxQuery(serializers.Serializer):
    """Which folder, and what in it."""

    folder = serializers.ChoiceField([(key, label) for key, (label, _q, _order) in desk.FOLDERS.items()], default="all")
    q = CleanCharField(required=False, max_length=100, help_text="Words, or a number.")
    category = serializers.SlugField(required=False, max_length=32)
    area = serializers.RegexField(r"^\d{4,12}$", required=False)
    unit = serializers.SlugField(required=False, max_length=40)
    channel = serializers.ChoiceField(Channel.choices, required=False)


class Folders(Endpoint):
    """The folders of the caller's inbox, with counts."""

    tag, operation, summary = "desk", "desk_folders", "Count the folders"
    answer = {200: FolderSerializer(many=True)}
    pagination_class = None

    def get(self, request: Request) -> Response:
        return Response(FolderSerializer(desk.folders(request.user), many=True).data)


class Inbox(PagedEndpoint):
    """A folder of the caller's inbox."""

    tag, operation, summary = "desk", "desk_suggestions", "List a folder"
    parameters, answer = [InboxQuery], listed(DeskRowSerializer)

    def get(self, request: Request) -> Response:
        filters = self.asked(InboxQuery, request)
        folder = filters.pop("folder")
        found = desk.inbox(request.user, folder, filters, self.cursor(request), size=size_of(request))
        return self.page(found, DeskRowSerializer, request)


def case_for(request: Request, number: str) -> Suggestion:
    """The case, if the caller may see it. Raises: NotFound."""
    try:
        return desk.case_for(request.user, number)
    except (Suggestion.DoesNotExist, ValueError) as error:
        raise NotFound from error


class DeskCase(Endpoint):
    """One case with its thread."""

    tag, operation, summary, answer = "desk", "desk_suggestion", "Read one case", DeskCaseSerializer

    def get(self, request: Request, number: str) -> Response:
        case = case_for(request, number)
        context = {"request": request, "steps": desk.thread(case)}
        return Response(DeskCaseSerializer(case, context=context).data)


class DeskVerb(Endpoint):
    """A verb on a case; the service that does it asks whether the caller may."""

    tag = "desk"
    answer = MovedSerializer
    verb: Verb = VERBS[0]

    @property
    def operation(self) -> str:
        return f"desk_{self.verb.name}"

    @property
    def summary(self) -> str:
        return self.verb.summary

    @property
    def request_body(self) -> Any:
        return self.verb.body

    @once_per_key
    def post(self, request: Request, number: str) -> Response:
        case = case_for(request, number)
        given = self.read(self.verb.body, request).validated_data
        done = self.verb.run(case, by=request.user, **given)
        shown = done if isinstance(done, Suggestion) else case
        moved = Suggestion.objects.select_related("unit", "handler").get(pk=shown.pk)
        return Response(MovedSerializer(moved).data)


class ExtensionSerializer(serializers.ModelSerializer):
    """A request for more time that waits for the caller's word."""

    number = serializers.CharField(source="suggestion.number", read_only=True)
    unit = serializers.CharField(source="suggestion.unit.code", read_only=True)
    requested_by = serializers.SlugRelatedField[Any](slug_field="username", read_only=True)

    class Meta:
        model = Extension
        fields = ["id", "number", "unit", "days", "reason", "state", "requested_by", "requested_at"]
        read_only_fields = fields


class DecideBody(serializers.Serializer):
    grant = serializers.BooleanField()
    reason = CleanCharField(
        required=False, max_length=limits.REASON, help_text="Needed to refuse; the officer reads it."
    )


class Extensions(PagedEndpoint):
    """Requests for more time that the caller may decide."""

    tag, operation, summary = "desk", "desk_extensions", "List what waits for a decision"
    answer = listed(ExtensionSerializer)

    def get(self, request: Request) -> Response:
        return self.page(page_of(desk.extensions_to_decide(request.user)), ExtensionSerializer, request)


class DecideExtension(Endpoint):
    """Grant or refuse more time."""

    tag, operation, summary = "desk", "desk_decide_extension", "Decide about more time"
    request_body, answer = DecideBody, ExtensionSerializer

    @once_per_key
    def post(self, request: Request, pk: int) -> Response:
        waiting = {extension.pk: extension for extension in desk.extensions_to_decide(request.user)}
        if pk not in waiting:
            raise NotFound
        said = self.read(DecideBody, request).validated_data
        decided = services.decide_extension(waiting[pk], by=request.user, **said)
        return Response(ExtensionSerializer(decided).data)


class FollowUpSerializer(serializers.ModelSerializer):
    """A task after a bad rating."""

    number = serializers.CharField(source="suggestion.number", read_only=True)
    unit = serializers.CharField(source="unit.code", read_only=True)
    level = serializers.IntegerField(source="rating.level", read_only=True)

    class Meta:
        model = FollowUp
        fields = ["id", "number", "unit", "level", "opened_at", "due_at", "done_at", "note"]
        read_only_fields = fields


class FollowUpQuery(serializers.Serializer):
    done = serializers.BooleanField(required=False, default=False)


class FinishBody(serializers.Serializer):
    note = CleanCharField(max_length=limit(FollowUp, "note"))


class FollowUps(PagedEndpoint):
    """Tasks after bad ratings in the caller's units, the most urgent first."""

    tag, operation, summary = "desk", "desk_follow_ups", "List follow-ups"
    key, parameters, answer = ("due_at", "id"), [FollowUpQuery], listed(FollowUpSerializer)

    def get(self, request: Request) -> Response:
        done = self.asked(FollowUpQuery, request)["done"]
        return self.page(desk.follow_ups(request.user, done=done), FollowUpSerializer, request)


class FinishFollowUp(Endpoint):
    """Say what came of calling back."""

    tag, operation, summary = "desk", "desk_finish_follow_up", "Finish a follow-up"
    request_body, answer = FinishBody, FollowUpSerializer

    @once_per_key
    def post(self, request: Request, pk: int) -> Response:
        task = self.or_404(desk.follow_ups(request.user), pk=pk)
        note = self.read(FinishBody, request).validated_data["note"]
        return Response(FollowUpSerializer(services.finish_follow_up(task, by=request.user, note=note)).data)
