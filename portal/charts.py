"""The open board as charts: what is drawn, what stands in the table beside it, what is hidden and why."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.dateformat import format as date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.charts import Chart, Series, Tone, percents
from core.small_cells import FEW, K, Showing
from portal.queries.board import Board
from portal.queries.figures import Group, Window


@dataclass(frozen=True)
class Measure:
    """A share, what it is a share of, what decides whether it may be shown, and its colour."""

    label: Promise
    share: Callable[[Group], float | None]
    base: Callable[[Group], int | None]
    hidden: Callable[[Group], Showing]
    tone: Tone


ANSWERED = Measure(
    gettext_lazy("Answered"), lambda one: one.reply_rate, lambda one: one.received, lambda one: one.voices, "ink"
)
ON_TIME = Measure(
    gettext_lazy("Answered in time"),
    lambda one: one.on_time_rate,
    lambda one: one.replied,
    lambda one: one.cases,
    "lake",
)
SATISFIED = Measure(
    gettext_lazy("Satisfied with the answer"),
    lambda one: one.satisfaction,
    lambda one: one.rated,
    lambda one: one.ratings,
    "own",
)


def by_month(board: Board) -> Chart:
    """Answered, in time and satisfied, month by month."""
    series = (*(_rate(one, board.months) for one in (ANSWERED, ON_TIME, SATISFIED)), _days(board.months))
    names = tuple(_month(month) for month in board.window.months)
    options = _options(board, board.months, unit="%", places=1, heading=_("Received in"))
    return Chart(_("Month by month"), "line", names, series, **options)


def by_county(board: Board) -> Chart:
    """In time and satisfied, by county; the number of voices in the table."""
    places = board.counties
    series = (_rate(ON_TIME, places), _rate(SATISFIED, places), _received(places, drawn=False), _days(places))
    options = _options(board, places, unit="%", places=1, heading=_("District"))
    return Chart(_("District by district"), "bar", tuple(one.name for one in places), series, **options)


def by_category(board: Board) -> Chart:
    """What people speak about, most first; how it was answered in the table. Hidden subjects come last."""
    subjects = sorted(board.categories, key=lambda one: -(one.received or 0))
    rates = (_rate(one, subjects, drawn=False) for one in (ON_TIME, SATISFIED))
    series = (_received(subjects, drawn=True), *rates, _days(subjects))
    options = _options(board, subjects, unit=_("cases"), heading=_("Subject"))
    return Chart(_("What people speak about"), "bar", tuple(one.name for one in subjects), series, **options)


def _options(board: Board, groups: Sequence[Group], **own: Any) -> dict[str, Any]:
    received = sum(one.counts.received for one in board.months)
    n = received if received >= K else FEW
    return {"n": n, "as_of": board.window.last, "note": _note(groups), **own}


def _rate(measure: Measure, groups: Sequence[Group], *, drawn: bool = True) -> Series:
    """A share with its n; in the table alone it goes without."""
    words = _words(groups, measure.hidden)
    values = percents([measure.share(one) for one in groups])
    n = [word or measure.base(one) for one, word in zip(groups, words, strict=True)] if drawn else ()
    label = str(measure.label)
    return Series(label, values, n=n, words=words, drawn=drawn, tone=measure.tone, unit="%", places=1)


def _received(groups: Sequence[Group], *, drawn: bool) -> Series:
    words = _words(groups, lambda one: one.voices)
    values = [one.received for one in groups]
    return Series(_("Voices received"), values, words=words, drawn=drawn, unit=_("cases"), places=0)


def _days(groups: Sequence[Group]) -> Series:
    words = _words(groups, lambda one: one.cases)
    values = [one.days for one in groups]
    return Series(_("Until the answer, on average"), values, words=words, drawn=False, unit=_("days"), places=1)


def _words(groups: Sequence[Group], hidden: Callable[[Group], Showing]) -> list[str]:
    told: dict[Showing, str] = {"few": FEW, "partner": _("not shown"), "shown": ""}
    return [told[hidden(one)] for one in groups]


def _note(groups: Sequence[Group]) -> str:
    """Why something is hidden, where something is."""
    if all(one.cases == one.ratings == "shown" for one in groups):
        return ""
    return _("Fewer than %(k)s, and what would give them away, is not shown: it could point at single people.") % {
        "k": K
    }


def _month(month: date) -> str:
    return date_format(month, _("M Y"))


def span(window: Window) -> str:
    """The window in words: December 2025 to November 2026."""
    return _("%(first)s to %(last)s") % {"first": _month(window.start), "last": _month(window.last)}
