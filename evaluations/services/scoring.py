"""Working out a wave: asked for by a person, done by a worker that claims it, with progress; all figures or none."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit, outbox, policy
from core.copying import copy_in
from evaluations.errors import WaveMovedOn
from evaluations.models import PooledScore, Score, ScoringRun, Wave
from evaluations.queries import pooling
from evaluations.queries.observations import Asked, observations
from evaluations.queries.pooling import Pooled
from evaluations.queries.published import inputs_file
from evaluations.scoring.errors import ScoringError
from evaluations.scoring.observations import FOIL
from evaluations.scoring.published import as_decimals
from evaluations.scoring.wave import VERSION, Figure, Scored
from evaluations.scoring.wave import score as work_out
from evaluations.services.preparing import lock_wave
from evaluations.services.waves import move
from evaluations.services.working import claim, give_up, tell, under_way, waiting
from evaluations.states import WaveState

TASK = "evaluations.tasks.score_wave"


@transaction.atomic
def ask_for_scores(wave: Wave, *, by: Any) -> ScoringRun:
    """Start working a wave out, with and without flagged interviews; return the run over all of them.

    Raises: NotAllowed, WaveMovedOn also while it is being worked out.
    """
    policy.require(by, "score", "wave")
    wave = lock_wave(wave, WaveState.WEIGHTED, WaveState.SCORED)
    if under_way(wave.runs.all()).exists():
        raise WaveMovedOn(_("The wave is being scored just now. Please wait until that is done."))
    runs = [
        ScoringRun.objects.create(
            wave=wave, version=VERSION, inputs_sha256="", by=by, without_flagged=without, finished_at=None
        )
        for without in (False, True)
    ]
    audit.record("wave.scoring_asked", wave, by=by, version=VERSION)
    outbox.enqueue_on_commit(TASK, wave.pk)
    return runs[0]


def score(wave: Wave, *, by: Any) -> Wave:
    """Ask for the scores and work them out at once. Raises: as ask_for_scores."""
    ask_for_scores(wave, by=by)
    work_on(wave.pk)
    wave.refresh_from_db()
    return wave


def unfinished() -> list[int]:
    """The waves whose runs nobody works on: what a sweep finds after a crash."""
    return sorted(set(waiting(ScoringRun.objects.all()).values_list("wave_id", flat=True)))


def work_on(wave_id: int) -> bool:
    """Claim the runs of a wave and finish them; False when somebody else has them. Safe to call many times."""
    if not claim(ScoringRun.objects.filter(wave_id=wave_id)):
        return False
    wave = Wave.objects.select_related("questionnaire").get(pk=wave_id)
    try:
        _work(wave)
    except ScoringError as error:
        give_up(wave.runs.all(), error)
    return True


def _work(wave: Wave) -> None:
    asked = observations(wave)
    tell(wave.runs.all(), 40)
    scored = work_out(asked.open)
    tell(wave.runs.all(), 60)
    digest = hashlib.sha256(inputs_file(asked.open, scored)).hexdigest()
    tell(wave.runs.all(), 70)
    pooled = pooling.work_out(wave, asked, scored, pooling.earlier_waves(wave))
    tell(wave.runs.all(), 85)
    _write(wave, Made(asked, scored, digest, pooled))


@dataclass(frozen=True)
class Made:
    """Everything that a run writes."""

    asked: Asked
    scored: Scored
    digest: str
    pooled: Pooled | None


@transaction.atomic
def _write(wave: Wave, made: Made) -> None:
    """Put the figures in place of the ones before, in one transaction."""
    wave = lock_wave(wave, WaveState.WEIGHTED, WaveState.SCORED)
    runs = {run.without_flagged: run for run in under_way(wave.runs.all()).select_for_update()}
    if set(runs) != {False, True}:
        return
    for without, figures in ((False, made.scored.with_flagged), (True, made.scored.without_flagged)):
        copy_in(Score._meta.db_table, COLUMNS, _rows(runs[without], wave, figures, made.asked.subject_ids))
        if made.pooled:
            copy_in(PooledScore._meta.db_table, POOLED_COLUMNS, _pooled_rows(runs[without], wave, made.pooled))
    wave.runs.filter(is_current=True).update(is_current=False)
    wave.runs.filter(pk__in=[run.pk for run in runs.values()]).update(
        inputs_sha256=made.digest,
        pooled_waves="+".join(made.pooled.pool.codes) if made.pooled else "",
        pool_sha256=hashlib.sha256(made.pooled.inputs).hexdigest() if made.pooled else "",
        responses_count=made.asked.responses,
        finished_at=timezone.now(),
        progress=100,
        is_current=True,
    )
    by = runs[False].by
    wave.scored_by = by
    if wave.state == WaveState.WEIGHTED:
        move(wave, WaveState.SCORED, by=by, fields=("scored_by",), inputs=made.digest)
        return
    wave.save(update_fields=["scored_by"])
    audit.record("wave.scored_again", wave, by=by, inputs=made.digest)


KNOWN = (
    "n", "n_eff", "dont_know", "points", "low", "high", "shrunk", "shrunk_low", "shrunk_high", "reliability",
    "rank", "rank_low", "rank_high", "peers",
)  # fmt: skip
FIGURES = (*KNOWN, "signal")
POOLED_COLUMNS = ("run_id", "subject_id", "indicator", "positive_levels", *KNOWN, "waves")
COLUMNS = ("run_id", "subject_id", "indicator", "positive_levels", *FIGURES, "is_shown")


def _rows(
    run: ScoringRun, wave: Wave, figures: list[Figure], subject_ids: list[int | None]
) -> Iterator[tuple[Any, ...]]:
    levels = "{" + ",".join(map(str, wave.positive_levels)) + "}"
    for figure, subject in zip(figures, subject_ids, strict=True):
        if figure.about.kind != FOIL:
            values = as_decimals(figure)
            yield run.pk, subject, figure.about.indicator, levels, *(values[n] for n in FIGURES), figure.shown


def _pooled_rows(run: ScoringRun, wave: Wave, pooled: Pooled) -> Iterator[tuple[Any, ...]]:
    levels = "{" + ",".join(map(str, wave.positive_levels)) + "}"
    for subject, indicator, *values, waves in _pooled_figures(pooled, without_flagged=run.without_flagged):
        yield run.pk, subject, indicator, levels, *values, "{" + ",".join(waves) + "}"


def pooled_figures_of(pooled: Pooled, *, without_flagged: bool) -> set[tuple[Any, ...]]:
    """The figures over several waves as they are stored, to be held against :func:`stored_pooled_figures`."""
    return set(_pooled_figures(pooled, without_flagged=without_flagged))


def _pooled_figures(pooled: Pooled, *, without_flagged: bool) -> Iterator[tuple[Any, ...]]:
    """In the order of the pool, which a secret decides: programs are told them in the order in which they stand."""
    figures = pooled.scored.without_flagged if without_flagged else pooled.scored.with_flagged
    for f, subject, waves in zip(figures, pooled.pool.subject_ids, pooled.waves, strict=True):
        if f.shown:
            yield subject, f.about.indicator, *(as_decimals(f)[name] for name in KNOWN), waves


def stored_pooled_figures(run: ScoringRun) -> set[tuple[Any, ...]]:
    """What stands in the rollups of figures over several waves; one statement."""
    rows = run.pooled_scores.values_list("subject_id", "indicator", *KNOWN, "waves")
    return {(*values, tuple(waves)) for *values, waves in rows}


def figures_of(figures: list[Figure], subject_ids: list[int | None]) -> set[tuple[Any, ...]]:
    """The figures as they are stored, to be held against :func:`stored_figures`."""
    return {
        (subject, f.about.indicator, *(as_decimals(f)[name] for name in FIGURES), f.shown)
        for f, subject in zip(figures, subject_ids, strict=True)
        if f.about.kind != FOIL
    }


def stored_figures(run: ScoringRun) -> set[tuple[Any, ...]]:
    """What stands in the rollups; one statement."""
    return set(run.scores.values_list("subject_id", "indicator", *FIGURES, "is_shown"))
