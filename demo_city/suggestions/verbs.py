"""The verbs of the services, done to a told case at a given moment: the same rules, steps and tellings.

Each is named as there and raises Later for a moment that has not come; what it does is said there.
"""

from datetime import datetime
from typing import Any

from demo_city.suggestions.story import TICK, Story
from directory.models import Officer, Unit
from suggestions import deadlines
from suggestions.models import CoHandling, Extension, FollowUp, IdentityOpening, Question, Rating, Reply
from suggestions.models.case import TOP_LEVEL
from suggestions.redaction import Known, marks, replaced
from suggestions.services import telling
from suggestions.states import BAD_RATING, ExtensionState, ReplyKind, ReplyState, State, StepKind, Who

OFFICE_NUMBERS = "0572-"  # people of the demo have mobile numbers


def accept(story: Story, at: datetime, *, by: Any, public: bool) -> None:
    story.go_to(at)
    start = story.case.state
    story.run_clock(story.at, story.add_workdays(story.at, story.case.category.reply_days))
    story.public_from = story.at if public and story.case.publish and not story.named else None
    story.reader = by
    story.move(State.ACCEPTED, Who.TRIAGE, accepted_at=story.at)
    story.step(StepKind.ACCEPTED, who=Who.TRIAGE, by=by, from_state=start, due_at=story.case.due_at)
    story.tell((), lambda: "accepted", telling.ACCEPTED, telling.ACCEPTED_BODY)


def decline(story: Story, at: datetime, *, by: Any, reason: str) -> None:
    story.go_to(at)
    start = story.case.state
    _answer(story, by, by, reason, ReplyKind.DECLINE)
    story.reminders.stop(story.at)
    story.public_from = None
    story.move(State.DECLINED, Who.TRIAGE, replied_at=story.at)
    story.step(StepKind.DECLINED, who=Who.TRIAGE, by=by, text=reason, from_state=start)
    times = story.case.reopened_times
    story.tell((), lambda: f"declined:{times}", telling.DECLINED, telling.DECLINED_BODY)


def assign(story: Story, at: datetime, *, by: Any, unit: Unit) -> None:
    story.go_to(at)
    story.move(State.ASSIGNED, Who.TRIAGE, unit=unit, handler=None)
    story.step(StepKind.ASSIGNED, who=Who.TRIAGE, by=by, to=unit, from_state=State.ACCEPTED, due_at=story.case.due_at)
    story.tell(story.handlers(), lambda: f"assigned:{unit.pk}", telling.NEW_FOR_YOU)


def take(story: Story, at: datetime, officer: Officer) -> None:
    story.go_to(at)
    story.case.handler = officer
    story.step(StepKind.ASSIGNED, who=Who.OFFICER, by=officer.user, text=officer.name, public=False)


def note(story: Story, at: datetime, *, by: Any, text: str) -> None:
    story.go_to(at)
    story.step(StepKind.NOTE, who=Who.OFFICER, by=by, text=text, public=False)


def transfer(story: Story, at: datetime, *, by: Any, unit: Unit, reason: str) -> None:
    story.go_to(at)
    story.case.unit, story.case.handler = unit, None
    story.step(StepKind.TRANSFERRED, who=Who.TRIAGE, by=by, to=unit, due_at=story.case.due_at)
    story.step(StepKind.NOTE, who=Who.TRIAGE, by=by, text=reason, public=False)
    story.tell(story.handlers(), lambda: f"assigned:{unit.pk}", telling.NEW_FOR_YOU)


def ask_help(story: Story, at: datetime, *, by: Any, unit: Unit) -> None:
    story.go_to(at)
    story.helpers.append(CoHandling(suggestion_id=story.case.pk, unit=unit, since=story.at))
    story.step(StepKind.CO_HANDLED, who=Who.LEADER, by=by, to=unit)
    helping = [one.user for one in story.city.crew(unit).officers]
    story.tell(helping, lambda: f"helping:{unit.pk}", telling.NEW_FOR_YOU)


def ask(story: Story, at: datetime, *, by: Any, who: Who, question: str) -> None:
    story.go_to(at)
    until = story.add_workdays(story.at, deadlines.ANSWER_DAYS)
    left = max(story.workdays_left(), 1)
    start = story.case.state
    story.reminders.stop(story.at)
    story.move(State.WAITING, who, paused_from=start, paused_at=story.at, days_left=left, due_at=until)
    asked = Question(suggestion_id=story.case.pk, text=question, asked_by=by, asked_at=story.at, due_at=until)
    story.questions.append(asked)
    story.step(StepKind.ASKED, who=who, by=by, text=question, from_state=start, due_at=until)
    number = len(story.questions)
    story.tell((), lambda: f"asked:{number}", telling.ASKED, telling.ASKED_BODY, question)


def answer(story: Story, at: datetime, text: str) -> None:
    story.go_to(at)
    asked = story.questions[-1]
    asked.answer, asked.answered_at = text, story.at
    _resume(story, Who.CITIZEN)
    from_state, due = State.WAITING, story.case.due_at
    story.step(StepKind.ANSWERED, who=Who.CITIZEN, text=text, from_state=from_state, due_at=due)
    story.tell(story.handlers(), lambda: f"answered:{asked.pk}", telling.NEW_FOR_YOU)


def resume_unanswered(story: Story) -> None:
    """The clock runs on when nobody answered in time."""
    story.go_to(story.due + TICK)
    story.questions[-1].answered_at = story.at
    _resume(story, Who.SYSTEM)
    story.step(StepKind.RESUMED, from_state=State.WAITING, due_at=story.case.due_at)


def _resume(story: Story, who: Who) -> None:
    story.run_clock(story.at, story.add_workdays(story.at, story.case.days_left or 1))
    story.move(State(story.case.paused_from), who, paused_from="", paused_at=None, days_left=None)


def request_extension(story: Story, at: datetime, *, by: Any, days: int, reason: str) -> None:
    story.go_to(at)
    wanted = Extension(
        suggestion_id=story.case.pk,
        round=story.case.reopened_times,
        days=days,
        reason=reason,
        requested_by=by,
        requested_at=story.at,
    )
    story.extensions.append(wanted)
    story.step(StepKind.EXTENSION_REQUESTED, who=Who.OFFICER, by=by, text=reason, public=False)
    story.tell([story.crew.chief.user], lambda: f"extension:{wanted.pk}", telling.EXTENSION_ASKED)


def approve_extension(story: Story, at: datetime, *, by: Any) -> None:
    """The leader's word; a short one is granted by it, a long one waits for the administrator."""
    story.go_to(at)
    wanted = story.extensions[-1]
    wanted.approved_by, wanted.decided_at, wanted.state = by, story.at, ExtensionState.APPROVED
    if wanted.days <= deadlines.LONG_EXTENSION:
        _grant(story, wanted, by)


def confirm_extension(story: Story, at: datetime, *, by: Any) -> None:
    story.go_to(at)
    wanted = story.extensions[-1]
    wanted.confirmed_by, wanted.decided_at = by, story.at
    _grant(story, wanted, by)


def _grant(story: Story, wanted: Extension, by: Any) -> None:
    wanted.state = ExtensionState.GRANTED
    due = story.add_workdays(story.due, wanted.days)
    start = story.case.clock_from
    story.run_clock(start, due)
    story.step(StepKind.EXTENDED, who=Who.LEADER, by=by, text=wanted.reason, due_at=due)
    story.tell((), lambda: f"extended:{wanted.pk}", telling.LATER, telling.LATER_BODY)


def draft(story: Story, at: datetime, *, by: Any, text: str) -> None:
    story.go_to(at)
    made = Reply(suggestion_id=story.case.pk, text=text, drafted_by=by, drafted_at=story.at, unit=story.case.unit)
    story.replies.append(made)
    story.step(StepKind.DRAFTED, who=Who.OFFICER, by=by, public=False)
    number = len(story.steps)
    story.tell([story.crew.chief.user], lambda: f"sign:{made.pk}:{number}", telling.TO_SIGN)


def return_draft(story: Story, at: datetime, *, by: Any, reason: str) -> None:
    story.go_to(at)
    draft = story.replies[-1]
    draft.state, draft.returned_because = ReplyState.RETURNED, reason
    story.step(StepKind.RETURNED, who=Who.LEADER, by=by, text=reason, public=False)
    story.tell([draft.drafted_by], lambda: f"returned:{draft.pk}", telling.DRAFT_RETURNED)


def as_read(words: str, known: Known) -> str:
    """An answer as the reader of the demo shows it: what is marked is taken out, but for telephones of offices."""
    told = [mark for mark in marks(words, known) if not words[mark.start : mark.end].startswith(OFFICE_NUMBERS)]
    return replaced(words, told)


def sign(story: Story, at: datetime, *, by: Any) -> None:
    story.go_to(at)
    reply = story.replies[-1]
    reply.state, reply.signed_by, reply.signed_at = ReplyState.SIGNED, by, story.at
    reply.public_text = as_read(reply.text, story.known)
    story.reminders.stop(story.at)
    story.move(State.REPLIED, Who.LEADER, replied_at=story.at)
    story.step(StepKind.REPLIED, who=Who.LEADER, by=by, text=reply.text, from_state=State.ASSIGNED)
    story.tell((), lambda: f"replied:{reply.pk}", telling.ANSWERED, telling.ANSWERED_BODY)


def _answer(story: Story, drafted_by: Any, signed_by: Any, text: str, kind: str) -> None:
    story.replies.append(
        Reply(
            suggestion_id=story.case.pk,
            kind=kind,
            state=ReplyState.SIGNED,
            text=text,
            public_text=as_read(text, story.known),
            drafted_by=drafted_by,
            drafted_at=story.at,
            unit=story.city.office(signed_by, Who.TRIAGE),
            signed_by=signed_by,
            signed_at=story.at,
        )
    )


def rate(story: Story, at: datetime, level: int, comment: str, *, answering: Story | None = None) -> None:
    """Rate the newest reply, of the leading case where this one was merged."""
    story.go_to(at)
    leader = answering or story
    rating = Rating(suggestion_id=story.case.pk, reply=leader.replies[-1], level=level, comment=comment, at=story.at)
    story.ratings.append(rating)
    story.step(StepKind.RATED, who=Who.CITIZEN, text=str(rating.get_level_display()))
    if level <= BAD_RATING:
        due = story.add_workdays(story.at, deadlines.FOLLOW_UP_DAYS)
        task = FollowUp(suggestion_id=leader.case.pk, rating=rating, unit=leader.case.unit, opened_at=story.at)
        task.due_at = due
        story.follow_ups.append(task)
        story.tell([leader.crew.chief.user], lambda: f"bad:{rating.pk}", telling.BAD_RATING)


def finish_follow_up(story: Story, at: datetime, *, by: Any, note: str, answering: Story | None = None) -> None:
    story.go_to(at)
    task = story.follow_ups[-1]
    task.done_at, task.done_by, task.note = story.at, by, note
    leader = answering or story
    leader.step(StepKind.FOLLOWED_UP, who=Who.LEADER, by=by, text=note, public=False, at=story.at)


def close(story: Story, at: datetime, *, who: Who, by: Any = None, text: str = "") -> None:
    story.go_to(at)
    story.move(State.CLOSED, who, closed_at=story.at)
    story.step(StepKind.CLOSED, who=who, by=by, from_state=State.REPLIED, text=text)


def reopen(story: Story, at: datetime, reason: str) -> None:
    story.go_to(at)
    start, due = story.case.state, story.add_workdays(story.at, story.case.category.reply_days)
    story.run_clock(story.at, due)
    times = story.case.reopened_times + 1
    story.move(State.ASSIGNED, Who.CITIZEN, reopened_at=story.at, reopened_times=times, closed_at=None)
    story.step(StepKind.REOPENED, who=Who.CITIZEN, text=reason, from_state=start, due_at=due)
    story.tell([*story.handlers(), story.crew.chief.user], lambda: f"reopened:{times}", telling.REOPENED)


def withdraw(story: Story, at: datetime, reason: str) -> None:
    story.go_to(at)
    start = story.case.state
    story.reminders.stop(story.at)
    story.public_from = None
    story.move(State.WITHDRAWN, Who.CITIZEN, closed_at=story.at)
    story.step(StepKind.WITHDRAWN, who=Who.CITIZEN, text=reason, from_state=start)


def merge(story: Story, at: datetime, *, into: Story, by: Any) -> None:
    story.go_to(at)
    start = story.case.state
    story.reminders.stop(story.at)
    story.move(State.MERGED, Who.TRIAGE, merged_into=into.case)
    story.step(StepKind.MERGED, who=Who.TRIAGE, by=by, from_state=start)


def escalate(story: Story, at: datetime, *, by: Any, reason: str) -> None:
    story.go_to(at)
    story.case.escalation = min(story.case.escalation + 1, TOP_LEVEL)
    story.step(StepKind.ESCALATED, who=Who.TRIAGE, by=by, text=reason, public=False)


def request_opening(story: Story, at: datetime, *, by: Any, reason: str) -> None:
    story.go_to(at)
    story.openings.append(
        IdentityOpening(
            suggestion_id=story.case.pk,
            requested_by=by,
            office=story.city.office(by, Who.TRIAGE),
            requested_at=story.at,
            reason=reason,
            needs_second=story.named,
        )
    )


def approve_opening(story: Story, at: datetime, *, by: Any) -> None:
    story.go_to(at)
    opening = story.openings[-1]
    opening.approved_by, opening.approved_at = by, story.at


def open_identity(story: Story, at: datetime) -> None:
    story.go_to(at)
    opening = story.openings[-1]
    opening.opened_at = story.at
    story.step(StepKind.IDENTITY_OPENED, who=Who.TRIAGE, by=opening.requested_by, text=opening.reason)
    story.tell((), lambda: f"opened:{opening.pk}", telling.OPENED_IDENTITY, telling.OPENED_IDENTITY_BODY)
