"""What the files say, as plain data, and when it all happened."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any

from annual_projects.queries.demand import Period, year_before
from core.workdays import SHANGHAI

HERE = Path(__file__).parent
OPENED_DAYS_AGO = 5


@dataclass(frozen=True)
class Piece:
    """One candidate of the files, with what became of it where it was chosen."""

    slug: str
    title: str
    summary: str = ""
    outcome: str = ""
    target: int | None = None
    of: str = ""
    lead: str = ""
    category: str = ""
    topic: str = ""
    cost: int | None = None
    law: str = ""
    reasons: str = ""
    source: str = "demand"
    organisation: str = ""
    words: str = ""
    steps: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    served: tuple[str, ...] = ()
    reports: tuple[str, ...] = ()
    settled: int | None = None
    achieved: int | None = None
    closing: str = ""
    score: float | None = None
    failed: bool = False
    late: int = 0
    state: str = "accepted"
    into: str = ""


@dataclass(frozen=True)
class Year:
    """All that the files say of one edition."""

    year: int
    phase: str
    intro: str
    chosen: list[Piece]
    others: list[Piece] = field(default_factory=list)
    left_out: list[Piece] = field(default_factory=list)


def _pieces(rows: list[dict[str, Any]]) -> list[Piece]:
    said: list[dict[str, Any]] = [
        {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()} for row in rows
    ]
    return [Piece(**row) for row in said]


def years(today: date) -> Iterator[Year]:
    """The four editions, oldest first: the one voted on is for next year."""
    files = {name: tomllib.loads((HERE / f"{name}.toml").read_text(encoding="utf-8")) for name in FILES}
    pool: dict[str, list[Piece]] = {
        name: _pieces([*told.get("candidate", []), *told.get("project", [])]) for name, told in files.items()
    }
    for back, name in enumerate(FILES):
        told, year = files[name], today.year + 1 - back
        again = {piece.slug: piece for piece in pool[FILES[back - 1]]} if back else {}
        yield Year(
            year,
            PHASES[name],
            told["intro"],
            chosen=[] if name == "voting" else pool[name],
            others=pool[name] if name == "voting" else [again[slug] for slug in told["also"]],
            left_out=_pieces(told.get("left_out", [])),
        )


FILES = ("voting", "delivering", "last", "before_last")
PHASES = {"voting": "voting", "delivering": "delivering", "last": "archived", "before_last": "archived"}


def at(day: date, hour: int = 9, minute: int = 0) -> datetime:
    """A moment of Shanghai."""
    return datetime.combine(day, time(hour, minute), tzinfo=SHANGHAI)


def timetable(told: Year, today: date) -> dict[str, datetime]:
    """When each phase began; people vote now, since five days ago, on the newest edition."""
    opens = today - timedelta(days=OPENED_DAYS_AGO) if told.phase == "voting" else date(told.year - 1, 11, 20)
    closes = opens + timedelta(days=14)
    return {
        "collecting_from": at(opens - timedelta(days=92)),
        "reviewing_from": at(opens - timedelta(days=44)),
        "notice_from": at(opens - timedelta(days=14)),
        "voting_opens": at(opens),
        "voting_closes": at(closes, 17),
        "delivering_from": at(closes + timedelta(days=14)),
        "judged_from": at(max(date(told.year, 12, 1), closes + timedelta(days=30))),
        "archived_from": at(max(date(told.year, 12, 31), closes + timedelta(days=60)), 18),
    }


def asked_until(reviewing_from: datetime) -> Period:
    """The twelve months whose voices stand behind the candidates: until ideas were looked at."""
    return year_before(reviewing_from.date())


def day_in(year: int, month_and_day: str) -> date:
    """«3-18» of a year."""
    month, day = month_and_day.split("-")
    return date(year, int(month), int(day))


def spread(rng: Random, total: int, months: int) -> list[int]:
    """A total over months, the first ones slower; adds up exactly."""
    weights = [rng.uniform(0.7, 1.3) * (0.5 + 0.5 * min(month, 4) / 4) for month in range(1, months + 1)]
    parts = [int(total * weight / sum(weights)) for weight in weights]
    for index in range(total - sum(parts)):
        parts[index % months] += 1
    return parts
