"""What the desk's pages need to draw paper."""

from typing import Any

from django import template
from django.utils.translation import gettext as _

from voting.queries.sheets import parts

register = template.Library()


@register.filter
def print_parts(sheets: int) -> range:
    """The numbers of the files in which so many sheets are printed."""
    return parts(sheets)


@register.filter
def two_sides(row: dict[str, Any]) -> list[dict[str, Any]]:
    """The two readings of a sheet, with what only one of them saw."""
    return [
        {"who": _("First reading"), "line": row["first"], "only": row["only_first"]},
        {"who": _("Second reading"), "line": row["second"], "only": row["only_second"]},
    ]
