"""What a wave's scores are worked out from: one line an interview, subject and indicator, as it is published.

A line says how many of the items on that indicator were answered (``asked``) and how many of those well
(``positive``); with ``asked`` 0 the person did not know or did not want to say. There is no area, age or sex and no
number of the interview: two lines of one person cannot be put together. The order of lines is part of the inputs.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

HEAD = ("indicator", "kind", "peer_group", "subject", "interviewer", "weight", "positive", "asked", "flagged")
FOIL = "foil"  # the kind of lines about people who do not exist
CITY = "city"  # the kind of lines about the city as a whole


@dataclass(frozen=True)
class About:
    """What a line is about: one indicator of one officer, one unit, the city or a foil."""

    indicator: str
    kind: str
    peer_group: str
    code: str


@dataclass(frozen=True)
class Observations:
    """Columns of equal length; ``about`` points into ``subjects``, weights have two places."""

    subjects: Sequence[About]
    about: NDArray[np.intp]
    interviewer: NDArray[np.intp]
    weight: NDArray[np.float64]
    positive: NDArray[np.intp]
    asked: NDArray[np.intp]
    flagged: NDArray[np.bool_]

    def without_flagged(self) -> "Observations":
        """The same without the lines that somebody should look at twice."""
        kept = ~self.flagged
        return Observations(
            self.subjects,
            self.about[kept],
            self.interviewer[kept],
            self.weight[kept],
            self.positive[kept],
            self.asked[kept],
            self.flagged[kept],
        )


def write(observations: Observations, names: Sequence[str], left_out: frozenset[int] = frozenset()) -> bytes:
    """The published file: CSV with CRLF; ``names`` stand for the subjects, ``left_out`` are not printed."""
    o = observations
    heads = [f"{a.indicator},{a.kind},{a.peer_group},{name}" for a, name in zip(o.subjects, names, strict=True)]
    columns = (o.about, o.interviewer, o.weight, o.positive, o.asked, o.flagged)
    lines = [
        f"{heads[about]},{interviewer},{weight:.2f},{positive},{asked},{flagged:d}"
        for about, interviewer, weight, positive, asked, flagged in zip(*(c.tolist() for c in columns), strict=True)
        if about not in left_out
    ]
    return ("\r\n".join([",".join(HEAD), *lines]) + "\r\n").encode()


def read(content: bytes) -> Observations:
    """What :func:`write` wrote; subjects are in the order of their first lines. Raises: ValueError for another file."""
    rows = csv.reader(io.StringIO(content.decode(), newline=""))
    if tuple(next(rows, ())) != HEAD:
        raise ValueError(f"the first line must be {','.join(HEAD)}")
    subjects: dict[About, int] = {}
    about, figures = [], []
    for indicator, kind, group, code, *rest in rows:
        about.append(subjects.setdefault(About(indicator, kind, group, code), len(subjects)))
        figures.append([float(value) for value in rest])
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
    )
