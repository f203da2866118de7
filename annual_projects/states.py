"""The lives of an edition, a candidate, a project and a milestone, as tables that services, pages and triggers read."""

from itertools import pairwise

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Phase(TextChoices):
    COLLECTING = "collecting", _("Collecting ideas")
    REVIEWING = "reviewing", _("Looking at what is possible")
    PUBLIC_NOTICE = "public_notice", _("The candidates are made public")
    VOTING = "voting", _("Voting")
    RESULT = "result", _("Counting and result")
    DELIVERING = "delivering", _("Carrying out")
    JUDGED = "judged", _("Judged by the public")
    ARCHIVED = "archived", _("Finished")


class CandidateState(TextChoices):
    NOMINATED = "nominated", _("Proposed")
    UNDER_REVIEW = "under_review", _("Being looked at")
    ACCEPTED = "accepted", _("On the ballot")
    REJECTED = "rejected", _("Not taken up")
    MERGED = "merged", _("Put together with another")
    WITHDRAWN = "withdrawn", _("Taken back")


class ProjectState(TextChoices):
    PLANNED = "planned", _("About to begin")
    UNDERWAY = "underway", _("Under way")
    DELIVERED = "delivered", _("Delivered")
    NOT_DELIVERED = "not_delivered", _("Not delivered")


class MilestoneState(TextChoices):
    OPEN = "open", pgettext_lazy("step", "To do")
    DONE = "done", pgettext_lazy("step", "Done")
    DROPPED = "dropped", _("Dropped")


class Who(TextChoices):
    CITIZEN = "citizen", _("the citizen")
    DESK = "desk", _("the triage desk")
    ADMIN = "admin", _("the public-work admin")
    UNIT = "unit", _("the responsible unit")
    SYSTEM = "system", _("the clock")


P, C, J, M = Phase, CandidateState, ProjectState, MilestoneState
CITIZEN, DESK, ADMIN, UNIT, SYSTEM = Who
Table = dict[str, dict[str, frozenset[Who]]]

PHASES: Table = {phase: {following: frozenset({ADMIN, SYSTEM})} for phase, following in pairwise(Phase)}
PHASES[P.ARCHIVED] = {}

_DESK = frozenset({DESK, ADMIN})
CANDIDATES: Table = {
    C.NOMINATED: {
        C.UNDER_REVIEW: _DESK,
        C.REJECTED: frozenset({ADMIN}),
        C.MERGED: _DESK,
        C.WITHDRAWN: frozenset({CITIZEN, DESK, ADMIN}),
    },
    C.UNDER_REVIEW: {
        C.ACCEPTED: frozenset({ADMIN}),
        C.REJECTED: frozenset({ADMIN}),
        C.MERGED: _DESK,
        C.WITHDRAWN: _DESK,
    },
    C.ACCEPTED: {C.UNDER_REVIEW: frozenset({ADMIN}), C.WITHDRAWN: frozenset({ADMIN})},
    C.REJECTED: {C.UNDER_REVIEW: frozenset({ADMIN})},
    C.MERGED: {C.UNDER_REVIEW: _DESK},
    C.WITHDRAWN: {},
}

_DELIVERY = frozenset({UNIT, ADMIN})
PROJECTS: Table = {
    J.PLANNED: {J.UNDERWAY: _DELIVERY},
    J.UNDERWAY: {J.DELIVERED: frozenset({ADMIN}), J.NOT_DELIVERED: frozenset({ADMIN})},
    J.DELIVERED: {},
    J.NOT_DELIVERED: {},
}
MILESTONES: Table = {
    M.OPEN: {M.DONE: _DELIVERY, M.DROPPED: frozenset({ADMIN})},
    M.DONE: {},
    M.DROPPED: {},
}

MOST_LISTED = 62  # candidates; a ballot keeps each in a bit (voting/marks.py)
UNDECIDED = (C.NOMINATED, C.UNDER_REVIEW)
BEFORE_FREEZE = (P.COLLECTING, P.REVIEWING)
WITH_PROJECTS = (P.RESULT, P.DELIVERING, P.JUDGED, P.ARCHIVED)
SETTLED = (J.DELIVERED, J.NOT_DELIVERED)


def may(table: Table, start: str, to: str, who: Who) -> bool:
    """Whether ``who`` may move something from ``start`` to ``to``."""
    return who in table[start].get(to, frozenset())


def next_phase(phase: str) -> Phase | None:
    """The phase that follows, or None after the last."""
    return next((Phase(following) for following in PHASES[phase]), None)


class Voters(TextChoices):
    VERIFIED = "verified", _("residents who have shown who they are")
    PHONE = "phone", _("everyone with a verified mobile number")
    ROLL = "roll", _("everyone on the voter roll")


class Source(TextChoices):
    CITIZEN = "citizen", _("a citizen")
    PARTNER = "partner", _("a partner organisation")
    STAFF = "staff", _("the police")
    DEMAND = "demand", _("what people told us")


class ShareOf(TextChoices):
    ALL = "all", _("everything people told us")
    ADMINISTRATIVE = "administrative", _("requests for administrative services")


class ReminderKind(TextChoices):
    SOON = "soon", _("due in a week")
    DUE = "due", _("due today")
    OVERDUE = "overdue", _("overdue")


class Told(TextChoices):
    ACCEPTED = "accepted", _("became a candidate")
    RESULT = "result", _("the vote is decided")
    DELIVERED = "delivered", _("what it changed")
