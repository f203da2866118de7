"""A pollster's system hands in signed files, and asks what became of them."""

from typing import Any

from drf_spectacular.utils import OpenApiRequest, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from core.api import ProblemSerializer, once_per_key
from core.api.schema import listed
from core.api.views import Endpoint, PagedEndpoint
from evaluations import progress, services
from evaluations.access.figures import visible_waves
from evaluations.importing.reading import LARGEST
from evaluations.models import Batch, Wave
from evaluations.services import HandedIn
from evaluations.states import BatchState


class HandInSerializer(serializers.Serializer):
    """One file of interviews with the signature over its SHA-256."""

    wave = serializers.SlugRelatedField(slug_field="code", queryset=Wave.objects.none(), help_text="Its code.")
    file = serializers.FileField(help_text="CSV (UTF-8 or GBK) or XLSX.")
    key = serializers.RegexField(r"^[0-9a-fA-F]{64}\Z", help_text="Public key (Ed25519), hexadecimal.")
    signature = serializers.RegexField(r"^[0-9a-fA-F]{128}\Z", help_text="Over the SHA-256 of the file, hexadecimal.")
    dry_run = serializers.BooleanField(required=False, default=False, help_text="Check only, keep nothing.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        request = self.context.get("request")
        if request is not None:
            self.fields["wave"].queryset = visible_waves(request.user, "hand in")  # type: ignore[attr-defined]


class BatchSerializer(serializers.Serializer):
    """A file: being read (how far, of a hundred), tried and in order, or taken."""

    sha256 = serializers.CharField()
    wave = serializers.CharField()
    state = serializers.ChoiceField(BatchState.choices)
    percent = serializers.IntegerField(min_value=0, max_value=100)
    interviews = serializers.IntegerField(allow_null=True)
    answers = serializers.IntegerField(allow_null=True)
    key = serializers.CharField(allow_null=True, help_text="The public key it was signed with.")
    received_at = serializers.DateTimeField(allow_null=True)


class TakenSerializer(serializers.ModelSerializer):
    """A file that was taken."""

    wave = serializers.CharField(source="wave.code", read_only=True)
    state = serializers.SerializerMethodField()
    percent = serializers.SerializerMethodField()
    interviews = serializers.IntegerField(source="responses_count", read_only=True)
    answers = serializers.IntegerField(source="answers_count", read_only=True)
    key = serializers.CharField(source="key.public_key", read_only=True)

    class Meta:
        model = Batch
        fields = ["sha256", "wave", "state", "percent", "interviews", "answers", "key", "received_at"]
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(BatchState.choices))
    def get_state(self, batch: Batch) -> str:
        return BatchState.TAKEN

    @extend_schema_field(serializers.IntegerField())
    def get_percent(self, batch: Batch) -> int:
        return 100


class FaultSerializer(serializers.Serializer):
    """One thing wrong in a file; lines count from 1 with the heading, 0 is the file itself; values are masked."""

    sheet = serializers.CharField(allow_blank=True)
    line = serializers.IntegerField()
    column = serializers.CharField(allow_blank=True)
    code = serializers.CharField()
    message = serializers.CharField()
    value = serializers.CharField(allow_blank=True)


class RefusedSerializer(ProblemSerializer):
    """A problem; a file that was not taken lists all its faults."""

    faults = serializers.ListField(child=FaultSerializer(), required=False)


class BatchQuery(serializers.Serializer):
    wave = serializers.SlugField(required=False, max_length=32)


class Batches(PagedEndpoint):
    """Files that were handed in, the newest first; and the door to hand one in."""

    tag = "polls"
    operation = {"GET": "batches", "POST": "hand_in"}
    summary = {"GET": "List the files handed in", "POST": "Hand in a signed file, whole or not at all"}
    throttle_scope = {"GET": "read", "POST": "submit"}
    parser_classes = [MultiPartParser]
    key, parameters = ("-received_at", "-pk"), {"GET": [BatchQuery]}
    request_body = {"POST": {"multipart/form-data": OpenApiRequest(HandInSerializer)}}
    answer = {"GET": {200: listed(TakenSerializer)}, "POST": {200: BatchSerializer, 201: BatchSerializer}}
    problem_serializer = {"GET": ProblemSerializer, "POST": RefusedSerializer}

    def get(self, request: Request) -> Response:
        asked = self.asked(BatchQuery, request)
        waves = visible_waves(request.user)
        if "wave" in asked:
            waves = waves.filter(code=asked["wave"])
        batches = Batch.objects.filter(wave__in=waves).select_related("wave", "key")
        return self.page(batches, TakenSerializer, request)

    @once_per_key
    def post(self, request: Request) -> Response:
        """201 when it was taken; 200 for a trial, and for a file that was taken before."""
        said = self.read(HandInSerializer, request).validated_data
        wave, content = said["wave"], said["file"].read(LARGEST + 1)
        signed = {"signature": said["signature"], "key": said["key"]}
        done = services.hand_in(wave, content, by=request.user, dry_run=said["dry_run"], **signed)
        return Response(_told(done, wave), status=201 if done.batch and not done.again else 200)


def _told(done: HandedIn, wave: Wave) -> Any:
    if done.batch is not None:
        return TakenSerializer(done.batch).data
    return {
        "sha256": done.sha256, "wave": wave.code, "state": BatchState.IN_ORDER, "percent": 100,
        "interviews": done.responses, "answers": done.answers, "key": None, "received_at": None,
    }  # fmt: skip


class OneBatch(Endpoint):
    """What became of a file, by the SHA-256 of its bytes."""

    tag, operation, summary = "polls", "batch", "Read how far a file is"
    answer = BatchSerializer

    def get(self, request: Request, sha256: str) -> Response:
        sha256 = sha256.lower()
        waves = visible_waves(request.user)
        taken = Batch.objects.filter(wave__in=waves, sha256=sha256).select_related("wave", "key").first()
        if taken is not None:
            return Response(TakenSerializer(taken).data)
        read = progress.of_file(sha256)
        wave = waves.filter(pk=read.wave_id).first() if read else None
        if read is None or wave is None:
            raise NotFound
        unknown = dict.fromkeys(("interviews", "answers", "key", "received_at"))
        return Response(
            {"sha256": sha256, "wave": wave.code, "state": BatchState.READING, "percent": read.percent, **unknown}
        )
