"""Which waves are put together for persons with too few answers, their observations, and who may be told of (P14)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core import seals
from evaluations.models import ScoringRun, Wave
from evaluations.queries.observations import Asked, observations, opened
from evaluations.scoring import pooled
from evaluations.scoring.floors import MOST_WAVES
from evaluations.scoring.observations import FOIL, OFFICER, About, Observations
from evaluations.scoring.wave import FEWEST_HIDDEN, Scored
from evaluations.states import WaveState

Codes = NDArray[np.intp]
COLUMNS = ("weight", "positive", "asked", "flagged")
Group = tuple[str, str]  # indicator, peer group


@dataclass(frozen=True)
class Pool:
    """Several waves as one, as it is published; lists by place in ``observations.subjects``, codes the newest first."""

    codes: list[str]
    observations: Observations
    subject_ids: list[int | None]
    asked_in: list[tuple[str, ...]]  # the waves with answers


def earlier_waves(wave: Wave) -> list[Wave]:
    """Up to three published waves before this one, of its kind and with its positive answers, the newest first."""
    same = Wave.objects.filter(kind=wave.kind, positive_levels=wave.positive_levels, state=WaveState.PUBLISHED)
    before = same.filter(starts__lt=wave.starts).select_related("questionnaire")
    return list(before.order_by("-starts", "code")[: MOST_WAVES - 1])


def pool_of(wave: Wave, newest: Asked, earlier: Sequence[Wave]) -> Pool:
    """The answers about officers of this wave, in it and in the ones before, as far as they were peers there too."""
    codes = [wave.code, *(one.code for one in earlier)]
    parts = [newest.observations, *(observations(one).observations for one in earlier)]
    known: dict[About, int | None] = {a: None for o in parts for a in o.subjects if a.kind == FOIL}
    mine = zip(newest.observations.subjects, newest.subject_ids, strict=True)
    known |= {a: pk for a, pk in mine if a.kind == OFFICER}
    answered = [_subjects(o, o.asked > 0) for o in parts]
    abouts = sorted(known, key=lambda a: _secret(wave, a))
    together = _together(abouts, parts, _interviewers(wave, codes, parts))
    return Pool(
        codes,
        opened(together, wave.code, pooled=True),
        [known[a] for a in abouts],
        [tuple(code for code, some in zip(codes, answered, strict=True) if a in some) for a in abouts],
    )


def _subjects(o: Observations, lines: NDArray[np.bool_]) -> set[About]:
    return {o.subjects[place] for place in np.unique(o.about[lines]).tolist()}


def _secret(wave: Wave, a: About) -> tuple[str, str, str, str]:
    return a.indicator, a.kind, a.peer_group, _mac(wave, f"{a.indicator}/{a.code}")


def _mac(wave: Wave, value: str) -> str:
    return seals.fingerprint(value, purpose=f"pool of {wave.code}")


def _interviewers(wave: Wave, codes: Sequence[str], parts: Sequence[Observations]) -> list[Codes]:
    """New numbers for the interviewers of all waves together, in an order that a secret decides."""
    pairs = [(code, n) for code, o in zip(codes, parts, strict=True) for n in np.unique(o.interviewer).tolist()]
    pairs.sort(key=lambda pair: _mac(wave, f"interviewer {pair[0]}/{pair[1]}"))
    number = {pair: place for place, pair in enumerate(pairs)}
    made = []
    for code, o in zip(codes, parts, strict=True):
        table = np.zeros(int(o.interviewer.max(initial=-1)) + 1, dtype=np.intp)
        for n in np.unique(o.interviewer).tolist():
            table[n] = number[code, n]
        made.append(table[o.interviewer])
    return made


def _together(abouts: list[About], parts: Sequence[Observations], interviewers: Sequence[Codes]) -> Observations:
    """One table of the lines about these, sorted by their figures, so that their order says nothing."""
    place = {about: number for number, about in enumerate(abouts)}
    to = [np.array([place.get(a, -1) for a in o.subjects], dtype=np.intp)[o.about] for o in parts]
    kept = np.concatenate(to) >= 0
    given = [np.concatenate([getattr(o, name) for o in parts])[kept] for name in COLUMNS]
    columns = [np.concatenate(to)[kept], np.concatenate(interviewers)[kept], *given]
    sort = np.lexsort((columns[5], columns[4], columns[3], columns[2], columns[1], columns[0]))
    about, interviewer, weight, positive, asked, flagged = (column[sort] for column in columns)
    return Observations(abouts, about, interviewer, weight, positive, asked, flagged)


# --- who may be told of ---------------------------------------------------------------------------------------------


def may_be_told(newest: Asked, scored: Scored, pool: Pool, made: Scored) -> list[int]:
    """The places of persons without a figure of their own in this wave who have one over several of its kind.

    ``made``: the pool worked out with ``asked_in`` as the waves. Nobody else in its file may be known by elimination.
    """
    figures = zip(newest.subject_ids, scored.with_flagged, strict=True)
    alone = {(pk, f.about.indicator) for pk, f in figures if f.shown}
    told = {
        place
        for place, (pk, f) in enumerate(zip(pool.subject_ids, made.with_flagged, strict=True))
        if f.shown and (pk, f.about.indicator) not in alone and pool.asked_in[place][0] == newest.wave
    }
    while last := _left_alone(made, told):
        told.remove(min(last, key=lambda place: (made.with_flagged[place].n_eff, place)))
    return sorted(told)


def _left_alone(made: Scored, told: set[int]) -> list[int]:
    """The places in a group of which one is told too many: somebody would be the only one left; nobody: []."""
    groups: dict[Group, list[int]] = defaultdict(list)
    for place, f in enumerate(made.with_flagged):
        if f.about.kind == OFFICER and f.n_eff:
            groups[f.about.indicator, f.about.peer_group].append(place)
    for places in groups.values():
        here = [place for place in places if place in told]
        if here and 0 < len(places) - len(here) < FEWEST_HIDDEN:
            return here
    return []


# --- what is published ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pooled:
    """A pool worked out: who is told of, their figures, and the file from which anybody gets the same."""

    pool: Pool
    scored: Scored
    waves: list[tuple[str, ...]]
    inputs: bytes


def work_out(wave: Wave, newest: Asked, scored: Scored, earlier: Sequence[Wave]) -> Pooled | None:
    """The figures over this wave and the earlier ones; None where nobody needs or gets one."""
    hidden = any(f.about.kind == OFFICER and not f.shown and f.n for f in scored.with_flagged)
    if not earlier or not hidden:
        return None
    pool = pool_of(wave, newest, earlier)
    told = may_be_told(newest, scored, pool, pooled.score(pool.observations, pool.asked_in))
    return tell(pool, told) if told else None


def again(wave: Wave, newest: Asked, run: ScoringRun) -> Pooled | None:
    """The pool of a run as it was: over its waves, about whom it told of. None where it has none."""
    if not run.pooled_waves:
        return None
    codes = run.pooled_waves.split("+")
    waves = {one.code: one for one in Wave.objects.filter(code__in=codes).select_related("questionnaire")}
    pool = pool_of(wave, newest, [waves[code] for code in codes[1:]])
    stored = set(run.pooled_scores.values_list("subject_id", "indicator"))
    pairs = zip(pool.subject_ids, pool.observations.subjects, strict=True)
    return tell(pool, [place for place, (pk, about) in enumerate(pairs) if (pk, about.indicator) in stored])


def tell(pool: Pool, told: Sequence[int]) -> Pooled:
    """Names for those alone who are told of; the others are numbers."""
    waves = [pool.asked_in[place] if place in told else () for place in range(len(pool.asked_in))]
    names = [
        about.code if about.kind == FOIL or waves[place] else f"hidden-{place + 1}"
        for place, about in enumerate(pool.observations.subjects)
    ]
    file = pooled.write(pool.observations, names, waves)
    return Pooled(pool, pooled.score(pool.observations, waves), waves, file)
