"""Every act stands, and is told, under the office of whoever acted: never under the unit that has the case."""

import pytest
from django.utils import translation

from accounts.models import Notification
from core.policy import Role
from suggestions import access, services
from suggestions.models import Step, Suggestion
from suggestions.queries import me
from suggestions.services import moves
from suggestions.states import Who
from tests import factories
from tests.api.conftest import api_of
from tests.pages import page_of

pytestmark = pytest.mark.django_db(transaction=True)
REASON = "需要电话联系当事人,核实是哪一栋楼。"


@pytest.fixture(autouse=True)
def _in_chinese():
    with translation.override("zh-hans"):
        yield


@pytest.fixture
def opened(city):
    """A case that Yuehe station handles, in which the triage desk has opened the identity."""
    case = factories.case(city, "assigned", user=city.citizen)
    opening = services.request_opening(case, by=city.triage, reason=REASON)
    services.open_identity(opening, by=city.triage)
    return case


def test_the_citizen_reads_which_office_has_seen_who_they_are(client, city, opened):
    client.force_login(city.citizen)
    page = page_of(client.get(f"/track/{opened.number}/"))
    thread = page[page.index("有人查看了您的身份") :].split("</li>")[0]
    assert "民意中心" in thread
    assert "月河派出所" not in thread
    seen = page[page.index("谁看过您的身份") :].split("</section>")[0]
    assert "民意中心" in seen
    assert REASON in seen
    assert "月河派出所" not in seen
    mine = page_of(client.get("/me/"))
    assert "民意中心" in mine[mine.index('id="openings"') :].split("</section>")[0]


def test_so_does_the_text_message_the_api_and_the_export(city, opened):
    told = Notification.objects.filter(user=city.citizen, subject__contains="查看").values_list("channel", "subject")
    assert {channel for channel, _subject in told} == {"site", "sms"}
    assert all(subject.startswith("民意中心") for _channel, subject in told)
    (shown,) = me.export_person(city.citizen)["identity_openings"]
    assert shown["by"] == "民意中心"


def test_the_api_names_the_office(city):
    receipt = factories.say(city, user=city.citizen)
    case = receipt.suggestion
    services.accept(case, by=city.triage)
    services.assign(case, by=city.triage, unit=city.yuehe)
    services.open_identity(services.request_opening(case, by=city.triage, reason=REASON), by=city.triage)
    own = api_of(None).post("/api/v1/suggestions/track/", {"code": receipt.tracking_code}).json()
    assert [one["office"] for one in own["openings"]] == ["民意中心"]
    by_title = {node["title"]: node["actor"] for node in own["thread"]}
    assert by_title["有人查看了您的身份"] == "民意中心"
    assert by_title["已交办"] == "交给月河派出所 · 经办：民意中心"


def test_where_a_case_goes_is_not_who_sent_it(city):
    case = factories.case(city, "assigned")
    services.transfer(case, by=city.triage, unit=city.chaoyang, reason="在朝阳街道。")
    services.add_co_handler(case, by=city.triage, unit=city.yuehe)
    kept = Step.objects.filter(suggestion=case, kind__in=["assigned", "transferred", "co_handled"])
    assert {step.unit for step in kept} == {city.desk}
    assert [step.to_unit for step in kept] == [city.yuehe, city.chaoyang, city.yuehe]


def test_what_staff_do_is_never_under_the_units_name_because_it_has_the_case(city):
    """The walk of a whole life: each step under the office of who took it."""
    case = factories.case(city, "assigned")
    services.note(case, by=city.triage, text="请先联系群众。")
    services.escalate(case, by=city.triage, reason="请尽快。")
    services.draft_reply(case, by=city.officer, text="您好,民警已到现场,劝导舞队九点前结束。")
    services.return_draft(case, by=city.sub_leader, reason="请写明时间。")
    services.draft_reply(case, by=city.officer, text="您好,民警已到现场,劝导舞队九点前结束。")
    services.sign_reply(case, by=city.sub_leader)
    services.close(case, by=city.triage)
    office = {city.triage: city.desk, city.officer: city.yuehe, city.sub_leader: city.wuxing}
    acted = Step.objects.filter(suggestion=case).exclude(actor=None).select_related("unit", "actor")
    assert len(acted) >= 9
    assert [(step.kind, step.unit) for step in acted] == [(step.kind, office[step.actor]) for step in acted]


def test_a_refusal_of_the_desk_is_not_the_stations(city):
    case = factories.case(city, "accepted")
    Suggestion.objects.filter(pk=case.pk).update(unit=city.yuehe)
    services.decline(case, by=city.triage, reason="这件事属于城管部门,请拨打12345热线。")
    assert case.replies.get().unit == city.desk


def test_one_person_in_two_parts_acts_in_the_one_that_acts(city):
    """An officer of the accused station who also sits at the desk: each act under the office of its part."""
    factories.Membership.objects.create(user=city.officer, role=Role.TRIAGE, unit=city.desk)
    case = factories.case(city, "assigned")
    assert access.office_of(city.officer, Who.TRIAGE, case) == city.desk
    assert access.office_of(city.officer, Who.OFFICER, case) == city.yuehe


def test_a_leader_of_two_units_acts_as_the_nearest(city):
    factories.Membership.objects.create(user=city.sub_leader, role=Role.LEADER, unit=city.yuehe)
    case = factories.case(city, "assigned")
    assert access.office_of(city.sub_leader, Who.LEADER, case) == city.yuehe
    elsewhere = factories.case(city, "assigned", unit=city.chaoyang)
    assert access.office_of(city.sub_leader, Who.LEADER, elsewhere) == city.wuxing


def test_administrators_without_a_unit_sit_at_the_desk_and_auditors_nowhere(city):
    case = factories.case(city, "assigned")
    assert access.office_of(city.admin, Who.LEADER, case) == city.desk
    assert access.office_of(city.auditor, Who.TRIAGE, case) is None


def test_with_the_cases_unit_in_its_place_the_citizen_would_read_the_accused(client, city, monkeypatch):
    """The fault that was: the station that has the case in place of the office that looked."""
    monkeypatch.setattr(moves.access, "office_of", lambda by, who, case: case.unit)
    case = factories.case(city, "assigned", user=city.citizen)
    services.open_identity(services.request_opening(case, by=city.triage, reason=REASON), by=city.triage)
    client.force_login(city.citizen)
    page = page_of(client.get(f"/track/{case.number}/"))
    assert "月河派出所" in page[page.index("有人查看了您的身份") :].split("</li>")[0]
