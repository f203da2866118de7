"""The published figures of a wave: one line a subject, indicator and way of counting, as decimals with two places."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from evaluations.scoring.observations import FOIL, OFFICER
from evaluations.scoring.rounding import points, published
from evaluations.scoring.wave import Figure, Scored

SHARES = ("share", "low", "high", "shrunk", "shrunk_low", "shrunk_high")
PLAIN = ("reliability", "rank", "rank_low", "rank_high")
HEAD = (
    "flagged", "indicator", "kind", "peer_group", "subject", "n", "n_eff", "dont_know",
    "points", "low", "high", "shrunk", "shrunk_low", "shrunk_high", *PLAIN, "peers", "signal",
)  # fmt: skip


def as_decimals(figure: Figure) -> dict[str, Decimal | int | None]:
    """The figure in points of a hundred, by the names of the columns."""
    rounded: dict[str, Decimal | int | None] = {"n": figure.n, "n_eff": published(figure.n_eff)}
    rounded["dont_know"] = figure.dont_know
    for name in SHARES:
        value = getattr(figure, name)
        rounded["points" if name == "share" else name] = None if value is None else points(value)
    for name in PLAIN:
        value = getattr(figure, name)
        rounded[name] = None if value is None else published(value)
    return rounded | {"peers": figure.peers, "signal": figure.signal}


def untold(kind: str) -> dict[str, None]:
    """What is not published of this kind of subject: how many persons spoke of an officer leads to the station."""
    return {"n": None, "dont_know": None} if kind == OFFICER else {}


def lines(scored: Scored) -> Iterator[str]:
    """Only what is shown, sorted; the first line names the columns."""
    yield ",".join(HEAD)
    rows = [
        (way, f.about.indicator, f.about.kind, f.about.peer_group, f.about.code, as_decimals(f) | untold(f.about.kind))
        for way, figures in (("with", scored.with_flagged), ("without", scored.without_flagged))
        for f in figures
        if f.shown and f.about.kind != FOIL
    ]
    for way, indicator, kind, group, code, values in sorted(rows, key=lambda row: row[:5]):
        yield ",".join([way, indicator, kind, group, code, *_cells(values)])


def _cells(values: dict[str, Decimal | int | None]) -> list[str]:
    return ["" if value is None else str(value) for value in values.values()]


def as_file(rows: Iterable[str]) -> bytes:
    return ("\r\n".join(rows) + "\r\n").encode()
