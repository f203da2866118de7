"""Days, times and deadlines in words a person reads: 12月3日（周四）, 14:05, 昨天, 还剩 2 天.

Dates are told in the current time zone and language; nothing here touches the database.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

Moment = date | datetime
What = Literal["reply", "accept", "confirm", "act", "answer"]  # answer: told to somebody else than who asked
Level = Literal["ok", "near", "over", "done", "late", "paused"]

# Django's own short names are long in Chinese (星期四); these are the ones its "D" format then uses too.
WEEKDAYS = (
    gettext_lazy("Mon"),
    gettext_lazy("Tue"),
    gettext_lazy("Wed"),
    gettext_lazy("Thu"),
    gettext_lazy("Fri"),
    gettext_lazy("Sat"),
    gettext_lazy("Sun"),
)


@dataclass(frozen=True, slots=True)
class Promise:
    """A deadline in words: how urgent it is, the sentence, and what is left (may be empty)."""

    level: Level
    sentence: str
    left: str


def local_day(moment: Moment) -> date:
    """The calendar day of a date or an aware datetime in the current time zone."""
    if not isinstance(moment, datetime):
        return moment
    return timezone.localtime(moment).date() if timezone.is_aware(moment) else moment.date()


def day(moment: Moment | None) -> str:
    """12月3日（周四）, with the year when it is not this one; empty for None."""
    if moment is None:
        return ""
    when = local_day(moment)
    pattern = _("D j M") if when.year == timezone.localdate().year else _("D j M Y")
    return date_format(when, pattern)


def daytime(moment: datetime | None) -> str:
    """12月3日 14:05, with the year when it is not this one; empty for None."""
    if moment is None:
        return ""
    local = timezone.localtime(moment) if timezone.is_aware(moment) else moment
    pattern = _("j M H:i") if local.year == timezone.localdate().year else _("j M Y H:i")
    return date_format(local, pattern)


def ago(moment: datetime | None) -> str:
    """刚刚, 5 分钟前, 3 小时前, 昨天, 4 天前, then the day itself after a week; empty for None."""
    if moment is None:
        return ""
    passed = timezone.now() - moment
    days = (timezone.localdate() - local_day(moment)).days
    if passed < timedelta(0) or days > 7:
        return day(moment)
    if days >= 1 and passed >= timedelta(hours=12):
        return _("yesterday") if days == 1 else _("%(n)s days ago") % {"n": days}
    return _within_hours(passed)


def _within_hours(passed: timedelta) -> str:
    minutes = int(passed.total_seconds() // 60)
    if minutes < 1:
        return _("just now")
    if minutes < 60:
        return ngettext("%(n)s minute ago", "%(n)s minutes ago", minutes) % {"n": minutes}
    hours = minutes // 60
    return ngettext("%(n)s hour ago", "%(n)s hours ago", hours) % {"n": hours}


def promise(due: Moment, *, what: What = "reply", near_days: int = 2, for_desk: bool = False) -> Promise:
    """A running deadline in words: amber within ``near_days`` calendar days, red once the moment is past."""
    days = (local_day(due) - timezone.localdate()).days
    over = due < timezone.now() if isinstance(due, datetime) else days < 0
    sentence = day(due) if for_desk else _citizen_sentence(what, day(due), over)
    if over:
        return Promise("over", sentence, _overdue(-days))
    return Promise("near" if days <= near_days else "ok", sentence, _left(days))


def kept(due: Moment | None, done_at: Moment) -> Promise:
    """A deadline that was met or missed: the day it was done and, if late, by how many days."""
    late = due is not None and local_day(done_at) > local_day(due)
    left = _overdue((local_day(done_at) - local_day(due)).days) if late and due is not None else ""
    return Promise("late" if late else "done", _("Answered on %(day)s") % {"day": day(done_at)}, left)


def _citizen_sentence(what: What, when: str, over: bool) -> str:
    if over:
        late = _("The answer was promised for %(day)s") if what == "answer" else _("Promised for %(day)s")
        return late % {"day": when}
    sentences = {
        "reply": _("You will be answered by %(day)s at the latest"),
        "accept": _("By %(day)s at the latest you will know whether it is taken up"),
        "confirm": _("Please confirm by %(day)s"),
        "act": _("Open until %(day)s"),
        "answer": _("To be answered by %(day)s"),
    }
    return sentences[what] % {"day": when}


def _left(days: int) -> str:
    if days == 0:
        return _("due today")
    if days == 1:
        return _("due tomorrow")
    return ngettext("%(n)s day left", "%(n)s days left", days) % {"n": days}


def _overdue(days: int) -> str:
    if days <= 0:
        return _("overdue since today")
    return ngettext("%(n)s day overdue", "%(n)s days overdue", days) % {"n": days}
