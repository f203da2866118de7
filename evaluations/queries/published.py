"""The files of a published wave: the inputs without anybody in them, and the figures (P8, P14)."""

from evaluations.models import ScoringRun, Wave
from evaluations.queries import pooling
from evaluations.queries.observations import Asked, observations
from evaluations.scoring import pooled
from evaluations.scoring.observations import CITY, FOIL, Observations, write
from evaluations.scoring.published import as_file, lines
from evaluations.scoring.wave import Scored, score
from evaluations.states import WaveState


def inputs_file(made: Observations, scored: Scored) -> bytes:
    """The observations with the names of those alone whose figure is shown; the others are numbers.

    Who would be known although hidden, as the only one of a peer group, is left out: nothing else hangs on them.
    """
    names, left_out = [], set()
    hidden: dict[tuple[str, str, str], list[int]] = {}
    for place, figure in enumerate(scored.with_flagged):
        about = figure.about
        named = figure.shown or about.kind in (FOIL, CITY)
        names.append(about.code if named else f"hidden-{place + 1}")
        if not named:
            hidden.setdefault((about.indicator, about.kind, about.peer_group), []).append(place)
    for places in hidden.values():
        if len(places) == 1:
            left_out.add(places[0])
    return write(made, names, frozenset(left_out))


def files(wave: Wave) -> dict[str, bytes]:
    """All open files of a published wave, by name; nothing of any other."""
    run = wave.runs.filter(is_current=True, without_flagged=False).first()
    if wave.state != WaveState.PUBLISHED or run is None:
        return {}
    asked = observations(wave)
    return files_of(wave, asked, score(asked.open), run)


def files_of(wave: Wave, asked: Asked, scored: Scored, run: ScoringRun) -> dict[str, bytes]:
    """What anybody may download of a wave that was worked out: inputs and scores, and those over several waves."""
    made = {"inputs": inputs_file(asked.open, scored), "scores": as_file(lines(scored))}
    pool = pooling.again(wave, asked, run)
    if pool is not None:
        made |= {"pooled-inputs": pool.inputs, "pooled-scores": as_file(pooled.lines(pool.scored, pool.waves))}
    return made
