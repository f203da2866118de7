"""When people speak: evenings on the web, office hours at a window, plaza days on the square, with the seasons."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from random import Random

#: Month and day of the six city-wide plaza days when the caller names none.
PLAZA_DAYS = ((1, 10), (3, 5), (5, 15), (6, 26), (9, 20), (12, 2))

# How busy each hour from 0 to 23 is, per channel.
_HOURS = {
    "web": (3, 2, 1, 1, 1, 2, 4, 7, 10, 11, 10, 9, 11, 9, 8, 8, 8, 8, 9, 13, 15, 14, 10, 6),
    "phone": (1, 0, 0, 0, 0, 0, 1, 3, 9, 13, 12, 9, 4, 6, 10, 10, 9, 6, 4, 4, 3, 2, 1, 1),
    "window": (0, 0, 0, 0, 0, 0, 0, 0, 9, 14, 13, 6, 1, 3, 10, 11, 8, 0, 0, 0, 0, 0, 0, 0),
    "plaza": (0, 0, 0, 0, 0, 0, 0, 0, 5, 14, 15, 8, 1, 6, 8, 4, 0, 0, 0, 0, 0, 0, 0, 0),
    "api": (1, 1, 0, 0, 0, 1, 3, 6, 9, 10, 9, 8, 7, 8, 9, 9, 8, 7, 6, 7, 7, 6, 4, 2),
}
# Monday … Sunday.
_WEEKDAYS = {
    "web": (10, 9, 9, 9, 9, 10, 11),
    "phone": (12, 10, 10, 10, 10, 4, 3),
    "window": (13, 11, 10, 10, 10, 2, 0),
    "api": (10, 10, 10, 10, 10, 6, 5),
}
# January … December; 10 is an ordinary month.
_MONTHS = {
    "school": (5, 8, 12, 10, 10, 9, 3, 4, 18, 11, 10, 9),
    "noise": (8, 9, 8, 9, 12, 14, 15, 14, 10, 9, 7, 7),
    "lighting": (13, 11, 9, 8, 7, 6, 6, 7, 9, 11, 14, 15),
    "exit_entry": (11, 8, 8, 9, 10, 14, 16, 11, 8, 8, 9, 11),
    "dispute": (18, 12, 9, 9, 9, 9, 9, 9, 9, 9, 11, 15),
    "dogs": (8, 8, 10, 11, 12, 12, 12, 12, 10, 10, 9, 8),
    "household": (9, 9, 11, 10, 10, 11, 13, 12, 10, 9, 9, 9),
    "theft": (13, 10, 9, 9, 9, 9, 10, 10, 10, 10, 11, 13),
}
_ORDINARY = (9, 8, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10)
_GROWTH = 0.35


class Clock:
    """Draws moments between two dates, both included; growth makes the last year busier than the first."""

    def __init__(self, start: date, end: date, plaza_days: Sequence[date] | None) -> None:
        if end < start:
            raise ValueError("end is before start")
        self.start, self.end = start, end
        days = plaza_days if plaza_days is not None else _usual_plaza_days(start, end)
        self.plaza_days = tuple(sorted(day for day in days if start <= day <= end))

    def draw(self, rng: Random, category: str) -> date:
        """A day, by the category's season and the growth of the whole."""
        months = _MONTHS.get(category, _ORDINARY)
        span = (self.end - self.start).days
        while True:
            offset = rng.randint(0, span)
            day = self.start + timedelta(days=offset)
            grown = 1 - _GROWTH * (1 - offset / max(span, 1))
            if rng.random() < grown * months[day.month - 1] / max(months):
                return day

    def moment(self, rng: Random, near: date, channel: str) -> datetime:
        """A moment on the channel's rhythm within a few days of `near`; plaza voices fall on the nearest plaza day."""
        day = self._plaza_day(near) if channel == "plaza" else self._weekday(rng, near, channel)
        hour = rng.choices(range(24), _HOURS[channel])[0]
        return datetime.combine(day, time(hour, rng.randint(0, 59), rng.randint(0, 59)))

    def _plaza_day(self, near: date) -> date:
        return min(self.plaza_days, key=lambda day: abs(day - near))

    def _weekday(self, rng: Random, near: date, channel: str) -> date:
        week = [near + timedelta(days=shift) for shift in range(-3, 4)]
        inside = [day for day in week if self.start <= day <= self.end]
        weights = [_WEEKDAYS[channel][day.weekday()] for day in inside]
        return rng.choices(inside, weights)[0] if any(weights) else near


def _usual_plaza_days(start: date, end: date) -> list[date]:
    years = range(start.year, end.year + 1)
    return [date(year, month, day) for year in years for month, day in PLAZA_DAYS]
