"""A published figure with all that belongs to it, ready for ``{% figures %}``; no share of fewer than ten (P14)."""

from dataclasses import dataclass
from datetime import date

from core.small_cells import FEW, K


@dataclass(frozen=True, slots=True)
class Tile:
    """A value as it is read, with its unit, its n, what it is a share of, its 95 % interval and its day."""

    value: str
    label: str
    unit: str = ""
    n: str = ""
    of: str = ""
    low: str = ""
    high: str = ""
    note: str = ""
    day: date | None = None


def share_tile(share: float | None, label: str, n: int, of: str) -> Tile:
    """A share (0 to 1) of ``n`` cases in per cent, to one decimal; a dash where there are too few."""
    if share is None or n < K:
        return Tile("–", label, n=count(n), of=of)
    return Tile(f"{share * 100:.1f}%", label, n=count(n), of=of)


def count(n: int) -> str:
    """A number of cases that may be read by everybody."""
    return f"{n:,}" if n >= K else FEW
