"""Who is complained of, or seems to be, and who may therefore not answer (P3, P11)."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from core.errors import Invalid
from directory.models import Officer, Unit
from suggestions import states
from suggestions.models import Reply, Subject, Suggestion
from suggestions.queries.accused import Accused, accuses, must_be_read, units_named
from suggestions.services import moves, publishing, routing, telling
from suggestions.states import ReplyState, State, StepKind, Who


def subjects_of(case: Suggestion) -> list[tuple[Unit, Officer | None]]:
    """Who the case complains of, as routing wants it."""
    return [(s.unit, s.officer) for s in case.subjects.select_related("unit", "officer")]


def named(case: Suggestion, pairs: Iterable[tuple[Unit, Officer | None]], source: Subject.Source) -> None:
    """Record subjects of a case. Who was cleared stands in it again; whom the desk names is no suspect any more."""
    for unit, officer in pairs:
        key = {"suggestion": case, "unit": officer.unit if officer else unit, "officer": officer}
        subject, new = Subject.every.get_or_create(**key, defaults={"source": source})
        if new or subject.source != Subject.Source.WORDS:
            continue
        subject.source, subject.cleared_at, subject.cleared_by, subject.cleared_because = source, None, None, ""
        subject.save(update_fields=["source", "cleared_at", "cleared_by", "cleared_because"])


def suspect(case: Suggestion, found: Accused) -> None:
    """Whom the words of a locked case seem to accuse is a subject from now on, and nothing of it is public."""
    named(case, found.subjects, Subject.Source.WORDS)
    case.seems_complaint = True
    case.save(update_fields=["seems_complaint"])
    if case.published_at:
        publishing.hide(case)
    moves.step(case, StepKind.SUSPECTED, public=False, text=_(", ").join(found.words))


def may_accuse(case: Suggestion, words: str) -> bool:
    """Whether what is said of an answer accuses the police, or could and would be read by who answered.

    The safe rule knows the first words, which say what “again” and “not solved” speak of.
    """
    if not words:
        return False
    unread = not routing.looks_into_conduct(case.leader.unit) and must_be_read(words, of=case.words)
    return unread or bool(accuses(words))


def was_decided(case: Suggestion) -> bool:
    """Whether somebody of the desk has read it and said whether it complains of the police."""
    return case.steps.filter(kind__in=(StepKind.COMPLAINT, StepKind.NO_COMPLAINT)).exists()


def named_in_the_words(case: Suggestion) -> list[Unit]:
    """The units that the citizen's words name, until somebody has said that it is no complaint about them."""
    if case.steps.filter(kind=StepKind.NO_COMPLAINT).exists():
        return []
    return units_named(case.words)


def is_unread(case: Suggestion) -> bool:
    """Whether its words could be about the police, and nobody has said yet that they are not.

    What names whom it complains of goes past them anyway.
    """
    added = case.steps.filter(kind=StepKind.ADDED).values_list("text", flat=True)
    said = "\n".join([case.words, *added])
    return must_be_read(said) and not case.subjects.exists() and not was_decided(case)


def check_is_read(case: Suggestion, unit: Unit, *, by: Any, no_complaint: bool) -> None:
    """Whoever gives a locked case to a unit that its words name, or that they could be about, says that it is no
    complaint about them; it is kept. The same for those that follow it: one unit answers them all.

    Raises: Invalid without that word: in bulk, and with one press, nobody has read them.
    """
    together = [case, *case.members.order_by("pk")]
    meant = [one for each in together for one in named_in_the_words(each)]
    if routing.is_conflicted(unit, [(one, None) for one in meant]):
        names = _(", ").join(one.local_name for one in meant)
        why = _("The words name %(names)s. Read them, and say whether it is a complaint about them.") % {"names": names}
    elif not routing.looks_into_conduct(unit) and any(map(is_unread, together)):
        why = _("This could be about the police. Read it, and say whether it is a complaint.")
    else:
        return
    if not no_complaint:
        raise Invalid("no_complaint", why)
    for each in together:
        moves.step(each, StepKind.NO_COMPLAINT, who=Who.TRIAGE, by=by, public=False)


def check_may_answer(case: Suggestion, unit: Unit, handler: Officer | None = None) -> None:
    """Raises: Invalid when unit or handler would judge themselves, or may be meant by what nobody has decided yet."""
    subjects = subjects_of(case)
    if routing.is_conflicted(unit, subjects):
        raise Invalid("unit", _("This unit is complained of, or stands under one that is. Choose another."))
    if case.seems_complaint and not routing.looks_into_conduct(unit):
        raise Invalid("unit", _("This seems to be a complaint about the police. Decide that first."))
    if handler and any(officer == handler for _unit, officer in subjects):
        raise Invalid("handler", _("This officer is complained of. Choose another."))
    if handler and handler.unit_id != unit.pk:
        raise Invalid("handler", _("This officer is not in the unit."))


def move_away_from_subjects(case: Suggestion) -> None:
    """Re-route a locked case whose unit, helpers or handler are complained of, unless it is answered: then who did.

    Raises: Invalid when no unit is left to answer.
    """
    subjects = subjects_of(case)
    unit = routing.away_from(case.unit, subjects)
    if case.seems_complaint and not routing.looks_into_conduct(unit):
        unit = routing.route_case(case).unit
    helping = case.co_handlings.select_related("unit__parent")
    case.co_handlings.filter(pk__in=[h.pk for h in helping if not _may_help(case, h.unit, subjects)]).delete()
    own = case.handler is not None and any(officer == case.handler for _unit, officer in subjects)
    moves_on = unit != case.unit
    if case.state not in (*states.OPEN, State.MERGED) or not (moves_on or own):
        return
    case.unit, case.handler = unit, None
    case.save(update_fields=["unit", "handler"])
    Reply.objects.filter(suggestion=case, state=ReplyState.DRAFT).update(
        state=ReplyState.RETURNED, returned_because=_("Somebody else handles this case now.")
    )
    moves.step(case, StepKind.TRANSFERRED, public=moves_on, to=case.unit)
    if case.is_open:
        telling.staff(telling.leaders(case), case, key=f"assigned:{case.unit_id}", subject=telling.NEW_FOR_YOU)


def _may_help(case: Suggestion, unit: Unit, subjects: routing.Subjects) -> bool:
    undecided = case.seems_complaint and not routing.looks_into_conduct(unit)
    return not undecided and not routing.is_conflicted(unit, subjects)
