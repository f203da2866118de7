"""What a text is about and where, guessed from its words; the citizen confirms it."""

from collections.abc import Sequence

from django.db.models.functions import Length

from core import text
from directory.models import Area
from suggestions.models import Category

LONGEST_NAME = 8  # characters of a place name


def guess_category(body: str, *, limit: int = 3) -> list[Category]:
    """The categories whose keywords occur in the text, the best first; longer keywords say more. One statement."""
    plain = text.ascii_digits(text.clean(body)).lower()
    scored = [
        (sum(len(word) for word in category.keywords if word in plain), category)
        for category in Category.objects.filter(is_active=True)
    ]
    best = sorted((pair for pair in scored if pair[0]), key=lambda pair: (-pair[0], pair[1].order))
    return [category for _score, category in best[:limit]]


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
