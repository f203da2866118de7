"""The reminders of one told case: planned with each deadline, sent or cancelled as time passes."""

from datetime import datetime, time

from core import workdays
from core.workdays import SHANGHAI, Corrections
from suggestions import deadlines
from suggestions.models import Reminder
from suggestions.models.case import TOP_LEVEL
from suggestions.states import ReminderKind

MORNING = time(9)
LATE = (ReminderKind.DUE, ReminderKind.OVERDUE)


class Reminders:
    """Rows by kind and moment, as the database keeps them apart."""

    def __init__(self, case: int, corrections: Corrections) -> None:
        self.case, self.corrections = case, corrections
        self.rows: dict[tuple[str, datetime], Reminder] = {}

    def run(self, start: datetime, due: datetime) -> None:
        """Plan the three reminders of a new deadline in place of those to come."""
        self.stop(start)
        for kind, percent in deadlines.REMINDER_PERCENT.items():
            self._plan(kind, workdays.point_between(start, due, percent, self.corrections))

    def stop(self, at: datetime) -> None:
        for row in self._waiting():
            row.cancelled_at = at

    def next(self) -> Reminder | None:
        return min(self._waiting(), key=lambda row: row.due_at, default=None)

    def send(self, row: Reminder, at: datetime, case_due: datetime) -> int:
        """Note that it went out; a late one is followed by another next morning. Returns its level of supervision."""
        row.level, row.sent_at = self._level(row, case_due), at
        if row.kind in LATE:
            tomorrow = workdays.add_workdays(at, 1, self.corrections).date()
            self._plan(ReminderKind.OVERDUE, datetime.combine(tomorrow, MORNING, tzinfo=SHANGHAI))
        return row.level

    def _level(self, row: Reminder, case_due: datetime) -> int:
        """1 the handler, 2 the leader, 3 the triage desk, 4 the inspectorate: one more each time it stays late."""
        if row.kind not in LATE:
            return 1
        late = [one for one in self.rows.values() if one.sent_at and one.kind in LATE and one.due_at >= case_due]
        return min(2 + len(late), TOP_LEVEL)

    def _plan(self, kind: str, at: datetime) -> None:
        row = self.rows.setdefault((kind, at), Reminder(suggestion_id=self.case, kind=kind, due_at=at))
        row.cancelled_at = None

    def _waiting(self) -> list[Reminder]:
        return [row for row in self.rows.values() if row.sent_at is None and row.cancelled_at is None]
