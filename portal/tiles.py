"""How voices are answered, as tiles."""

from django.utils.translation import gettext as _

from core.figures import Tile, count, share_tile
from core.small_cells import K
from suggestions.queries.figures import OpenFigures


def tiles(figures: OpenFigures, *, with_ratings: bool = True, with_days: bool = False) -> list[Tile]:
    """Received, answered, on time, satisfied; the average days too if asked."""
    drawn = [
        Tile(count(figures.received), _("Voices received"), _("cases") if figures.received >= K else ""),
        share_tile(figures.reply_rate, _("Answered"), figures.received, _("the voices received")),
        share_tile(figures.on_time_rate, _("Answered in time"), figures.replied, _("the answers")),
    ]
    if with_days and figures.average_days is not None and figures.replied >= K:
        days = f"{figures.average_days:.1f}"
        drawn.append(Tile(days, _("Until the answer, on average"), _("days"), count(figures.replied)))
    if with_ratings:
        drawn.append(share_tile(figures.satisfaction, _("Satisfied with the answer"), figures.rated, _("the ratings")))
    return drawn
