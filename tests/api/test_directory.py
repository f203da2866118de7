"""Areas, units and officers by program: the public card, and nothing else."""

import pytest

from directory.models import Officer, Unit
from tests import factories


def codes(answer, name="code"):
    assert answer.status_code == 200
    return [row[name] for row in answer.json()["results"]]


def test_areas(api, city):
    assert codes(api.get("/api/v1/areas/", {"level": "county"})) == ["330502", "330503"]
    assert codes(api.get("/api/v1/areas/", {"parent": "330502001"})) == ["330502001001"]
    assert codes(api.get("/api/v1/areas/", {"q": "练市"})) == ["330503101"]


def test_units(api, city):
    assert codes(api.get("/api/v1/units/", {"kind": "station"})) == [
        "nanxun-lianshi",
        "wuxing-chaoyang",
        "wuxing-yuehe",
    ]
    assert codes(api.get("/api/v1/units/", {"parent": "wuxing", "function": "traffic"})) == ["wuxing-traffic"]
    assert codes(api.get("/api/v1/units/", {"area": city.yuehe_area.code})) == ["wuxing-yuehe"]
    card = api.get("/api/v1/units/wuxing-yuehe/").json()
    assert (card["name"], card["parent"], card["areas"]) == ("月河派出所", "wuxing", ["330502001"])
    assert card["url"].endswith("/units/wuxing-yuehe/")


def test_officers_by_unit_beat_and_name(api, city):
    officer = city.officer.officer
    officer.beats.add(city.community)
    Officer.objects.filter(pk=officer.pk).update(name="沈建国")
    badge = officer.badge_number
    assert badge in codes(api.get("/api/v1/officers/", {"unit": "wuxing-yuehe"}), "badge_number")
    assert codes(api.get("/api/v1/officers/", {"area": city.community.code}), "badge_number") == [badge]
    assert codes(api.get("/api/v1/officers/", {"q": "沈"}), "badge_number") == [badge]
    card = api.get(f"/api/v1/officers/{badge}/").json()
    assert set(card) == {"badge_number", "name", "unit", "unit_name", "position", "phone", "beats"}


def test_who_left_has_no_card(api, city):
    officer = city.officer.officer
    Officer.objects.filter(pk=officer.pk).update(is_active=False)
    Unit.objects.filter(code="wuxing-chaoyang").update(is_active=False)
    assert api.get(f"/api/v1/officers/{officer.badge_number}/").status_code == 404
    assert officer.badge_number not in codes(api.get("/api/v1/officers/"), "badge_number")
    assert api.get("/api/v1/units/wuxing-chaoyang/").status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        "areas/?level=street",
        "areas/?parent=x",
        "units/?kind=x",
        "units/?area=330",
        "officers/?unit=a%20b",
        "areas/?q=%00",
    ],
)
def test_what_makes_no_sense_is_named(api, city, address):
    answer = api.get(f"/api/v1/{address}")
    assert answer.status_code == 422
    assert answer.json()["errors"]


@pytest.mark.parametrize(("address", "statements"), [("areas/", 1), ("units/", 2), ("officers/", 2)])
def test_lists_take_a_fixed_number_of_statements(api, city, address, statements, django_assert_num_queries):
    for _n in range(3):
        factories.staff(factories.Role.OFFICER, city.yuehe).officer.beats.add(city.community)
    with django_assert_num_queries(statements):
        assert len(api.get(f"/api/v1/{address}").json()["results"]) > 4
