"""One matter, said by many: cases that follow one, are taken out again, and are never taken along when it goes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core import clock
from core.day_words import day
from core.errors import Invalid, WrongState
from suggestions import access, deadlines, states
from suggestions.models import Reply, Step, Suggestion
from suggestions.services import moves, reopening, telling
from suggestions.services.subjects import check_is_read, move_away_from_subjects
from suggestions.states import ReplyState, StandingAnswer, State, StepKind, Who


@transaction.atomic
def merge(
    case: Suggestion,
    *,
    into: Suggestion,
    by: Any,
    standing_answer: str = "",
    no_complaint: bool = False,
    seen: int | None = None,
) -> Suggestion:
    """The same matter was said before: this case follows the other one, whose reply reaches both.

    The day that was promised to this citizen stands: the other case is answered by then. Where it has its answer
    already, ``standing_answer`` says whether that fits this voice too or whether it is taken up again for a new one.
    The unit that answers reads this voice, too: ``no_complaint`` as where a case is given to it.

    Raises: NotAllowed, WrongState, Stale; Invalid for itself, a follower, or a case that is over, and for
    ``standing_answer`` or ``no_complaint`` where it is needed and missing.
    """
    if case.pk == into.pk:
        raise Invalid("into", _("A case cannot be merged with itself."))
    moves.lock_together(case.pk, into.pk)
    case, into = moves.lock(case, seen=seen), moves.lock(into)
    access.require(by, "triage", case)
    access.require(by, "triage", into)
    _check_can_follow(case, into)
    check_is_read(case, into.unit, by=by, no_complaint=no_complaint)
    answer = answer_standing(into)
    if answer is not None and standing_answer not in StandingAnswer:
        raise Invalid("standing_answer", asks_about(answer))
    promised = _promised(case, case.state)
    if answer is None:
        _answer_by(into, promised)
    elif standing_answer == StandingAnswer.ANEW:
        reason = _("Somebody has told us the same again.")
        reopening.take_up_again(into, due=promised, reason=reason, who=Who.TRIAGE, by=by)
        reopening.tell(into, who=Who.TRIAGE)
    start = case.state
    moves.stop_reminders(case, at=clock.now())
    moves.move(case, State.MERGED, who=Who.TRIAGE, merged_into=into)
    moves.step(case, StepKind.MERGED, who=Who.TRIAGE, by=by, from_state=start)
    if answer is not None and standing_answer == StandingAnswer.FITS:
        _answered_already(case, answer, by=by)
    return case


def _check_can_follow(case: Suggestion, into: Suggestion) -> None:
    if into.state not in states.LEADING:
        raise Invalid("into", _("That case does not stand on its own any more. Choose another one."))
    if case.members.exists():
        raise Invalid("into", _("Other cases follow this one. Merge the other way round."))
    if case.complains or into.complains:
        raise Invalid("into", _("Complaints about somebody are always answered one by one."))


def answer_standing(case: Suggestion) -> Reply | None:
    """The answer that whoever follows ``case`` from now on would read at once; one statement where there is one."""
    if case.state not in states.ANSWERED:
        return None
    return case.replies.filter(state=ReplyState.SIGNED).order_by("-signed_at").first()


def asks_about(answer: Reply) -> str:
    """What the desk is asked before a new voice is given an older answer."""
    asked = _("That case was answered on %(day)s. Does that answer fit this voice as well?")
    return asked % {"day": day(answer.signed_at)}


def _promised(case: Suggestion, state: str) -> datetime:
    """By when the citizen was told to have an answer, for a case that stood in ``state`` before it followed another."""
    if state == State.RECEIVED:
        return deadlines.promised(case.created_at, case.category.reply_days)
    return case.deadline


def earliest(case: Suggestion, due: datetime) -> datetime:
    """The deadline of a locked case, or the earlier day that one of those who follow it was promised."""
    followers = case.members.select_related("category")
    return min([due, *(_promised(one, _merging(one).from_state) for one in followers)])


def _answer_by(leader: Suggestion, promised: datetime) -> None:
    """A locked case is answered by the day that was promised to who follows it, where its own deadline is later.

    While it waits to be accepted, or for its citizen, its deadline is another one and stays.
    """
    if leader.state not in (State.ACCEPTED, State.ASSIGNED) or leader.deadline <= promised:
        return
    for name, value in moves.run_clock(leader, start=leader.clock_from, due=promised).items():
        setattr(leader, name, value)
    leader.save(update_fields=["clock_from", "due_at"])
    said = _("Somebody who was promised an answer by %(day)s follows this case.") % {"day": day(promised)}
    moves.step(leader, StepKind.NOTE, text=said, public=False, due_at=promised)


def _answered_already(case: Suggestion, answer: Reply, *, by: Any) -> None:
    """The desk has read that the older answer fits; the citizen is told that there is one, and may disagree."""
    said = _("The answer of %(day)s fits this voice as well.") % {"day": day(answer.signed_at)}
    moves.step(case, StepKind.NOTE, who=Who.TRIAGE, by=by, text=said, public=False)
    telling.citizen(case, key=f"replied:{answer.pk}", subject=telling.ANSWERED, body=telling.ANSWERED_BODY)


@transaction.atomic
def unmerge(case: Suggestion, *, by: Any, seen: int | None = None) -> Suggestion:
    """Take a merged case out again; it goes on where it was, by its old deadline, and its citizen is told."""
    case = moves.lock(case, seen=seen)
    access.require(by, "triage", case)
    if case.state != State.MERGED:
        raise WrongState
    _stand_alone(case, who=Who.TRIAGE, by=by)
    return case


def set_free(followers: Sequence[Suggestion]) -> None:
    """The case that these locked ones followed is no longer there for them: none is taken along.

    The oldest goes on where it was, by its own deadline or an earlier one that the others were promised; the others
    follow it from now on. Its citizen is told, and so is who works on it now.
    """
    if not followers:
        return
    oldest, *others = followers
    promises = [_promised(one, _merging(one).from_state) for one in others]
    _stand_alone(oldest, who=Who.SYSTEM)
    for one in others:
        start = _merging(one).from_state
        one.merged_into = oldest
        one.save(update_fields=["merged_into"])
        moves.step(one, StepKind.MERGED, from_state=start)
    if promises:
        _answer_by(oldest, min(promises))
    people = {*telling.handlers(oldest), *telling.triage_desk(oldest)}
    telling.staff(people, oldest, key=f"free:{_last_step(oldest)}", subject=telling.ON_ITS_OWN)


def _stand_alone(case: Suggestion, *, who: Who, by: Any = None) -> None:
    """A locked follower goes on from where it stood, with its old deadline and the reminders of that."""
    back = State(_merging(case).from_state)
    moves.move(case, back, who=who, merged_into=None)
    moves.run_clock(case, start=case.clock_from, due=case.deadline)
    moves.step(case, StepKind.UNMERGED, who=who, by=by, from_state=State.MERGED, due_at=case.due_at)
    move_away_from_subjects(case)
    key = f"alone:{_last_step(case)}"
    telling.citizen(case, key=key, subject=telling.ON_ITS_OWN, body=telling.ON_ITS_OWN_BODY)


def _merging(case: Suggestion) -> Step:
    """The step that made it follow another; it says where the case stood before. Raises: WrongState without one."""
    step = case.steps.filter(kind=StepKind.MERGED).last()
    if step is None:
        raise WrongState
    return step


def _last_step(case: Suggestion) -> int:
    return case.steps.order_by("-pk").values_list("pk", flat=True)[0]
