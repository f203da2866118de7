"""Taking an answered case up again: the citizen is not content, or the desk found that others say the same anew."""

from datetime import datetime
from typing import Any

from core import clock
from suggestions.models import Suggestion
from suggestions.services import moves, telling
from suggestions.services.subjects import move_away_from_subjects
from suggestions.states import State, StepKind, Who


def take_up_again(case: Suggestion, *, due: datetime, reason: str, who: Who, by: Any = None) -> None:
    """A new round for a locked case, with the unit that answered, or past it if it is complained of now.

    One that follows another leaves it and is a case of its own from here, with that unit.
    Raises: WrongState when the table does not let ``who`` do that.
    """
    now, start, answered = clock.now(), case.state, case.leader
    fields = moves.run_clock(case, start=now, due=due)
    moves.move(
        case,
        State.ASSIGNED,
        who=who,
        merged_into=None,
        unit=answered.unit,
        handler=answered.handler,
        accepted_at=case.accepted_at or now,
        reopened_at=now,
        reopened_times=case.reopened_times + 1,
        closed_at=None,
        **fields,
    )
    moves.step(case, StepKind.REOPENED, who=who, by=by, text=reason, from_state=start, due_at=due)
    move_away_from_subjects(case)


def tell(case: Suggestion, *, who: Who) -> None:
    """Tell who works on it now, and whoever shares the answer that does not stand any more."""
    people = [*telling.handlers(case), *telling.leaders(case)]
    key = f"reopened:{case.reopened_times}"
    telling.staff(people, case, key=key, subject=telling.REOPENED)
    told = case.members.all() if who == Who.CITIZEN else [case, *case.members.all()]
    for one in told:
        again = f"{key}:{case.pk}"
        telling.citizen(one, key=again, subject=telling.REOPENED, body=telling.REOPENED_BODY)
