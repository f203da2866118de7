"""The promises that a constraint cannot say, as triggers. Raw SQL and the back office are bound by them too."""

import pgtrigger

from core.times import BY_THE_OWNER
from suggestions import states
from suggestions.states import State

_ANSWERED = ", ".join(f"'{state}'" for state in states.ANSWERED)
_OPEN = ", ".join(f"'{state}'" for state in states.OPEN)

CASE_ANSWERED_MEANS_SIGNED = pgtrigger.Trigger(
    name="answered_means_signed",
    operation=pgtrigger.UpdateOf("state"),
    when=pgtrigger.Before,
    condition=pgtrigger.Q(old__state__df=pgtrigger.F("new__state")),
    func=f"""
        IF NEW.state IN ({_ANSWERED}) AND NOT EXISTS (
            SELECT 1 FROM suggestions_reply r
            WHERE r.suggestion_id = NEW.id AND r.state = 'signed'
              AND r.signed_at > COALESCE(NEW.reopened_at, '-infinity'::timestamptz)
        ) THEN
            RAISE EXCEPTION 'a case is not % without a signed reply newer than its last reopening', NEW.state
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)

_HANDLING_UNITS = "SELECT c.unit_id UNION SELECT h.unit_id FROM suggestions_cohandling h WHERE h.suggestion_id = c.id"


def _conflict(case: str, units: str) -> str:
    """SQL: does one of ``units`` clash with a subject of the case?

    A unit clashes when it is the subject or stands under it. When the subject is the bureau itself, everybody stands
    under it: its own inspectorate then answers.
    """
    return f"""
        EXISTS (
            SELECT 1
            FROM suggestions_subject s
            JOIN directory_unit su ON su.id = s.unit_id
            JOIN directory_unit u ON u.id IN ({units})
            WHERE s.suggestion_id = {case} AND s.cleared_at IS NULL
              AND starts_with(u.path, su.path)
              AND NOT (su.parent_id IS NULL AND u.parent_id = su.id AND u.function = 'inspectorate')
        )
    """


# whoever may be meant does not read it: only the inspectorate and the public-work centre of the bureau, or the bureau
_UNDECIDED = f"""
    c.state IN ({_OPEN}) AND c.seems_complaint AND EXISTS (
        SELECT 1
        FROM directory_unit u
        LEFT JOIN directory_unit above ON above.id = u.parent_id
        WHERE u.id IN ({_HANDLING_UNITS}) AND u.kind <> 'bureau'
          AND NOT (u.function IN ('inspectorate', 'public_work') AND above.kind = 'bureau')
    )
"""


def _never_judges_itself(name: str, case: str, operation: pgtrigger.Operation) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=name,
        operation=operation,
        when=pgtrigger.After,
        timing=pgtrigger.Deferred,
        declare=[("c", "suggestions_suggestion%ROWTYPE")],
        func=f"""
            SELECT * INTO c FROM suggestions_suggestion WHERE id = NEW.{case};
            IF c.state IN ({_OPEN}) AND (
                {_conflict("c.id", _HANDLING_UNITS)}
                OR EXISTS (SELECT 1 FROM suggestions_subject s
                           WHERE s.suggestion_id = c.id AND s.officer_id = c.handler_id AND s.cleared_at IS NULL)
            ) THEN
                RAISE EXCEPTION 'nobody handles a complaint about themselves or about a unit they stand under'
                    USING ERRCODE = 'check_violation';
            END IF;
            IF {_UNDECIDED} THEN
                RAISE EXCEPTION 'what seems to complain of the police goes to no other unit before that is decided'
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NULL;
        """,
    )


CASE_NOT_JUDGED_BY_ITS_SUBJECT = _never_judges_itself(
    "not_judged_by_its_subject", "id", pgtrigger.Insert | pgtrigger.Update
)
SUBJECT_DOES_NOT_JUDGE = _never_judges_itself(
    "subject_does_not_judge", "suggestion_id", pgtrigger.Insert | pgtrigger.Update
)
CO_HANDLER_IS_NO_SUBJECT = _never_judges_itself(
    "co_handler_is_no_subject", "suggestion_id", pgtrigger.Insert | pgtrigger.Update
)


def _subjects(case: str) -> str:
    return f"""
        ARRAY(SELECT ROW(s.unit_id, s.officer_id)::text FROM suggestions_subject s
              WHERE s.suggestion_id = {case} AND s.cleared_at IS NULL ORDER BY 1)
    """


_FOLLOWS_ANOTHER_COMPLAINT = f"""
    f.merged_into_id IS NOT NULL AND {_subjects("f.id")} <> {_subjects("f.merged_into_id")}
"""


def _complains_of_the_same(name: str, case: str, operation: pgtrigger.Operation) -> pgtrigger.Trigger:
    """A follower has the answer of the case it follows: whoever is complained of in one may not read the other."""
    return pgtrigger.Trigger(
        name=name,
        operation=operation,
        when=pgtrigger.After,
        timing=pgtrigger.Deferred,
        func=f"""
            IF EXISTS (SELECT 1 FROM suggestions_suggestion f
                       WHERE (f.id = NEW.{case} OR f.merged_into_id = NEW.{case}) AND {_FOLLOWS_ANOTHER_COMPLAINT})
            THEN
                RAISE EXCEPTION 'a case follows only one that complains of the same units and officers'
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NULL;
        """,
    )


FOLLOWER_COMPLAINS_OF_THE_SAME = _complains_of_the_same(
    "follower_complains_of_the_same", "id", pgtrigger.UpdateOf("merged_into_id")
)
SUBJECT_OF_ALL_THAT_FOLLOW = _complains_of_the_same(
    "subject_of_all_that_follow", "suggestion_id", pgtrigger.Insert | pgtrigger.Update
)

NAMED_SUBJECT_STANDS = pgtrigger.Protect(
    name="named_subject_stands",
    operation=pgtrigger.Update,
    condition=~pgtrigger.Q(old__source="words"),
)

_NOT_LEADING = ", ".join(f"'{state}'" for state in State if state not in states.LEADING)
_FOLLOWS_NOBODY = f"l.id = f.merged_into_id AND l.state IN ({_NOT_LEADING})"

# The leader is locked first: who is about to take it away is waited for, and then seen.
FOLLOWER_HAS_A_LEADER = pgtrigger.Trigger(
    name="follower_has_a_leader",
    operation=pgtrigger.UpdateOf("state", "merged_into_id"),
    when=pgtrigger.After,
    timing=pgtrigger.Deferred,
    func=f"""
        PERFORM 1 FROM suggestions_suggestion WHERE id = NEW.merged_into_id FOR SHARE;
        IF EXISTS (SELECT 1 FROM suggestions_suggestion f, suggestions_suggestion l
                   WHERE (f.id = NEW.id OR f.merged_into_id = NEW.id) AND {_FOLLOWS_NOBODY})
        THEN
            RAISE EXCEPTION 'a case follows only one that is worked on or has its answer'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    """,
)

# what is shown of a signed answer, and who read it for that: all that publishing writes
_PUBLIC_WORDING = "ARRAY['public_text', 'published_at', 'public_read_by_id', 'public_read_at']"
SIGNED_REPLY_STANDS = pgtrigger.Trigger(
    name="signed_reply_stands",
    operation=pgtrigger.Update,
    when=pgtrigger.Before,
    condition=pgtrigger.Q(old__state="signed"),
    func=f"""
        IF to_jsonb(NEW) - {_PUBLIC_WORDING} IS DISTINCT FROM to_jsonb(OLD) - {_PUBLIC_WORDING} THEN
            RAISE EXCEPTION 'a signed answer stands as it is' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)


ANONYMOUS_IS_NOBODY = pgtrigger.Trigger(
    name="anonymous_is_nobody",
    operation=pgtrigger.Insert,
    when=pgtrigger.Before,
    func="""
        IF (SELECT c.anonymous FROM suggestions_suggestion c WHERE c.id = NEW.suggestion_id) THEN
            RAISE EXCEPTION 'nobody is known to have said what was said without a name'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)

DECIDED_EXTENSION_STANDS = pgtrigger.Protect(
    name="decided_extension_stands",
    operation=pgtrigger.Update,
    condition=pgtrigger.Q(old__state__in=["granted", "refused"]),
)

# The office is whose name the citizen reads: it is that of the moment of opening, and of no other.
OPENED_WITH_A_SECOND_PERSON = pgtrigger.Trigger(
    name="opened_with_a_second_person",
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("office_id", "opened_at"),
    when=pgtrigger.Before,
    declare=[("complains", "boolean")],
    func=f"""
        SELECT c.seems_complaint OR EXISTS (
            SELECT 1 FROM suggestions_subject s WHERE s.suggestion_id = c.id AND s.cleared_at IS NULL
        ) INTO complains FROM suggestions_suggestion c WHERE c.id = NEW.suggestion_id;
        IF complains AND NEW.approved_at IS NULL AND NOT NEW.needs_second THEN
            RAISE EXCEPTION 'who complains of somebody is opened by two' USING ERRCODE = 'check_violation';
        END IF;
        IF TG_OP = 'INSERT' AND COALESCE(NEW.approved_at, NEW.refused_at, NEW.opened_at) IS NOT NULL
            AND NOT {BY_THE_OWNER}
        THEN
            RAISE EXCEPTION 'it is asked for before it is decided' USING ERRCODE = 'check_violation';
        END IF;
        IF NOT EXISTS (SELECT 1 FROM suggestions_identity i WHERE i.suggestion_id = NEW.suggestion_id) THEN
            RAISE EXCEPTION 'there is no identity to open' USING ERRCODE = 'check_violation';
        END IF;
        IF TG_OP = 'UPDATE' AND NEW.office_id <> OLD.office_id AND NEW.opened_at IS NOT DISTINCT FROM OLD.opened_at THEN
            RAISE EXCEPTION 'the office is that of whoever opened' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)


def clashes() -> str:
    """SQL for the live check: the numbers of open cases that the trigger should have refused."""
    conflict = _conflict("c.id", _HANDLING_UNITS)
    return f"SELECT c.number FROM suggestions_suggestion c WHERE c.state IN ({_OPEN}) AND {conflict}"


def undecided() -> str:
    """SQL for the live check: the numbers of cases that seem to complain and are handled as if they did not."""
    return f"SELECT c.number FROM suggestions_suggestion c WHERE {_UNDECIDED}"


def lost_followers() -> str:
    """SQL for the live check: the numbers of cases that follow one from which no answer can come."""
    return f"SELECT f.number FROM suggestions_suggestion f, suggestions_suggestion l WHERE {_FOLLOWS_NOBODY}"


def strange_followers() -> str:
    """SQL for the live check: the numbers of cases that follow one which does not complain of the same."""
    return f"SELECT f.number FROM suggestions_suggestion f WHERE {_FOLLOWS_ANOTHER_COMPLAINT}"
