"""The working-day clock with this bureau's corrections applied; pure arithmetic is in ``core.workdays``."""

from datetime import date, datetime

from core import workdays
from core.models import CalendarDay


def corrections() -> dict[date, bool]:
    """Corrected days, read once a call: {date: is a working day}."""
    return dict(CalendarDay.objects.values_list("date", "is_workday"))


def add_workdays(start: datetime, days: int) -> datetime:
    """See :func:`core.workdays.add_workdays`."""
    return workdays.add_workdays(start, days, corrections())


def workdays_between(start: datetime, end: datetime) -> int:
    """See :func:`core.workdays.workdays_between`."""
    return workdays.workdays_between(start, end, corrections())


def point_between(start: datetime, end: datetime, percent: int) -> datetime:
    """See :func:`core.workdays.point_between`."""
    return workdays.point_between(start, end, percent, corrections())


def is_workday(day: date) -> bool:
    """See :func:`core.workdays.is_workday`."""
    return workdays.is_workday(day, corrections())
