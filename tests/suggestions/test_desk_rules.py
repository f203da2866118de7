"""Routing rules: kept by the triage desk, tried out before they are trusted, never a way to judge oneself."""

import re

import pytest
from django.utils import translation
from django.utils.translation import gettext as _

from core.errors import Invalid
from core.models import AuditEntry
from suggestions import services
from suggestions.models import RoutingRule
from suggestions.queries import office
from tests import factories
from tests.pages import page_of
from tests.suggestions.statements import statements

RULES = "/desk/rules/"
TEST = "/desk/rules/test/"


@pytest.fixture(autouse=True)
def _in_chinese():
    with translation.override("zh-hans"):
        yield


@pytest.fixture
def desk(client, city):
    client.force_login(city.triage)
    return client


def save(client, path=f"{RULES}new/", **fields):
    return client.post(path, {"target": "station", "order": 100, "is_active": "on", **fields})


@pytest.mark.parametrize("who", ["officer", "leader", "admin", "auditor", "pollster", "citizen"])
def test_rules_are_the_triage_desks_alone(client, city, who):
    rule = RoutingRule.objects.first()
    client.force_login(getattr(city, who))
    for path in (RULES, f"{RULES}new/", f"{RULES}{rule.pk}/", f"{RULES}{rule.pk}/delete/", TEST):
        assert client.get(path).status_code == 403
    assert save(client).status_code == 403
    assert client.post(f"{RULES}{rule.pk}/delete/").status_code == 403
    assert RoutingRule.objects.count() == 3


def test_the_table_says_where_what_goes(desk):
    page = page_of(desk.get(RULES))
    station, county, bureau = (
        _("the station of the place"),
        _("the department of the county"),
        _("the department of the bureau"),
    )
    for words in ("噪音扰民", station, "红绿灯与标线", f"{county}: {_('traffic')}", f"{bureau}: {_('inspectorate')}"):
        assert words in page


def test_no_rules_are_no_trouble(desk):
    RoutingRule.objects.all().delete()
    assert _("No rules yet") in page_of(desk.get(RULES))


def test_a_new_rule_routes_from_now_on(desk, city):
    answer = save(desk, category="noise", area="330502001", target="unit", unit=city.chaoyang.pk)
    assert (answer.status_code, answer["Location"]) == (303, RULES)
    assert services.route(city.noise, city.yuehe_area).unit == city.chaoyang
    assert AuditEntry.objects.filter(action="routing.saved", actor=f"user:{city.triage.pk}").count() == 1


def test_a_changed_rule_routes_from_now_on(desk, city):
    rule = RoutingRule.objects.get(category=city.lights)
    save(desk, f"{RULES}{rule.pk}/", category="traffic_lights", target="bureau", function="traffic")
    assert services.route(city.lights, city.yuehe_area).unit == city.traffic_bureau


def test_a_rule_out_of_use_does_not_count(desk, city):
    rule = RoutingRule.objects.get(category=city.lights)
    desk.post(
        f"{RULES}{rule.pk}/", {"category": "traffic_lights", "target": "county", "function": "traffic", "order": 1}
    )
    assert services.route(city.lights, city.yuehe_area).unit == city.yuehe
    assert _("Out of use") in page_of(desk.get(RULES))


def test_what_the_target_does_not_use_is_left_out(desk, city):
    save(desk, category="other", target="station", unit=city.chaoyang.pk, function="traffic")
    rule = RoutingRule.objects.get(category="other")
    assert (rule.unit, rule.function) == (None, "")


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"target": "unit"}, "unit"),
        ({"target": "county"}, "function"),
        ({"target": "bureau", "function": "x"}, "function"),
        ({"target": ""}, "target"),
        ({"target": "moon"}, "target"),
        ({"category": "no-such"}, "category"),
        ({"area": "\x00"}, "area"),
        ({"area": "9" * 40}, "area"),
        ({"unit": "9" * 40, "target": "unit"}, "unit"),
        ({"order": "-1"}, "order"),
        ({"order": "40000"}, "order"),
        ({"category": "noise"}, "order"),
    ],
)
def test_bad_input_is_told_by_the_field_and_kept(desk, sent, field):
    answer = save(desk, **{"order": 100, **sent})
    page = page_of(answer)
    assert answer.status_code == 422
    assert f'id="id_{field}_error"' in page or f'id="id_{field}_0_error"' in page
    assert RoutingRule.objects.count() == 3


def test_a_taken_place_is_refused_by_the_service_and_by_the_database(city):
    with pytest.raises(Invalid) as refused:
        services.save_rule(RoutingRule(category=city.noise, target="station"), by=city.triage)
    assert list(refused.value.fields) == ["order"]


def test_what_was_typed_is_still_chosen_after_an_error(desk):
    page = page_of(save(desk, category="conduct", area="330502001", target="unit", order=7))
    assert re.search(r'<option value="conduct" selected', page)
    assert re.search(r'<option value="330502001" selected', page)
    assert re.search(r'value="unit"[^>]* checked', page)
    assert 'value="7"' in page


def test_deleting_asks_first_and_changes_no_case(desk, city):
    case = factories.case(city, "assigned")
    rule = RoutingRule.objects.get(category=city.noise)
    assert _("Delete this rule?") in page_of(desk.get(f"{RULES}{rule.pk}/delete/"))
    assert RoutingRule.objects.filter(pk=rule.pk).exists()
    assert desk.post(f"{RULES}{rule.pk}/delete/").status_code == 303
    assert not RoutingRule.objects.filter(pk=rule.pk).exists()
    assert AuditEntry.objects.filter(action="routing.deleted").count() == 1
    case.refresh_from_db()
    assert case.unit == city.yuehe


@pytest.mark.parametrize("path", ["0/", "999999/", "999999/delete/"])
def test_an_unknown_rule_does_not_exist(desk, path):
    assert desk.get(f"{RULES}{path}").status_code == 404


# --- where would this go? ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "unit", "why"),
    [
        ({"category": "noise", "area": "330502001"}, "月河派出所", "噪音扰民 · "),
        ({"category": "traffic_lights", "area": "330502001"}, "吴兴交警大队", "红绿灯与标线 · "),
        ({"category": "other", "area": "330503101"}, "练市派出所", "by the place"),
        ({"category": "other"}, "民意中心", "by the place"),
        ({"category": "noise", "area": "330502001", "named": "yuehe"}, "吴兴区分局", "月河派出所"),
    ],
)
def test_the_tester_says_where_by_which_rule_and_why(desk, city, asked, unit, why):
    if "named" in asked:
        asked = asked | {"named": getattr(city, asked["named"]).pk}
    page = page_of(desk.get(TEST, asked))
    routed = re.search(r'id="routed".*?</div></div>', page, re.DOTALL).group()
    assert unit in routed
    assert _(why) in routed


def test_the_tester_agrees_with_what_really_happens(desk, city):
    case = factories.case(city, "assigned", category=city.lights, area=city.yuehe_area, unit=None)
    page = page_of(desk.get(TEST, {"category": "traffic_lights", "area": "330502001"}))
    assert case.unit.name in page


def test_with_scripts_only_the_answer_comes(desk):
    page = page_of(desk.get(TEST, {"category": "noise", "area": "330502001"}, headers={"HX-Request": "true"}))
    assert "<html" not in page
    assert "月河派出所" in page


def test_where_nobody_is_left_it_says_so(desk, city):
    city.inspectorate.is_active = False
    city.inspectorate.save()
    answer = desk.get(TEST, {"category": "other", "named": city.bureau.pk})
    assert answer.status_code == 200
    assert _("No unit is left that could handle this: name the unit more precisely.") in page_of(answer)


@pytest.mark.parametrize("asked", [{"category": "x"}, {"area": "\x00"}, {"named": "x"}])
def test_a_strange_question_is_told(desk, asked):
    assert desk.get(TEST, asked).status_code == 422


# --- many rules -------------------------------------------------------------------------------------------------


def test_pages_walk_through_all_rules(city):
    for order in range(5):
        RoutingRule.objects.create(category=city.noise, area=city.yuehe_area, target="station", order=order)
    seen, cursor = [], None
    while True:
        page = office.rules(cursor, size=3)
        seen += [rule.pk for rule in page.items]
        cursor = page.older
        if cursor is None:
            break
    assert sorted(seen) == sorted(RoutingRule.objects.values_list("pk", flat=True))


def test_the_table_takes_the_same_statements_for_few_and_for_many(desk, city):
    few = statements(desk, RULES)
    for order in range(5):
        RoutingRule.objects.create(category=city.noise, area=city.yuehe_area, target="station", order=order)
    assert statements(desk, RULES) == few
