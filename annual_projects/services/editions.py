"""An edition: made, changed until it is frozen, and moved on by the clock."""

from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from annual_projects import states
from annual_projects.errors import Frozen, NotNow, NotYet
from annual_projects.models import Edition
from annual_projects.models.edition import STARTS, YEARS
from annual_projects.services import moves
from annual_projects.states import Phase, Voters
from core import audit, clock, outbox, policy
from core.errors import Invalid
from core.locks import Lock, take_if_free
from core.said import limit, said

AFTER_FREEZE = ("intro", "delivering_from", "judged_from", "archived_from")


@dataclass(frozen=True)
class Plan:
    """How an edition is to run: when each phase begins, how many are chosen, and by whom."""

    collecting_from: datetime
    reviewing_from: datetime
    notice_from: datetime
    voting_opens: datetime
    voting_closes: datetime
    delivering_from: datetime
    judged_from: datetime
    archived_from: datetime
    choose_min: int = 10
    choose_max: int = 10
    winners: int = 10
    who_may_vote: str = Voters.VERIFIED
    intro: str = ""


def _check(plan: Plan) -> None:
    """Raises: Invalid by field."""
    for before, after in pairwise(STARTS.values()):
        if getattr(plan, before) >= getattr(plan, after):
            raise Invalid(after, _("This must come after the step before it."))
    if not 1 <= plan.choose_min <= plan.choose_max:
        raise Invalid("choose_min", _("At least one, and not more than may be chosen at most."))
    if plan.winners < 1:
        raise Invalid("winners", _("At least one project must come out of it."))


@transaction.atomic
def create_edition(year: int, plan: Plan, *, by: Any, is_demo: bool = False) -> Edition:
    """Set up a new year. Raises: NotAllowed, Invalid."""
    policy.require(by, "decide", "edition")
    if not YEARS[0] <= year <= YEARS[1]:
        raise Invalid("year", _("Please give the year in four digits."))
    _check(plan)
    if Edition.objects.filter(year=year).exists():
        raise Invalid("year", _("There is an edition for this year already."))
    fields = asdict(plan) | {"intro": said(plan.intro, "intro", limit(Edition, "intro"))}
    edition = Edition.objects.create(year=year, is_demo=is_demo, **fields)
    audit.record("edition.created", edition, by=by, year=year)
    return edition


@transaction.atomic
def change_edition(edition: Edition, plan: Plan, *, by: Any) -> Edition:
    """Change the plan; after the freeze only the words and the dates of delivery can still change.

    Raises: NotAllowed, Invalid, Frozen, NotNow for a phase that has begun already.
    """
    policy.require(by, "decide", "edition")
    edition = moves.lock_edition(edition)
    _check(plan)
    wanted = asdict(plan) | {"intro": said(plan.intro, "intro", limit(Edition, "intro"))}
    changed = [name for name, value in wanted.items() if getattr(edition, name) != value]
    if edition.is_frozen and set(changed) - set(AFTER_FREEZE):
        raise Frozen
    begun = list(Phase)[: list(Phase).index(Phase(edition.phase)) + 1]
    if any(STARTS[phase] in changed for phase in begun):
        raise NotNow(_("This phase has begun already; its date stands."))
    for name in changed:
        setattr(edition, name, wanted[name])
    edition.save(update_fields=changed)
    audit.record("edition.changed", edition, by=by, fields=sorted(changed))
    return edition


@transaction.atomic
def advance(edition: Edition, *, by: Any = None) -> Edition:
    """Begin the next phase; ``by`` is None for the clock.

    Raises: NotAllowed; NotYet before its hour; NotNow while something is missing for it.
    """
    if by is not None:
        policy.require(by, "decide", "edition")
    edition = moves.lock_edition(edition)
    following = edition.next_phase
    if following is None:
        raise NotNow
    if clock.now() < edition.starts(following):
        raise NotYet
    missing = missing_for(edition, following)
    if missing:
        raise NotNow(missing)
    start, edition.phase = edition.phase, following
    edition.save(update_fields=["phase"])
    audit.record("edition.phase", edition, by=by, start=start, to=following.value)
    outbox.emit("annual_projects.phase_begun", edition=edition.pk, year=edition.year, phase=following.value)
    return edition


def missing_for(edition: Edition, phase: Phase) -> str:
    """What must be there before a phase can begin and is not, in words; empty when nothing is missing."""
    if phase == Phase.PUBLIC_NOTICE and not edition.is_frozen:
        return _("The list of candidates must be frozen by two persons first.")
    if phase == Phase.DELIVERING and edition.projects.count() != edition.winners:
        return _("The result of the vote must be there first.")
    if phase == Phase.ARCHIVED and edition.projects.exclude(state__in=states.SETTLED).exists():
        return _("Every project must be delivered, or given up with reasons, first.")
    return ""


def advance_phases() -> int:
    """Begin every phase whose hour has come and for which nothing is missing; returns how many began.

    One sweep at a time; an edition that slept through several phases catches up one by one.
    """
    begun = 0
    for edition in Edition.objects.exclude(phase=Phase.ARCHIVED):
        while _is_due(edition) and _advance_one(edition):
            edition.refresh_from_db()
            begun += 1
    return begun


def _is_due(edition: Edition) -> bool:
    """Whether the hour of the next phase has come; asked without a lock, since it mostly has not."""
    following = edition.next_phase
    return following is not None and clock.now() >= edition.starts(following)


@transaction.atomic
def _advance_one(edition: Edition) -> bool:
    if not take_if_free(Lock.PHASES):
        return False
    locked = Edition.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=edition.pk).first()
    following = locked.next_phase if locked else None
    if locked is None or following is None or not _is_due(locked) or missing_for(locked, following):
        return False
    advance(locked)
    return True
