"""Who has said the same before: known answers, from the demo's voices, whose matters and duplicates are known."""

from collections.abc import Iterable, Sequence
from datetime import date
from types import SimpleNamespace

import pytest
from django.contrib.postgres.search import SearchVector
from django.db import connection
from django.db.models import Value
from django.utils import timezone

from core import text
from directory.models import Area
from suggestions.demo import CATEGORY_CODES, PlaceSpec, Voice, generate
from suggestions.models import Category, Suggestion
from suggestions.queries.similar import similar
from tests import factories


COUNTIES = {f"33050{n}": f"{one}县" for n, one in enumerate("东西南北", 2)}
TOWNS = {
    f"{code}{n:03d}": f"{name[0]}{one}镇" for code, name in COUNTIES.items() for n, one in enumerate("溪塘桥渡浜埭", 1)
}
PLACES = [
    PlaceSpec(f"{town}{n:03d}", f"{one}河社区", name, COUNTIES[town[:6]])
    for town, name in TOWNS.items()
    for n, one in enumerate("新老大")
]


@pytest.fixture
def spoken(city) -> SimpleNamespace:
    """Six hundred published cases of a city, and two hundred voices that come after them."""
    voices = list(generate(2026, 900, PLACES, date(2025, 1, 1), date(2026, 11, 23)))
    before, after = voices[:600], voices[600:]
    areas = {code: factories.area(code, name) for code, name in (COUNTIES | TOWNS).items()}
    areas |= {place.code: factories.area(place.code, place.community) for place in PLACES}
    for code in CATEGORY_CODES:
        Category.objects.get_or_create(code=code, defaults={"name": code})
    cases = Suggestion.objects.bulk_create(published(number, voice, city) for number, voice in enumerate(before))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE suggestions_suggestion")
    matter = {case.pk: voice for case, voice in zip(cases, before, strict=True)}
    return SimpleNamespace(voices=after, areas=areas, said=matter)


def published(number: int, voice: Voice, city: SimpleNamespace) -> Suggestion:
    now = timezone.now()
    words = text.search_document(f"{voice.title} {voice.body}")
    return Suggestion(
        number=f"S-{number}",
        tracking_mac=f"m{number}",
        idempotency_key=f"k{number}",
        title=voice.title,
        body=voice.body,
        category_id=voice.category,
        area_id=voice.area_code,
        unit=city.desk,
        publish=True,
        published_at=now,
        public_title=voice.title,
        public_body=voice.body,
        search=SearchVector(Value(words), config="simple"),
        clock_from=now,
        due_at=now,
    )


def share(found: Sequence[tuple[Voice, Voice]], same: str) -> float:
    return sum(getattr(asked, same) == getattr(shown, same) for asked, shown in found) / len(found)


def shown(spoken: SimpleNamespace, voices: Iterable[Voice]) -> list[tuple[Voice, Voice]]:
    """Every voice with every published one that it is shown."""
    return [
        (voice, spoken.said[one.suggestion.pk])
        for voice in voices
        for one in similar(voice.body, area=spoken.areas[voice.area_code])
    ]


def test_what_is_shown_is_about_the_same(spoken):
    found = shown(spoken, spoken.voices)
    print(len(spoken.voices), len(found), share(found, "matter"), share(found, "category"))


def test_to_a_long_letter_as_well(spoken):
    found = shown(spoken, [v for v in spoken.voices if len(v.body) > 120])
    print(len(found), share(found, "matter"), share(found, "category"))


def test_who_said_the_very_same_is_among_them(spoken):
    said = {voice.cluster for voice in spoken.said.values() if voice.cluster}
    again = [voice for voice in spoken.voices if voice.cluster in said]
    f = shown(spoken, again)
    hit = {id(a) for a, b in f if a.cluster == b.cluster}
    print(len(again), len(hit))
    f2 = [(v, spoken.said[one.suggestion.pk]) for v in again for one in similar(v.body)]
    print(len({id(a) for a, b in f2 if a.cluster == b.cluster}))
