"""Appraisals for programs: one's own, those of one's units, all for who inspects them, with every line."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.schema import listed
from core.api.views import Endpoint, PagedEndpoint
from evaluations.access.figures import readable_appraisals
from evaluations.models import Appraisal, AppraisalLine
from evaluations.states import AppraisalState, SubjectKind


class LineSerializer(serializers.ModelSerializer):
    """What one part gave, and what it was worked out from."""

    component = serializers.CharField(source="component.key", read_only=True)
    weight = serializers.IntegerField(source="component.weight", read_only=True, help_text="basis points of 10000")
    is_public = serializers.BooleanField(source="component.is_public", read_only=True)
    inputs = serializers.DictField(read_only=True)

    class Meta:
        model = AppraisalLine
        fields = ["component", "weight", "is_public", "score", "points", "inputs"]
        read_only_fields = fields


class AppraisalSerializer(serializers.ModelSerializer):
    """One officer's or unit's year. Without a score for every part there is no total; `missing` says why."""

    year = serializers.IntegerField(source="run.scheme.year", read_only=True)
    about = serializers.ChoiceField(source="run.scheme.about", choices=SubjectKind.choices, read_only=True)
    scheme = serializers.CharField(source="run.scheme.title", read_only=True)
    run = serializers.IntegerField(source="run.number", read_only=True)
    state = serializers.ChoiceField(source="run.state", choices=AppraisalState.choices, read_only=True)
    is_current = serializers.BooleanField(source="run.is_current", read_only=True)
    version = serializers.CharField(source="run.version", read_only=True)
    inputs_sha256 = serializers.CharField(source="run.inputs_sha256", read_only=True)
    effective_public = serializers.DecimalField(
        source="run.effective_public", max_digits=6, decimal_places=4, read_only=True, allow_null=True
    )
    published_at = serializers.DateTimeField(source="run.published_at", read_only=True, allow_null=True)
    officer = serializers.CharField(source="officer.badge_number", read_only=True, default=None, allow_null=True)
    unit = serializers.CharField(source="unit.code", read_only=True)
    missing = serializers.DictField(child=serializers.CharField(), read_only=True)
    lines = LineSerializer(many=True, read_only=True)

    class Meta:
        model = Appraisal
        fields = [
            "id", "year", "about", "scheme", "run", "state", "is_current", "officer", "unit", "total", "missing",
            "lines", "effective_public", "version", "inputs_sha256", "published_at",
        ]  # fmt: skip
        read_only_fields = fields


class AppraisalQuery(serializers.Serializer):
    year = serializers.IntegerField(required=False, min_value=2011, max_value=2100)
    about = serializers.ChoiceField(SubjectKind.choices, required=False)
    officer = serializers.CharField(required=False, max_length=10, help_text="badge number")
    unit = serializers.CharField(required=False, max_length=40, help_text="code of the unit")
    is_current = serializers.BooleanField(required=False, allow_null=True, default=None)


def _rows(user: Any) -> QuerySet[Appraisal]:
    lines = AppraisalLine.objects.select_related("component").order_by("component__order", "component__key")
    rows = readable_appraisals(user).select_related("run__scheme", "officer", "unit")
    return rows.prefetch_related(Prefetch("lines", lines))


class Appraisals(PagedEndpoint):
    """The appraisals that you may see."""

    tag, operation, summary = "appraisals", "appraisals", "List the appraisals that you may see"
    key, parameters, answer = ("-pk",), [AppraisalQuery], listed(AppraisalSerializer)

    NAMES = {
        "year": "run__scheme__year",
        "about": "run__scheme__about",
        "officer": "officer__badge_number",
        "unit": "unit__code",
        "is_current": "run__is_current",
    }

    def get(self, request: Request) -> Response:
        asked = self.asked(AppraisalQuery, request)
        where = {self.NAMES[name]: value for name, value in asked.items() if value is not None}
        return self.page(_rows(request.user).filter(**where), AppraisalSerializer, request)


class OneAppraisal(Endpoint):
    """One appraisal, with every line and its inputs."""

    tag, operation, summary = "appraisals", "appraisal", "One appraisal"
    answer = AppraisalSerializer

    def get(self, request: Request, pk: int) -> Response:
        return Response(AppraisalSerializer(self.or_404(_rows(request.user), pk=pk)).data)
