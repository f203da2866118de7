"""The life of a case, as one table. The services, the buttons and the database trigger all read it."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class State(TextChoices):
    RECEIVED = "received", _("Received")
    ACCEPTED = "accepted", _("Accepted")
    ASSIGNED = "assigned", _("Assigned")
    WAITING = "waiting", _("Waiting for you to add something")
    REPLIED = "replied", _("Replied")
    CLOSED = "closed", _("Closed")
    DECLINED = "declined", _("Declined")
    MERGED = "merged", _("Merged")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Who(TextChoices):
    CITIZEN = "citizen", _("the citizen")
    TRIAGE = "triage", _("the triage desk")
    OFFICER = "officer", _("the handling officer")
    LEADER = "leader", _("the unit leader")
    SYSTEM = "system", _("the clock")


S = State
CITIZEN, TRIAGE, OFFICER, LEADER, SYSTEM = Who

TRANSITIONS: dict[State, dict[State, frozenset[Who]]] = {
    S.RECEIVED: {
        S.ACCEPTED: frozenset({TRIAGE}),
        S.DECLINED: frozenset({TRIAGE}),
        S.WAITING: frozenset({TRIAGE}),
        S.MERGED: frozenset({TRIAGE}),
        S.WITHDRAWN: frozenset({CITIZEN}),
    },
    S.ACCEPTED: {
        S.ASSIGNED: frozenset({TRIAGE}),
        S.DECLINED: frozenset({TRIAGE}),
        S.WAITING: frozenset({TRIAGE}),
        S.MERGED: frozenset({TRIAGE}),
        S.WITHDRAWN: frozenset({CITIZEN}),
    },
    S.ASSIGNED: {
        S.REPLIED: frozenset({LEADER}),
        S.WAITING: frozenset({OFFICER, TRIAGE}),
        S.MERGED: frozenset({TRIAGE}),
        S.WITHDRAWN: frozenset({CITIZEN}),
    },
    S.WAITING: {
        S.RECEIVED: frozenset({CITIZEN, SYSTEM}),
        S.ACCEPTED: frozenset({CITIZEN, SYSTEM}),
        S.ASSIGNED: frozenset({CITIZEN, SYSTEM}),
        S.WITHDRAWN: frozenset({CITIZEN}),
    },
    S.REPLIED: {
        S.CLOSED: frozenset({CITIZEN, TRIAGE, LEADER, SYSTEM}),
        S.ASSIGNED: frozenset({CITIZEN, TRIAGE}),
    },
    S.CLOSED: {S.ASSIGNED: frozenset({CITIZEN, TRIAGE})},
    S.DECLINED: {S.ASSIGNED: frozenset({CITIZEN, TRIAGE})},
    S.MERGED: {  # taken out by the desk, set free when its leader goes, or going its own way after the answer
        S.RECEIVED: frozenset({TRIAGE, SYSTEM}),
        S.ACCEPTED: frozenset({TRIAGE, SYSTEM}),
        S.ASSIGNED: frozenset({TRIAGE, SYSTEM, CITIZEN}),
        S.WITHDRAWN: frozenset({CITIZEN}),
    },
    S.WITHDRAWN: {},
}

OPEN = (S.RECEIVED, S.ACCEPTED, S.ASSIGNED, S.WAITING)
RUNNING = (S.RECEIVED, S.ACCEPTED, S.ASSIGNED)  # open and the clock is not stopped
ANSWERED = (S.REPLIED, S.CLOSED, S.DECLINED)  # only with a signed reply (P2)
REOPENABLE = (S.REPLIED, S.CLOSED, S.DECLINED)
LEADING = (*OPEN, S.REPLIED, S.CLOSED)  # what others may follow: any other state says nothing to them
PUBLISHABLE = (S.ACCEPTED, S.ASSIGNED, S.WAITING, S.REPLIED, S.CLOSED)


def may(start: State | str, to: State | str, who: Who) -> bool:
    """Whether ``who`` may move a case from ``start`` to ``to``."""
    return who in TRANSITIONS[State(start)].get(State(to), frozenset())


class Channel(TextChoices):
    WEB = "web", _("Website")
    PHONE = "phone", _("Telephone")
    WINDOW = "window", _("Station window")
    PLAZA = "plaza", _("Plaza day")
    API = "api", _("Partner programme")


class Complexity(TextChoices):
    SIMPLE = "simple", _("simple")
    COMPLEX = "complex", _("complex")


class ReplyKind(TextChoices):
    REPLY = "reply", _("reply")
    DECLINE = "decline", _("reason for declining")


class ReplyState(TextChoices):
    DRAFT = "draft", _("waiting for signature")
    SIGNED = "signed", _("signed")
    RETURNED = "returned", _("returned to the author")


class ExtensionState(TextChoices):
    REQUESTED = "requested", _("requested")
    APPROVED = "approved", _("approved once, waits for the second approval")
    GRANTED = "granted", _("granted")
    REFUSED = "refused", _("refused")


class StandingAnswer(TextChoices):
    """What the desk says of an answer that was given before the voice that is to share it came in."""

    FITS = "fits", _("It fits: this citizen reads it now, too")
    ANEW = "anew", _("It does not fit: the case is taken up again for a new answer")


class ReminderKind(TextChoices):
    HALF = "half", _("half of the time has passed")
    MOST = "most", _("four fifths of the time have passed")
    DUE = "due", _("the deadline has come")
    OVERDUE = "overdue", _("overdue")


class StepKind(TextChoices):
    SUBMITTED = "submitted", _("You told us")
    ADDED = "added", _("Something was added")
    ACCEPTED = "accepted", _("Accepted")
    CLASSIFIED = "classified", _("Classified")
    ASSIGNED = "assigned", _("Assigned")
    TRANSFERRED = "transferred", _("Transferred")
    CO_HANDLED = "co_handled", _("Another unit helps")
    ASKED = "asked", _("A question to you")
    ANSWERED = "answered", _("Your answer")
    RESUMED = "resumed", _("Work goes on")
    DRAFTED = "drafted", _("Reply drafted")
    RETURNED = "returned", _("Draft returned")
    REPLIED = "replied", _("Reply")
    DECLINED = "declined", _("Declined with reasons")
    RATED = "rated", _("Rated")
    CLOSED = "closed", _("Closed")
    REOPENED = "reopened", _("Reopened")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    MERGED = "merged", _("Merged with the same matter")
    UNMERGED = "unmerged", _("Taken apart again")
    SPLIT = "split", _("Split off")
    EXTENSION_REQUESTED = "extension_requested", _("More time requested")
    EXTENDED = "extended", _("More time granted")
    EXTENSION_REFUSED = "extension_refused", _("More time refused")
    ESCALATED = "escalated", _("Supervised")
    REMINDED = "reminded", _("Reminder sent")
    PUBLISHED = "published", _("Published")
    UNPUBLISHED = "unpublished", _("No longer public")
    KEPT_BACK = "kept_back", _("Kept off the public board")
    SUBJECT_NAMED = "subject_named", _("Somebody was named")
    SUSPECTED = "suspected", _("It seems to be a complaint about the police")
    COMPLAINT = "complaint", _("Found to be a complaint")
    NO_COMPLAINT = "no_complaint", _("Found to be no complaint")
    FOLLOWED_UP = "followed_up", _("Followed up")
    IDENTITY_OPENED = "identity_opened", _("Your identity was opened")
    NOTE = "note", _("Internal note")


RATING_LEVELS = (
    (5, _("Very satisfied")),
    (4, _("Satisfied")),
    (3, _("Fairly satisfied")),
    (2, _("Dissatisfied")),
    (1, _("Very dissatisfied")),
)
BAD_RATING = 2  # this level and below open a follow-up task
