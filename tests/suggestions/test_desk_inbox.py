"""The inbox: everybody finds their own work by deadline, takes on several at once, and sees nothing else."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from accounts import admission
from accounts.models import User
from core.context import DESK_NAV
from directory import services as directory
from directory.models import Membership
from suggestions import services
from suggestions.models import Suggestion
from suggestions.queries import desk
from suggestions.states import State
from suggestions.views.inbox import NOTHING
from tests import factories
from tests.pages import page_of
from tests.suggestions.desk_help import DESK, at_desk, fresh, many


@pytest.fixture(autouse=True)
def _in_chinese():
    with translation.override("zh-hans"):
        yield


def inbox(user, **query):
    return at_desk(user).get(DESK, query)


def shown(response):
    return {case.number for case in response.context["page"].items}


def counts(response):
    return {tab["url"].removeprefix("?folder="): tab["count"] for tab in response.context["tabs"]}


def due(case, **delta):
    Suggestion.objects.filter(pk=case.pk).update(due_at=timezone.now() + timedelta(**delta))


def test_everybody_lands_in_their_own_work(city):
    received, assigned = factories.case(city), factories.case(city, "assigned")
    drafted = factories.case(city, "assigned")
    services.draft_reply(drafted, by=city.officer, text="您好,民警已到现场劝导,今后每晚巡查。")
    assert shown(inbox(city.triage)) == {received.number}
    assert shown(inbox(city.officer)) == {assigned.number, drafted.number}
    assert shown(inbox(city.leader)) == {drafted.number}


def test_folders_say_how_many(city):
    for state in ("received", "received", "accepted", "assigned", "waiting", "replied", "closed"):
        factories.case(city, state)
    late = factories.case(city, "assigned")
    Suggestion.objects.exclude(pk=late.pk).update(due_at=timezone.now() + timedelta(days=5))
    due(late, hours=-1)
    assert counts(inbox(city.triage)) == {
        "to_accept": 2,
        "complaints": 0,
        "to_assign": 1,
        "to_publish": 0,
        "mine": 2,
        "due_soon": 0,
        "overdue": 1,
        "waiting": 1,
        "replied": 1,
        "all": 8,
    }
    assert "to_accept" not in counts(inbox(city.officer)), "another role's folder is not offered"


def test_an_officer_has_what_is_theirs_or_nobodys(city):
    mine, nobodys, others = (factories.case(city, "assigned") for _n in range(3))
    services.take(mine, by=city.officer)
    services.take(others, by=city.officer2)
    assert shown(inbox(city.officer)) == {mine.number, nobodys.number}
    assert shown(inbox(city.leader, folder="mine")) == {mine.number, nobodys.number, others.number}


def test_the_nearest_deadline_comes_first_and_says_so_in_words(city):
    later, late, soon = (factories.case(city) for _n in range(3))
    due(later, days=9)
    due(late, days=-3)
    due(soon, minutes=1)
    response = inbox(city.triage)
    assert [case.number for case in response.context["page"].items] == [late.number, soon.number, later.number]
    page = page_of(response)
    assert "已超期 3 天" in page
    assert "今天到期" in page or "明天到期" in page
    assert page.count("deadline--over") == page.count("deadline--near") == 1


def test_supervision_and_help_are_marked(city):
    case = factories.case(city, "assigned")
    services.escalate(case, by=city.triage, reason="群众连续反映三次。")
    services.add_co_handler(case, by=city.triage, unit=city.chaoyang)
    responsible, helping = page_of(inbox(city.officer)), page_of(inbox(city.chaoyang_officer))
    assert "督办 1 级" in responsible
    assert "有单位协办" in responsible
    assert "我方协办" in helping
    assert "我方协办" not in responsible


@pytest.mark.parametrize(
    ("query", "finds"),
    [
        ({"category": "noise"}, True),
        ({"category": "traffic_lights"}, False),
        ({"area": "330502"}, True),
        ({"area": "330503"}, False),
        ({"unit": "wuxing"}, True),
        ({"unit": "nanxun"}, False),
        ({"channel": "phone"}, True),
        ({"channel": "web"}, False),
        ({"q": "广场舞"}, True),
        ({"q": "红绿灯"}, False),
        ({"category": "nonsense", "area": "x" * 40, "unit": "\x00", "q": "\u202e"}, True),
    ],
)
def test_filters(city, query, finds):
    case = factories.case(city, "assigned", channel="phone")
    response = inbox(city.triage, folder="mine", **query)
    assert (case.number in shown(response)) is finds
    assert response.status_code == 200


def test_a_number_opens_its_case(city):
    case = factories.case(city, "assigned")
    assert inbox(city.officer, q=f" {case.number} ")["Location"] == f"/desk/{case.number}/"


def test_the_number_of_a_case_that_is_not_theirs_finds_nothing(city):
    case = factories.case(city, "assigned")
    response = inbox(city.chaoyang_officer, q=case.number)
    assert response.status_code == 200
    assert "没有找到" in page_of(response)


@pytest.mark.parametrize("folder", NOTHING)
def test_every_empty_folder_says_so_kindly(city, folder):
    page = page_of(inbox(city.leader if folder == "to_sign" else city.triage, folder=folder))
    assert str(NOTHING[folder][0]) in page
    assert "<table" not in page


def test_pages_follow_each_other_without_gap_or_overlap(city):
    many(city, 34, like=factories.case(city))
    first = inbox(city.triage)
    second = inbox(city.triage, folder="to_accept", cursor=first.context["page"].older)
    assert (len(shown(first)), len(shown(second))) == (30, 5)
    assert not shown(first) & shown(second)
    back = inbox(city.triage, folder="to_accept", cursor=second.context["page"].newer)
    assert shown(back) == shown(first)


@pytest.mark.parametrize("who", ["triage", "officer", "leader", "auditor", "admin"])
def test_thirty_cases_cost_as_many_statements_as_five(city, who):
    model = factories.case(city, "assigned")
    many(city, 4, like=model)
    client = at_desk(getattr(city, who))
    address = f"{DESK}?folder=all"
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    many(city, 26, like=model)
    with CaptureQueriesContext(connection) as lots:
        client.get(address)
    assert len(few) == len(lots)
    assert len(lots) <= 12


# --- several at once ----------------------------------------------------------------------------------------------


def bulk(user, cases, do):
    return at_desk(user).post(f"{DESK}bulk/", {"case": [getattr(c, "number", c) for c in cases], "do": do}, follow=True)


def test_several_are_accepted_at_once(city):
    cases = [factories.case(city) for _n in range(3)]
    response = bulk(city.triage, cases, "accept")
    assert {fresh(case).state for case in cases} == {State.ACCEPTED}
    assert "已办好 3 件" in page_of(response)


def test_several_are_accepted_and_assigned_by_the_rules(city):
    noise, lights = factories.case(city), factories.case(city, category=city.lights)
    bulk(city.triage, [noise, lights], "accept_and_assign")
    assert (fresh(noise).unit, fresh(lights).unit) == (city.yuehe, city.wuxing_traffic)


def test_several_accepted_ones_are_assigned(city):
    cases = [factories.case(city, "accepted") for _n in range(2)]
    bulk(city.triage, cases, "assign")
    assert {fresh(case).unit for case in cases} == {city.yuehe}


def test_what_was_not_done_is_named_with_the_reason_and_the_rest_is_done(city):
    good, gone = factories.case(city), factories.case(city)
    services.withdraw(gone)
    page = page_of(bulk(city.triage, [gone, good, "2020-000001"], "accept"))
    assert fresh(good).state == State.ACCEPTED
    assert "已办好 1 件" in page
    assert f"{gone.number} 没有办成" in page
    assert "2020-000001 没有办成：没有这个编号的事" in page


@pytest.mark.parametrize(("numbers", "do"), [([], "accept"), (["2026-000001"], ""), (["2026-000001"], "decline")])
def test_nothing_ticked_or_nothing_to_do_changes_nothing(city, numbers, do):
    page = page_of(bulk(city.triage, numbers, do))
    assert "请先勾选" in page


def test_a_case_about_the_desk_itself_is_not_the_desks_to_accept(city):
    case = factories.case(city, subjects=[(city.desk, None)])
    assert "没有这个编号的事" in page_of(bulk(city.triage, [case], "accept"))
    assert fresh(case).state == State.RECEIVED


@pytest.mark.parametrize("who", ["officer", "leader", "admin", "auditor", "citizen"])
def test_only_the_triage_desk_takes_on_several(city, who):
    case = factories.case(city)
    assert at_desk(getattr(city, who)).post(f"{DESK}bulk/", {"case": case.number, "do": "accept"}).status_code == 403
    assert fresh(case).state == State.RECEIVED
    assert 'name="case"' not in page_of(inbox(getattr(city, who)))


# --- who sees what ------------------------------------------------------------------------------------------------


def test_the_desk_is_not_everybodys(city):
    assert Client().get(DESK)["Location"].startswith("/accounts/login/")
    technician = User.objects.create_superuser("root", "x")
    for user in (city.citizen, city.pollster, technician):
        assert inbox(user).status_code == 403


@pytest.mark.parametrize("who", ["chaoyang_officer", "chaoyang_leader"])
def test_another_units_cases_are_nowhere(city, who):
    case = factories.case(city, "assigned")
    user = getattr(city, who)
    response = inbox(user, folder="all")
    assert (shown(response), counts(response)["all"]) == (set(), 0)
    assert at_desk(user).get(f"{DESK}{case.number}/").status_code == 404


@pytest.mark.parametrize("who", ["chaoyang_officer", "chaoyang_leader"])
def test_the_complained_of_see_nothing_though_they_help(city, who):
    """Named later: the unit helped with the case until then, so all its people had read it."""
    user, case = getattr(city, who), factories.case(city, "assigned")
    services.add_co_handler(case, by=city.triage, unit=city.chaoyang)
    assert shown(inbox(user, folder="all")) == {case.number}, "before, they did: the guard below is what hides it"
    services.name_subject(case, by=city.triage, unit=city.chaoyang)
    response = inbox(user, folder="all")
    assert (shown(response), counts(response)["all"], desk.counters(user)["inbox"]) == (set(), 0, 0)
    assert inbox(user, q=case.number).status_code == 200
    for address in ("", "note/", "draft_reply/", "files/1/"):
        assert at_desk(user).get(f"{DESK}{case.number}/{address}").status_code == 404


def test_the_triage_desk_does_not_see_what_is_said_about_itself(city):
    case = factories.case(city, subjects=[(city.desk, None)])
    response = inbox(city.triage, folder="all")
    assert (shown(response), counts(response)["all"]) == (set(), 0)
    assert at_desk(city.triage).get(f"{DESK}{case.number}/").status_code == 404


def test_the_admin_counts_and_does_not_read(city):
    late = factories.case(city, "assigned")
    factories.case(city, "waiting")
    due(late, days=-1)
    response = inbox(city.admin)
    page = page_of(response)
    row = next(row for row in response.context["rows"] if row["unit__code"] == "wuxing-yuehe")
    assert (row["open"], row["overdue"], row["waiting"], row["supervised"]) == (2, 1, 1, 0)
    assert "月河派出所" in page
    assert late.title not in page
    assert late.number not in page
    assert at_desk(city.admin).get(f"{DESK}{late.number}/").status_code == 404


def test_the_admin_supervises_by_number_without_reading(city):
    case = factories.case(city, "assigned", contact_name="王大爷", contact_phone="19900000009")
    address = inbox(city.admin, q=case.number)["Location"]
    assert address == f"/desk/{case.number}/escalate/"
    client = at_desk(city.admin)
    page = page_of(client.get(address))
    assert "月河派出所" in page
    assert case.body not in page
    assert case.title not in page
    assert client.post(address, {"reason": "连续超期,请督察关注。"})["Location"] == DESK
    assert fresh(case).escalation == 1
    assert client.get(f"{DESK}{case.number}/note/").status_code == 404
    assert "没有编号 2020-000001" in page_of(inbox(city.admin, q="2020-000001"))


def test_an_admin_who_leads_a_unit_is_not_told_that_nothing_is_late(city):
    """The folders hold what they read; what they only count is a link away, also by number."""
    Membership.objects.create(user=city.admin, role="leader", unit=city.chaoyang)
    late, own = factories.case(city, "assigned"), factories.case(city, "assigned", unit=city.chaoyang)
    due(late, days=-1)
    assert counts(inbox(city.admin))["overdue"] == 0
    assert shown(inbox(city.admin, folder="all")) == {own.number}
    page = inbox(city.admin, counts=1)
    assert page.context["total"]["overdue"] == 1
    assert "收件箱" in page_of(page)
    assert inbox(city.admin, q=late.number)["Location"] == f"/desk/{late.number}/escalate/"
    assert inbox(city.admin, q=own.number)["Location"] == f"/desk/{own.number}/"
    assert 'href="?counts=1"' in page_of(inbox(city.admin))
    assert 'href="?counts=1"' not in page_of(inbox(city.leader))


def test_an_empty_city_has_nothing_to_count(city):
    assert "没有在办的事" in page_of(inbox(city.admin))


def test_the_auditor_reads_a_sample_and_changes_nothing(city):
    cases = [factories.case(city, "assigned") for _n in range(10)]
    sample = {case.number for case in cases if case.pk % 10 == 0}
    response = inbox(city.auditor, folder="all")
    assert shown(response) == sample
    assert len(sample) == 1
    other = next(case for case in cases if case.number not in sample)
    assert at_desk(city.auditor).get(f"{DESK}{other.number}/").status_code == 404
    read = at_desk(city.auditor).get(f"{DESK}{sample.pop()}/")
    assert read.context["page"].actions == {"escalate"}


# --- the rail -----------------------------------------------------------------------------------------------------


OF_THE_DESK = {
    *(
        f"/desk/{page}"
        for page in ("", "intake/", "follow-ups/", "extensions/", "identity/", "rules/", "templates/", "audit/")
    ),
    "/accounts/notifications/failed/",
    "/admin/",
}


@pytest.mark.parametrize(
    ("who", "places"),
    [
        ("officer", {"/desk/", "/desk/intake/"}),
        ("leader", {"/desk/", "/desk/follow-ups/", "/desk/extensions/", "/desk/templates/", "/desk/audit/"}),
        (
            "triage",
            {"/desk/", "/desk/intake/", "/desk/rules/", "/desk/templates/", "/accounts/notifications/failed/"},
        ),
        ("admin", {"/desk/", "/desk/extensions/", "/desk/identity/", "/accounts/notifications/failed/"}),
        ("auditor", {"/desk/", "/desk/audit/"}),
    ],
)
def test_the_rail_leads_only_where_the_door_is_open(city, who, places):
    response = inbox(getattr(city, who))
    page = page_of(response)
    offered = {place.path for place in DESK_NAV if f'<li><a href="{place.path}"' in page}
    assert offered & OF_THE_DESK == places


def test_the_rail_counts_what_waits_for_each(city):
    case = factories.case(city, "assigned")
    services.request_extension(case, by=city.officer, days=9, reason="要等厂家配件。")
    services.draft_reply(case, by=city.officer, text="您好,民警已到现场劝导,今后每晚巡查。")
    factories.case(city, "accepted")
    rated = factories.case(city, "replied")
    services.rate(rated, level=1)
    named = factories.case(city, "assigned", contact_phone="19900000009", subjects=[(city.nanxun, None)])
    services.request_opening(named, by=city.triage, reason="需要电话核实现场的具体位置。")
    assert desk.counters(city.leader) == {"inbox": 1, "follow_ups": 1, "extensions": 1}
    assert desk.counters(city.officer) == {"inbox": 2}
    assert desk.counters(city.triage) == {"inbox": 1, "notifications": 0}
    assert desk.counters(city.admin) == {"inbox": 0, "extensions": 0, "openings": 1, "notifications": 0, "second": 0}
    services.decide_extension(case.extensions.get(), by=city.leader, grant=True)
    assert desk.counters(city.admin)["extensions"] == 1


def test_the_second_person_is_counted_what_they_may_decide(city):
    technician = User.objects.create_superuser("root2", None)
    person = User.objects.create_staff("778899", None)
    admission.propose(person, "technician", reason="替补值班人员", by=technician)
    directory.propose_membership(user=person, role="officer", unit=city.yuehe, by=technician)
    assert desk.counters(city.admin)["second"] == 2
    directory.propose_membership(user=city.admin, role="officer", unit=city.yuehe, by=technician)
    assert desk.counters(city.admin)["second"] == 2, "nobody decides about themselves"
    assert "second" not in desk.counters(city.officer)


def test_the_counters_are_one_statement_and_only_the_desks(city, django_assert_num_queries):
    user = User.objects.get(pk=city.leader.pk)
    desk.counters(user)
    with django_assert_num_queries(1):
        desk.counters(user)
    with CaptureQueriesContext(connection) as read:
        at_desk(city.leader).get("/suggestions/")
    assert not [query for query in read if "counter" in query["sql"]]
