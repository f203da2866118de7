"""Open figures as tiles: a value with what it is a share of, its n and its date; nothing on fewer than ten."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.small_cells import K
from suggestions.queries.figures import OpenFigures


@dataclass(frozen=True, slots=True)
class Tile:
    """What ``{% figure %}`` draws."""

    value: str
    label: str
    unit: str = ""
    n: str = ""
    of: str = ""


def tiles(figures: OpenFigures, *, with_ratings: bool = True, with_days: bool = False) -> list[Tile]:
    """Received, answered, on time, satisfied; the average days too if asked."""
    drawn = [
        Tile(_few(figures.received), _("Voices received"), _("cases") if figures.received >= K else ""),
        _share(figures.reply_rate, _("Answered"), figures.received, _("the voices received")),
        _share(figures.on_time_rate, _("Answered in time"), figures.replied, _("the answers")),
    ]
    if with_days and figures.average_days is not None and figures.replied >= K:
        drawn.append(
            Tile(f"{figures.average_days:.1f}", _("Until the answer, on average"), _("days"), f"{figures.replied:,}")
        )
    if with_ratings:
        drawn.append(_share(figures.satisfaction, _("Satisfied with the answer"), figures.rated, _("the ratings")))
    return drawn


def _share(share: float | None, label: str, n: int, of: str) -> Tile:
    if share is None or n < K:
        return Tile("–", label, n=_few(n), of=of)
    return Tile(f"{share * 100:.1f}%", label, n=f"{n:,}", of=of)


def _few(n: int) -> str:
    return f"{n:,}" if n >= K else f"<{K}"
