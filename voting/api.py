"""The ballots of decided votes for programs: what anybody needs to count again. Before the result there are none."""

from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.schema import listed
from core.api.views import PagedEndpoint
from voting.models import Ballot
from voting.queries import polls


class BallotSerializer(serializers.ModelSerializer):
    """One vote: a random number and what was chosen. Nothing tells who gave it, when, or by which channel."""

    choices = serializers.SerializerMethodField(help_text="The numbers of the candidates, ascending.")

    class Meta:
        model = Ballot
        fields = ["id", "choices"]
        read_only_fields = fields

    @extend_schema_field(serializers.ListField(child=serializers.IntegerField()))
    def get_choices(self, ballot: Ballot) -> list[int]:
        return list(ballot.choices)


class Ballots(PagedEndpoint):
    """Every ballot of an edition, by its random number, once the result is published."""

    tag, operation, summary = "the vote", "ballots", "List the ballots of a decided vote"
    key, answer = ("pk",), listed(BallotSerializer)

    def get(self, request: Request, year: int) -> Response:
        poll = self.or_404(polls.decided(), edition__year=year)
        ballots: QuerySet[Ballot] = Ballot.objects.filter(edition_id=poll.pk)
        return self.page(ballots, BallotSerializer, request)


v1 = [path("editions/<int:year>/ballots/", Ballots.as_view(), name="ballots")]
