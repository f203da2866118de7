"""What must hold between the cases and the ledger: each counts the other, and no time is forged."""

from collections.abc import Iterable

from django.db import connection

from core.models import AuditEntry
from core.promises import promise
from suggestions.kept import CASE, OPENING
from suggestions.models import Suggestion
from suggestions.states import TRANSITIONS

SKEW = "interval '5 minutes'"  # clocks of two machines
_MOVES = ", ".join(f"('{start}', '{to}')" for start, row in TRANSITIONS.items() for to in row)


def _numbers(keys: Iterable[int]) -> Iterable[str]:
    return Suggestion.objects.filter(pk__in=list(keys)).order_by("pk").values_list("number", flat=True)


def _rows(sql: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


@promise("P1")
def every_case_is_on_the_ledger() -> Iterable[object]:
    """Every case, and every request to open an identity, was left by an act on the ledger."""
    return [*_numbers(CASE.unknown()), *(f"opening {pk}" for pk in OPENING.unknown())]


@promise("P12")
def cases_are_as_the_last_act_left_them() -> Iterable[object]:
    """Words, answers, ratings, deadlines, subjects, files and steps are as the last act on the ledger left them."""
    return [*_numbers(CASE.changed()), *(f"opening {pk}" for pk in OPENING.changed())]


@promise("P12")
def acts_found_cases_as_they_were_left() -> Iterable[object]:
    """No act found a case other than the act before had left it."""
    found = AuditEntry.objects.filter(action="suggestion.found_changed").order_by("pk")
    return [f"case {case}, entry {pk}" for case, pk in found.values_list("object_id", "pk")]


@promise("P12")
def steps_lead_to_where_a_case_is() -> Iterable[object]:
    """The steps of every case lead from received, by moves the table knows and without a gap, to where the case is."""
    return _rows(f"""
        SELECT c.number, s.id FROM (
            SELECT suggestion_id, id, from_state, to_state,
                   lag(to_state, 1, 'received') OVER w AS before, lead(id) OVER w IS NULL AS is_last
            FROM suggestions_step WINDOW w AS (PARTITION BY suggestion_id ORDER BY id)
        ) s JOIN suggestions_suggestion c ON c.id = s.suggestion_id
        WHERE s.before <> s.from_state OR is_last AND s.to_state <> c.state
           OR s.from_state <> s.to_state AND (s.from_state, s.to_state) NOT IN ({_MOVES})
        ORDER BY s.id
    """)  # noqa: S608  names of states


@promise("P12")
def times_follow_each_other() -> Iterable[object]:
    """Nothing of a case was done before it was received, before what it answers, or in a time still to come."""
    return _rows(f"""
        SELECT c.number, 'case' FROM suggestions_suggestion c
        WHERE LEAST(accepted_at, replied_at, closed_at, reopened_at, published_at) < created_at - {SKEW}
           OR GREATEST(created_at, accepted_at, replied_at, closed_at, reopened_at, published_at)
              > clock_timestamp() + {SKEW}
        UNION ALL
        SELECT c.number, 'step ' || s.id FROM (
            SELECT suggestion_id, id, at, max(at) OVER (PARTITION BY suggestion_id ORDER BY id) AS latest
            FROM suggestions_step
        ) s JOIN suggestions_suggestion c ON c.id = s.suggestion_id
        WHERE s.at < c.created_at - {SKEW} OR s.at < s.latest - {SKEW} OR s.at > clock_timestamp() + {SKEW}
        UNION ALL
        SELECT c.number, 'reply ' || r.id
        FROM suggestions_reply r JOIN suggestions_suggestion c ON c.id = r.suggestion_id
        WHERE r.signed_at NOT BETWEEN GREATEST(c.created_at, r.drafted_at) - {SKEW} AND clock_timestamp() + {SKEW}
        UNION ALL
        SELECT c.number, 'rating ' || g.id FROM suggestions_rating g JOIN suggestions_reply r ON r.id = g.reply_id
        JOIN suggestions_suggestion c ON c.id = g.suggestion_id
        WHERE g.at NOT BETWEEN r.signed_at - {SKEW} AND clock_timestamp() + {SKEW}
    """)  # noqa: S608  a constant
