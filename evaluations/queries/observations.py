"""A wave's answers as the observations they are scored from, in the order and under the names that are published.

Subjects and interviewers stand in an order that a secret key decides (``core.seals``), so that the number of a hidden
subject says nothing; within a subject the lines are sorted by their figures, so that their order says nothing either.
Only what is ``open`` leaves the house: in it officers have public names and no interviews (``scoring/persons.py``).
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core import seals
from core.copying import copy_numbers
from evaluations.models import Item, Wave
from evaluations.public_names import public_name
from evaluations.scoring.observations import CITY, FOIL, About, Observations
from evaluations.scoring.persons import condensed
from evaluations.states import FlagState

Codes = NDArray[np.intp]

ANSWERS = """
    SELECT a.response_id, COALESCE(a.subject_id, 0), a.item_id, COALESCE(a.level, 0)
    FROM evaluations_answer a JOIN evaluations_response r ON r.id = a.response_id
    WHERE r.wave_id = %s
"""
RESPONSES = """
    SELECT r.id, r.weight, dense_rank() OVER (ORDER BY r.interviewer) - 1,
           EXISTS (SELECT 1 FROM evaluations_flag f WHERE f.response_id = r.id AND f.state <> %s)::int
    FROM evaluations_response r WHERE r.wave_id = %s ORDER BY r.id
"""


@dataclass(frozen=True)
class Asked:
    """The observations, and the primary key of the subject (None: the city or a foil) of each of ``subjects``."""

    wave: str
    observations: Observations
    subject_ids: list[int | None]
    responses: int

    @cached_property
    def open(self) -> Observations:
        """What is published, and what the figures are worked out from."""
        return opened(self.observations, self.wave)


def observations(wave: Wave) -> Asked:
    """Everything that was answered in the wave; four statements. The wave is weighted."""
    items = list(wave.questionnaire.items.all())
    responses = copy_numbers(RESPONSES, [FlagState.DISMISSED, wave.pk], 4)
    rows = copy_numbers(ANSWERS, [wave.pk], 4).astype(np.int64)
    topics, topic = _topics(items, rows)
    names = {pk: (code, kind, group) for pk, code, kind, group in wave.subjects.values_list(
        "pk", "code", "kind", "peer_group"
    )}  # fmt: skip
    person, subject, positive, asked = _gather(wave, items, rows, topic)
    place = np.searchsorted(responses[:, 0].astype(np.int64), person)
    abouts = [_about(topics[int(s) % TOPICS], int(s) // TOPICS, names) for s in np.unique(subject)]
    order = sorted(range(len(abouts)), key=lambda i: _secret(wave, abouts[i]))
    position = np.empty(len(order), dtype=np.intp)
    position[order] = np.arange(len(order))
    about = position[np.searchsorted(np.unique(subject), subject)]
    interviewer = _shuffled(wave, responses[:, 2].astype(np.intp))[place]
    weight, flagged = np.round(responses[place, 1], 2), responses[place, 3].astype(bool)
    sort = np.lexsort((flagged, asked, positive, weight, interviewer, about))
    made = Observations(
        [abouts[i] for i in order],
        about[sort],
        interviewer[sort],
        weight[sort],
        positive[sort],
        asked[sort],
        flagged[sort],
    )
    keys = [int(s) // TOPICS or None for s in np.unique(subject)]
    return Asked(wave.code, made, [keys[i] for i in order], len(responses))


def opened(made: Observations, wave: str, *, pooled: bool = False) -> Observations:
    """What the house knows as it is published: nobody's badge number, no interview about a person."""
    named = [
        replace(a, code=public_name(a.kind, a.code, wave=wave, indicator=a.indicator, pooled=pooled))
        for a in made.subjects
    ]
    return condensed(replace(made, subjects=named))


TOPICS = 64  # more than there are indicators, foils apart


def _topics(items: list[Item], rows: NDArray[np.int64]) -> tuple[list[tuple[str, bool]], NDArray[np.int64]]:
    """What items measure, as (indicator, foil), and which of these each row is on."""
    topics = sorted({(item.indicator, item.is_foil) for item in items})
    table = np.zeros(max((item.pk for item in items), default=0) + 1, dtype=np.int64)
    for item in items:
        table[item.pk] = topics.index((item.indicator, item.is_foil))
    return topics, table[rows[:, 2]]


def _gather(
    wave: Wave, items: list[Item], rows: NDArray[np.int64], topic: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], Codes, Codes]:
    """One line an interview, subject and topic: how many items were answered, and how many of them well."""
    turned = np.zeros(max((item.pk for item in items), default=0) + 1, dtype=bool)
    turned[[item.pk for item in items if item.is_reversed]] = True
    level = np.where(turned[rows[:, 2]] & (rows[:, 3] > 0), 6 - rows[:, 3], rows[:, 3])
    well = np.isin(level, wave.positive_levels)
    subject = rows[:, 1] * TOPICS + topic
    order = np.lexsort((subject, rows[:, 0]))
    person, subject, level, well = rows[order, 0], subject[order], level[order], well[order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = (person[1:] != person[:-1]) | (subject[1:] != subject[:-1])
    line = np.cumsum(first) - 1
    count = int(first.sum())
    positive = np.bincount(line, well, minlength=count).astype(np.intp)
    asked = np.bincount(line, level > 0, minlength=count).astype(np.intp)
    return person[first], subject[first], positive, asked


def _about(topic: tuple[str, bool], subject: int, names: dict[int, tuple[str, str, str]]) -> About:
    indicator, is_foil = topic
    if is_foil:
        return About(indicator, FOIL, "", "")
    if not subject:
        return About(indicator, CITY, "", "")
    code, kind, group = names[subject]
    return About(indicator, kind, group, code)


def _secret(wave: Wave, about: About) -> tuple[str, str, str, str]:
    return about.indicator, about.kind, about.peer_group, _mac(wave, f"{about.indicator}/{about.code}")


def _mac(wave: Wave, value: str) -> str:
    return seals.fingerprint(value, purpose=f"order of {wave.code}")


def _shuffled(wave: Wave, numbers: Codes) -> Codes:
    count = int(numbers.max(initial=-1)) + 1
    order = sorted(range(count), key=lambda number: _mac(wave, f"interviewer {number}"))
    position = np.empty(count, dtype=np.intp)
    position[order] = np.arange(count)
    return position[numbers]
