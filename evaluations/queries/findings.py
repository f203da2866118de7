"""What the rows themselves prove: the grounds on which somebody may be called to account, each with its evidence.

Every finding has a key under which it is looked up again; a key that a case was opened on is not offered any more.
One statement finds them, two more fetch the officers and units.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from directory.models import Officer, Unit
from evaluations.access.accountability import barred_paths, reach_of
from evaluations.states import Ground

MOST_LISTED = 50
LATE_TIMES = 3
TIMES_OUT = 2

# Below the funnel in two published waves of one year, by the same indicator, with and without the flagged interviews.
SIGNAL_TWICE = """
    SELECT 'signal:' || COALESCE('o' || s.officer_id, 'u' || s.unit_id) || ':' || w.year || ':' || sc.indicator AS key,
           'signal_twice' AS ground, s.officer_id, (array_agg(s.unit_id ORDER BY w.ends DESC))[1] AS unit_id,
           max(w.published_at) AS at,
           jsonb_agg(jsonb_build_object('wave', w.code, 'title', w.title, 'indicator', sc.indicator,
                     'points', sc.points, 'low', sc.low, 'high', sc.high, 'n', sc.n) ORDER BY w.ends, w.id) AS rows
    FROM evaluations_score sc
    JOIN evaluations_scoringrun r ON r.id = sc.run_id AND r.is_current AND NOT r.without_flagged
    JOIN evaluations_wave w ON w.id = r.wave_id AND w.state = 'published'
    JOIN evaluations_subject s ON s.id = sc.subject_id
    WHERE sc.signal = -1 AND sc.is_shown AND EXISTS (
        SELECT 1 FROM evaluations_score other
        JOIN evaluations_scoringrun q ON q.id = other.run_id AND q.is_current AND q.without_flagged
        WHERE q.wave_id = w.id AND other.subject_id = sc.subject_id AND other.indicator = sc.indicator
          AND other.signal = -1
    )
    GROUP BY s.officer_id, CASE WHEN s.officer_id IS NULL THEN s.unit_id END, COALESCE('o' || s.officer_id,
             'u' || s.unit_id), w.year, sc.indicator
    HAVING count(DISTINCT w.id) >= %(times_out)s
"""
# A week all of whose interviews about a unit were flagged as coached, and at least one such flag was upheld.
COACHING = """
    SELECT 'coaching:u' || unit_id || ':' || wave_id || ':' || week, 'coaching', NULL::bigint, unit_id, max(decided_at),
           jsonb_build_array(jsonb_build_object('wave', code, 'title', title, 'week', week, 'interviews', count(*),
                             'upheld', count(*) FILTER (WHERE state = 'upheld')))
    FROM (
        SELECT DISTINCT w.id AS wave_id, w.code, w.title, s.unit_id, r.id, f.state, f.decided_at,
               date_trunc('week', r.started_at AT TIME ZONE 'Asia/Shanghai')::date AS week
        FROM evaluations_response r
        JOIN evaluations_wave w ON w.id = r.wave_id
        JOIN evaluations_answer a ON a.response_id = r.id
        JOIN evaluations_subject s ON s.id = a.subject_id
        LEFT JOIN evaluations_flag f ON f.response_id = r.id AND f.kind = 'coached_week'
        WHERE w.id IN (SELECT x.wave_id FROM evaluations_flag u JOIN evaluations_response x ON x.id = u.response_id
                       WHERE u.kind = 'coached_week' AND u.state = 'upheld')
    ) interviews
    GROUP BY wave_id, code, title, unit_id, week
    HAVING bool_and(state IS NOT NULL) AND bool_or(state = 'upheld')
"""
# Three replies in a year after their deadline: the handler's, or the unit's where nobody was named. What an upheld
# appeal took out of the appraisals, as the delay was not theirs, does not count here either.
LATE_THREE_TIMES = """
    SELECT 'late:' || COALESCE('o' || handler_id, 'u' || unit_id) || ':' || year, 'late_three_times', handler_id,
           (array_agg(unit_id ORDER BY replied_at DESC))[1], max(replied_at),
           jsonb_agg(jsonb_build_object('number', number, 'due', due_at, 'replied', replied_at) ORDER BY replied_at)
    FROM (
        SELECT c.handler_id, c.unit_id, c.number, c.due_at, c.replied_at,
               EXTRACT(YEAR FROM c.due_at AT TIME ZONE 'Asia/Shanghai')::int AS year
        FROM suggestions_suggestion c
        WHERE c.state IN ('replied', 'closed') AND c.replied_at > c.due_at AND c.number NOT IN (
            SELECT unnest(a.not_counted) FROM evaluations_appeal a WHERE a.state = 'upheld')
    ) late
    GROUP BY handler_id, COALESCE('o' || handler_id, 'u' || unit_id), year
    HAVING count(*) >= %(late_times)s
"""
# Whoever is complained of, by name or as one who worked there at that moment, declined the complaint, merged it away,
# or closed it before any reply was signed.
BURIED = """
    SELECT DISTINCT ON (st.id) 'buried:' || st.id, 'buried', o.id, sj.unit_id, st.at,
           jsonb_build_array(jsonb_build_object('number', c.number, 'what', st.kind, 'at', st.at))
    FROM suggestions_step st
    JOIN suggestions_suggestion c ON c.id = st.suggestion_id
    JOIN suggestions_subject sj ON sj.suggestion_id = c.id AND sj.cleared_at IS NULL
    JOIN directory_unit su ON su.id = sj.unit_id
    LEFT JOIN directory_officer o ON o.user_id = st.actor_id
    WHERE st.actor_id IS NOT NULL
      AND (st.kind IN ('declined', 'merged') OR (st.kind = 'closed' AND NOT EXISTS (
          SELECT 1 FROM suggestions_reply y WHERE y.suggestion_id = c.id AND y.state = 'signed' AND y.kind = 'reply'
            AND y.signed_at <= st.at)))
      AND (o.id = sj.officer_id OR (su.parent_id IS NOT NULL AND EXISTS (
          SELECT 1 FROM directory_membership m JOIN directory_unit mu ON mu.id = m.unit_id
          WHERE m.user_id = st.actor_id AND m.starts <= st.at AND (m.ends IS NULL OR m.ends > st.at)
            AND starts_with(mu.path, su.path))))
    ORDER BY st.id, (o.id = sj.officer_id) DESC NULLS LAST, sj.id
"""
PARTS = (SIGNAL_TWICE, COACHING, LATE_THREE_TIMES, BURIED)
ALL = " UNION ALL ".join(f"({part})" for part in PARTS)
OPENED = "SELECT 1 FROM evaluations_accountabilitycase k WHERE k.finding = found.key"
IN_REACH = """
    (%(everywhere)s OR EXISTS (SELECT 1 FROM unnest(%(paths)s::text[]) p WHERE starts_with(u.path, p)))
    AND u.path <> ALL (%(barred)s::text[]) AND found.officer_id IS DISTINCT FROM %(own)s
"""
OFFERED = f"""
    SELECT found.key, found.ground, found.officer_id, found.unit_id, found.at, found.rows, count(*) OVER ()
    FROM ({ALL}) found JOIN directory_unit u ON u.id = found.unit_id
    WHERE NOT EXISTS ({OPENED}) AND {IN_REACH}
    ORDER BY found.at DESC NULLS LAST, found.key LIMIT %(most)s
"""  # noqa: S608  our own SQL
LOOKED_UP = f"""
    SELECT found.key, found.ground, found.officer_id, found.unit_id, found.at, found.rows, 1
    FROM ({ALL}) found WHERE found.key = ANY (%(keys)s)
"""  # noqa: S608
ABOUT = f"""
    SELECT found.key, found.ground, found.officer_id, found.unit_id, found.at, found.rows, 1
    FROM ({ALL}) found WHERE found.officer_id IS NOT DISTINCT FROM %(officer)s
      AND (%(officer)s::bigint IS NOT NULL OR found.unit_id = %(unit)s) AND NOT EXISTS ({OPENED})
    ORDER BY found.at DESC NULLS LAST, found.key
"""  # noqa: S608


@dataclass(frozen=True)
class Finding:
    """One thing that is proven, about an officer or a unit, with the rows that prove it."""

    key: str
    ground: Ground
    officer: Officer | None
    unit: Unit
    at: datetime | None
    rows: list[dict[str, Any]]

    @property
    def evidence(self) -> dict[str, Any]:
        """What is stored with a case."""
        return {"key": self.key, "ground": self.ground.value, "rows": self.rows}


@dataclass(frozen=True)
class Offered:
    """The newest findings, and how many there are in all."""

    findings: list[Finding]
    count: int


def offered_to(user: Any, most: int = MOST_LISTED) -> Offered:
    """What this person may open an inquiry on: in reach, no conflict, not opened yet; three statements."""
    paths, own = reach_of(user, "handle"), user.officer_or_none
    given = {
        "everywhere": paths is None,
        "paths": paths or [],
        "barred": barred_paths(user),
        "own": own.pk if own else None,
        "most": most,
    }
    rows = _run(OFFERED, given)
    return Offered(_findings(rows), rows[0][6] if rows else 0)


def look_up(*keys: str) -> list[Finding]:
    """The findings with these keys that the rows prove now; three statements."""
    return _findings(_run(LOOKED_UP, {"keys": list(keys)})) if keys else []


def about(officer: Officer | None, unit: Unit) -> list[Finding]:
    """What is proven of this officer, or of the unit alone, and carries no case yet; three statements."""
    return _findings(_run(ABOUT, {"officer": officer.pk if officer else None, "unit": unit.pk}))


def _run(sql: str, given: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {**given, "times_out": TIMES_OUT, "late_times": LATE_TIMES})
        return cursor.fetchall()


def _findings(rows: Sequence[tuple[Any, ...]]) -> list[Finding]:
    officers = Officer.objects.select_related("unit", "user").in_bulk({row[2] for row in rows if row[2]})
    units = Unit.objects.select_related("parent").in_bulk({row[3] for row in rows})
    return [
        Finding(key, Ground(ground), officers.get(officer), units[unit], at, _as_list(proof))
        for key, ground, officer, unit, at, proof, _count in rows
    ]


def _as_list(proof: Any) -> list[dict[str, Any]]:
    """jsonb comes as text where Django reads it raw."""
    return list(json.loads(proof) if isinstance(proof, str) else proof)
