"""The year's ten for programs: editions, their candidates and projects, as the public pages show them."""

from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annual_projects.models import Candidate, Edition, Evidence, Measure, Milestone, Project
from annual_projects.queries import delivery as deliveries
from annual_projects.queries import editions
from annual_projects.states import Phase
from core.api.schema import listed
from core.api.views import Endpoint, PagedEndpoint
from core.requests import absolute
from directory.models import Unit


class MomentSerializer(serializers.Serializer):
    """When a phase begins by the timetable."""

    phase = serializers.ChoiceField(Phase.choices)
    starts = serializers.DateTimeField()


class EditionSerializer(serializers.ModelSerializer):
    """One year's round, with its timetable and the rules it is voted by."""

    timetable = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField(help_text="Its page.")

    class Meta:
        model = Edition
        fields = [
            "year", "phase", "intro", "timetable", "choose_min", "choose_max", "winners", "who_may_vote", "frozen_at",
            "freeze_digest", "tie_commitment", "tie_secret", "url",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(MomentSerializer(many=True))
    def get_timetable(self, edition: Edition) -> Any:
        moments = [{"phase": phase, "starts": starts} for phase, starts in edition.timetable]
        return MomentSerializer(moments, many=True).data

    def get_url(self, edition: Edition) -> str:
        return absolute(self.context["request"], edition.get_absolute_url())


class EvidenceSerializer(serializers.ModelSerializer):
    """The demand behind a candidate, counted once; the share is in basis points (3420 is 34.2 %)."""

    class Meta:
        model = Evidence
        fields = ["count", "of", "total", "share", "before", "starts", "ends", "category", "topic", "area", "taken_at"]
        read_only_fields = fields


class CandidateSerializer(serializers.ModelSerializer):
    """Something that may be voted for; ``number`` is the one on paper, and no order is better than another."""

    lead_unit = serializers.SlugRelatedField[Unit](slug_field="code", read_only=True, allow_null=True)
    evidence = EvidenceSerializer(read_only=True, allow_null=True)
    voices = serializers.IntegerField(source="voice_count", read_only=True, help_text="How many stand behind it.")
    url = serializers.SerializerMethodField(help_text="Its page.")

    class Meta:
        model = Candidate
        fields = [
            "number", "slug", "state", "title", "summary", "outcome", "category", "area", "lead_unit", "target",
            "target_unit", "cost", "law", "evidence", "voices", "url",
        ]  # fmt: skip
        read_only_fields = fields

    def to_representation(self, instance: Candidate) -> dict[str, Any]:
        """A candidate nobody asked for in numbers has no evidence row."""
        if not hasattr(instance, "evidence"):
            instance.evidence = None
        return super().to_representation(instance)

    def get_url(self, candidate: Candidate) -> str:
        return absolute(self.context["request"], candidate.get_absolute_url())


class MilestoneSerializer(serializers.ModelSerializer):
    unit = serializers.SlugRelatedField[Unit](slug_field="code", read_only=True)

    class Meta:
        model = Milestone
        fields = ["title", "unit", "due_on", "first_due_on", "moved_because", "state", "settled_on", "note"]
        read_only_fields = fields


class MeasureSerializer(serializers.ModelSerializer):
    class Meta:
        model = Measure
        fields = ["title", "document_number", "issued_on", "summary"]
        read_only_fields = fields


class MonthSerializer(serializers.Serializer):
    month = serializers.DateField()
    people = serializers.IntegerField()


class ServedSerializer(serializers.Serializer):
    """People served, by one definition."""

    definition = serializers.CharField()
    sources = serializers.ListField(child=serializers.CharField())
    people = serializers.IntegerField()
    months = serializers.SerializerMethodField()

    @extend_schema_field(MonthSerializer(many=True))
    def get_months(self, served: deliveries.Served) -> Any:
        return [{"month": month.isoformat(), "people": people} for month, people in served.months]


class ProjectSerializer(serializers.ModelSerializer):
    """One of the ten; ``votes`` as published with the result."""

    state = serializers.CharField(read_only=True, help_text="planned, underway, delivered or not_delivered")
    slug = serializers.SlugField(source="candidate.slug", read_only=True)
    title = serializers.CharField(source="candidate.title", read_only=True)
    lead_unit = serializers.SlugField(source="candidate.lead_unit.code", read_only=True)
    target = serializers.IntegerField(source="candidate.target", read_only=True)
    target_unit = serializers.CharField(source="candidate.target_unit", read_only=True)
    url = serializers.SerializerMethodField(help_text="Its page.")

    class Meta:
        model = Project
        fields = [
            "rank", "votes", "slug", "title", "state", "lead_unit", "target", "target_unit", "achieved",
            "closing_words", "closed_at", "url",
        ]  # fmt: skip
        read_only_fields = fields

    def get_url(self, project: Project) -> str:
        return absolute(self.context["request"], project.get_absolute_url())


class RatingsSerializer(serializers.Serializer):
    """What the public thinks; figures are null while fewer than ten have rated."""

    count = serializers.IntegerField()
    average = serializers.FloatField(allow_null=True)
    satisfied = serializers.FloatField(allow_null=True)


class OneProjectSerializer(ProjectSerializer):
    """One of the ten with its steps, the rules issued, the people served and its ratings."""

    milestones = serializers.SerializerMethodField()
    measures = serializers.SerializerMethodField()
    beneficiaries = serializers.SerializerMethodField()
    ratings = serializers.SerializerMethodField()

    class Meta(ProjectSerializer.Meta):
        fields = [*ProjectSerializer.Meta.fields, "milestones", "measures", "beneficiaries", "ratings"]
        read_only_fields = fields

    @extend_schema_field(MilestoneSerializer(many=True))
    def get_milestones(self, project: Project) -> Any:
        return MilestoneSerializer(self.context["delivery"].steps, many=True).data

    @extend_schema_field(MeasureSerializer(many=True))
    def get_measures(self, project: Project) -> Any:
        return MeasureSerializer(self.context["delivery"].measures, many=True).data

    @extend_schema_field(ServedSerializer(many=True))
    def get_beneficiaries(self, project: Project) -> Any:
        return ServedSerializer(self.context["delivery"].served, many=True).data

    @extend_schema_field(RatingsSerializer())
    def get_ratings(self, project: Project) -> Any:
        return RatingsSerializer(self.context["delivery"].ratings).data


class Editions(PagedEndpoint):
    """Every year, newest first."""

    tag, operation, summary = "annual projects", "editions", "List editions"
    key, answer = ("-year",), listed(EditionSerializer)

    def get(self, request: Request) -> Response:
        return self.page(editions.visible_editions(request.user), EditionSerializer, request)


class OneEdition(Endpoint):
    """One year's round."""

    tag, operation, summary, answer = "annual projects", "edition", "Read one edition", EditionSerializer

    def get(self, request: Request, year: int) -> Response:
        edition = self.or_404(editions.visible_editions(request.user), year=year)
        return Response(EditionSerializer(edition, context={"request": request}).data)


class Candidates(PagedEndpoint):
    """The candidates of a year, as far as they are public."""

    tag, operation, summary = "annual projects", "candidates", "List the candidates of an edition"
    key, answer = ("pk",), listed(CandidateSerializer)

    def get(self, request: Request, year: int) -> Response:
        edition = self.or_404(editions.visible_editions(request.user), year=year)
        found = editions.candidates(edition).select_related("edition", "evidence", "lead_unit")
        return self.page(found, CandidateSerializer, request)


class OneCandidate(Endpoint):
    """One candidate with the demand behind it."""

    tag, operation, summary, answer = "annual projects", "candidate", "Read one candidate", CandidateSerializer

    def get(self, request: Request, year: int, slug: str) -> Response:
        edition = self.or_404(editions.visible_editions(request.user), year=year)
        found = editions.candidates(edition).select_related("edition", "evidence", "lead_unit")
        candidate = self.or_404(found, slug=slug)
        return Response(CandidateSerializer(candidate, context={"request": request}).data)


class Projects(PagedEndpoint):
    """The ten of a year, by their place in the vote."""

    tag, operation, summary = "annual projects", "projects", "List the projects of an edition"
    key, answer = ("rank",), listed(ProjectSerializer)

    def get(self, request: Request, year: int) -> Response:
        edition = self.or_404(editions.visible_editions(request.user), year=year)
        found = edition.projects.select_related("edition", "candidate__lead_unit")
        return self.page(found, ProjectSerializer, request)


class OneProject(Endpoint):
    """One project with everything the public page shows of it in figures."""

    tag, operation, summary, answer = "annual projects", "project", "Read one project", OneProjectSerializer

    def get(self, request: Request, year: int, slug: str) -> Response:
        found = Project.objects.select_related("edition", "candidate__lead_unit")
        project = self.or_404(found, edition__year=year, candidate__slug=slug)
        context = {"request": request, "delivery": deliveries.delivery(project)}
        return Response(OneProjectSerializer(project, context=context).data)


v1 = [
    path("editions/", Editions.as_view(), name="editions"),
    path("editions/<int:year>/", OneEdition.as_view(), name="edition"),
    path("editions/<int:year>/candidates/", Candidates.as_view(), name="candidates"),
    path("editions/<int:year>/candidates/<slug:slug>/", OneCandidate.as_view(), name="candidate"),
    path("editions/<int:year>/projects/", Projects.as_view(), name="projects"),
    path("editions/<int:year>/projects/<slug:slug>/", OneProject.as_view(), name="project"),
]
