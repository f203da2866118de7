"""What seems to complain of the police: whoever may be meant is kept away from it until the desk has decided."""

from collections.abc import Collection, Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core import calendar, clock
from core.errors import Invalid, WrongState
from core.said import said
from directory.models import Officer, Unit
from suggestions import access, limits, states
from suggestions.models import Subject, Suggestion
from suggestions.queries.accused import Accused, accused
from suggestions.services import handle, moves, reopening, routing, triage
from suggestions.services.subjects import may_accuse, move_away_from_subjects, named, subjects_of, suspect
from suggestions.states import StepKind, Who


def looked_into(case: Suggestion, words: str) -> bool:
    """What the citizen says later may accuse, too: then the locked case leaves whoever is meant. Whether it does."""
    handled_by = None if routing.looks_into_conduct(case.unit) else case.unit
    found = accused(words, area=case.area, handled_by=handled_by, known=subjects_of(case))
    if found:
        for one in [case, *(moves.lock(member) for member in case.members.order_by("pk"))]:
            suspect(one, found)
            move_away_from_subjects(one)
    return bool(found)


def kept_from_who_answered(case: Suggestion, words: str) -> None:
    """Why a locked case was taken up again could be about who answered: then the desk reads it before them.

    What names whom it complains of goes past them anyway.
    """
    if not case.complains and may_accuse(case, words):
        suspect(case, Accused(subjects=((case.unit, None),), complains=True, named=False))
        move_away_from_subjects(case)


@transaction.atomic
def settle_complaint(
    case: Suggestion,
    *,
    by: Any,
    is_complaint: bool,
    subjects: Collection[tuple[Unit, Officer | None]] = (),
    reason: str = "",
    seen: int | None = None,
) -> Suggestion:
    """Decide about a case that seems to complain of the police, and of all that follow it; or about the words of a
    rating that could.

    A complaint is about ``subjects``, and its category is that of conduct; whom else the words had suggested is
    cleared, and if it is none, all of them. Clearing anybody takes a reason, which stays in the ledger.
    An answer that is complained of by its rating does not stand: the case is taken up again, past who gave it.
    Raises: NotAllowed, Stale; WrongState where there is no doubt; Invalid without a reason.
    """
    case = moves.lock(case, seen=seen)
    access.require(by, "triage", case)
    rated = list(case.ratings.waiting())
    if not rated and not (case.seems_complaint and case.is_open):
        raise WrongState
    kept = {(officer.unit_id if officer else unit.pk, officer) for unit, officer in subjects} if is_complaint else set()
    suspects = case.subjects.filter(source=Subject.Source.WORDS)
    cleared = [one for one in suspects if (one.unit_id, one.officer) not in kept]
    reason = said(reason, "reason", limits.REASON)
    if not reason and (cleared or not is_complaint):
        raise Invalid("reason", _("Say why, for the ledger."))
    if rated and is_complaint:
        subjects = subjects or [(case.leader.unit, None)]
        case = _past_who_answered(case, by=by, subjects=subjects)
    for one in [case, *(moves.lock(member) for member in case.members.order_by("pk"))]:
        _settle(one, by=by, subjects=subjects if is_complaint else (), cleared=cleared, reason=reason)
        kind = StepKind.COMPLAINT if is_complaint else StepKind.NO_COMPLAINT
        moves.step(one, kind, who=Who.TRIAGE, by=by, text=reason, public=False)
    for rating in rated:
        if not is_complaint and rating.level <= states.BAD_RATING:
            handle.open_follow_up(rating)
    category = routing.conduct()
    if is_complaint and category is not None and case.category.kind != category.kind:
        triage.classify(case, by=by, category=category, area=case.area)
    return moves.lock(case)


def _past_who_answered(case: Suggestion, *, by: Any, subjects: Collection[tuple[Unit, Officer | None]]) -> Suggestion:
    """Take a locked case up again because of what was said of its answer, and record of whom that complains."""
    if case.can_reopen:
        due = calendar.add_workdays(clock.now(), case.category.reply_days)
        reason = _("What you said of the answer is looked into by others than who gave it.")
        reopening.take_up_again(case, due=due, reason=reason, who=Who.TRIAGE, by=by)
    for unit, officer in subjects:
        triage.name_subject(case, by=by, unit=unit, officer=officer)
    case = moves.lock(case)
    reopening.tell(case, who=Who.TRIAGE)
    return case


def _settle(
    case: Suggestion,
    *,
    by: Any,
    subjects: Collection[tuple[Unit, Officer | None]],
    cleared: Iterable[Subject],
    reason: str,
) -> None:
    for one in cleared:
        rows = Subject.objects.filter(suggestion=case, unit=one.unit_id, officer=one.officer_id)
        rows.filter(source=Subject.Source.WORDS).update(cleared_at=clock.now(), cleared_by=by, cleared_because=reason)
    named(case, subjects, Subject.Source.DESK)
    case.seems_complaint = False
    case.save(update_fields=["seems_complaint"])
    move_away_from_subjects(case)
