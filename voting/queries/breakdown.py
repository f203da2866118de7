"""The result by channel, county and age, with everything left out that says too much about too few (P14)."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from core.small_tables import small_rows, suppress
from directory.models import Area
from voting import marks, tally
from voting.models import Poll
from voting.queries.results import NotCounted
from voting.states import AgeBand, Channel

DIMENSIONS = ("channel", "county", "age_band")


@dataclass(frozen=True)
class Cell:
    """Votes of one group for one candidate and their share of the group's ballots; None where they are not shown."""

    votes: int | None
    share: int | None


@dataclass(frozen=True)
class Group:
    """A part of the voters: its name and its number of ballots, None where it is too small to show."""

    key: str
    name: str | Promise
    ballots: int | None


@dataclass(frozen=True)
class Breakdown:
    """One table: candidates by groups."""

    dimension: str
    title: str
    groups: list[Group]
    rows: dict[int, list[Cell]]  # by candidate number

    @property
    def has_gaps(self) -> bool:
        return any(group.ballots is None for group in self.groups) or any(
            cell.votes is None for cells in self.rows.values() for cell in cells
        )


def breakdowns(poll: Poll) -> Iterator[Breakdown]:
    """The three tables; one statement each, and one for the names of the counties. Raises: NotCounted."""
    if poll.closed_at is None:
        raise NotCounted
    return (_breakdown(poll, dimension) for dimension in DIMENSIONS)


def _breakdown(poll: Poll, dimension: str) -> Breakdown:
    numbers = marks.unpack(poll.candidates)
    sizes, table = _counted(poll, dimension, numbers)
    hidden_groups, hidden = small_rows(sizes), suppress(table, sizes)
    names = _names(dimension, list(sizes))
    groups = [Group(key, names[key], None if key in hidden_groups else size) for key, size in sizes.items()]
    rows = {
        number: [
            Cell(None, None)
            if (key, number) in hidden
            else Cell(table[key][number], tally.share(table[key][number], sizes[key]))
            for key in sizes
        ]
        for number in numbers
    }
    return Breakdown(dimension, _titles()[dimension], groups, rows)


def _counted(poll: Poll, dimension: str, numbers: tuple[int, ...]) -> tuple[dict[str, int], dict[str, dict[int, int]]]:
    sums = ", ".join(f"count(*) FILTER (WHERE marks & {1 << (number - 1)} <> 0)" for number in numbers)
    sql = f"""
        SELECT part, count(*), {sums}
        FROM (SELECT COALESCE({dimension}::text, '') AS part, marks FROM voting_ballot WHERE edition_id = %s) told
        GROUP BY part ORDER BY part = '', part
    """  # noqa: S608  column names and numbers of ours
    with connection.cursor() as cursor:
        cursor.execute(sql, [poll.pk])
        rows = cursor.fetchall()
    sizes = {key: size for key, size, *_votes in rows}
    return sizes, {key: dict(zip(numbers, votes, strict=True)) for key, _size, *votes in rows}


def _names(dimension: str, keys: list[str]) -> dict[str, str | Promise]:
    unknown: dict[str, str | Promise] = {"": _("not told")}
    if dimension == "county":
        return unknown | {area.pk: area.local_name for area in Area.objects.filter(pk__in=keys)}
    if dimension == "age_band":
        return unknown | {str(band.value): band.label for band in AgeBand}
    return unknown | {channel.value: channel.label for channel in Channel}


def _titles() -> dict[str, str]:
    return {"channel": _("By channel"), "county": _("By county"), "age_band": _("By age")}
