"""Which waves are put together for persons with too few answers, their observations, and who may be told of (P14)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from django.db.models import Q
from numpy.typing import NDArray

from core import seals
from evaluations.models import PooledScore, Score, ScoringRun, Wave
from evaluations.public_names import public_name
from evaluations.queries.observations import Asked, observations
from evaluations.scoring import pooled
from evaluations.scoring.floors import MOST_WAVES
from evaluations.scoring.observations import FOIL, About, Observations
from evaluations.scoring.shrinkage import FEWEST_PEERS
from evaluations.scoring.wave import FEWEST_HIDDEN, OFFICER, Scored
from evaluations.states import SubjectKind, WaveState

Codes = NDArray[np.intp]
COLUMNS = ("weight", "positive", "asked", "flagged")
Group = tuple[str, str]  # indicator, peer group
Hidden = dict[tuple[str, Group], set[str]]  # by wave and group: who is not shown there


@dataclass(frozen=True)
class Pool:
    """Several waves as one; lists by place in ``observations.subjects``, codes the newest first."""

    codes: list[str]
    observations: Observations
    subject_ids: list[int | None]
    asked_in: list[tuple[str, ...]]  # the waves with answers
    found_in: list[tuple[str, ...]]  # the waves with lines, don't-knows too


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
    crowded = _crowded(known, answered)
    abouts = [a for a in known if a.kind == FOIL or (a.indicator, a.peer_group) in crowded]
    abouts.sort(key=lambda a: _secret(wave, a))
    return Pool(
        codes,
        _together(abouts, parts, _interviewers(wave, codes, parts)),
        [known[a] for a in abouts],
        _waves_of(abouts, codes, answered),
        _waves_of(abouts, codes, [set(o.subjects) for o in parts]),
    )


def _subjects(o: Observations, lines: NDArray[np.bool_]) -> set[About]:
    return {o.subjects[place] for place in np.unique(o.about[lines]).tolist()}


def _crowded(known: Iterable[About], answered: Sequence[set[About]]) -> set[Group]:
    """The groups with enough peers; nothing hangs on the others."""
    sizes = Counter((a.indicator, a.peer_group) for a in known if any(a in some for some in answered))
    return {group for group, size in sizes.items() if size >= FEWEST_PEERS}


def _waves_of(abouts: Sequence[About], codes: Sequence[str], sets: Sequence[set[About]]) -> list[tuple[str, ...]]:
    return [tuple(code for code, some in zip(codes, sets, strict=True) if a in some) for a in abouts]


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
    return Observations(abouts, *(column[sort] for column in columns))


# --- who may be told of ---------------------------------------------------------------------------------------------


def may_be_told(wave: Wave, newest: Scored, pool: Pool, made: Scored) -> list[int]:
    """The places of persons without a figure of their own in this wave who have one over several of its kind.

    ``made``: the pool worked out with ``asked_in`` as the waves. Nobody else may be known by elimination, neither in
    the file of the pool nor in the inputs of any of its waves, where those told of are hidden no more.
    """
    alone = {f.about for f in newest.with_flagged if f.shown}
    told = {
        place
        for place, f in enumerate(made.with_flagged)
        if f.shown and f.about not in alone and pool.asked_in[place][0] == wave.code
    }
    hidden = _hidden_before(pool) | _hidden_now(wave, newest)
    while last := _left_alone(pool, made, hidden, told):
        told.remove(min(last, key=lambda place: (made.with_flagged[place].n, place)))
    return sorted(told)


def _hidden_now(wave: Wave, newest: Scored) -> Hidden:
    hidden: Hidden = defaultdict(set)
    for f in newest.with_flagged:
        if f.about.kind == OFFICER and not f.shown and f.n + f.dont_know:
            hidden[wave.code, (f.about.indicator, f.about.peer_group)].add(f.about.code)
    return hidden


def _hidden_before(pool: Pool) -> Hidden:
    """Whose figures the earlier waves hide, less those told of over several waves since; two statements."""
    earlier, hidden = pool.codes[1:], defaultdict(set)
    rows = Score.objects.filter(
        Q(n__gt=0) | Q(dont_know__gt=0), run__wave__code__in=earlier, run__is_current=True, run__without_flagged=False,
        is_shown=False, subject__kind=SubjectKind.OFFICER,
    ).values_list("run__wave__code", "indicator", "subject__peer_group", "subject__code")  # fmt: skip
    for wave, indicator, group, code in rows:
        hidden[wave, (indicator, group)].add(public_name(SubjectKind.OFFICER, code))
    since = PooledScore.objects.filter(run__is_current=True, waves__overlap=earlier).exclude(
        run__wave__code=pool.codes[0]
    )
    told = since.values_list("waves", "indicator", "subject__peer_group", "subject__code")
    for waves, indicator, group, code in told:
        for wave in waves:
            hidden[wave, (indicator, group)].discard(public_name(SubjectKind.OFFICER, code))
    return hidden


def _left_alone(pool: Pool, made: Scored, hidden: Hidden, told: set[int]) -> list[int]:
    """The places in a group of which one is told too many: somebody would be the only one left; nobody: []."""
    groups: dict[Group, list[int]] = defaultdict(list)
    for place, f in enumerate(made.with_flagged):
        if f.about.kind == OFFICER:
            groups[f.about.indicator, f.about.peer_group].append(place)
    for group, places in groups.items():
        here = [place for place in places if place in told]
        if here and 0 < len(places) - len(here) < FEWEST_HIDDEN:
            return here
        for code in pool.codes:
            those = [place for place in here if code in pool.found_in[place]]
            left = hidden.get((code, group), set()) - {made.with_flagged[p].about.code for p in those}
            if those and 0 < len(left) < FEWEST_HIDDEN:
                return those
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
    told = may_be_told(wave, scored, pool, pooled.score(pool.observations, pool.asked_in))
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
