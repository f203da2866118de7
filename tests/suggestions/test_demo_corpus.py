"""The demo corpus: the same for a seed, varied, and shaped like what a city really hears."""

import csv
import re
from collections import Counter
from datetime import date
from pathlib import Path
from random import Random

import pytest

import demo_city.suggestions as demo
import suggestions
from demo_city.suggestions import PlaceSpec, Voice, generate, library, people, replies
from demo_city.suggestions.clock import Clock
from demo_city.suggestions.compose import fact_pools
from demo_city.suggestions.grammar import Telling, chinese_count
from demo_city.suggestions.plan import apportion

START, END = date(2023, 12, 1), date(2026, 11, 23)
CATEGORIES = Path(suggestions.__file__).parent / "data" / "categories.csv"
DESK = replies.Desk("演示派出所", "沈演示", "0572-0000110", "12月3日", "市局交通管理部门")


def places() -> list[PlaceSpec]:
    towns = (("吴兴区", "织里镇"), ("吴兴区", "飞英街道"), ("南浔区", "双林镇"), ("安吉县", "递铺街道"))
    names = ("东河社区居委会", "西河村村委会", "南塘社区", "北塘村村民委员会", "新桥社区居民委员会", "老桥村")
    return [
        PlaceSpec(f"3305{t:04d}{n:04d}", name, town, county)
        for t, (county, town) in enumerate(towns)
        for n, name in enumerate(names)
    ]


@pytest.fixture(scope="module")
def corpus() -> list[Voice]:
    return list(generate(2026, 2600, places(), START, END))


@pytest.fixture(scope="module")
def reference() -> list[dict[str, str]]:
    with CATEGORIES.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def share(corpus: list[Voice], wanted) -> float:
    return sum(1 for voice in corpus if wanted(voice)) / len(corpus)


def test_the_same_seed_says_the_same(corpus):
    assert list(generate(2026, 2600, places(), START, END)) == corpus


def test_another_seed_says_something_else(corpus):
    others = {voice.body for voice in generate(7, 2600, places(), START, END)}
    assert len(others & {voice.body for voice in corpus}) < 130


def test_as_many_as_asked_in_order_within_the_dates(corpus):
    assert len(corpus) == 2600
    moments = [voice.at for voice in corpus]
    assert moments == sorted(moments)
    assert moments[0].date() >= START
    assert moments[-1].date() <= END
    assert all(moment.tzinfo is None for moment in moments)


@pytest.mark.parametrize("count", [0, 1, 17, 300])
def test_any_count_is_exact(count):
    assert len(list(generate(1, count, places(), START, END))) == count


def test_bodies_are_distinct_and_titles_varied(corpus):
    assert len({voice.body for voice in corpus}) > 0.95 * len(corpus)
    assert len({voice.title for voice in corpus}) > 500
    assert all(voice.body.strip() and 0 < len(voice.title) <= 40 for voice in corpus)


def test_lengths_run_from_one_word_to_the_limit_of_the_form(corpus):
    lengths = [len(voice.body) for voice in corpus]
    assert sum(length <= 4 for length in lengths) >= 10
    assert sum(length == 3000 for length in lengths) >= 4
    assert max(lengths) == 3000
    assert "好" in {voice.body for voice in corpus}
    assert 30 < sorted(lengths)[1300] < 120


def test_every_category_is_heard(corpus):
    heard = Counter(voice.category for voice in corpus)
    assert set(heard) == set(demo.CATEGORY_CODES)
    assert min(heard.values()) >= 50


def test_household_moves_are_a_third_of_administrative_requests(corpus, reference):
    administrative = {row["code"] for row in reference if row["kind"] == "administrative"}
    requests = [voice for voice in corpus if voice.category in administrative]
    moves = share(requests, lambda voice: voice.matter.startswith("household.move_"))
    assert moves == pytest.approx(0.342, abs=0.003)
    assert share(requests, lambda voice: voice.category == "household") > 1 / 3


def test_channels_anonymity_and_consent_are_plausible(corpus):
    channels = Counter(voice.channel for voice in corpus)
    assert set(channels) == set(demo.CHANNELS)
    assert channels.most_common(1)[0][0] == "web"
    assert share(corpus, lambda voice: voice.anonymous) == pytest.approx(0.25, abs=0.04)
    assert share(corpus, lambda voice: voice.publish) == pytest.approx(0.70, abs=0.04)


def test_telephones_are_demo_numbers_and_belong_to_one_person(corpus):
    named = [voice for voice in corpus if not voice.anonymous]
    assert all(re.fullmatch(r"1990000\d{4}", voice.phone) and voice.name for voice in named)
    assert all(int(voice.phone[-4:]) >= 100 for voice in named)
    owners = {(voice.phone, voice.name) for voice in named}
    assert len(owners) == len({phone for phone, _ in owners})
    assert len(owners) < len(named)


def test_the_anonymous_leave_no_name_and_no_number(corpus):
    anonymous = [voice for voice in corpus if voice.anonymous]
    assert anonymous
    assert all(voice.name == "" and voice.phone == "" for voice in anonymous)


def test_demo_numbers_are_valid_chinese_mobiles():
    phonenumbers = pytest.importorskip("phonenumbers")
    number = phonenumbers.parse(f"{people.PHONE_PREFIX}1234", "CN")
    assert phonenumbers.is_valid_number(number)


def test_windows_are_closed_at_night_and_on_sundays(corpus):
    window = [voice.at for voice in corpus if voice.channel == "window"]
    assert all(8 <= at.hour < 17 and at.weekday() != 6 for at in window)
    evening = [voice for voice in corpus if voice.channel == "web" and 19 <= voice.at.hour <= 22]
    assert len(evening) > 200


def test_plaza_voices_fall_on_plaza_days():
    days = [date(2024, 5, 11), date(2025, 5, 10)]
    heard = list(generate(3, 600, places(), START, END, plaza_days=days))
    assert {voice.at.date() for voice in heard if voice.channel == "plaza"} == set(days)


def test_nobody_speaks_on_a_square_without_plaza_days():
    heard = generate(3, 300, places(), START, END, plaza_days=[])
    assert "plaza" not in {voice.channel for voice in heard}


def test_clusters_are_one_matter_in_many_words(corpus):
    clusters: dict[str, list[Voice]] = {}
    for voice in corpus:
        if voice.cluster:
            clusters.setdefault(voice.cluster, []).append(voice)
    assert len(clusters) >= 40
    assert all(3 <= len(members) <= 40 for members in clusters.values())
    assert max(map(len, clusters.values())) >= 20
    for members in clusters.values():
        assert len({voice.matter for voice in members}) == 1
        assert members[0].expected != "merge"
        assert all(voice.expected == "merge" for voice in members[1:])
        assert (members[-1].at - members[0].at).days < 100
        callers = [voice.phone for voice in members if voice.phone]
        assert len(callers) == len(set(callers))


def test_a_local_cluster_agrees_on_where_it_is(corpus):
    lamps = [voice for voice in corpus if voice.cluster and voice.category == "lighting"]
    for name in {voice.cluster for voice in lamps}:
        members = [voice for voice in lamps if voice.cluster == name]
        assert len({voice.area_code for voice in members}) == 1
        assert len({voice.facts["road"] for voice in members}) == 1


def test_every_outcome_is_expected_of_somebody(corpus):
    assert set(demo.EXPECTED) == {voice.expected for voice in corpus}


def test_complaints_about_an_officer_are_marked(corpus):
    marked = [voice for voice in corpus if voice.about_officer]
    assert len(marked) > 40
    assert {voice.category for voice in marked} == {"conduct"}


def test_most_who_rate_are_satisfied_but_not_all(corpus):
    rated = [voice.rating for voice in corpus if voice.rating is not None]
    assert set(rated) == {1, 2, 3, 4, 5}
    assert sum(stars >= 3 for stars in rated) / len(rated) > 0.9
    assert all(voice.rating in (1, 2) for voice in corpus if voice.expected == "reopen")


def test_the_odd_ones_are_there(corpus):
    text = "\n".join(voice.body for voice in corpus)
    assert re.search(r"[\U00020000-\U0003ffff]", text), "a rare Han character"
    assert re.search(r"[\U0001f300-\U0001faff]", text), "an emoji"
    assert re.search(r"[０-９]", text), "full-width digits"
    assert "Dear officer" in text
    assert "**" in text, "a masked insult"
    assert "晓得" in text, "a word of dialect"
    assert {"other.off_topic", "praise.letter"} <= {voice.matter for voice in corpus}


def test_no_grammar_shows_through(corpus):
    for voice in corpus:
        shown = voice.body + voice.title + voice.place
        assert not re.search(r"[{}|]", shown), shown
        if voice.matter != replies.ENGLISH:
            assert not re.search(r"[()]", shown), shown


def test_every_line_of_every_grammar_can_be_said():
    for matter in library.matters():
        for place in places()[:2]:
            facts = dict.fromkeys(("community", "town", "county", "season", "own_age", "person_age"), "某")
            desk = dict.fromkeys(("unit", "officer", "phone", "by"), "某")
            told = Telling(Random(1), {**library.words()[0], **matter.parts}, fact_pools(matter, place), facts | desk)
            for pool in (*matter.parts.values(), *matter.facts.values()):
                said = [told.say(line) for line in pool]
                assert not [line for line in said if not line or "|" in line], matter.code


def test_an_unknown_slot_is_an_error():
    with pytest.raises(KeyError, match="nowhere"):
        Telling(Random(1), {}, {}, {}).say("{nowhere}")


def test_every_matter_says_enough():
    for matter in library.matters():
        assert matter.parts["core"], matter.code
        assert matter.parts["title"], matter.code
        assert matter.expected in demo.EXPECTED, matter.code
        assert set(matter.personas) <= set(people.PERSONAS), matter.code
    assert len({matter.code for matter in library.matters()}) == len(library.matters())


def test_replies_fit_what_was_said(corpus):
    rng = Random(1)
    for voice in corpus[:600]:
        text = replies.reply_text(rng, voice, DESK)
        assert len(text) > 8
        assert not re.search(r"[{}|]|^\[|。\[\d", text), text
        assert not voice.name or voice.matter == replies.ENGLISH or voice.name[0] in text[:2]


def test_a_marked_reply_answers_only_its_own_story(corpus):
    lost = [voice for voice in corpus if voice.matter == "household.move_graduate"]
    for voice in lost:
        text = replies.reply_text(Random(1), voice, DESK)
        assert ("迁移证过期" in text) == (voice.facts["core"] == "2")


def test_the_desk_has_words_for_everything(corpus):
    rng = Random(2)
    for voice in corpus[::50]:
        said = [replies.step_text(rng, step, voice, DESK) for step in replies.STEPS]
        kinds = ("note", "transfer", "extension", "reopen", "withdraw", "decline_review")
        said += [replies.staff_text(rng, kind, voice, DESK) for kind in kinds]
        said += [*replies.ask_back(rng, voice, DESK), replies.decline_reason(rng, voice, DESK)]
        said += [replies.rating_comment(rng, stars, voice, DESK) for stars in (1, 2, 3, 4, 5)]
        assert not any(re.search(r"[{}|]| → ", text) for text in said)


def test_twenty_saved_templates_for_known_categories():
    templates = demo.saved_templates()
    assert len(templates) == 20
    assert len({template.title for template in templates}) == 20
    assert {template.category for template in templates} <= {"", *demo.CATEGORY_CODES}


def test_the_reference_table_names_every_category_once(reference):
    assert [row["code"] for row in reference] == list(demo.CATEGORY_CODES)
    for row in reference:
        words = row["keywords"].split("|")
        assert 10 <= len(words) == len(set(words)) <= 25
        assert (row["complexity"], row["reply_days"]) in {("simple", "5"), ("complex", "15")}
        assert row["kind"] in {"administrative", "complaint", "report", "praise", "other"}


def test_keywords_guess_most_categories_from_the_words(corpus, reference):
    keywords = {row["code"]: row["keywords"].split("|") for row in reference}

    def guess(text: str) -> str:
        return max(keywords, key=lambda code: sum(len(word) for word in keywords[code] if word in text))

    guessed = share(corpus, lambda voice: guess(voice.title + voice.body) == voice.category)
    assert guessed > 0.6


def test_impossible_arguments_are_refused():
    with pytest.raises(ValueError, match="places"):
        list(generate(1, 10, [], START, END))
    with pytest.raises(ValueError, match="end"):
        Clock(END, START, None)


def test_shares_are_split_without_a_remainder():
    parts = apportion({"a": 1, "b": 1, "c": 1}, 10)
    assert sum(parts.values()) == 10
    assert max(parts.values()) - min(parts.values()) == 1


@pytest.mark.parametrize(("number", "said"), [(2, "两"), (10, "十"), (12, "十二"), (20, "二十"), (35, "三十五")])
def test_counts_are_said_as_people_say_them(number, said):
    assert chinese_count(number) == said


def test_a_place_is_called_as_people_call_it():
    assert PlaceSpec("1", "东河社区居委会", "", "").spoken == "东河社区"
    assert PlaceSpec("1", "西河村村委会", "", "").rural
    assert not PlaceSpec("1", "新桥社区居民委员会", "", "").rural
