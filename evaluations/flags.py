"""Reasons to look twice at an interview, found in sets; a flag never deletes anything.

Figures are worked out with and without the flagged interviews. Sources: straight-lining and speeding, Greszki, Meyer
and Schoen (2015), Public Opinion Quarterly 79; nearly equal interviews, Kuriakose and Robbins (2016), Statistical
Journal of the IAOS 32; outliers by the median, Iglewicz and Hoaglin (1993), How to Detect and Handle Outliers.
"""

from collections import defaultdict
from itertools import pairwise
from math import sqrt
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from core.copying import copy_in, copy_numbers
from evaluations.models import CallBack, Flag, Wave
from evaluations.states import FlagKind, FlagState

FASTER_THAN = 0.4  # of the wave's median time an answer
FEWEST_ANSWERS = 4
ALIKE, ALIKE_ANSWERS = 0.95, 10
FEWEST_INTERVIEWERS, FEWEST_INTERVIEWS, ROBUST_Z = 5, 20, 3.5
WEEK_INTERVIEWS, WEEK_Z, WEEK_BETTER = 20, 4.0, 0.10
CALLED_BACK = 10  # one in so many
ONLINE = "online"

DUPLICATE_PHONE = """
    SELECT id, count(*) OVER (PARTITION BY phone_mac) AS n FROM evaluations_response
    WHERE wave_id = %(wave)s AND phone_mac <> ''
"""
STRAIGHT_LINE = """
    SELECT a.response_id AS id, 2 AS n FROM evaluations_answer a
    JOIN evaluations_response r ON r.id = a.response_id JOIN evaluations_item i ON i.id = a.item_id
    WHERE r.wave_id = %(wave)s AND a.level IS NOT NULL
    GROUP BY a.response_id
    HAVING count(*) >= %(fewest)s AND min(a.level) = max(a.level)
       AND bool_or(i.is_reversed) AND NOT bool_and(i.is_reversed)
"""
SPEEDING = """
    SELECT id, CASE WHEN pace < %(faster)s * percentile THEN 2 ELSE 1 END AS n FROM (
        SELECT r.id, EXTRACT(EPOCH FROM r.ended_at - r.started_at) / count(a.id) AS pace
        FROM evaluations_response r JOIN evaluations_answer a ON a.response_id = r.id
        WHERE r.wave_id = %(wave)s GROUP BY r.id
    ) paces, (
        SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY pace) AS percentile FROM (
            SELECT EXTRACT(EPOCH FROM r.ended_at - r.started_at) / count(a.id) AS pace
            FROM evaluations_response r JOIN evaluations_answer a ON a.response_id = r.id
            WHERE r.wave_id = %(wave)s GROUP BY r.id
        ) every
    ) middle
"""
OVERLAP = """
    SELECT id, CASE WHEN started_at < max(ended_at) OVER before OR ended_at > lead(started_at) OVER mine
               THEN 2 ELSE 1 END AS n
    FROM evaluations_response WHERE wave_id = %(wave)s AND interviewer <> '' AND mode <> %(online)s
    WINDOW mine AS (PARTITION BY interviewer ORDER BY started_at, id),
           before AS (PARTITION BY interviewer ORDER BY started_at, id
                      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
"""
SQL = {
    FlagKind.DUPLICATE_PHONE: DUPLICATE_PHONE,
    FlagKind.STRAIGHT_LINE: STRAIGHT_LINE,
    FlagKind.SPEEDING: SPEEDING,
    FlagKind.OVERLAP: OVERLAP,
}

GOOD_BY_INTERVIEWER = """
    SELECT r.interviewer, count(DISTINCT r.id),
           avg((CASE WHEN i.is_reversed THEN 6 - a.level ELSE a.level END = ANY(%(levels)s))::int)::float8
    FROM evaluations_answer a JOIN evaluations_response r ON r.id = a.response_id
    JOIN evaluations_item i ON i.id = a.item_id
    WHERE r.wave_id = %(wave)s AND a.level IS NOT NULL AND r.interviewer <> '' AND NOT i.is_foil
    GROUP BY r.interviewer ORDER BY r.interviewer
"""
GOOD_BY_WEEK = """
    SELECT s.unit_id, date_trunc('week', r.started_at AT TIME ZONE 'Asia/Shanghai'), count(DISTINCT r.id),
           avg((CASE WHEN i.is_reversed THEN 6 - a.level ELSE a.level END = ANY(%(levels)s))::int)::float8
    FROM evaluations_answer a JOIN evaluations_response r ON r.id = a.response_id
    JOIN evaluations_item i ON i.id = a.item_id JOIN evaluations_subject s ON s.id = a.subject_id
    WHERE r.wave_id = %(wave)s AND a.level IS NOT NULL
    GROUP BY 1, 2 ORDER BY 1, 2
"""
OF_THE_WEEK = """
    SELECT DISTINCT r.id, 2 AS n FROM evaluations_response r
    JOIN evaluations_answer a ON a.response_id = r.id JOIN evaluations_subject s ON s.id = a.subject_id
    WHERE r.wave_id = %(wave)s AND s.unit_id = %(unit)s
      AND date_trunc('week', r.started_at AT TIME ZONE 'Asia/Shanghai') = %(week)s
"""
OF_THE_INTERVIEWER = (
    "SELECT id, 2 AS n FROM evaluations_response WHERE wave_id = %(wave)s AND interviewer = %(interviewer)s"
)
ROWS = """
    SELECT r.id, dense_rank() OVER (ORDER BY r.interviewer), a.item_id, COALESCE(a.subject_id, 0), COALESCE(a.level, 0)
    FROM evaluations_answer a JOIN evaluations_response r ON r.id = a.response_id
    WHERE r.wave_id = %s AND r.interviewer <> ''
"""


def raise_flags(wave: Wave) -> int:
    """Look for everything there is to look for; return how many flags were raised. A second time raises no more."""
    before = Flag.objects.filter(response__wave=wave).count()
    given = {"wave": wave.pk, "fewest": FEWEST_ANSWERS, "faster": FASTER_THAN, "online": ONLINE}
    for kind, select in SQL.items():
        _raise(kind, select, given)
    for interviewer in outlying_interviewers(wave):
        _raise(FlagKind.OUTLIER_INTERVIEWER, OF_THE_INTERVIEWER, {"wave": wave.pk, "interviewer": interviewer})
    for unit, week in coached_weeks(wave):
        _raise(FlagKind.COACHED_WEEK, OF_THE_WEEK, {"wave": wave.pk, "unit": unit, "week": week})
    _raise_near_duplicates(wave)
    return Flag.objects.filter(response__wave=wave).count() - before


def _raise(kind: FlagKind, select: str, given: dict[str, Any]) -> None:
    """Flag the interviews that ``select`` finds with n above 1."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO evaluations_flag (response_id, kind, detail, state, note) "  # noqa: S608  our own SQL
            f"SELECT id, %(kind)s, '', %(state)s, '' FROM ({select}) found WHERE n > 1 ON CONFLICT DO NOTHING",
            {**given, "kind": kind.value, "state": FlagState.OPEN.value},
        )


def _rows(sql: str, wave: Wave) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"wave": wave.pk, "levels": wave.positive_levels})
        return cursor.fetchall()


def outlying_interviewers(wave: Wave) -> list[str]:
    """Those whose share of good answers is far from the median of all interviewers with enough interviews."""
    known = [(str(name), float(good)) for name, n, good in _rows(GOOD_BY_INTERVIEWER, wave) if n >= FEWEST_INTERVIEWS]
    if len(known) < FEWEST_INTERVIEWERS:
        return []
    shares = np.array([good for _name, good in known])
    middle = float(np.median(shares))
    spread = max(float(np.median(np.abs(shares - middle))), 0.01)  # a hundredth: nobody is an outlier by rounding
    return [name for name, good in known if 0.6745 * abs(good - middle) / spread > ROBUST_Z]


def coached_weeks(wave: Wave) -> list[tuple[int, Any]]:
    """Units and weeks in which a unit was far better than in the rest of the wave."""
    weeks: dict[int, list[tuple[Any, int, float]]] = defaultdict(list)
    for unit, week, n, good in _rows(GOOD_BY_WEEK, wave):
        weeks[unit].append((week, int(n), float(good)))
    return [(unit, week) for unit, rows in weeks.items() for week in _suddenly_better(rows)]


def _suddenly_better(rows: list[tuple[Any, int, float]]) -> list[Any]:
    total, positives = sum(n for _w, n, _g in rows), sum(n * good for _w, n, good in rows)
    found = []
    for week, n, good in rows:
        rest = total - n
        if n < WEEK_INTERVIEWS or rest < WEEK_INTERVIEWS:
            continue
        usual, pooled = (positives - n * good) / rest, positives / total
        error = sqrt(max(pooled * (1 - pooled), 1e-9) * (1 / n + 1 / rest))
        if good - usual >= WEEK_BETTER and (good - usual) / error > WEEK_Z:
            found.append(week)
    return found


def _raise_near_duplicates(wave: Wave) -> None:
    rows = copy_numbers(ROWS, [wave.pk], 5).astype(np.int64)
    found: set[int] = set()
    for interviewer in np.unique(rows[:, 1]):
        found |= near_duplicates(rows[rows[:, 1] == interviewer][:, [0, 2, 3, 4]])
    columns = ("response_id", "kind", "detail", "state", "note")
    already = set(
        Flag.objects.filter(response__wave=wave, kind=FlagKind.NEAR_DUPLICATE).values_list("response_id", flat=True)
    )
    new = sorted(found - already)
    copy_in(Flag._meta.db_table, columns, ((pk, FlagKind.NEAR_DUPLICATE.value, "", "open", "") for pk in new))


def near_duplicates(rows: NDArray[np.int64]) -> set[int]:
    """Of one interviewer's rows (interview, item, subject, level): the interviews nearly equal to another.

    At least ten questions both were asked, about the same subjects, at least 95 % with the same answer.
    """
    people, person = np.unique(rows[:, 0], return_inverse=True)
    asked, question = np.unique(rows[:, 1:3], axis=0, return_inverse=True)
    if len(asked) < ALIKE_ANSWERS or len(people) < 2:
        return set()
    same = np.zeros((len(people), len(people)), dtype=np.int32)
    both = np.zeros_like(same)
    order = np.argsort(question.ravel(), kind="stable")
    bounds = np.searchsorted(question.ravel()[order], np.arange(len(asked) + 1))
    for start, end in pairwise(bounds):
        who, level = person[order[start:end]], rows[order[start:end], 3]
        both[np.ix_(who, who)] += 1
        same[np.ix_(who, who)] += level[:, None] == level[None, :]
    alike = (both >= ALIKE_ANSWERS) & (same >= ALIKE * both)
    np.fill_diagonal(alike, val=False)
    return {int(pk) for pk in people[alike.any(axis=1)]}


def draw_call_backs(wave: Wave) -> int:
    """One interview in ten is called again; the draw hangs on the frame's seed. Return how many."""
    seed = getattr(getattr(wave, "frame", None), "seed", wave.code)
    count = -(-wave.responses.count() // CALLED_BACK)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO evaluations_callback (response_id) SELECT id FROM evaluations_response WHERE wave_id = %s "
            "ORDER BY md5(%s || '/' || reference), id LIMIT %s ON CONFLICT DO NOTHING",
            [wave.pk, seed, count],
        )
    return CallBack.objects.filter(response__wave=wave).count()
