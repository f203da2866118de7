"""The open board: the city in twelve whole months, by month, by county, by category."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import gettext as _

from core import small_cells
from directory.queries import counties
from portal.queries import figures
from portal.queries.figures import CATEGORY, COUNTY, FRESH, MONTH, Counts, Group, Window
from suggestions.models import Category


@dataclass(frozen=True)
class Board:
    """What the page shows: the groups, each with what may be shown of it."""

    window: Window
    months: list[Group]
    counties: list[Group]
    categories: list[Group]


def board(today: date | None = None) -> Board:
    """The board of the window that ended last month; eight statements, two when the counts are in the cache."""
    window = Window.of(today or timezone.localdate())
    months, places, subjects = _counted(window)
    return Board(
        window,
        figures.groups(months, {month: f"{month:%Y-%m}" for month in window.months}),
        figures.groups(figures.in_known(places, names := county_names()), names),
        figures.groups(subjects, category_names()),
    )


def _counted(window: Window) -> tuple[dict[date, Counts], dict[str, Counts], dict[str, Counts]]:
    key = f"portal:board:{window.end}"
    kept = cache.get(key)
    if kept is None:
        kept = tuple(figures.counts_by(window, by) for by in (MONTH, COUNTY, CATEGORY))
        cache.set(key, kept, FRESH)
    return kept


def county_names() -> dict[str, str]:
    """The counties by code, and "" for voices that name no place; one statement."""
    return {county.code: county.local_name for county in counties()} | {"": _("No place given")}


def category_names() -> dict[str, str]:
    """The categories by code; one statement."""
    return {category.pk: category.local_name for category in Category.objects.order_by("order", "code")}


@dataclass(frozen=True)
class Monthly:
    """Received cases of the groups by month: None for a group that may be told by the whole window only."""

    months: list[date]
    received: Mapping[str, Sequence[int] | None]


def monthly(window: Window, groups: Sequence[Group], months: Sequence[Group], by: str) -> Monthly:
    """Received by month for ``by`` "county" or "category"; one statement.

    Months that are hidden themselves count as one period, since what is left of a group's sum is theirs.
    """
    key = COUNTY if by == "county" else CATEGORY
    counts = figures.counts_by(window, MONTH, key)
    table = {group.key: _row(counts, group.key, window, {one.key for one in groups}) for group in groups}
    shown = [place for place, month in enumerate(months) if month.cases == "shown"]
    periods = {key: _periods(row, shown) for key, row in table.items()}
    hidden = {group.key for group in groups if group.cases != "shown"}
    whole = small_cells.told_by_the_whole(periods, hidden)
    told = {key: None if key in whole else [row[place] for place in shown] for key, row in table.items()}
    return Monthly([window.months[place] for place in shown], told)


def _row(counts: Mapping[tuple[date, str], Counts], group: str, window: Window, known: set[str]) -> list[int]:
    """Received by month; "" takes in every place that is no county of ours."""
    received = dict.fromkeys(window.months, 0)
    for (month, key), one in counts.items():
        if (key if key in known else "") == group:
            received[month] += one.received
    return list(received.values())


def _periods(row: Sequence[int], shown: Sequence[int]) -> list[int]:
    rest = sum(row) - sum(row[place] for place in shown)
    return [*(row[place] for place in shown), *([rest] if len(shown) < len(row) else [])]
