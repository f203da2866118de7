"""The unit at work: take, transfer, help, note, ask back, close."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core import calendar, clock
from core.errors import Invalid, WrongState
from core.policy import Role
from core.said import limit, required
from directory.models import Officer, Unit
from suggestions import access, deadlines, limits
from suggestions.models import CoHandling, FollowUp, Question, Rating, Reply, Suggestion
from suggestions.services import moves, telling
from suggestions.services.subjects import check_is_read, check_may_answer
from suggestions.states import ReplyState, State, StepKind, Who


def _assigned(case: Suggestion, *, by: Any, action: str, seen: int | None = None) -> Suggestion:
    """The locked case, if it is being handled and ``by`` may do ``action``."""
    case = moves.lock(case, seen=seen)
    access.require(by, action, case)
    if case.state != State.ASSIGNED:
        raise WrongState
    return case


def _as_who(by: Any, case: Suggestion) -> Who:
    """In which part somebody acts who may assign."""
    return Who.TRIAGE if access.reaches(by, "triage", case) else Who.LEADER


@transaction.atomic
def transfer(
    case: Suggestion,
    *,
    by: Any,
    unit: Unit,
    reason: str,
    no_complaint: bool = False,
    seen: int | None = None,
) -> Suggestion:
    """Give a case to another unit, with the reason; the deadline stays.

    A leader passes it on within their own units, or back to the triage desk.

    Raises: NotAllowed, WrongState, Stale, Invalid for a conflicted unit (P3), one that is not theirs, or no reason.
    """
    case = _assigned(case, by=by, action="assign", seen=seen)
    reason = required(reason, "reason", limits.REASON)
    if unit.pk == case.unit_id:
        raise Invalid("unit", _("The case is in this unit already."))
    check_may_answer(case, unit)
    who = _as_who(by, case)
    if not access.passes_on_to(by).filter(pk=unit.pk).exists():
        raise Invalid("unit", _("You can pass it on within your own units, or back to the triage desk."))
    check_is_read(case, unit, by=by, no_complaint=no_complaint)
    drop_draft(case, _("The case went to another unit."))
    case.unit, case.handler = unit, None
    case.save(update_fields=["unit", "handler"])
    case.co_handlings.filter(unit=unit).delete()
    step = moves.step(case, StepKind.TRANSFERRED, who=who, by=by, to=unit, due_at=case.due_at)
    moves.step(case, StepKind.NOTE, who=who, by=by, text=reason, public=False)
    telling.staff(telling.handlers(case), case, key=f"transferred:{step.pk}", subject=telling.NEW_FOR_YOU)
    return case


def drop_draft(case: Suggestion, why: str) -> None:
    """A draft that nobody will sign any more goes back."""
    drafts = Reply.objects.filter(suggestion=case, state=ReplyState.DRAFT)
    drafts.update(state=ReplyState.RETURNED, returned_because=why)


@transaction.atomic
def take(case: Suggestion, *, by: Any, seen: int | None = None) -> Suggestion:
    """The officer takes the case in hand."""
    case = _assigned(case, by=by, action="draft", seen=seen)
    officer = by.officer_or_none
    if officer is None or officer.unit_id != case.unit_id:
        raise Invalid("handler", _("Only an officer of the responsible unit can take the case."))
    check_may_answer(case, case.unit, officer)
    return _set_handler(case, officer, by=by, who=Who.OFFICER)


@transaction.atomic
def set_handler(case: Suggestion, *, by: Any, officer: Officer, seen: int | None = None) -> Suggestion:
    """A leader or the triage desk names the officer who handles the case."""
    case = _assigned(case, by=by, action="assign", seen=seen)
    check_may_answer(case, case.unit, officer)
    case = _set_handler(case, officer, by=by, who=_as_who(by, case))
    if officer.user:
        key = f"handler:{officer.pk}:{case.reopened_times}"
        telling.staff([officer.user], case, key=key, subject=telling.NEW_FOR_YOU)
    return case


def _set_handler(case: Suggestion, officer: Officer, *, by: Any, who: Who) -> Suggestion:
    case.handler = officer
    case.save(update_fields=["handler"])
    moves.step(case, StepKind.ASSIGNED, who=who, by=by, text=officer.name, public=False)
    return case


@transaction.atomic
def add_co_handler(
    case: Suggestion, *, by: Any, unit: Unit, no_complaint: bool = False, seen: int | None = None
) -> Suggestion:
    """Ask another unit to help; the responsibility stays.

    Raises: NotAllowed, WrongState, Stale, Invalid for the responsible or a conflicted unit (P3).
    """
    case = _assigned(case, by=by, action="assign", seen=seen)
    if unit.pk == case.unit_id:
        raise Invalid("unit", _("The case is in this unit already."))
    check_may_answer(case, unit)
    check_is_read(case, unit, by=by, no_complaint=no_complaint)
    CoHandling.objects.get_or_create(suggestion=case, unit=unit)
    moves.step(case, StepKind.CO_HANDLED, who=_as_who(by, case), by=by, to=unit)
    people = telling.members(Role.OFFICER, unit)
    telling.staff(people, case, key=f"helping:{unit.pk}", subject=telling.NEW_FOR_YOU)
    return case


@transaction.atomic
def note(case: Suggestion, *, by: Any, text: str) -> Suggestion:
    """An internal note; citizens never see it."""
    case = moves.lock(case)
    access.require(by, "note", case)
    moves.step(case, StepKind.NOTE, who=Who.OFFICER, by=by, text=required(text, "text", limits.NOTE), public=False)
    return case


@transaction.atomic
def ask(case: Suggestion, *, by: Any, question: str, seen: int | None = None) -> Suggestion:
    """Ask the citizen for something that is missing; the clock stops until they answer.

    Raises: NotAllowed, WrongState, Stale, Invalid when the citizen left no way to be asked.
    """
    case = moves.lock(case, seen=seen)
    access.require(by, "ask", case)
    question = required(question, "question", limit(Question, "text"))
    now = clock.now()
    until = calendar.add_workdays(now, deadlines.ANSWER_DAYS)
    left = max(calendar.workdays_between(now, case.deadline), 1)
    start = case.state
    who = Who.TRIAGE if access.reaches(by, "triage", case) else Who.OFFICER
    moves.stop_reminders(case, at=now)
    moves.move(case, State.WAITING, who=who, paused_from=start, paused_at=now, days_left=left, due_at=until)
    Question.objects.create(suggestion=case, text=question, asked_by=by, due_at=until)
    moves.step(case, StepKind.ASKED, who=who, by=by, text=question, from_state=start, due_at=until)
    key = f"asked:{case.questions.count()}"
    telling.citizen(case, key=key, subject=telling.ASKED, body=telling.ASKED_BODY, question=question)
    return case


def resume(case: Suggestion, *, who: Who) -> None:
    """Let the clock of a locked waiting case run on with the days that were left."""
    now = clock.now()
    due = calendar.add_workdays(now, case.days_left or 1)
    fields = moves.run_clock(case, start=now, due=due)
    to = State(case.paused_from)
    moves.move(case, to, who=who, paused_from="", paused_at=None, days_left=None, **fields)


@transaction.atomic
def close(case: Suggestion, *, by: Any, seen: int | None = None) -> Suggestion:
    """Close an answered case on the citizen's word, by the triage desk or the unit's leader."""
    case = moves.lock(case, seen=seen)
    access.require(by, "close", case)
    who = _as_who(by, case)
    moves.move(case, State.CLOSED, who=who, closed_at=clock.now())
    moves.step(case, StepKind.CLOSED, who=who, by=by, from_state=State.REPLIED)
    return case


def open_follow_up(rating: Rating) -> None:
    """A bad rating is a task for the leader of the unit that answers."""
    case = rating.suggestion.leader
    due = calendar.add_workdays(clock.now(), deadlines.FOLLOW_UP_DAYS)
    FollowUp.objects.create(suggestion=case, rating=rating, unit=case.unit, due_at=due)
    telling.staff(telling.leaders(case), case, key=f"bad:{rating.pk}", subject=telling.BAD_RATING)


@transaction.atomic
def finish_follow_up(follow_up: FollowUp, *, by: Any, note: str) -> FollowUp:
    """The leader has called back and says what came of it.

    Raises: NotAllowed, Invalid without a note, WrongState when it was done already.
    """
    case = moves.lock(follow_up.suggestion)
    follow_up = FollowUp.objects.select_for_update().get(pk=follow_up.pk)
    access.require(by, "follow up", case)
    if follow_up.done_at:
        raise WrongState(_("This was followed up already."))
    note = required(note, "note", limit(FollowUp, "note"))
    follow_up.note, follow_up.done_by, follow_up.done_at = note, by, clock.now()
    follow_up.save(update_fields=["note", "done_by", "done_at"])
    moves.step(case, StepKind.FOLLOWED_UP, who=Who.LEADER, by=by, text=follow_up.note, public=False)
    return follow_up
