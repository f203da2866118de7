"""Finding one's officer and station: by place, by name, on paper; and a unit's public card."""

import json

import pytest
from django.core.cache import cache
from django.utils import timezone, translation

from directory import queries
from directory.models import Area, Officer
from tests import factories
from tests.pages import page_of
from tests.portal.rows import voices


@pytest.fixture(autouse=True)
def _fresh():
    cache.clear()
    with translation.override("zh-hans"):
        yield


@pytest.fixture
def town(city):
    """Yuehe with a community officer on the beat, a chief with a telephone, and pinyin for its places."""
    Area.objects.filter(code="330502001").update(pinyin="yue he jie dao", name_en="Yuehe Subdistrict")
    Area.objects.filter(code="330502001001").update(pinyin="yue he she qu", name_en="Yuehe Community")
    officer = Officer.objects.create(
        badge_number="033059", name="嵇振华", unit=city.yuehe, position="community_officer", phone="199 0000 0059"
    )
    officer.beats.add(city.community)
    Officer.objects.filter(user=city.leader).update(name="陆鑫", phone="199 0000 0056")
    type(city.yuehe).objects.filter(pk=city.yuehe.pk).update(phone="199 0000 0117", hours="24 小时接警")
    return city


# --- by place ---------------------------------------------------------------------------------------------------


def test_from_the_city_down_to_the_officer_by_links_alone(client, town):
    """Three taps on a phone without scripts: county, town, community."""
    page = page_of(client.get("/officers/"))
    for code in ("330502", "330502001", "330502001001"):
        assert f'href="?area={code}"' in page
        page = page_of(client.get("/officers/", {"area": code}))
    assert "嵇振华" in page
    assert 'href="tel:199 0000 0059"' in page
    assert "月河派出所" in page
    assert "陆鑫" in page


def test_the_officer_of_another_beat_is_not_shown(client, town):
    Officer.objects.create(badge_number="033060", name="周学军", unit=town.yuehe, position="community_officer")
    Officer.objects.filter(badge_number="033059").update(is_active=False)
    page = page_of(client.get("/officers/", {"area": "330502001001"}))
    assert "周学军" not in page
    assert "嵇振华" not in page
    assert "请打派出所电话" in page


def test_a_town_belongs_to_its_station_and_a_county_to_none(town):
    assert queries.surroundings("330502001").station == town.yuehe
    assert queries.surroundings("330503101").station == town.lianshi
    assert queries.surroundings("330502").station is None


def test_a_closed_station_is_not_named(town):
    type(town.yuehe).objects.filter(pk=town.yuehe.pk).update(is_active=False)
    assert queries.surroundings("330502001").station is None


# --- by name ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "finds"),
    [
        ("月河社区", ["月河社区"]),
        ("月河", ["月河街道", "月河社区"]),
        ("yuehe", ["月河街道", "月河社区"]),
        ("Yue He She Qu", ["月河社区"]),
        ("yuhe", []),
    ],
)
def test_places_by_characters_or_pinyin(town, typed, finds):
    assert [area.name for area in queries.search(typed).areas] == finds


@pytest.mark.parametrize("typed", ["嵇振华", "嵇", "033059", "０３３０５９", "33059"])
def test_officers_by_name_or_badge_number(town, typed):
    assert [officer.name for officer in queries.search(typed).officers] == ["嵇振华"]


def test_two_digits_are_no_badge_number(town):
    assert queries.search("03").officers == []


def test_units_by_either_name(town):
    assert [unit.code for unit in queries.search("月河派出所").units] == ["wuxing-yuehe"]


def test_who_has_left_is_not_found(town):
    Officer.objects.filter(badge_number="033059").update(is_active=False)
    assert queries.search("嵇振华").is_empty


def test_nothing_found_says_what_to_try(client, town):
    assert "少写几个字" in page_of(client.get("/officers/", {"q": "没有这个地方"}))


def test_searching_takes_a_fixed_number_of_statements(town, django_assert_max_num_queries):
    for n in range(6):
        Officer.objects.create(badge_number=f"04{n:04d}", name=f"月{n}", unit=town.yuehe, position="handler")
    with django_assert_max_num_queries(4):
        found = queries.search("月")
        assert [officer.card.unit for officer in found.officers] == ["月河派出所"] * 6


def test_a_place_takes_a_fixed_number_of_statements(town, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        around = queries.surroundings("330502001001")
        assert around.above == [town.wuxing_area, town.yuehe_area]
        assert around.officers[0].card.beats == "月河社区"


# --- for programs -----------------------------------------------------------------------------------------------


def test_the_place_chooser_gets_counties_and_towns(client, town):
    areas = json.loads(client.get("/areas/").content)["areas"]
    assert {area["level"] for area in areas} == {"county", "town"}
    inside = json.loads(client.get("/areas/?parent=330502001").content)["areas"]
    assert inside == [
        {
            "code": "330502001001",
            "name": "月河社区",
            "name_en": "Yuehe Community",
            "level": "community",
            "parent": "330502001",
        }
    ]


def test_a_browser_that_has_the_list_is_not_sent_it_again(client, town, django_assert_num_queries):
    first = client.get("/areas/")
    with django_assert_num_queries(0):
        again = client.get("/areas/", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    assert client.get("/areas/?parent=330502")["ETag"] != first["ETag"]


# --- paper ------------------------------------------------------------------------------------------------------


def test_a_poster_names_the_officer_and_leads_to_this_page(client, town, settings):
    settings.PUBLIC_URL = "https://plaza.example"
    response = client.get("/officers/", {"area": "330502001001", "print": "poster"})
    assert response.context["address"] == "https://plaza.example/officers/?area=330502001001"
    page = page_of(response)
    assert "嵇振华" in page
    assert "199 0000 0059" in page
    assert "<svg" in page


def test_eight_cards_on_a_sheet_are_read_once(client, town):
    page = page_of(client.get("/officers/", {"officer": "033059", "print": "card"}))
    assert page.count("嵇振华") == 8
    assert page.count('class="namecard" aria-hidden="true"') == 7


def test_another_word_for_paper_is_the_page_itself(client, town):
    page = page_of(client.get("/officers/", {"officer": "033059", "print": "x"}))
    assert '<svg class="qr' not in page
    assert "打电话 199 0000 0059" in page


# --- units ------------------------------------------------------------------------------------------------------


def test_the_tree_has_every_unit_below_its_own(town):
    (bureau,) = queries.tree()
    assert bureau.unit == town.bureau
    assert [unit.code for unit in bureau.departments] == ["huzhou-inspectorate", "huzhou-public-work", "huzhou-traffic"]
    wuxing = next(branch for branch in bureau.branches if branch.unit == town.wuxing)
    assert [branch.unit for branch in wuxing.branches] == [town.chaoyang, town.yuehe]
    assert wuxing.departments == [town.wuxing_traffic]


def test_the_tree_is_one_statement(town, django_assert_num_queries):
    with django_assert_num_queries(1):
        queries.tree()


def test_a_card_tells_how_to_reach_the_unit_and_who_leads_it(client, town):
    page = page_of(client.get("/units/wuxing-yuehe/"))
    for words in ("199 0000 0117", "24 小时接警", "月河街道", "陆鑫", "所长", "嵇振华"):
        assert words in page
    assert page.index("陆鑫") < page.index("嵇振华")  # the chief first


def test_a_closed_unit_has_no_card(client, town):
    type(town.yuehe).objects.filter(pk=town.yuehe.pk).update(is_active=False)
    assert client.get("/units/wuxing-yuehe/").status_code == 404


def test_figures_of_a_unit_count_what_is_below_it(client, town):
    today = timezone.localdate()
    voices(town, 20, today, days=0)
    voices(town, 30, today, days=0, unit=town.chaoyang)
    shown = {one.label: one.value for one in client.get("/units/wuxing/").context["tiles"]}
    assert shown["收到的意见"] == "50"
    assert client.get("/units/wuxing-yuehe/").context["tiles"][0].value == "20"


def test_a_station_with_few_answers_shows_no_figures_and_hides_behind_a_sister(client, town):
    today = timezone.localdate()
    voices(town, 9, today, days=0)
    voices(town, 30, today, days=0, unit=town.chaoyang)
    voices(town, 60, today, days=0, unit=town.lianshi)
    assert client.get("/units/wuxing-yuehe/").context["tiles"] == []
    assert client.get("/units/wuxing-chaoyang/").context["tiles"] == []  # or 39 less 30 would be nine
    assert client.get("/units/nanxun-lianshi/").context["tiles"][0].value == "60"
    assert client.get("/units/wuxing/").context["tiles"][0].value == "39"
    assert "不到十件" in page_of(client.get("/units/wuxing-yuehe/"))


def test_only_published_answers_are_on_the_card(client, town):
    public = factories.case(town, "replied")
    factories.case(town, "replied", publish=False, body="不公开的事，音响太吵，不该出现。")
    page = page_of(client.get("/units/wuxing-yuehe/"))
    assert public.number in page
    assert "不公开的事" not in page


def test_a_card_takes_a_fixed_number_of_statements(client, town, django_assert_num_queries):
    for n in range(4):
        factories.answer(town, factories.case(town, "assigned", body=f"第{n}件事,音响太吵。"))
    with django_assert_num_queries(10):
        client.get("/units/wuxing-yuehe/")


def test_names_are_in_the_language_of_the_page(client, town):
    type(town.yuehe).objects.filter(pk=town.yuehe.pk).update(name_en="Yuehe Police Station", hours_en="Open 24 hours")
    client.cookies["django_language"] = "en"
    page = page_of(client.get("/units/wuxing-yuehe/"))
    assert "Yuehe Police Station" in page
    assert "Open 24 hours" in page
    assert "Yuehe Subdistrict" in page


@pytest.mark.parametrize(("of", "called"), [("yuehe", "所长"), ("wuxing", "负责人"), ("desk", "负责人")])
def test_who_leads_is_called_after_what_they_lead(town, of, called):
    led = getattr(town, of)
    assert Officer(badge_number="1", name="陆鑫", unit=led, position="chief").post == called


@pytest.mark.parametrize(
    "typed", ["月河派出所电话", "月河派出所民警", "月河所", "月河所的电话号码", "月河派出所在哪里？", "月河派出所 路灯"]
)
def test_a_unit_is_found_with_what_people_say_beside_its_name(city, typed):
    assert [unit.name for unit in queries.search(typed).units] == ["月河派出所"]
