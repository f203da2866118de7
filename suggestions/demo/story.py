"""One case of the demo city in memory: every verb of the services, done at a given moment, kept as rows to be written.

The arithmetic is the services' own (`deadlines`, `core.workdays`, `states`); what is different is that time is told,
not read. Reminders and supervision come due between two verbs as the sweeps would have found them.
"""

from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from core import workdays
from core.workdays import SHANGHAI, Corrections
from directory.models import Officer, Unit
from suggestions import deadlines, states
from suggestions.models import (
    CoHandling,
    Extension,
    FollowUp,
    IdentityOpening,
    Question,
    Rating,
    Reminder,
    Reply,
    Step,
    Subject,
    Suggestion,
)
from suggestions.models.case import TOP_LEVEL
from suggestions.services import telling
from suggestions.states import (
    BAD_RATING,
    ExtensionState,
    ReminderKind,
    ReplyKind,
    ReplyState,
    State,
    StepKind,
    Who,
)

TICK = timedelta(seconds=40)  # until the scheduler finds what is due
MORNING = time(9)
MOVED = (
    "state",
    "unit_id",
    "handler_id",
    "clock_from",
    "due_at",
    "escalation",
    "accepted_at",
    "replied_at",
    "closed_at",
    "reopened_at",
    "reopened_times",
    "paused_from",
    "paused_at",
    "days_left",
    "merged_into_id",
)


class Later(Exception):
    """The moment asked for has not come yet."""


@dataclass(frozen=True)
class Told:
    """Somebody was told of something; `key` may need a row's id, so it is asked when the rows are written."""

    at: datetime
    users: tuple[Any, ...]  # empty for the citizen
    key: Callable[[], str]
    subject: Any


@dataclass(frozen=True)
class Crew:
    """The people of one unit: who signs, and who drafts."""

    chief: Officer
    officers: tuple[Officer, ...]


class Story:
    """A case and everything that hangs on it, up to `now`; every verb raises Later for a moment after that."""

    def __init__(self, case: Suggestion, *, now: datetime, corrections: Corrections, crews: dict[int, Crew]) -> None:
        self.case, self.first = case, copy(case)
        self.now, self.at = now, case.created_at
        self.corrections, self.crews = corrections, crews
        self.subject: Subject | None = None  # who is complained of
        self.public_from: datetime | None = None
        self.moves: list[dict[str, Any]] = []
        self.steps: list[Step] = []
        self.replies: list[Reply] = []
        self.questions: list[Question] = []
        self.ratings: list[Rating] = []
        self.extensions: list[Extension] = []
        self.follow_ups: list[FollowUp] = []
        self.helpers: list[CoHandling] = []
        self.openings: list[IdentityOpening] = []
        self.reminders: dict[tuple[str, datetime], Reminder] = {}
        self.told: list[Told] = []
        self._run_clock(self.at, case.due_at)
        self._step(StepKind.SUBMITTED, who=Who.CITIZEN)

    # time

    def add_workdays(self, start: datetime, days: int) -> datetime:
        return workdays.add_workdays(start, days, self.corrections)

    def workdays_to(self, end: datetime) -> int:
        return workdays.workdays_between(self.at, end, self.corrections)

    def go_to(self, at: datetime) -> None:
        """Let time pass up to a moment, with the reminders that came due on the way. Raises Later."""
        at = max(at, self.at + TICK)
        if at > self.now:
            raise Later
        self._let_pass(at)
        self.at = at

    def wait_until_now(self) -> None:
        """Let the rest of the time pass."""
        self._let_pass(self.now)

    def _let_pass(self, until: datetime) -> None:
        while (found := self._next_reminder()) and found.due_at + TICK <= until:
            self._remind(found)

    def _next_reminder(self) -> Reminder | None:
        waiting = [one for one in self.reminders.values() if one.sent_at is None and one.cancelled_at is None]
        return min(waiting, key=lambda one: one.due_at, default=None)

    def _remind(self, reminder: Reminder) -> None:
        level = self._level(reminder)
        self.at = max(reminder.due_at + TICK, self.at)
        reminder.level, reminder.sent_at = level, self.at
        self._step(StepKind.REMINDED, text=str(ReminderKind(reminder.kind).label), public=False)
        self._tell(self._reminded(level), lambda: f"reminder:{reminder.pk}", telling.REMINDER[reminder.kind])
        if reminder.kind in (ReminderKind.DUE, ReminderKind.OVERDUE):
            self.case.escalation = max(self.case.escalation, level)
            tomorrow = self.add_workdays(self.at, 1).date()
            self._plan(ReminderKind.OVERDUE, datetime.combine(tomorrow, MORNING, tzinfo=SHANGHAI))

    def _level(self, reminder: Reminder) -> int:
        if reminder.kind in (ReminderKind.HALF, ReminderKind.MOST):
            return 1
        late = [one for one in self.reminders.values() if one.sent_at and one.due_at >= self.case.due_at]
        return min(2 + len(late), TOP_LEVEL)

    def _reminded(self, level: int) -> list[Any]:
        return [*self._handlers(), *([self.crew.chief.user] if level > 1 else [])]

    def _run_clock(self, start: datetime, due: datetime) -> None:
        self._stop_reminders(start)
        for kind, percent in deadlines.REMINDER_PERCENT.items():
            self._plan(kind, workdays.point_between(start, due, percent, self.corrections))
        self.case.clock_from, self.case.due_at = start, due

    def _plan(self, kind: str, at: datetime) -> None:
        known = self.reminders.setdefault((kind, at), Reminder(suggestion_id=self.case.pk, kind=kind, due_at=at))
        known.cancelled_at = None

    def _stop_reminders(self, at: datetime) -> None:
        for one in self.reminders.values():
            if one.sent_at is None and one.cancelled_at is None:
                one.cancelled_at = at

    # people

    @property
    def named(self) -> bool:
        return self.subject is not None

    @property
    def crew(self) -> Crew:
        return self.crews[self.case.unit_id]

    def _handlers(self) -> list[Any]:
        handler = self.case.handler
        return [handler.user] if handler else [one.user for one in self.crew.officers]

    def _tell(self, users: Iterable[Any], key: Callable[[], str], subject: Any) -> None:
        self.told.append(Told(self.at, tuple(users), key, subject))

    # the verbs

    def accept(self, at: datetime, *, by: Any, public: bool) -> None:
        self.go_to(at)
        start = self.case.state
        self._run_clock(self.at, self.add_workdays(self.at, self.case.category.reply_days))
        self.public_from = self.at if public and self.case.publish and not self.named else None
        self._move(State.ACCEPTED, Who.TRIAGE, accepted_at=self.at)
        self._step(StepKind.ACCEPTED, who=Who.TRIAGE, by=by, from_state=start, due_at=self.case.due_at)
        self._tell((), lambda: "accepted", telling.ACCEPTED)

    def decline(self, at: datetime, *, by: Any, reason: str) -> None:
        self.go_to(at)
        start = self.case.state
        self._answer(by, by, reason, ReplyKind.DECLINE)
        self._stop_reminders(self.at)
        self.public_from = None
        self._move(State.DECLINED, Who.TRIAGE, replied_at=self.at)
        self._step(StepKind.DECLINED, who=Who.TRIAGE, by=by, text=reason, from_state=start)
        times = self.case.reopened_times
        self._tell((), lambda: f"declined:{times}", telling.DECLINED)

    def assign(self, at: datetime, *, by: Any, unit: Unit) -> None:
        self.go_to(at)
        self._move(State.ASSIGNED, Who.TRIAGE, unit=unit, handler=None)
        self._step(StepKind.ASSIGNED, who=Who.TRIAGE, by=by, from_state=State.ACCEPTED, due_at=self.case.due_at)
        self._tell(self._handlers(), lambda: f"assigned:{unit.pk}", telling.NEW_FOR_YOU)

    def take(self, at: datetime, officer: Officer) -> None:
        self.go_to(at)
        self.case.handler = officer
        self._step(StepKind.ASSIGNED, who=Who.OFFICER, by=officer.user, text=officer.name, public=False)

    def note(self, at: datetime, *, by: Any, text: str) -> None:
        self.go_to(at)
        self._step(StepKind.NOTE, who=Who.OFFICER, by=by, text=text, public=False)

    def transfer(self, at: datetime, *, by: Any, unit: Unit, reason: str) -> None:
        self.go_to(at)
        self.case.unit, self.case.handler = unit, None
        self._step(StepKind.TRANSFERRED, who=Who.TRIAGE, by=by, unit=unit, due_at=self.case.due_at)
        self._step(StepKind.NOTE, who=Who.TRIAGE, by=by, text=reason, public=False)
        self._tell(self._handlers(), lambda: f"assigned:{unit.pk}", telling.NEW_FOR_YOU)

    def ask_help(self, at: datetime, *, by: Any, unit: Unit) -> None:
        self.go_to(at)
        self.helpers.append(CoHandling(suggestion_id=self.case.pk, unit=unit, since=self.at))
        self._step(StepKind.CO_HANDLED, who=Who.LEADER, by=by, unit=unit)
        helping = [one.user for one in self.crews[unit.pk].officers]
        self._tell(helping, lambda: f"helping:{unit.pk}", telling.NEW_FOR_YOU)

    def ask(self, at: datetime, *, by: Any, who: Who, question: str) -> None:
        self.go_to(at)
        until = self.add_workdays(self.at, deadlines.ANSWER_DAYS)
        left = max(self.workdays_to(self.case.due_at), 1)
        start = self.case.state
        self._stop_reminders(self.at)
        self._move(State.WAITING, who, paused_from=start, paused_at=self.at, days_left=left, due_at=until)
        asked = Question(suggestion_id=self.case.pk, text=question, asked_by=by, asked_at=self.at, due_at=until)
        self.questions.append(asked)
        self._step(StepKind.ASKED, who=who, by=by, text=question, from_state=start, due_at=until)
        number = len(self.questions)
        self._tell((), lambda: f"asked:{number}", telling.ASKED)

    def answer(self, at: datetime, text: str) -> None:
        self.go_to(at)
        asked = self.questions[-1]
        asked.answer, asked.answered_at = text, self.at
        self._resume(Who.CITIZEN)
        from_state, due = State.WAITING, self.case.due_at
        self._step(StepKind.ANSWERED, who=Who.CITIZEN, text=text, from_state=from_state, due_at=due)
        self._tell(self._handlers(), lambda: f"answered:{asked.pk}", telling.NEW_FOR_YOU)

    def resume_unanswered(self) -> None:
        """The clock runs on when nobody answered in time."""
        self.go_to(self.case.due_at + TICK)
        self.questions[-1].answered_at = self.at
        self._resume(Who.SYSTEM)
        self._step(StepKind.RESUMED, from_state=State.WAITING, due_at=self.case.due_at)

    def _resume(self, who: Who) -> None:
        self._run_clock(self.at, self.add_workdays(self.at, self.case.days_left or 1))
        self._move(State(self.case.paused_from), who, paused_from="", paused_at=None, days_left=None)

    def request_extension(self, at: datetime, *, by: Any, days: int, reason: str) -> None:
        self.go_to(at)
        wanted = Extension(
            suggestion_id=self.case.pk,
            round=self.case.reopened_times,
            days=days,
            reason=reason,
            requested_by=by,
            requested_at=self.at,
        )
        self.extensions.append(wanted)
        self._step(StepKind.EXTENSION_REQUESTED, who=Who.OFFICER, by=by, text=reason, public=False)
        self._tell([self.crew.chief.user], lambda: f"extension:{wanted.pk}", telling.EXTENSION_ASKED)

    def approve_extension(self, at: datetime, *, by: Any) -> None:
        """The leader's word; a short one is granted by it, a long one waits for the administrator."""
        self.go_to(at)
        wanted = self.extensions[-1]
        wanted.approved_by, wanted.decided_at, wanted.state = by, self.at, ExtensionState.APPROVED
        if wanted.days <= deadlines.LONG_EXTENSION:
            self._grant(wanted, by)

    def confirm_extension(self, at: datetime, *, by: Any) -> None:
        self.go_to(at)
        wanted = self.extensions[-1]
        wanted.confirmed_by, wanted.decided_at = by, self.at
        self._grant(wanted, by)

    def _grant(self, wanted: Extension, by: Any) -> None:
        wanted.state = ExtensionState.GRANTED
        due = self.add_workdays(self.case.due_at, wanted.days)
        start = self.case.clock_from
        self._run_clock(start, due)
        self._step(StepKind.EXTENDED, who=Who.LEADER, by=by, text=wanted.reason, due_at=due)
        self._tell((), lambda: f"extended:{wanted.pk}", telling.LATER)

    def draft(self, at: datetime, *, by: Any, text: str) -> None:
        self.go_to(at)
        made = Reply(suggestion_id=self.case.pk, text=text, drafted_by=by, drafted_at=self.at, unit=self.case.unit)
        self.replies.append(made)
        self._step(StepKind.DRAFTED, who=Who.OFFICER, by=by, public=False)
        number = len(self.steps)
        self._tell([self.crew.chief.user], lambda: f"sign:{made.pk}:{number}", telling.TO_SIGN)

    def return_draft(self, at: datetime, *, by: Any, reason: str) -> None:
        self.go_to(at)
        draft = self.replies[-1]
        draft.state, draft.returned_because = ReplyState.RETURNED, reason
        self._step(StepKind.RETURNED, who=Who.LEADER, by=by, text=reason, public=False)
        self._tell([draft.drafted_by], lambda: f"returned:{draft.pk}", telling.DRAFT_RETURNED)

    def sign(self, at: datetime, *, by: Any) -> None:
        self.go_to(at)
        reply = self.replies[-1]
        reply.state, reply.signed_by, reply.signed_at = ReplyState.SIGNED, by, self.at
        self._stop_reminders(self.at)
        self._move(State.REPLIED, Who.LEADER, replied_at=self.at)
        self._step(StepKind.REPLIED, who=Who.LEADER, by=by, text=reply.text, from_state=State.ASSIGNED)
        self._tell((), lambda: f"replied:{reply.pk}", telling.ANSWERED)

    def _answer(self, drafted_by: Any, signed_by: Any, text: str, kind: str) -> None:
        self.replies.append(
            Reply(
                suggestion_id=self.case.pk,
                kind=kind,
                state=ReplyState.SIGNED,
                text=text,
                drafted_by=drafted_by,
                drafted_at=self.at,
                unit=self.case.unit,
                signed_by=signed_by,
                signed_at=self.at,
            )
        )

    def rate(self, at: datetime, level: int, comment: str, *, answering: "Story | None" = None) -> None:
        """Rate the newest reply, of the leading case where this one was merged."""
        self.go_to(at)
        leader = answering or self
        rating = Rating(suggestion_id=self.case.pk, reply=leader.replies[-1], level=level, comment=comment, at=self.at)
        self.ratings.append(rating)
        self._step(StepKind.RATED, who=Who.CITIZEN, text=str(rating.get_level_display()))
        if level <= BAD_RATING:
            due = self.add_workdays(self.at, deadlines.FOLLOW_UP_DAYS)
            task = FollowUp(suggestion_id=leader.case.pk, rating=rating, unit=leader.case.unit, opened_at=self.at)
            task.due_at = due
            self.follow_ups.append(task)
            self._tell([leader.crew.chief.user], lambda: f"bad:{rating.pk}", telling.BAD_RATING)

    def finish_follow_up(self, at: datetime, *, by: Any, note: str, answering: "Story | None" = None) -> None:
        self.go_to(at)
        task = self.follow_ups[-1]
        task.done_at, task.done_by, task.note = self.at, by, note
        leader = answering or self
        leader._step(StepKind.FOLLOWED_UP, who=Who.LEADER, by=by, text=note, public=False, at=self.at)

    def close(self, at: datetime, *, who: Who, by: Any = None, text: str = "") -> None:
        self.go_to(at)
        self._move(State.CLOSED, who, closed_at=self.at)
        self._step(StepKind.CLOSED, who=who, by=by, from_state=State.REPLIED, text=text)

    def reopen(self, at: datetime, reason: str) -> None:
        self.go_to(at)
        start, due = self.case.state, self.add_workdays(self.at, self.case.category.reply_days)
        self._run_clock(self.at, due)
        times = self.case.reopened_times + 1
        self._move(State.ASSIGNED, Who.CITIZEN, reopened_at=self.at, reopened_times=times, closed_at=None)
        self._step(StepKind.REOPENED, who=Who.CITIZEN, text=reason, from_state=start, due_at=due)
        self._tell([*self._handlers(), self.crew.chief.user], lambda: f"reopened:{times}", telling.REOPENED)

    def withdraw(self, at: datetime, reason: str) -> None:
        self.go_to(at)
        start = self.case.state
        self._stop_reminders(self.at)
        self.public_from = None
        self._move(State.WITHDRAWN, Who.CITIZEN, closed_at=self.at)
        self._step(StepKind.WITHDRAWN, who=Who.CITIZEN, text=reason, from_state=start)

    def merge(self, at: datetime, *, into: "Story", by: Any) -> None:
        self.go_to(at)
        start = self.case.state
        self._stop_reminders(self.at)
        self._move(State.MERGED, Who.TRIAGE, merged_into=into.case)
        self._step(StepKind.MERGED, who=Who.TRIAGE, by=by, from_state=start)

    def escalate(self, at: datetime, *, by: Any, reason: str) -> None:
        self.go_to(at)
        self.case.escalation = min(self.case.escalation + 1, TOP_LEVEL)
        self._step(StepKind.ESCALATED, who=Who.TRIAGE, by=by, text=reason, public=False)

    def request_opening(self, at: datetime, *, by: Any, reason: str) -> None:
        self.go_to(at)
        self.openings.append(
            IdentityOpening(
                suggestion_id=self.case.pk,
                requested_by=by,
                requested_at=self.at,
                reason=reason,
                needs_second=self.named,
            )
        )

    def approve_opening(self, at: datetime, *, by: Any) -> None:
        self.go_to(at)
        opening = self.openings[-1]
        opening.approved_by, opening.approved_at = by, self.at

    def open_identity(self, at: datetime) -> None:
        self.go_to(at)
        opening = self.openings[-1]
        opening.opened_at = self.at
        self._step(StepKind.IDENTITY_OPENED, who=Who.TRIAGE, by=opening.requested_by, text=opening.reason)
        self._tell((), lambda: f"opened:{opening.pk}", telling.OPENED_IDENTITY)

    @property
    def first_reply(self) -> datetime | None:
        """When it was answered for the first time."""
        return min((one.signed_at for one in self.replies if one.signed_at), default=None)

    def was_open(self, at: datetime) -> bool:
        """Whether it was taken on and not yet answered at that moment."""
        accepted, replied = self.case.accepted_at, self.first_reply
        return accepted is not None and accepted < at and (replied is None or at < replied)

    # what every verb is made of

    def _move(self, to: State, who: Who, **changes: Any) -> None:
        if not states.may(self.case.state, to, who):
            raise ValueError(f"{who} may not move a case from {self.case.state} to {to}")
        self.case.state = to
        for name, value in changes.items():
            setattr(self.case, name, value)
        self.moves.append(self.snapshot())

    def snapshot(self) -> dict[str, Any]:
        """What the row says now."""
        return {"id": self.case.pk, **{name: getattr(self.case, name) for name in MOVED}}

    def _step(
        self,
        kind: StepKind,
        *,
        who: Who = Who.SYSTEM,
        by: Any = None,
        text: str = "",
        public: bool = True,
        unit: Unit | None = None,
        from_state: str = "",
        due_at: datetime | None = None,
        at: datetime | None = None,
    ) -> None:
        self.steps.append(
            Step(
                suggestion_id=self.case.pk,
                at=at or self.at,
                kind=kind,
                who=who,
                actor=by,
                unit=unit or (self.case.unit if by else None),
                from_state=from_state or self.case.state,
                to_state=self.case.state,
                text=text,
                is_public=public,
                due_at=due_at,
            )
        )
