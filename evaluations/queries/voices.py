"""What became of the voices of a year, counted for everybody at once: one statement a measure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from evaluations.sources import Measure, Whose

# whose voices a row belongs to, and the joins that are needed to know it
_WHOSE = {
    Whose.OWN: ("s.handler_id", "s.handler_id IS NOT NULL", ""),
    Whose.UNIT: ("s.unit_id", "TRUE", ""),
    Whose.ABOVE: (
        "top.id",
        "TRUE",
        "JOIN directory_unit u ON u.id = s.unit_id JOIN directory_unit top ON u.path LIKE top.path || '%%'",
    ),
}
# what fell due in the year and was answered by then: a voice that nobody answered counts as late, not as nothing
_ON_TIME = """
    SELECT {whose}, count(*), count(*) FILTER (WHERE s.state <> 'assigned' AND s.replied_at <= s.due_at)
    FROM suggestions_suggestion s {joins}
    WHERE {known} AND s.due_at >= %s AND s.due_at < %s AND s.state IN ('assigned', 'replied', 'closed', 'declined')
      AND NOT s.number = ANY(%s)
    GROUP BY 1
"""
_POST_REPLY = """
    SELECT {whose}, count(*), count(*) FILTER (WHERE r.level >= 3)
    FROM suggestions_rating r JOIN suggestions_suggestion s ON s.id = r.suggestion_id {joins}
    WHERE {known} AND r.at >= %s AND r.at < %s AND NOT s.number = ANY(%s)
    GROUP BY 1
"""
_FIRST_REPLY = """
    SELECT {whose}, count(*), sum(GREATEST(0, extract(epoch FROM first.at - s.created_at)))::bigint
    FROM (SELECT suggestion_id, min(signed_at) AS at FROM suggestions_reply WHERE state = 'signed' GROUP BY 1) first
    JOIN suggestions_suggestion s ON s.id = first.suggestion_id {joins}
    WHERE {known} AND first.at >= %s AND first.at < %s AND NOT s.number = ANY(%s)
    GROUP BY 1
"""
_SQL = {Measure.ON_TIME: _ON_TIME, Measure.POST_REPLY: _POST_REPLY, Measure.FIRST_REPLY: _FIRST_REPLY}


def counted(
    measure: Measure, whose: Whose, since: datetime, until: datetime, left_out: Sequence[str], *, of_units: bool
) -> dict[int, dict[str, Any]]:
    """Cases, and how many of them were good or how many seconds they took, by officer (a unit: by unit); one statement.

    ``left_out``: numbers of cases that do not count. ``of_units``: a unit's own voices are those of the unit.
    """
    whose = Whose.UNIT if of_units and whose == Whose.OWN else whose
    name, known, joins = _WHOSE[whose]
    second = "seconds" if measure == Measure.FIRST_REPLY else "good"
    with connection.cursor() as cursor:
        cursor.execute(_SQL[measure].format(whose=name, known=known, joins=joins), [since, until, list(left_out)])
        return {pk: {"cases": cases, second: int(number)} for pk, cases, number in cursor.fetchall()}
