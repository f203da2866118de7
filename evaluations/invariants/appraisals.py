"""What must hold of schemes, appraisals and appeals, asked of the rows themselves."""

from collections.abc import Iterable

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce

from core.promises import promise
from evaluations.models import Appeal, Appraisal, AppraisalLine, AppraisalRun, Component, PooledScore, Scheme, Score
from evaluations.queries import appraisal_files
from evaluations.scoring.appraisal import LEAST_PUBLIC, WHOLE
from evaluations.sources import PUBLIC_KEYS
from evaluations.states import AppraisalState, WaveState


@promise("P9")
def schemes_are_the_publics() -> Iterable[object]:
    """Every scheme has 10000 basis points, at least 5100 of them the public's, which only a poll can be."""
    whole, public = Sum("components__weight"), Sum("components__weight", filter=Q(components__is_public=True))
    bent = Scheme.objects.annotate(whole=whole, public=public).exclude(whole=WHOLE, public__gte=LEAST_PUBLIC)
    posing = Component.objects.filter(is_public=True).exclude(key__in=PUBLIC_KEYS)
    return sorted({*bent.values_list("pk", flat=True), *posing.values_list("scheme", flat=True)})


@promise("P9")
def totals_are_the_sum_of_all_lines() -> Iterable[object]:
    """A total is the sum of one line for each part of the scheme; where one is missing, there is none."""
    parts = Count("run__scheme__components", distinct=True)
    lines = AppraisalLine.objects.filter(appraisal=OuterRef("pk")).order_by().values("appraisal")
    counted = Appraisal.objects.annotate(
        parts=parts,
        have=Coalesce(Subquery(lines.annotate(n=Count("pk")).values("n")), 0),
        points=Subquery(lines.annotate(sum=Sum("points")).values("sum")),
    )
    wrong = Q(total__isnull=False, have__lt=F("parts")) | Q(have=F("parts"), total__isnull=True)
    wrong |= Q(total__isnull=False) & ~Q(total=F("points"))
    return counted.filter(wrong).values_list("pk", flat=True)


@promise("P8")
def appraisals_equal_a_recomputation() -> Iterable[object]:
    """Every frozen appraisal is what the formula makes of its inputs, whose hash is the run's."""
    for run in AppraisalRun.objects.exclude(state=AppraisalState.DRAFT).select_related("scheme"):
        yield from appraisal_files.faults(run)


@promise("P8")
def appraisals_stand_on_published_scores() -> Iterable[object]:
    """The public's line of a published appraisal is a shown figure of a published poll, as it stands there."""
    lines = AppraisalLine.objects.filter(component__is_public=True, appraisal__run__state=AppraisalState.PUBLISHED)
    whose = Q(subject__officer=OuterRef("appraisal__officer")) | Q(
        subject__officer__isnull=True, subject__unit=OuterRef("appraisal__unit")
    )
    as_told = {
        "run__wave__code": OuterRef("wave"), "run__wave__state": WaveState.PUBLISHED, "run__is_current": True,
        "run__without_flagged": True, "indicator": OuterRef("indicator"), "points": OuterRef("score"),
    }  # fmt: skip
    alone = Score.objects.filter(whose, is_shown=True, run__inputs_sha256=OuterRef("scored_from"), **as_told)
    several = PooledScore.objects.filter(whose, run__pool_sha256=OuterRef("scored_from"), **as_told)
    told = lines.annotate(
        wave=KT("inputs__wave"), indicator=KT("inputs__indicator"), scored_from=KT("inputs__scored_from")
    )
    over_several = Q(inputs__has_key="waves")
    stands = (~over_several & Exists(alone)) | (over_several & Exists(several))
    return told.filter(~stands).values_list("appraisal", "component__key")


@promise("P8")
def two_persons_freeze() -> Iterable[object]:
    """No run was frozen by who worked it out, no scheme locked by who proposed it, no appeal decided by who made it."""
    runs = AppraisalRun.objects.filter(frozen_by=F("by")).values_list("scheme__year", "number")
    schemes = Scheme.objects.filter(locked_by=F("proposed_by")).values_list("year", "role")
    appeals = Appeal.objects.filter(decided_by=F("by")).values_list("pk", "appraisal")
    return [*runs, *schemes, *appeals]
