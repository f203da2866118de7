"""The triage desk: accept, decline, classify, route, split, supervise."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core import calendar, clock, seals, text
from core.errors import Invalid, WrongState
from core.said import limit, required, said
from directory.models import Area, Officer, Unit
from suggestions import access, limits, states
from suggestions.models import Category, Identity, Reply, Subject, Suggestion
from suggestions.models.case import TOP_LEVEL
from suggestions.services import knowing, listen, merging, moves, publishing, routing, telling
from suggestions.services.subjects import check_is_read, check_may_answer, move_away_from_subjects, named, subjects_of
from suggestions.states import ExtensionState, ReplyKind, ReplyState, State, StepKind, Who


@transaction.atomic
def accept(
    case: Suggestion,
    *,
    by: Any,
    category: Category | None = None,
    area: Area | None = None,
    seen: int | None = None,
) -> Suggestion:
    """Take the case on; its time to reply begins. Nothing is published by that, whatever the citizen agreed to.

    Raises: NotAllowed, WrongState, Stale.
    """
    case = moves.lock(case, seen=seen)
    access.require(by, "triage", case)
    if case.state != State.RECEIVED:
        raise WrongState
    case.category, case.area = category or case.category, area or case.area
    case.complexity = case.category.complexity
    now = clock.now()
    clock_fields = moves.run_clock(case, start=now, due=_reply_deadline(case, now))
    start = case.state
    moves.move(
        case,
        State.ACCEPTED,
        who=Who.TRIAGE,
        category=case.category,
        area=case.area,
        complexity=case.complexity,
        accepted_at=now,
        **clock_fields,
    )
    moves.step(case, StepKind.ACCEPTED, who=Who.TRIAGE, by=by, from_state=start, due_at=case.due_at)
    telling.citizen(case, key="accepted", subject=telling.ACCEPTED, body=telling.ACCEPTED_BODY)
    return _fresh(case)


def _reply_deadline(case: Suggestion, start: datetime) -> datetime:
    """The time its category allows, and no later than who follows it was promised."""
    return merging.earliest(case, calendar.add_workdays(start, case.category.reply_days))


def _fresh(case: Suggestion) -> Suggestion:
    """The case as the database now has it, expressions resolved."""
    case.refresh_from_db()
    return case


@transaction.atomic
def decline(case: Suggestion, *, by: Any, reason: str, seen: int | None = None) -> Suggestion:
    """Not ours to do: a signed reply with the reason, and how to have it looked at again (P2).

    It is said to this citizen alone: whoever followed the case goes on without it.
    Raises: NotAllowed, WrongState, Stale, Invalid without a reason.
    """
    case, followers = moves.lock_with_followers(case, seen=seen)
    access.require(by, "triage", case)
    missing = _("Say why, in words the citizen understands.")
    reason = required(reason, "reason", limit(Reply, "text"), missing)
    now = clock.now()
    case.replies.create(
        kind=ReplyKind.DECLINE,
        state=ReplyState.SIGNED,
        text=reason,
        public_text=knowing.wording(case, reason),
        drafted_by=by,
        unit=access.office_of(by, Who.TRIAGE, case) or case.unit,
        signed_by=by,
        signed_at=now,
    )
    start = case.state
    moves.stop_reminders(case, at=now)
    moves.move(case, State.DECLINED, who=Who.TRIAGE, replied_at=now)
    if case.published_at:
        publishing.hide(case)
    moves.step(case, StepKind.DECLINED, who=Who.TRIAGE, by=by, text=reason, from_state=start)
    telling.citizen(case, key=f"declined:{case.reopened_times}", subject=telling.DECLINED, body=telling.DECLINED_BODY)
    merging.set_free(followers)
    return case


@transaction.atomic
def assign(
    case: Suggestion,
    *,
    by: Any,
    unit: Unit | None = None,
    handler: Officer | None = None,
    note: str = "",
    no_complaint: bool = False,
    seen: int | None = None,
) -> Suggestion:
    """Give an accepted case to the unit that answers; without ``unit`` the routing rules say which.

    Raises: NotAllowed, WrongState, Stale, Invalid when the unit is complained of or stands under one that is (P3), or
    when the words name it and nobody says with ``no_complaint`` that it is no complaint about them.
    """
    case = moves.lock(case, seen=seen)
    access.require(by, "triage", case)
    if case.state != State.ACCEPTED:  # what was answered is taken up again by reopening, with a new deadline
        raise WrongState
    unit = unit or routing.route_case(case).unit
    check_may_answer(case, unit, handler)
    check_is_read(case, unit, by=by, no_complaint=no_complaint)
    start = case.state
    moves.move(case, State.ASSIGNED, who=Who.TRIAGE, unit=unit, handler=handler)
    moves.step(case, StepKind.ASSIGNED, who=Who.TRIAGE, by=by, to=unit, from_state=start, due_at=case.due_at)
    if words := said(note, "note", limits.NOTE):
        moves.step(case, StepKind.NOTE, who=Who.TRIAGE, by=by, text=words, public=False)
    telling.staff(telling.handlers(case), case, key=f"assigned:{unit.pk}", subject=telling.NEW_FOR_YOU)
    return case


@transaction.atomic
def accept_and_assign(
    case: Suggestion,
    *,
    by: Any,
    category: Category | None = None,
    area: Area | None = None,
    unit: Unit | None = None,
    no_complaint: bool = False,
    seen: int | None = None,
) -> Suggestion:
    """Both in one step, for what is clear at first sight."""
    case = accept(case, by=by, category=category, area=area, seen=seen)
    return assign(case, by=by, unit=unit, no_complaint=no_complaint)


@transaction.atomic
def classify(
    case: Suggestion, *, by: Any, category: Category, area: Area | None, seen: int | None = None
) -> Suggestion:
    """Correct category and place; an accepted case gets the time that its category allows, from when its clock began,
    and keeps the days that it was granted."""
    case = moves.lock(case, seen=seen)
    access.require(by, "triage", case)
    if case.state not in states.OPEN:
        raise WrongState
    case.category, case.area, case.complexity = category, area, category.complexity
    case.save(update_fields=["category", "area", "complexity"])
    publishing.index_anew(case)
    if case.state in (State.ACCEPTED, State.ASSIGNED):
        start = case.clock_from
        granted = case.extensions.filter(round=case.reopened_times, state=ExtensionState.GRANTED)
        more = sum(granted.values_list("days", flat=True))
        due = _reply_deadline(case, start)
        due = calendar.add_workdays(due, more) if more else due
        for name, value in moves.run_clock(case, start=start, due=due).items():
            setattr(case, name, value)
        case.save(update_fields=["clock_from", "due_at"])
    moves.step(case, StepKind.CLASSIFIED, who=Who.TRIAGE, by=by, public=False, due_at=case.due_at)
    return case


@transaction.atomic
def split(
    case: Suggestion, *, by: Any, body: str, category: Category, area: Area | None, seen: int | None = None
) -> Suggestion:
    """Take one of several matters out into a case of its own; returns the new case.

    The citizen reaches it from the page of the first one, with the same tracking code.
    """
    case = moves.lock(case, seen=seen)
    access.require(by, "triage", case)
    if case.state not in states.OPEN:
        raise WrongState
    if not text.clean(body):
        raise Invalid("body", _("Copy the words that the new case is about."))
    last = case.steps.latest("pk")
    voice = listen.Voice(
        body=body,
        category=category,
        area=area,
        anonymous=case.anonymous,
        publish=case.publish,
        channel=case.channel,
        subjects=[(s.unit, s.officer) for s in case.subjects.exclude(source=Subject.Source.WORDS)],
        about_whom=case.about_whom,
        plaza_day=case.plaza_day,
    )
    part = listen.submit(voice, idempotency_key=f"split:{case.pk}:{last.pk}").suggestion
    part.split_from = case
    part.save(update_fields=["split_from"])
    _copy_identity(case, part)
    named(part, subjects_of(case), Subject.Source.WORDS)
    part.seems_complaint = part.seems_complaint or case.seems_complaint
    part.save(update_fields=["seems_complaint"])
    move_away_from_subjects(part)
    moves.record(part, "split_off", by=by, origin=case.pk)
    moves.step(case, StepKind.SPLIT, who=Who.TRIAGE, by=by, text=part.number)
    return part


def _copy_identity(case: Suggestion, part: Suggestion) -> None:
    """The same person said both; the seal is bound to the case, so it is made anew."""
    identity = Identity.objects.filter(pk=case.pk).first()
    if identity is None:
        return
    name = seals.unseal(identity.name_sealed, context=f"name:{case.pk}") if identity.name_sealed else ""
    phone = seals.unseal(identity.phone_sealed, context=f"phone:{case.pk}") if identity.phone_sealed else ""
    Identity.objects.create(
        suggestion=part,
        user=identity.user,
        name_sealed=seals.seal(name, context=f"name:{part.pk}") if name else None,
        phone_sealed=seals.seal(phone, context=f"phone:{part.pk}") if phone else None,
        phone_tail_mac=listen.phone_tail_mac(part.number, phone[-4:]) if phone else "",
    )


@transaction.atomic
def escalate(case: Suggestion, *, by: Any, reason: str, seen: int | None = None) -> Suggestion:
    """Put a case under closer supervision, one level up (督办)."""
    case = moves.lock(case, seen=seen)
    access.require(by, "escalate", case)
    if case.state not in states.OPEN:
        raise WrongState
    raise_level(case, case.escalation + 1)
    words = said(reason, "reason", limits.REASON)
    moves.step(case, StepKind.ESCALATED, who=Who.TRIAGE, by=by, text=words, public=False)
    return case


def raise_level(case: Suggestion, level: int) -> None:
    """Set the level of supervision of a locked case, never down, and tell who is on that level."""
    level = min(level, TOP_LEVEL)
    if level > case.escalation:
        case.escalation = level
        case.save(update_fields=["escalation"])


@transaction.atomic
def name_subject(
    case: Suggestion, *, by: Any, unit: Unit, officer: Officer | None = None, seen: int | None = None
) -> Suggestion:
    """Record whom the case complains of, and with it every case that follows it: one answer is for all of them.

    Whoever handles one of them and is complained of loses it in the same transaction (P3).
    Raises: NotAllowed, Stale; WrongState for a follower; Invalid when nobody would be left to answer.
    """
    case, followers = moves.lock_with_followers(case, seen=seen)
    access.require(by, "triage", case)
    if case.state == State.MERGED:
        raise WrongState(_("This case follows another one. Take it apart first, then record whom it complains of."))
    for one in [case, *followers]:
        named(one, [(unit, officer)], Subject.Source.DESK)
        if one.published_at:
            publishing.hide(one)
        moves.step(one, StepKind.SUBJECT_NAMED, who=Who.TRIAGE, by=by, public=False)
        move_away_from_subjects(one)
    return case
