"""The files the city is loaded from agree with themselves and with each other."""

import csv
import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from core.policy import STAFF
from demo_city.directory.people import OfficerSpec, generate, share_out, staff_roles
from directory.data.tables import AreaRow, UnitRow, areas, communities_by_town, units

PLAZA = Path(__file__).resolve().parents[2] / "plaza" / "data"
DEMO_PHONE = re.compile(r"0572-0\d{6}")  # no Chinese subscriber number starts with 0
CODE_LENGTH = {"city": 4, "county": 6, "town": 9, "community": 12}
CHILD_OF = {"city": "", "county": "city", "town": "county", "community": "town"}
FUNCTIONS = {
    "general",
    "household",
    "traffic",
    "crime",
    "exit_entry",
    "inspectorate",
    "public_work",
    "public_security",
    "anti_fraud",
    "legal",
}


@pytest.fixture(scope="module")
def area_of() -> dict[str, AreaRow]:
    return {area.code: area for area in areas()}


@pytest.fixture(scope="module")
def unit_of() -> dict[str, UnitRow]:
    return {unit.code: unit for unit in units()}


@pytest.fixture(scope="module")
def officers() -> list[OfficerSpec]:
    return list(generate(2014, units()))


def places() -> list[dict[str, str]]:
    return list(csv.DictReader((PLAZA / "places.csv").open(encoding="utf-8")))


def days() -> list[dict[str, str]]:
    return list(csv.DictReader((PLAZA / "days.csv").open(encoding="utf-8")))


def above(unit: UnitRow, unit_of: dict[str, UnitRow]) -> list[str]:
    """Codes of the units over a unit, nearest first."""
    path = []
    while unit.parent:
        path.append(unit.parent)
        unit = unit_of[unit.parent]
    return path


# areas


def test_an_area_code_is_written_once(area_of):
    assert len(areas()) == len(area_of)


def test_an_area_code_has_the_length_of_its_level_and_starts_with_its_parent(area_of):
    for area in area_of.values():
        assert re.fullmatch(r"\d+", area.code), area
        assert len(area.code) == CODE_LENGTH[area.level], area
        assert area.code.startswith(area.parent), area


def test_every_area_but_the_city_has_a_parent_one_level_up(area_of):
    roots = [area.code for area in area_of.values() if not area.parent]
    assert roots == ["3305"]
    for area in area_of.values():
        assert not area.parent or area_of[area.parent].level == CHILD_OF[area.level], area


def test_parents_come_before_children():
    seen = {""}
    for area in areas():
        assert area.parent in seen, area
        seen.add(area.code)


def test_the_city_has_its_counties_towns_and_communities(area_of):
    counties = {area.code: area.name for area in area_of.values() if area.level == "county"}
    assert counties == {
        "330502": "吴兴区",
        "330503": "南浔区",
        "330521": "德清县",
        "330522": "长兴县",
        "330523": "安吉县",
    }
    assert Counter(area.level for area in area_of.values()) == {
        "city": 1,
        "county": 5,
        "town": 72,
        "community": 1301,
    }


def test_siblings_have_different_names(area_of):
    names = Counter((area.parent, area.name) for area in area_of.values())
    assert [name for name, times in names.items() if times > 1] == []


def test_committees_are_not_part_of_a_name(area_of):
    assert [area.name for area in area_of.values() if area.name.endswith("委会") or "村村" in area.name] == []


@pytest.mark.parametrize(
    ("code", "name_en", "pinyin"),
    [
        ("3305", "Huzhou", "hu zhou shi"),
        ("330522", "Changxing County", "chang xing xian"),
        ("330502002", "Chaoyang Subdistrict", "chao yang jie dao"),
        ("330522111", "Si'an Town", "si an zhen"),
        ("330522202", "Lüshan Township", "lv shan xiang"),
        ("330502010206", "Luoshizhuang Village", "luo shi zhuang cun"),
    ],
)
def test_names_are_romanised_as_the_places_are_called(area_of, code, name_en, pinyin):
    assert (area_of[code].name_en, area_of[code].pinyin) == (name_en, pinyin)


def test_every_area_has_an_english_name_and_a_plain_sort_key(area_of):
    for area in area_of.values():
        assert re.fullmatch(r"[A-Z][a-zü']+( [A-Z][a-z]+){0,2}", area.name_en), area
        assert re.fullmatch(r"[a-z]+( [a-z]+)+", area.pinyin), area
        assert len(area.pinyin.split()) == len(area.name), area


def test_coordinates_are_given_for_the_city_and_counties_and_lie_in_it(area_of):
    for area in area_of.values():
        assert (area.lng is not None) == (area.level in {"city", "county"}), area
        if area.lng is not None and area.lat is not None:
            assert 119 < area.lng < 121, area
            assert 30 < area.lat < 32, area


# units


def test_a_unit_code_is_a_slug_written_once(unit_of):
    assert len(units()) == len(unit_of)
    assert [code for code in unit_of if not re.fullmatch(r"[a-z]+(-[a-z]+)*", code)] == []


def test_unit_names_are_different(unit_of):
    assert len({unit.name for unit in unit_of.values()}) == len(unit_of)


def test_the_units_are_one_tree_under_the_bureau(unit_of):
    assert [unit.code for unit in unit_of.values() if not unit.parent] == ["huzhou"]
    parents = {"sub_bureau": {"bureau"}, "department": {"bureau", "sub_bureau"}, "station": {"sub_bureau"}}
    for unit in unit_of.values():
        if unit.kind != "bureau":
            assert unit_of[unit.parent].kind in parents[unit.kind], unit
            assert above(unit, unit_of)[-1] == "huzhou", unit


def test_the_bureau_has_each_department_once_and_a_sub_bureau_a_choice_of_them(unit_of):
    departments = [unit for unit in unit_of.values() if unit.kind == "department"]
    own = Counter(unit.function for unit in departments if unit.parent == "huzhou")
    assert own == dict.fromkeys(FUNCTIONS - {"general"}, 1)
    for bureau in (unit for unit in unit_of.values() if unit.kind == "sub_bureau"):
        theirs = [unit.function for unit in departments if unit.parent == bureau.code]
        assert sorted(theirs) == ["crime", "household", "inspectorate", "public_work", "traffic"], bureau


def test_every_county_has_its_sub_bureau(unit_of, area_of):
    covered = [unit.area_code for unit in unit_of.values() if unit.kind == "sub_bureau"]
    for county in (area.code for area in area_of.values() if area.level == "county"):
        assert covered.count(county) == 1


def test_every_town_has_exactly_one_station(unit_of, area_of):
    stations = Counter(unit.area_code for unit in unit_of.values() if unit.kind == "station")
    assert stations == {area.code: 1 for area in area_of.values() if area.level == "town"}


def test_a_station_stands_in_the_county_of_its_sub_bureau(unit_of):
    for unit in (unit for unit in unit_of.values() if unit.kind == "station"):
        assert unit.area_code[:6] == unit_of[unit.parent].area_code[:6], unit


def test_public_work_zones_are_at_city_and_county_level(unit_of):
    zones = {unit.kind for unit in unit_of.values() if unit.service_zone}
    assert zones == {"bureau", "sub_bureau"}
    assert all(unit.service_zone for unit in unit_of.values() if unit.kind in zones)


def test_phones_are_recognisably_demo_and_used_once(unit_of, officers):
    phones = [unit.phone for unit in unit_of.values()] + [officer.phone for officer in officers]
    assert [phone for phone in phones if not DEMO_PHONE.fullmatch(phone)] == []
    assert len(set(phones)) == len(phones)


def test_a_real_looking_phone_would_be_noticed():
    assert not DEMO_PHONE.fullmatch("0572-2210101")
    assert not DEMO_PHONE.fullmatch("13905720001")


def test_every_public_card_is_whole_and_marked_demo(unit_of, area_of):
    for unit in unit_of.values():
        card = [unit.name_en, unit.address, unit.hours_zh, unit.hours_en, unit.intro, unit.intro_en]
        assert all(card), unit
        assert unit.demo, unit
        assert unit.function in FUNCTIONS, unit
        assert unit.area_code in area_of, unit


# people


def test_the_same_seed_gives_the_same_people_and_another_seed_others(officers):
    assert list(generate(2014, units())) == officers
    assert [officer.name for officer in generate(2015, units())] != [officer.name for officer in officers]


def test_there_are_enough_officers_each_with_a_badge_of_their_own(officers):
    assert 500 <= len(officers) <= 700
    badges = [officer.badge_number for officer in officers]
    assert badges[0] == "033001"
    assert all(re.fullmatch(r"0\d{5}", badge) for badge in badges)
    assert len(set(badges)) == len(badges)


def test_every_community_is_on_exactly_one_beat_of_its_own_station(officers, unit_of, area_of):
    beats = Counter(beat for officer in officers for beat in officer.beats)
    assert beats == {area.code: 1 for area in area_of.values() if area.level == "community"}
    for officer in officers:
        assert all(area_of[beat].parent == unit_of[officer.unit_code].area_code for beat in officer.beats), officer


def test_a_station_has_a_chief_an_instructor_a_window_and_two_to_four_community_officers(officers, unit_of):
    for station in (unit for unit in unit_of.values() if unit.kind == "station"):
        posts = Counter(officer.position for officer in officers if officer.unit_code == station.code)
        assert 2 <= posts.pop("community_officer") <= 4, station
        assert posts == {"chief": 1, "instructor": 1, "window": 1}, station


def test_every_unit_has_one_chief_and_no_two_people_of_one_name(officers, unit_of):
    chiefs = Counter(officer.unit_code for officer in officers if officer.position == "chief")
    assert chiefs == dict.fromkeys(unit_of, 1)
    assert len({(officer.unit_code, officer.name) for officer in officers}) == len(officers)


@pytest.mark.parametrize(("communities", "sizes"), [(2, [1, 1]), (5, [2, 3]), (17, [5, 6, 6]), (70, [17, 18, 17, 18])])
def test_beats_are_shared_out_evenly(communities, sizes):
    town = [str(number) for number in range(communities)]
    beats = share_out(town)
    assert [len(beat) for beat in beats] == sizes
    assert [code for beat in beats for code in beat] == town


def test_every_role_of_the_policy_is_held_and_two_persons_can_approve(officers):
    held = Counter(role.role for role in staff_roles(officers, units()))
    assert set(held) == {role.value for role in STAFF}
    assert held["officer"] == len(officers)
    assert held["leader"] == len(units())
    assert held["admin"] == 2
    assert held["triage"] == 3
    assert held["pollster"] == held["auditor"] == 1


def test_pollster_and_auditor_are_not_police(officers):
    badges = {officer.badge_number for officer in officers}
    outsiders = [role for role in staff_roles(officers, units()) if role.role in {"pollster", "auditor"}]
    assert [role.login for role in outsiders if role.login in badges or role.unit_code != "huzhou"] == []


def test_communities_by_town_leaves_no_town_out(area_of):
    towns = communities_by_town()
    assert set(towns) == {area.code for area in area_of.values() if area.level == "town"}
    assert "330502010206" in towns["330502010"]


# plaza


def test_there_are_six_city_wide_days_a_year():
    dates = [date.fromisoformat(day["date"]) for day in days()]
    assert Counter(day.year for day in dates) == {2024: 6, 2025: 6, 2026: 6}
    assert dates == sorted(set(dates))
    assert len({(day.month, day.day) for day in dates}) == 6


def test_a_day_is_held_once_in_every_county_at_known_places(area_of):
    county_of = {place["slug"]: place["county"] for place in places()}
    assert 5 <= len(county_of) <= 8
    counties = sorted(area.code for area in area_of.values() if area.level == "county")
    for day in days():
        held_at = day["places"].split()
        assert held_at[0] == day["main_place"], day
        assert sorted(county_of[place] for place in held_at) == counties, day
        assert day["starts"] < day["ends"], day
