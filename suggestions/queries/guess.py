"""What a text is about and where, guessed from its words; the citizen confirms it."""

from collections.abc import Sequence

from django.db.models.functions import Length

from core import text
from directory.models import Area
from suggestions.models import Category
from suggestions.queries.accused import accuses

LONGEST_NAME = 8  # characters of a place name


def guess_category(body: str, *, limit: int = 3, is_complaint: bool | None = None) -> list[Category]:
    """The categories whose keywords occur in the text, the best first; longer keywords say more. Two statements.

    A complaint about the police is that first of all, whatever else it speaks of; ``is_complaint`` is what the citizen
    has said to it.
    """
    plain = text.ascii_digits(text.clean(body)).lower()
    complains = bool(accuses(body)) if is_complaint is None else is_complaint
    scored = [
        (category.kind == "complaint" and complains, _score(category, plain), category)
        for category in Category.objects.filter(is_active=True)
        if category.kind != "complaint" or is_complaint is not False
    ]
    best = sorted((one for one in scored if one[0] or one[1]), key=lambda one: (not one[0], -one[1], one[2].order))
    return [category for _first, _score, category in best[:limit]]


def _score(category: Category, plain: str) -> int:
    return sum(len(word) for word in category.keywords if word in plain)


def guess_area(body: str) -> Area | None:
    """The smallest area of the city named in the text, if just one fits; one statement."""
    plain = text.clean(body)
    pieces = {plain[i : i + n] for n in range(2, LONGEST_NAME + 1) for i in range(len(plain) - n + 1)}
    if not pieces:
        return None
    named = Area.objects.exclude(level=Area.Level.CITY).filter(name__in=pieces)
    found = list(named.annotate(depth=Length("code")).order_by("-depth", "code")[:20])
    for area in found:
        homonyms = [other for other in found if other.name == area.name and other.pk != area.pk]
        if not homonyms or _inside_another(area, found, homonyms):
            return area
    return None


def _inside_another(area: Area, found: Sequence[Area], homonyms: Sequence[Area]) -> bool:
    """Two villages share a name, but the text also names the town of this one and not of the others."""
    outer = [other for other in found if other.pk != area.pk and other not in homonyms]
    here = any(area.code.startswith(other.code) for other in outer)
    return here and not any(twin.code.startswith(other.code) for other in outer for twin in homonyms)
