"""How long each step may take, in working days, and what that makes of a clock."""

from dataclasses import dataclass
from datetime import datetime

from core import calendar
from suggestions.states import ReminderKind

ACCEPT_DAYS = 1  # to accept, decline or ask back
ANSWER_DAYS = 15  # the citizen's time to answer a question
CONFIRM_DAYS = 15  # the citizen's time to confirm a reply
FOLLOW_UP_DAYS = 3
LONG_EXTENSION = 5  # above this a second approval is needed

REMINDER_PERCENT = {ReminderKind.HALF: 50, ReminderKind.MOST: 80, ReminderKind.DUE: 100}


@dataclass(frozen=True)
class Planned:
    """A reminder to come."""

    kind: ReminderKind
    at: datetime


def to_accept(received: datetime) -> datetime:
    """Until when the triage desk accepts, declines or asks back."""
    return calendar.add_workdays(received, ACCEPT_DAYS)


def promised(received: datetime, reply_days: int) -> datetime:
    """The date on the receipt: the time to accept plus the time to reply."""
    return calendar.add_workdays(received, ACCEPT_DAYS + reply_days)


def reminders(start: datetime, due: datetime) -> list[Planned]:
    """The three reminders before and at a deadline."""
    return [Planned(kind, calendar.point_between(start, due, percent)) for kind, percent in REMINDER_PERCENT.items()]
