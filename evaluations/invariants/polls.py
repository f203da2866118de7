"""What must hold of waves, files and figures, asked of the rows themselves."""

import hashlib
from collections.abc import Iterable

from django.db.models import Case, Count, F, Q, When

from core.promises import promise
from core.small_cells import K
from evaluations.models import Batch, Frame, PooledScore, PropertyImport, Score, ScoringRun, Wave
from evaluations.queries import pooling, published
from evaluations.queries.observations import observations
from evaluations.scoring.floors import (
    FEWEST_ANSWERS,
    FEWEST_EFFECTIVE,
    FEWEST_EFFECTIVE_UNIT,
    LEAST_RELIABILITY,
    MOST_WAVES,
)
from evaluations.scoring.persons import FEWEST_ALIKE
from evaluations.scoring.wave import VERSION, score
from evaluations.services.preparing import frame_csv
from evaluations.services.scoring import figures_of, pooled_figures_of, stored_figures, stored_pooled_figures
from evaluations.states import SubjectKind, WaveState


@promise("P7")
def files_are_whole() -> Iterable[object]:
    """Every file of a pollster has as many interviews and answers as were counted when it was taken."""
    answers = Count("responses__answers")
    counted = Batch.objects.annotate(n=Count("responses", distinct=True), m=answers)
    return counted.exclude(n=F("responses_count"), m=F("answers_count")).values_list("sha256", flat=True)


@promise("P7")
def files_are_of_their_own_wave() -> Iterable[object]:
    """Every interview stands in the wave its file was handed in for, signed by that wave's pollster."""
    strays = Batch.objects.filter(~Q(responses__wave=F("wave")), responses__isnull=False)
    foreign = Batch.objects.exclude(key__pollster=F("wave__pollster"))
    return sorted({*strays.values_list("sha256", flat=True), *foreign.values_list("sha256", flat=True)})


@promise("P7")
def files_of_property_cases_are_whole() -> Iterable[object]:
    """Every file of property cases has as many cases as were counted when it was taken."""
    counted = PropertyImport.objects.annotate(n=Count("cases"))
    return counted.exclude(n=F("rows_count")).values_list("sha256", flat=True)


@promise("P8")
def frames_are_as_drawn() -> Iterable[object]:
    """Every frame still is the file whose hash was handed to the pollster."""
    for frame in Frame.objects.select_related("wave").order_by("pk"):
        if hashlib.sha256(frame_csv(frame)).hexdigest() != frame.sha256:
            yield frame.wave.code


@promise("P8")
def frozen_figures_equal_a_recomputation() -> Iterable[object]:
    """Every figure of a frozen wave is what the published formula makes of its inputs, and the inputs are unchanged."""
    frozen = Wave.objects.filter(state__in=[WaveState.FROZEN, WaveState.PUBLISHED]).select_related("questionnaire")
    for wave in frozen:
        yield from _faults(wave)


def _faults(wave: Wave) -> Iterable[str]:
    runs = {run.without_flagged: run for run in wave.runs.filter(is_current=True)}
    if set(runs) != {False, True}:
        yield f"{wave.code}: no current run"
        return
    if any(run.version != VERSION for run in runs.values()):
        return  # another version of the formula; its own release recomputes it
    asked = observations(wave)
    scored = score(asked.open)
    made = published.files_of(wave, asked, scored, runs[False])
    for stored in wave.open_files.all():
        if stored.content != made.get(stored.name):
            yield f"{wave.code}: {stored.name}.csv"
    digest = hashlib.sha256(made["inputs"]).hexdigest()
    for without, figures in ((False, scored.with_flagged), (True, scored.without_flagged)):
        if runs[without].inputs_sha256 != digest:
            yield f"{wave.code}: inputs"
        if stored_figures(runs[without]) != figures_of(figures, asked.subject_ids):
            yield f"{wave.code}: figures {'without' if without else 'with'} flagged"
        yield from _pooled_faults(runs[without], pooling.again(wave, asked, runs[without]))


def _pooled_faults(run: ScoringRun, again: pooling.Pooled | None) -> Iterable[str]:
    digest = hashlib.sha256(again.inputs).hexdigest() if again else ""
    if digest != run.pool_sha256:
        yield f"{run.wave.code}: inputs over several waves"
    figures = pooled_figures_of(again, without_flagged=run.without_flagged) if again else set()
    if stored_pooled_figures(run) != figures:
        yield f"{run.wave.code}: figures over several waves"


@promise("P8")
def two_persons_publish() -> Iterable[object]:
    """No wave was published by who scored it."""
    return Wave.objects.filter(state=WaveState.PUBLISHED, published_by=F("scored_by")).values_list("code", flat=True)


@promise("P14")
def shown_figures_stand_on_enough() -> Iterable[object]:
    """Nothing is shown of a person or a unit below the floors of answers, effective answers and reliability."""
    enough = Case(
        When(
            subject__kind=SubjectKind.OFFICER,
            then=Q(n__gte=FEWEST_ANSWERS, n_eff__gte=FEWEST_EFFECTIVE, reliability__gte=LEAST_RELIABILITY - 0.005),
        ),
        default=Q(n_eff__gte=FEWEST_EFFECTIVE_UNIT),
    )
    shown = Score.objects.filter(is_shown=True, run__is_current=True).annotate(enough=enough)
    return shown.exclude(enough=True).values_list("run__wave__code", "subject__code", "indicator")


@promise("P14")
def pooled_figures_are_of_one_kind() -> Iterable[object]:
    """Every figure over several waves stands on enough, over two to four published waves of one kind, its own first."""
    kinds = {code: (kind, state) for code, kind, state in Wave.objects.values_list("code", "kind", "state")}
    for one in PooledScore.objects.filter(run__is_current=True).select_related("run__wave", "subject"):
        wave, earlier = one.run.wave, one.waves[1:]
        alike = all(kinds.get(code) == (wave.kind, WaveState.PUBLISHED) for code in earlier)
        enough = one.n >= FEWEST_ANSWERS and one.n_eff >= FEWEST_EFFECTIVE
        if not (alike and enough and one.waves[0] == wave.code and 1 <= len(earlier) < MOST_WAVES):
            yield wave.code, one.subject.code, one.indicator


@promise("P14")
def as_many_are_told_of_several() -> Iterable[object]:
    """Every number of effective answers told of a person is told of at least three of the peer group."""
    told = Score.objects.filter(
        run__is_current=True, run__version=VERSION, subject__kind=SubjectKind.OFFICER, n_eff__gt=0
    )
    sizes = told.order_by().values("run__wave__code", "run", "indicator", "subject__peer_group", "n_eff")
    rare = sizes.annotate(alike=Count("pk")).filter(alike__lt=FEWEST_ALIKE)
    return rare.values_list("run__wave__code", "run", "indicator", "subject__peer_group", "n_eff")


@promise("P14")
def nobody_is_hidden_alone() -> Iterable[object]:
    """Where figures of a peer group are shown, not one single member's is hidden, who would be known by elimination."""
    asked = Q(n_eff__gt=0) | Q(dont_know__gt=0, subject__kind=SubjectKind.UNIT)  # of others nothing is told at all
    groups = (
        Score.objects.filter(asked, run__is_current=True, subject__isnull=False)
        .order_by()
        .values("run", "indicator", "subject__kind", "subject__peer_group")
        .annotate(shown=Count("pk", filter=Q(is_shown=True)), hidden=Count("pk", filter=Q(is_shown=False)))
    )
    found = groups.filter(shown__gt=0, hidden=1)
    return found.values_list("run__wave__code", "run", "indicator", "subject__peer_group")


@promise("P14")
def weights_give_no_cell_away() -> Iterable[object]:
    """Every weight is shared by at least ten interviews of its wave."""
    past = Wave.objects.exclude(state__in=[WaveState.DRAFT, WaveState.FIELDING, WaveState.IMPORTED, WaveState.CHECKED])
    rare = past.order_by().values("code", "responses__weight").annotate(n=Count("responses")).filter(n__gte=1, n__lt=K)
    sizes = dict(past.order_by().values_list("code").annotate(n=Count("responses")))
    return [(row["code"], row["responses__weight"]) for row in rare if sizes[row["code"]] >= K]
