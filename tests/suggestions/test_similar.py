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
from demo_city.suggestions import CATEGORY_CODES, PlaceSpec, Voice, generate
from suggestions import reference
from suggestions.models import Category, Suggestion
from suggestions.queries.similar import in_hand, similar
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
    learn_the_common_words()
    matter = {case.pk: voice for case, voice in zip(cases, before, strict=True)}
    return SimpleNamespace(voices=after, areas=areas, said=matter)


def learn_the_common_words() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL default_statistics_target = 200")  # as the migrations set it for the column
        cursor.execute("ANALYZE suggestions_suggestion")


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
        public_read_by=city.triage,
        public_read_at=now,
        public_title=voice.title,
        public_body=voice.body,
        search=SearchVector(Value(words), config="simple"),
        clock_from=now,
        due_at=now,
    )


def shown(spoken: SimpleNamespace, voices: Iterable[Voice], *, near: bool = True) -> list[tuple[Voice, Voice]]:
    """Every voice with each of the published ones that it is shown."""
    return [
        (voice, spoken.said[one.suggestion.pk])
        for voice in voices
        for one in similar(voice.body, area=spoken.areas[voice.area_code] if near else None)
    ]


def share(pairs: Sequence[tuple[Voice, Voice]], same: str) -> float:
    """How many of the pairs agree in something."""
    return sum(getattr(asked, same) == getattr(other, same) for asked, other in pairs) / len(pairs)


def test_what_is_shown_is_about_the_same_even_to_who_writes_long_letters(spoken, monkeypatch):
    pairs = shown(spoken, spoken.voices)
    long = [(asked, other) for asked, other in pairs if len(asked.body) > 120]
    assert len(pairs) > len(spoken.voices), "most are shown something"
    assert share(pairs, "category") > 0.97
    assert share(pairs, "matter") > 0.87
    assert share(long, "category") > 0.95
    monkeypatch.setattr("suggestions.queries.similar._weights", lambda: lambda word: 1.0)
    assert share(shown(spoken, spoken.voices), "category") < 0.95, "if every word told as much"


def test_who_said_the_very_same_is_among_them_when_the_place_is_known(spoken):
    said = {voice.cluster for voice in spoken.said.values() if voice.cluster}
    again = [voice for voice in spoken.voices if voice.cluster in said]

    def found(*, near: bool) -> int:
        return len({asked.at for asked, other in shown(spoken, again, near=near) if asked.cluster == other.cluster})

    assert found(near=True) >= 0.75 * len(again)
    assert found(near=False) < found(near=True)


def test_it_needs_more_than_one_common_word(city):
    lamps = factories.case(city, "accepted", body="滨河公园的路灯坏了两个星期,晚上一片漆黑。")
    factories.case(city, "accepted", body="滨河公园门口天天有人摆摊,堵住人行道。")
    found = similar("滨河公园路灯不亮了,晚上漆黑一片,请修一修。")
    assert [one.suggestion for one in found] == [lamps]
    assert found[0].said_by == 1


@pytest.mark.parametrize("body", ["", "的", "公园", "'\\", "🚦🚦", "abc & | ! <->", "\x00", "长" * 100_000])
def test_anything_is_survived(city, body):
    factories.case(city, "accepted")
    assert similar(body) == []


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (
            "小区外面路灯不亮，晚上看不见",
            "我们小区外面的路灯不亮了,晚上黑漆漆的,老人出门要打手电筒,请派人来看看,修了好给大家说一声。",
        ),
        ("广场舞太吵", "每天晚上七点到九点楼下跳广场舞,音响开得太响,孩子写作业写不下去,希望民警来劝一劝。"),
        (
            "老人户口迁到我这里要什么材料",
            "想把母亲的户口迁移到我家,她是八十岁的老年人,走不动路,要带哪些手续,能不能上门办?",
        ),
        (
            "路口绿灯太短，老人走到一半就变红灯了。",
            "学校门口的路口绿灯时间太短,老人走到路中间就变了红灯,车子又多,请把绿灯调长一些。",
        ),
    ],
)
def test_a_short_sentence_finds_who_said_it_at_length(city, asked, said):
    reference.save(reference.read(reference.HERE, []))
    case = factories.case(city, "accepted", body=said)
    factories.case(city, "accepted", body="滨河公园门口天天有人摆摊,堵住人行道。")
    assert [one.suggestion for one in similar(asked)] == [case]


def test_three_statements_whatever_is_found(city, django_assert_num_queries):
    for _n in range(5):
        said = factories.case(city, "accepted")
    with django_assert_num_queries(3):
        assert len(similar(said.body)) == 3


def test_what_few_cases_have_in_common_by_accident_still_tells(city):
    for _n in range(5):
        said = factories.case(city, "accepted")
    learn_the_common_words()
    assert len(similar(said.body)) == 3, "every word is in all of the first five cases of a young city"


def test_the_desk_is_shown_what_is_in_hand_public_or_not(city):
    words = "滨河公园的路灯坏了两个星期,晚上一片漆黑。"
    new = factories.case(city, body=words)
    hidden = factories.case(city, "assigned", body=words, publish=False)
    over = factories.case(city, "closed", body=words)
    complaint = factories.say(city, body=words, subjects=[(city.chaoyang, None)]).suggestion
    found = {one.suggestion for one in in_hand(city.triage, new)}
    assert found == {hidden}, (over, complaint)
    assert in_hand(city.officer, new)[0].suggestion == hidden
    assert in_hand(city.chaoyang_officer, new) == []
