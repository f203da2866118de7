"""What somebody wrote, as it is kept: cleaned, and refused by its field where it is missing or too long. Never cut."""

from django.db.models import Model
from django.utils.translation import gettext as _

from core import text
from core.errors import Invalid, Text

LONGEST_REASON = 500  # of what stands on the ledger alone


def limit(model: type[Model], column: str) -> int:
    """How many characters a column takes, for every form, call and service that fills it."""
    longest = getattr(model._meta.get_field(column), "max_length", None)
    if longest is None:
        raise ValueError(f"{model.__name__}.{column} has no limit")
    return int(longest)


def limit_of_each(model: type[Model], column: str) -> int:
    """How many characters each of several words in one column may have."""
    base = getattr(model._meta.get_field(column), "base_field", None)
    return int(getattr(base, "max_length", 0))


def said(words: str, field: str, longest: int) -> str:
    """The cleaned words, which may be none. Raises: Invalid for ``field`` when they are longer than that."""
    cleaned = text.clean(words)
    if len(cleaned) > longest:
        raise Invalid(field, _("This is too long: at most %(n)s characters.") % {"n": longest})
    return cleaned


def required(words: str, field: str, longest: int, message: Text | None = None) -> str:
    """The cleaned words. Raises: Invalid for ``field`` when nothing is left, or too much."""
    cleaned = said(words, field, longest)
    if not cleaned:
        raise Invalid(field, message or _("Please fill this in."))
    return cleaned
