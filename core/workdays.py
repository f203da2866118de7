"""Working days of the People's Republic of China, make-up workdays (调休) included.

Source: the State Council's yearly notices, as the library ``chinese_calendar`` carries them, corrected by
``CalendarDay`` rows. A year that is not announced yet counts Monday to Friday, without the days
that the law itself fixes; health says so.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import chinese_calendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
# 全国年节及纪念日放假办法 (in force since 2025): those that follow the moon or the sun are announced with their year
BY_LAW = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
LAST_SECOND = time(23, 59, 59)
Corrections = Mapping[date, bool]


def midnight(day: date) -> datetime:
    """The moment in which a day of Shanghai begins."""
    return datetime.combine(day, time(), tzinfo=SHANGHAI)


def is_announced(year: int) -> bool:
    """Whether the national calendar of that year is known to the library."""
    return year in {day.year for day in chinese_calendar.constants.holidays}


def is_workday(day: date, corrections: Corrections | None = None) -> bool:
    """Whether offices are open on that day."""
    if corrections and day in corrections:
        return corrections[day]
    return _by_the_notices(day)


@lru_cache(maxsize=8_192)
def _by_the_notices(day: date) -> bool:
    """Remembered, because the library looks through all its years at each question."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5 and (day.month, day.day) not in BY_LAW


def add_workdays(start: datetime, days: int, corrections: Corrections | None = None) -> datetime:
    """The end (23:59:59 in Shanghai) of the ``days``-th working day after the day of ``start``.

    The day itself never counts: what is handed in at night has the same deadline as what came in the morning.
    """
    if days < 0:
        raise ValueError("days must not be negative")
    day = start.astimezone(SHANGHAI).date()
    while days:
        day += timedelta(days=1)
        days -= is_workday(day, corrections)
    return datetime.combine(day, LAST_SECOND, tzinfo=SHANGHAI)


def workdays_between(start: datetime, end: datetime, corrections: Corrections | None = None) -> int:
    """How many working days lie after the day of ``start`` up to and including the day of ``end``; never negative."""
    first, last = start.astimezone(SHANGHAI).date(), end.astimezone(SHANGHAI).date()
    span = range(1, (last - first).days + 1)
    return sum(is_workday(first + timedelta(days=n), corrections) for n in span)


def point_between(start: datetime, end: datetime, percent: int, corrections: Corrections | None = None) -> datetime:
    """The moment at which ``percent`` of the working days from ``start`` to ``end`` have passed (09:00 of that day).

    Never before ``start`` and never after ``end``; 100 gives ``end`` itself.
    """
    total = workdays_between(start, end, corrections)
    if percent >= 100 or total == 0:
        return end
    whole = -(-total * percent // 100)
    day = add_workdays(start, whole, corrections).date()
    return min(max(datetime.combine(day, time(9), tzinfo=SHANGHAI), start), end)
