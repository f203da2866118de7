"""What a wave's scores are worked out from, as it is published: interviews, and what they come to of a person.

A line says how many of the items on that indicator were answered (``asked``) and how many of those well
(``positive``); with ``asked`` 0 the person did not know or did not want to say. There is no area, age or sex and no
number of the interview: two lines of one person cannot be put together. The order of lines is part of the inputs.

Of an officer no interview stands in the file, as its interviewer, weight and flag would lead to the line of the same
interview about the station: two lines instead, with and without the flagged interviews, which say so many good of so
many effective answers (``scoring/persons.py``).
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from evaluations.scoring.floors import FEWEST_ANSWERS

HEAD = ("indicator", "kind", "peer_group", "subject", "interviewer", "weight", "positive", "asked", "flagged")
FOIL = "foil"  # the kind of lines about people who do not exist
CITY = "city"  # the kind of lines about the city as a whole
OFFICER = "officer"  # the kind of what is told of persons
WAYS = ("with", "without")  # the flagged interviews


@dataclass(frozen=True)
class About:
    """What a line is about: one indicator of one officer, one unit, the city or a foil."""

    indicator: str
    kind: str
    peer_group: str
    code: str


@dataclass(frozen=True)
class Told:
    """What the interviews about a person come to: ``well`` good ones of ``size`` answers; 0 of 0 where nothing is told.

    Of how many answered and did not know the house alone knows more than that they are enough.
    """

    size: int
    well: int
    n: int = FEWEST_ANSWERS
    dont_know: int = 0


@dataclass(frozen=True)
class Observations:
    """Columns of equal length; ``about`` points into ``subjects``, weights have two places.

    ``told``: by place in ``subjects`` what is told of a person, with and without the flagged interviews.
    """

    subjects: Sequence[About]
    about: NDArray[np.intp]
    interviewer: NDArray[np.intp]
    weight: NDArray[np.float64]
    positive: NDArray[np.intp]
    asked: NDArray[np.intp]
    flagged: NDArray[np.bool_]
    told: Mapping[int, tuple[Told, Told]] = field(default_factory=dict)

    def without_flagged(self) -> "Observations":
        """The same without the lines that somebody should look at twice."""
        clean = {place: (told, told) for place, (_everything, told) in self.told.items()}
        return replace(self.only(~self.flagged), told=clean)

    def only(self, kept: NDArray[np.bool_]) -> "Observations":
        """The same with these lines alone."""
        columns = ("about", "interviewer", "weight", "positive", "asked", "flagged")
        return replace(self, **{name: getattr(self, name)[kept] for name in columns})


def rows(o: Observations, names: Sequence[str], left_out: frozenset[int] = frozenset()) -> Iterator[tuple[int, str]]:
    """The place of the subject and the text of each line of the published file, those about persons last."""
    heads = [f"{a.indicator},{a.kind},{a.peer_group},{name}" for a, name in zip(o.subjects, names, strict=True)]
    columns = (o.about, o.interviewer, o.weight, o.positive, o.asked, o.flagged)
    for about, interviewer, weight, positive, asked, flagged in zip(*(c.tolist() for c in columns), strict=True):
        if about not in left_out:
            yield about, f"{heads[about]},{interviewer},{weight:.2f},{positive},{asked},{flagged:d}"
    for place, ways in sorted(o.told.items()):
        for way, told in zip(WAYS, ways, strict=True):
            if told.size:
                yield place, f"{heads[place]},,,{told.well},{told.size},{way}"


def write(observations: Observations, names: Sequence[str], left_out: frozenset[int] = frozenset()) -> bytes:
    """The published file: CSV with CRLF; ``names`` stand for the subjects, ``left_out`` are not printed."""
    lines = (line for _place, line in rows(observations, names, left_out))
    return ("\r\n".join([",".join(HEAD), *lines]) + "\r\n").encode()


def read(content: bytes) -> Observations:
    """What :func:`write` wrote; subjects are in the order of their first lines. Raises: ValueError for another file."""
    lines = csv.reader(io.StringIO(content.decode(), newline=""))
    if tuple(next(lines, ())) != HEAD:
        raise ValueError(f"the first line must be {','.join(HEAD)}")
    subjects: dict[About, int] = {}
    about, figures = [], []
    told: dict[int, dict[str, Told]] = {}
    for indicator, kind, group, code, *rest in lines:
        place = subjects.setdefault(About(indicator, kind, group, code), len(subjects))
        if kind == OFFICER:
            told.setdefault(place, {})[rest[-1]] = Told(size=int(rest[3]), well=int(rest[2]))
            continue
        about.append(place)
        figures.append([float(value) for value in rest])
    if any(set(ways) != set(WAYS) for ways in told.values()):
        raise ValueError("a person has two lines, with and without the flagged interviews: is this an older file?")
    table = np.array(figures, dtype=float).reshape(len(figures), 5)
    interviewer, weight, positive, asked, flagged = table.T
    return Observations(
        list(subjects),
        np.array(about, dtype=np.intp),
        interviewer.astype(np.intp),
        weight,
        positive.astype(np.intp),
        asked.astype(np.intp),
        flagged.astype(bool),
        {place: (ways[WAYS[0]], ways[WAYS[1]]) for place, ways in told.items()},
    )
