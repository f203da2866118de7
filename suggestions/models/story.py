"""What changes with a case stands in its story, as a step of the kind that may change it and of the same moment (P24).

The portal signs in as somebody who cannot take a step back. So whoever has its password may add a step, which the
citizen and the ledger see, but nothing of a case changes behind its story. The owner may: a demo city has a past.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import NamedTuple

import pgtrigger

from core.times import BY_THE_OWNER
from suggestions.states import RUNNING, State, StepKind

S, K = State, StepKind
REFUSED = "does not change without a step that says so"


class Way(NamedTuple):
    """Steps of which kinds tell of a change, and what else is true of the step ``s`` and of NEW and OLD."""

    kinds: tuple[StepKind, ...]
    when: str = "true"


@dataclass(frozen=True)
class Change:
    """Columns that change only as one of the steps tells, or ``unless`` something is true; with no step, never."""

    columns: tuple[str, ...]
    ways: tuple[Way, ...] = field(default=())
    unless: str = "false"


def change(columns: str, *kinds: StepKind, when: str = "true") -> Change:
    """Columns, as words, and the one way in which they change."""
    return Change(tuple(columns.split()), (Way(kinds, when),) if kinds else ())


def by(*kinds: StepKind, when: str = "true") -> tuple[Way, ...]:
    """The one way in which a row is added."""
    return (Way(kinds, when),)


def told_by_steps(
    *changes: Change,
    added: tuple[Way, ...] = (),
    removed: tuple[StepKind, ...] = (),
    case: str = "suggestion_id",
) -> pgtrigger.Trigger:
    """The trigger, asked when the transaction ends; rows that are ``added`` or ``removed`` are told of as well."""
    operations: list[pgtrigger.Operation] = []
    parts = []
    if added:
        operations.append(pgtrigger.Insert)
        parts.append(_unless_told(f"NEW.{case}", "TG_OP = 'INSERT'", added))
    if removed:
        operations.append(pgtrigger.Delete)
        parts.append(_unless_told(f"OLD.{case}", "TG_OP = 'DELETE'", (Way(removed),)))
    if changes:
        operations.append(pgtrigger.UpdateOf(*(name for one in changes for name in one.columns)))
        parts += [_unless_told(f"NEW.{case}", f"TG_OP = 'UPDATE' AND {_differ(one)}", one.ways) for one in changes]
    return pgtrigger.Trigger(
        name="says_what_happened",
        operation=reduce(or_, operations),
        when=pgtrigger.After,
        timing=pgtrigger.Deferred,
        func=f"""
            IF {BY_THE_OWNER} THEN
                RETURN NULL;
            END IF;
            {"".join(parts)}
            RETURN NULL;
        """,
    )


def _differ(one: Change) -> str:
    differ = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in one.columns)
    return f"({differ}) AND NOT ({one.unless})"


def _unless_told(case: str, happened: str, ways: Iterable[Way]) -> str:
    told = " OR ".join(f"(s.kind IN ({_listed(way.kinds)}) AND {way.when})" for way in ways) or "false"
    return f"""
            IF {happened} AND NOT EXISTS (
                SELECT 1 FROM suggestions_step s
                WHERE s.suggestion_id = {case} AND s.at >= transaction_timestamp() AND ({told})
            ) THEN
                RAISE EXCEPTION '% {REFUSED}', TG_TABLE_NAME USING ERRCODE = 'check_violation';
            END IF;"""  # noqa: S608  our own words


def _listed(words: Iterable[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)


# where a case stands after a step of this kind; going on after a pause, or by itself, it stands where it stood before
_LEADS_TO = {
    K.ACCEPTED: S.ACCEPTED,
    K.ASSIGNED: S.ASSIGNED,
    K.ASKED: S.WAITING,
    K.REPLIED: S.REPLIED,
    K.DECLINED: S.DECLINED,
    K.CLOSED: S.CLOSED,
    K.REOPENED: S.ASSIGNED,
    K.WITHDRAWN: S.WITHDRAWN,
    K.MERGED: S.MERGED,
}
_GOES_ON = (K.ANSWERED, K.RESUMED, K.UNMERGED)
_THIS_MOVE = "s.from_state = OLD.state AND s.to_state = NEW.state"
_PLACES = ", ".join(f"('{kind}', '{state}')" for kind, state in _LEADS_TO.items())
STATE = Change(
    ("state",),
    (Way(tuple(_LEADS_TO), f"(s.kind, s.to_state) IN ({_PLACES}) AND {_THIS_MOVE}"), Way(_GOES_ON, _THIS_MOVE)),
)

_SETS_THE_CLOCK = (K.ACCEPTED, K.CLASSIFIED, K.ASKED, K.ANSWERED, K.RESUMED, K.REOPENED)
_GRANTED = """
    EXISTS (SELECT 1 FROM suggestions_extension e WHERE e.suggestion_id = NEW.id AND e.state = 'granted'
            AND e.round = NEW.reopened_times AND e.decided_at >= transaction_timestamp())
"""
DEADLINE = Change(
    ("due_at",),
    (
        Way(_SETS_THE_CLOCK, "s.due_at = NEW.due_at"),
        Way((K.EXTENDED,), f"s.due_at = NEW.due_at AND {_GRANTED}"),
        Way((K.NOTE,), "s.due_at = NEW.due_at AND NEW.due_at < OLD.due_at"),  # sooner, for somebody who follows
    ),
)
_OF_ITS_LEADER = "NEW.unit_id = (SELECT l.unit_id FROM suggestions_suggestion l WHERE l.id = OLD.merged_into_id)"
UNIT = Change(
    ("unit_id",),
    (Way((K.ASSIGNED, K.TRANSFERRED), "s.to_unit_id = NEW.unit_id"), Way((K.REOPENED,), _OF_ITS_LEADER)),
)

_HIDES = (K.UNPUBLISHED, K.DECLINED, K.WITHDRAWN, K.SUBJECT_NAMED, K.SUSPECTED)
_HIDDEN = "NEW.published_at IS NULL"
CASE = told_by_steps(
    STATE,
    DEADLINE,
    UNIT,
    change("clock_from", *_SETS_THE_CLOCK, K.EXTENDED),
    change("handler_id", K.ASSIGNED, K.TRANSFERRED, K.REOPENED),
    change("category_id area_id complexity", K.ACCEPTED, K.CLASSIFIED),
    change("escalation", K.ESCALATED, K.REMINDED),
    change("accepted_at", K.ACCEPTED, K.REOPENED),
    change("replied_at", K.REPLIED, K.DECLINED),
    change("closed_at", K.CLOSED, K.WITHDRAWN, K.REOPENED),
    change("reopened_at reopened_times", K.REOPENED),
    change("paused_from paused_at days_left", K.ASKED, K.ANSWERED, K.RESUMED, K.WITHDRAWN),
    change("merged_into_id", K.MERGED, K.UNMERGED, K.REOPENED, K.WITHDRAWN),
    change("seems_complaint", K.SUBMITTED, K.SUSPECTED, K.COMPLAINT, K.NO_COMPLAINT),
    change("split_from_id", K.SUBMITTED),
    Change(
        ("published_at", "public_title", "public_body"),
        (Way((K.PUBLISHED,)), Way(_HIDES, f"{_HIDDEN} AND NEW.public_title = '' AND NEW.public_body = ''")),
    ),
    change("public_read_by_id public_read_at", K.PUBLISHED, K.KEPT_BACK, *_HIDES),
    change("search", K.PUBLISHED, K.CLASSIFIED, *_HIDES),
    case="id",
)

IDENTITY = told_by_steps(added=by(K.SUBMITTED))
SUBJECT = told_by_steps(
    change("source", K.SUBJECT_NAMED, K.SUSPECTED, K.COMPLAINT),
    change("cleared_at cleared_by_id cleared_because", K.SUBJECT_NAMED, K.SUSPECTED, K.COMPLAINT, K.NO_COMPLAINT),
    added=by(K.SUBMITTED, K.SUBJECT_NAMED, K.SUSPECTED, K.COMPLAINT),
)
CO_HANDLING = told_by_steps(
    added=by(K.CO_HANDLED, when="s.to_unit_id = NEW.unit_id"),
    removed=(
        *(K.TRANSFERRED, K.SUBJECT_NAMED, K.SUSPECTED, K.COMPLAINT, K.NO_COMPLAINT, K.UNMERGED, K.REOPENED),
        K.SUBMITTED,
    ),
)
ATTACHMENT = told_by_steps(
    change("is_public", K.PUBLISHED), added=by(K.SUBMITTED, K.ADDED, K.ANSWERED, when="NOT NEW.is_public")
)
QUESTION = told_by_steps(
    change("answer", K.ANSWERED, when="s.text = NEW.answer AND s.who = 'citizen'"),
    change("answered_at", K.ANSWERED, K.RESUMED, K.WITHDRAWN),
    added=by(K.ASKED, when="s.text = NEW.text AND NEW.answered_at IS NULL"),
)
EXTENSION = told_by_steps(
    Change(
        ("state",),
        (
            Way((K.EXTENDED,), "NEW.state = 'granted'"),
            Way((K.EXTENSION_REFUSED,), "NEW.state = 'refused'"),
        ),
        unless="NEW.state = 'approved'",  # the first of two, which is on the ledger alone
    ),
    added=by(K.EXTENSION_REQUESTED, when="NEW.state = 'requested'"),
)
_STOPS_THE_CLOCK = (
    *(K.ACCEPTED, K.DECLINED, K.CLASSIFIED, K.ASKED, K.ANSWERED, K.RESUMED, K.REPLIED, K.REOPENED, K.WITHDRAWN),
    *(K.MERGED, K.UNMERGED, K.EXTENDED),
)
_STANDS_STILL = f"""
    EXISTS (SELECT 1 FROM suggestions_suggestion c
            WHERE c.id = NEW.suggestion_id AND c.state NOT IN ({_listed(RUNNING)}))
"""  # noqa: S608  our own words
REMINDER = told_by_steps(
    Change(
        ("cancelled_at",),
        (Way(_STOPS_THE_CLOCK), Way((K.NOTE,), "s.due_at IS NOT NULL")),
        unless=f"{_STANDS_STILL} AND NEW.cancelled_at IS NOT NULL",
    ),
    change("sent_at level", K.REMINDED),
)
FOLLOW_UP = told_by_steps(change("note done_by_id done_at", K.FOLLOWED_UP, when="s.text = NEW.note"))
RATING = told_by_steps(added=by(K.RATED))
REPLY = told_by_steps(
    change("id suggestion_id kind"),
    change("text drafted_by_id drafted_at unit_id", K.DRAFTED, K.REPLIED),
    Change(
        ("state", "returned_because"),
        (Way((K.REPLIED,), "NEW.state = 'signed'"), Way((K.RETURNED, K.TRANSFERRED), "NEW.state = 'returned'")),
    ),
    change("signed_by_id signed_at", K.REPLIED, when="s.actor_id = NEW.signed_by_id"),
    change("public_text", K.REPLIED, K.PUBLISHED),
    Change(("published_at",), (Way((K.PUBLISHED,)), Way(_HIDES, _HIDDEN))),
    change("public_read_by_id public_read_at", K.PUBLISHED, K.KEPT_BACK, *_HIDES),
    added=(Way((K.DRAFTED,), "NEW.state = 'draft'"), Way((K.DECLINED,), "NEW.kind = 'decline'")),
)
OPENING = told_by_steps(
    change("opened_at", K.IDENTITY_OPENED, when="s.actor_id = NEW.requested_by_id AND s.unit_id = NEW.office_id"),
)
