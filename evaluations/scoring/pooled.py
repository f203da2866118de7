"""Persons about whom one wave has too few answers: their figure over up to four waves of one kind.

The answers of the waves are put together and worked out as one wave is (``wave.estimates``): the peers are everybody
of the peer group in the newest wave, with what was said of them in the others. A figure is told only above the same
floors, with and without flagged interviews; it gives no signal, for each wave alone gave its own.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import replace

from evaluations.scoring import observations as inputs
from evaluations.scoring import published
from evaluations.scoring.floors import MOST_WAVES
from evaluations.scoring.observations import FOIL, About, Observations
from evaluations.scoring.wave import Figure, Scored, estimates

FEWEST_WAVES = 2
HEAD = (*inputs.HEAD, "waves")  # by subject: the waves of the figure that is told, nothing where none is
Waves = Sequence[tuple[str, ...]]


def score(observations: Observations, waves: Waves) -> Scored:
    """Both workings-out; ``shown`` where ``waves`` names two to four waves and both stand above the floors."""
    everything, clean = estimates(observations), estimates(observations.without_flagged())
    shown = [
        a.shown and b.shown and a.about.kind != FOIL and FEWEST_WAVES <= len(of) <= MOST_WAVES
        for a, b, of in zip(everything, clean, waves, strict=True)
    ]
    return Scored(*([replace(f, shown=may) for f, may in zip(fs, shown, strict=True)] for fs in (everything, clean)))


def write(observations: Observations, names: Sequence[str], waves: Waves) -> bytes:
    """The published file: a line as in a wave's inputs, and the waves of the subject's figure."""
    lines = (f"{line},{'+'.join(waves[place])}" for place, line in inputs.rows(observations, names))
    return ("\r\n".join([",".join(HEAD), *lines]) + "\r\n").encode()


def is_pool(content: bytes) -> bool:
    """Whether a file is one that :func:`write` wrote."""
    return content.startswith((",".join(HEAD) + "\r\n").encode())


def read(content: bytes) -> tuple[Observations, Waves]:
    """What :func:`write` wrote. Raises: ValueError for another file."""
    if not is_pool(content):
        raise ValueError(f"the first line must be {','.join(HEAD)}")
    rows = list(csv.reader(io.StringIO(content.decode(), newline="")))
    plain = "".join(",".join(row[:-1]) + "\r\n" for row in rows)
    observations = inputs.read(plain.encode())
    of = {About(*row[:4]): tuple(row[-1].split("+")) if row[-1] else () for row in rows[1:]}
    return observations, [of[about] for about in observations.subjects]


def lines(scored: Scored, waves: Waves) -> Iterator[str]:
    """The published figures, sorted, each with its waves; the first line names the columns."""
    of = {_key(f): "+".join(codes) for f, codes in zip(scored.with_flagged, waves, strict=True)}
    head, *rows = published.lines(scored)
    yield f"{head},waves"
    for row in rows:
        yield f"{row},{of[tuple(row.split(',')[1:5])]}"


def _key(figure: Figure) -> tuple[str, ...]:
    about = figure.about
    return about.indicator, about.kind, about.peer_group, about.code
