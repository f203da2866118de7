"""The files of a published wave: the inputs without anybody in them, and the figures (P8, P14)."""

from evaluations.models import Wave
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


FILES = ("inputs", "scores", "pooled-inputs", "pooled-scores")


def file(wave: Wave, name: str) -> bytes | None:
    """One of ``FILES`` that anybody may download of a published wave; None of any other, and where there is none."""
    if wave.state != WaveState.PUBLISHED:
        return None
    asked = observations(wave)
    if name.startswith("pooled-"):
        return _pooled_file(wave, asked, name)
    scored = score(asked.observations)
    return inputs_file(asked.observations, scored) if name == "inputs" else as_file(lines(scored))


def _pooled_file(wave: Wave, asked: Asked, name: str) -> bytes | None:
    run = wave.runs.filter(is_current=True, without_flagged=False).first()
    made = pooling.again(wave, asked, run) if run else None
    if made is None:
        return None
    return made.inputs if name == "pooled-inputs" else as_file(pooled.lines(made.scored, made.waves))


def files(wave: Wave) -> dict[str, bytes]:
    """All open files of a published wave, by name; nothing of any other."""
    made = {f"{name}.csv": file(wave, name) for name in FILES}
    return {name: content for name, content in made.items() if content is not None}
