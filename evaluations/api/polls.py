"""Published waves and the scores that may be shown, for programs; what is not published does not exist here."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.schema import listed
from core.api.views import PagedEndpoint
from evaluations.models import PooledScore, Score, Wave
from evaluations.public_names import public_name
from evaluations.scoring.published import untold
from evaluations.states import Indicator, SubjectKind, WaveKind, WaveState


class WaveSerializer(serializers.ModelSerializer):
    """One round of asking whose figures are published."""

    pollster = serializers.CharField(source="pollster.name", read_only=True)

    class Meta:
        model = Wave
        fields = ["code", "title", "kind", "year", "pollster", "starts", "ends", "positive_levels", "published_at"]
        read_only_fields = fields


class ScoreSerializer(serializers.ModelSerializer):
    """What is known of a subject, how surely: points of a hundred. Without a subject it is the city."""

    wave = serializers.CharField(source="run.wave.code", read_only=True)
    version = serializers.CharField(source="run.version", read_only=True)
    inputs_sha256 = serializers.CharField(source="run.inputs_sha256", read_only=True)
    n = serializers.SerializerMethodField(help_text="How many answered; of officers it is not published.")
    dont_know = serializers.SerializerMethodField(help_text="How many did not know; of officers it is not published.")
    kind = serializers.SerializerMethodField()
    subject = serializers.SerializerMethodField()
    peer_group = serializers.SerializerMethodField()

    class Meta:
        model = Score
        fields = [
            "wave", "kind", "subject", "peer_group", "indicator", "positive_levels", "n", "n_eff", "dont_know",
            "points", "low", "high", "shrunk", "shrunk_low", "shrunk_high", "reliability", "rank", "rank_low",
            "rank_high", "peers", "signal", "version", "inputs_sha256",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_n(self, score: Score) -> int | None:
        return untold(self.get_kind(score)).get("n", score.n)

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_dont_know(self, score: Score) -> int | None:
        return untold(self.get_kind(score)).get("dont_know", score.dont_know)

    @extend_schema_field(serializers.CharField())
    def get_kind(self, score: Score) -> str:
        return score.subject.kind if score.subject else "city"

    @extend_schema_field(serializers.CharField())
    def get_subject(self, score: Score) -> str:
        if score.subject is None:
            return ""
        return public_name(
            score.subject.kind, score.subject.code, wave=score.run.wave.code, indicator=score.indicator,
            pooled=isinstance(score, PooledScore),
        )  # fmt: skip

    @extend_schema_field(serializers.CharField())
    def get_peer_group(self, score: Score) -> str:
        return score.subject.peer_group if score.subject else ""


class PooledScoreSerializer(ScoreSerializer):
    """What is known of a person over several waves, where the newest alone knows too little; no signal of its own."""

    inputs_sha256 = serializers.CharField(source="run.pool_sha256", read_only=True)

    class Meta:
        model = PooledScore
        fields = [name if name != "signal" else "waves" for name in ScoreSerializer.Meta.fields]
        read_only_fields = fields


class WaveQuery(serializers.Serializer):
    kind = serializers.ChoiceField(WaveKind.choices, required=False)
    year = serializers.IntegerField(required=False, min_value=2009, max_value=9999)


class ScoreQuery(serializers.Serializer):
    wave = serializers.SlugField(required=False, max_length=32)
    indicator = serializers.ChoiceField(Indicator.choices, required=False)
    kind = serializers.ChoiceField(SubjectKind.choices, required=False)
    unit = serializers.RegexField(r"^[\w-]{1,40}$", required=False, help_text="The code of a unit.")
    without_flagged = serializers.BooleanField(required=False, default=False)


class PooledScoreQuery(serializers.Serializer):
    wave = serializers.SlugField(required=False, max_length=32, help_text="The newest of the waves.")
    indicator = serializers.ChoiceField(Indicator.choices, required=False)
    without_flagged = serializers.BooleanField(required=False, default=False)


NAMES = {
    "wave": "run__wave__code",
    "indicator": "indicator",
    "kind": "subject__kind",
    "unit": "subject__code",
    "without_flagged": "run__without_flagged",
}
PUBLISHED = {"run__is_current": True, "run__wave__state": WaveState.PUBLISHED}


def _where(query: dict[str, Any]) -> dict[str, Any]:
    return PUBLISHED | {NAMES[name]: value for name, value in query.items()}


class Waves(PagedEndpoint):
    """Published waves, the newest first."""

    tag, operation, summary = "polls", "waves", "List published waves"
    key, parameters, answer = ("-starts", "code"), [WaveQuery], listed(WaveSerializer)

    def get(self, request: Request) -> Response:
        asked = self.asked(WaveQuery, request)
        waves = Wave.objects.filter(state=WaveState.PUBLISHED, **asked).select_related("pollster")
        return self.page(waves, WaveSerializer, request)


class Scores(PagedEndpoint):
    """Scores of published waves that stand on enough answers (P14)."""

    tag, operation, summary = "polls", "scores", "List published scores"
    key, parameters, answer = ("pk",), [ScoreQuery], listed(ScoreSerializer)

    def get(self, request: Request) -> Response:
        query = self.asked(ScoreQuery, request)
        if "unit" in query:  # a badge number is no way to an officer's figure
            query["kind"] = SubjectKind.UNIT
        shown = Score.objects.filter(is_shown=True, **_where(query)).select_related("run__wave", "subject")
        return self.page(shown, ScoreSerializer, request)


class PooledScores(PagedEndpoint):
    """Scores of persons over up to four published waves, where one alone does not stand on enough answers (P14)."""

    tag, operation, summary = "polls", "pooled_scores", "List published scores over several waves"
    key, parameters, answer = ("pk",), [PooledScoreQuery], listed(PooledScoreSerializer)

    def get(self, request: Request) -> Response:
        told = PooledScore.objects.filter(**_where(self.asked(PooledScoreQuery, request)))
        return self.page(told.select_related("run__wave", "subject"), PooledScoreSerializer, request)
