"""One case of the demo city in memory: every verb of the services, done at a given moment, kept as rows to be written.

The arithmetic is the services' own (`deadlines`, `core.workdays`, `states`); what is different is that time is told,
not read. Reminders and supervision come due between two verbs as the sweeps would have found them.
"""

from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from core import workdays
from demo_city.suggestions.city import City, Crew
from demo_city.suggestions.reminding import LATE, Reminders
from directory.models import Area, Unit
from suggestions import states
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
from suggestions.redaction import Known
from suggestions.services import telling
from suggestions.states import ReminderKind, State, StepKind, Who

TICK = timedelta(seconds=40)  # until the scheduler finds what is due
#: The columns that change as a case goes its way.
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
    body: Any = ""
    question: str = ""


class Story:
    """A case and everything that hangs on it, up to `now`; every verb raises Later for a moment after that."""

    def __init__(self, case: Suggestion, city: City, *, now: datetime, owner: Any = None) -> None:
        self.case, self.first, self.city = case, copy(case), city
        self.now, self.at = now, case.created_at
        self.owner = owner  # the account that said it, if any
        self.known = Known()  # what its sealed record will know
        self.subject: Subject | None = None  # who is complained of
        self.public_from: datetime | None = None  # since when the desk has shown it
        self.reader: Any = None  # who read it for that
        self.moves: list[dict[str, Any]] = []
        self.steps: list[Step] = []
        self.replies: list[Reply] = []
        self.questions: list[Question] = []
        self.ratings: list[Rating] = []
        self.extensions: list[Extension] = []
        self.follow_ups: list[FollowUp] = []
        self.helpers: list[CoHandling] = []
        self.openings: list[IdentityOpening] = []
        self.told: list[Told] = []
        self.reminders = Reminders(case.pk, city.corrections)
        self.reminders.run(self.at, self.due)
        self.step(StepKind.SUBMITTED, who=Who.CITIZEN)
        self.tell((), lambda: "received", telling.RECEIVED)

    # time

    @property
    def due(self) -> datetime:
        """Every case that is told has a deadline."""
        return cast(datetime, self.case.due_at)

    @property
    def area(self) -> Area:
        """And a place."""
        return cast(Area, self.case.area)

    def add_workdays(self, start: datetime, days: int) -> datetime:
        return workdays.add_workdays(start, days, self.city.corrections)

    def workdays_left(self) -> int:
        return workdays.workdays_between(self.at, self.due, self.city.corrections)

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
        while (found := self.reminders.next()) and found.due_at + TICK <= until:
            self._remind(found)

    def _remind(self, reminder: Reminder) -> None:
        self.at = max(reminder.due_at + TICK, self.at)
        level = self.reminders.send(reminder, self.at, self.due)
        self.step(StepKind.REMINDED, text=str(ReminderKind(reminder.kind).label), public=False)
        people = self.city.reminded(self.case, level)
        self.tell(people, lambda: f"reminder:{reminder.pk}", telling.REMINDER[reminder.kind])
        if reminder.kind in LATE:
            self.case.escalation = max(self.case.escalation, level)

    def run_clock(self, start: datetime, due: datetime) -> None:
        self.reminders.run(start, due)
        self.case.clock_from, self.case.due_at = start, due

    # people

    @property
    def named(self) -> bool:
        return self.subject is not None

    @property
    def crew(self) -> Crew:
        return self.city.crew(self.case.unit)

    def handlers(self) -> list[Any]:
        return self.city.handlers(self.case)

    def tell(
        self, users: Iterable[Any], key: Callable[[], str], subject: Any, body: Any = "", question: str = ""
    ) -> None:
        self.told.append(Told(self.at, tuple(users), key, subject, body, question))

    @property
    def first_reply(self) -> datetime | None:
        """When it was answered for the first time."""
        return min((one.signed_at for one in self.replies if one.signed_at), default=None)

    def was_open(self, at: datetime) -> bool:
        """Whether it was taken on and not yet answered at that moment."""
        accepted, replied = self.case.accepted_at, self.first_reply
        return accepted is not None and accepted < at and (replied is None or at < replied)

    # what every verb is made of

    def move(self, to: State, who: Who, **changes: Any) -> None:
        if not states.may(self.case.state, to, who):
            raise ValueError(f"{who} may not move a case from {self.case.state} to {to}")
        self.case.state = to
        for name, value in changes.items():
            setattr(self.case, name, value)
        self.moves.append(self.snapshot())

    def snapshot(self) -> dict[str, Any]:
        """What the row says now."""
        return {"id": self.case.pk, **{name: getattr(self.case, name) for name in MOVED}}

    def step(
        self,
        kind: StepKind,
        *,
        who: Who = Who.SYSTEM,
        by: Any = None,
        text: str = "",
        public: bool = True,
        to: Unit | None = None,
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
                unit=self.city.office(by, who) if by else None,
                to_unit=to,
                from_state=from_state or self.case.state,
                to_state=self.case.state,
                text=text,
                is_public=public,
                due_at=due_at,
            )
        )
