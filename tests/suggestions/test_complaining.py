"""A complaint about the police never reaches whom it is about, however it is said and by whichever way it comes in."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import tokens
from accounts.models import User
from core import policy
from core.errors import Invalid, WrongState
from suggestions import services
from suggestions.models import Subject, Suggestion
from suggestions.queries.accused import Accused, accused, accuses
from suggestions.queries.guess import guess_category
from suggestions.services import listen
from suggestions.states import StepKind
from tests import factories
from tests.api.conftest import api_of
from tests.pages import page_of
from tests.suggestions.desk_help import DESK, at_desk, fresh, post
from tests.suggestions.speaking import NEW, send

SAID = "昨天在月河街道报警，月河派出所出警的民警骂我，还推了我一把，我怕他报复"
UNNAMED = "昨天报警，来的民警张口就骂，还推了我一把"
THANKS = "谢谢月河派出所，帮我把走失的老人送回家"
UNKNOWN = "织里派出所，不知道姓名的民警"
ABOUT = "/suggestions/new/about/"


def by_page(city: SimpleNamespace, said: str) -> None:
    send(Client(), said)


def by_api(city: SimpleNamespace, said: str) -> None:
    assert api_of(None).post("/api/v1/suggestions/", {"body": said, "category": "noise"}).status_code == 201


def by_a_clerk(city: SimpleNamespace, said: str) -> None:
    client = at_desk(city.chaoyang_officer)
    sent = {"body": said, "channel": "window", "is_complaint": "no", "idempotency_key": uuid4().hex}
    assert client.post("/desk/intake/", sent).status_code == 200


def by_the_service(city: SimpleNamespace, said: str) -> None:
    factories.say(city, said)


def by_open311(city: SimpleNamespace, said: str) -> None:
    technician = User.objects.create_superuser("technician")
    client = tokens.add_client("湖州晚报", "编辑部 0572-2199000", by=technician)
    until = timezone.now() + timedelta(days=30)
    token = tokens.propose(client, name="伙伴单位", scopes=list(policy.SCOPES), expires_at=until, by=technician)
    key = tokens.confirm(token, by=city.admin)[1]
    sent = {"api_key": key, "service_code": "noise", "description": said, "address_id": "330502001"}
    assert Client().post("/api/open311/v2/requests.json", sent).status_code == 201


WAYS = [by_open311, by_page, by_api, by_a_clerk, by_the_service]


def doubtful(city: SimpleNamespace, said: str = SAID, **kind: Any) -> Suggestion:
    return factories.say(city, said, **kind).suggestion


def reads(user: Any, case: Suggestion) -> int:
    return at_desk(user).get(f"{DESK}{case.number}/").status_code


# --- however it comes in ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
def test_it_waits_for_the_desk_away_from_whom_it_names(city, way):
    way(city, SAID)
    case = Suggestion.objects.get()
    assert case.seems_complaint
    assert [(one.unit, one.source) for one in case.subjects.all()] == [(city.yuehe, "words")]
    assert case.unit == city.desk
    assert reads(city.officer, case) == reads(city.leader, case) == 404
    assert reads(city.triage, case) == 200


@pytest.mark.parametrize("way", WAYS)
def test_the_rules_send_it_to_the_inspectorate_whatever_its_category(city, way):
    way(city, SAID)
    case = services.accept_and_assign(Suggestion.objects.get(), by=city.triage)
    assert case.unit == city.inspectorate
    assert reads(city.officer, case) == 404


def test_without_the_finder_the_accused_would_read_it(city, monkeypatch):
    monkeypatch.setattr(listen, "_whom_it_accuses", lambda voice, by_clerk=False: Accused())
    case = services.accept_and_assign(doubtful(city), by=city.triage, no_complaint=True)
    assert case.unit == city.yuehe
    assert reads(city.officer, case) == 200


def test_where_nobody_is_named_the_station_of_the_place_may_be_meant(city):
    case = doubtful(city, UNNAMED)
    assert [one.unit for one in case.subjects.all()] == [city.yuehe]


def test_where_no_place_is_known_either_it_goes_to_no_station(city):
    case = doubtful(city, UNNAMED, area=None)
    assert case.seems_complaint
    assert not case.subjects.exists()
    services.accept(case, by=city.triage)
    with pytest.raises(Invalid) as refused:
        services.assign(case, by=city.triage, unit=city.yuehe)
    assert list(refused.value.fields) == ["unit"]
    assert services.assign(case, by=city.triage).unit == city.inspectorate


def test_an_officer_is_found_by_badge_number_and_by_name(city):
    badge = city.officer.username
    assert [(one.unit, one.officer) for one in doubtful(city, f"警号{badge}的民警骂人").subjects.all()] == [
        (city.yuehe, city.officer.officer)
    ]


def test_who_the_citizen_says_it_is_not_about_is_left_in_peace(city):
    assert not doubtful(city, is_complaint=False).seems_complaint


def test_a_clerk_of_the_accused_unit_cannot_say_that_it_is_none(city):
    case = doubtful(city, is_complaint=False, entered_by=city.officer)
    assert case.seems_complaint
    assert reads(city.officer, case) == 404


def test_a_clerk_of_the_accused_unit_who_does_not_ask_does_not_write_it_down(city):
    with pytest.raises(Invalid) as refused:
        doubtful(city, entered_by=city.officer)
    assert list(refused.value.fields) == ["subjects"]


def test_whom_the_words_accuse_besides_the_one_who_was_named(city):
    case = doubtful(city, subjects=[(city.chaoyang, None)])
    assert {(one.unit, one.source) for one in case.subjects.all()} == {
        (city.chaoyang, "citizen"),
        (city.yuehe, "words"),
    }
    assert case.seems_complaint


def test_an_ordinary_voice_is_not_held_up(city):
    case = doubtful(city, "小区楼下晚上广场舞太吵")
    assert not case.seems_complaint
    assert services.accept_and_assign(case, by=city.triage).unit == city.yuehe


# --- while writing ----------------------------------------------------------------------------------------------------


def test_the_page_asks_while_writing(client, city):
    page = page_of(client.post(ABOUT, {"body": SAID}))
    assert "您是在投诉月河派出所吗？" in page
    assert 'value="unit:wuxing-yuehe" checked' in page.replace("\n", " ").replace("  ", " ")
    assert "<details" in page
    assert " open>" in page


def test_nothing_is_asked_of_anybody_else(client, city):
    assert client.post(ABOUT, {"body": "路灯坏了"}).status_code == 204
    assert client.post(ABOUT, {"body": THANKS}).status_code == 204


def test_what_was_unticked_stays_so(client, city):
    page = page_of(client.post(ABOUT, {"body": SAID, "suggested": ["unit:wuxing-yuehe"], "asked": "1"}))
    assert "您是在投诉月河派出所吗？" in page
    assert " checked" not in page


def test_without_scripts_it_is_asked_at_the_top_of_the_check_page(client, city):
    page = page_of(send(client, SAID, step="check"))
    assert not Suggestion.objects.exists()
    assert page.index("您是在投诉月河派出所吗？") < page.index('name="body"')
    assert '<option value="conduct" selected' in page


def test_before_anything_is_written_the_question_stands_folded_before_the_button(client, city):
    page = page_of(client.get(NEW))
    assert page.index('id="about"') < page.index('name="category"')
    assert "要投诉某个单位或民警？" in page


def test_yes_names_them_and_no_names_nobody(client, city):
    send(client, SAID, is_complaint="yes", subjects=["unit:wuxing-yuehe"])
    yes = Suggestion.objects.get()
    assert [(one.unit, one.source) for one in yes.subjects.all()] == [(city.yuehe, "citizen")]
    assert not yes.seems_complaint
    assert yes.category == city.conduct
    send(client, SAID, is_complaint="no", subjects=["unit:wuxing-yuehe"])
    no = Suggestion.objects.exclude(pk=yes.pk).get()
    assert not no.subjects.exists()
    assert not no.seems_complaint


def test_no_answer_is_no_answer(client, city):
    send(client, SAID, subjects=["unit:wuxing-yuehe"])
    case = Suggestion.objects.get()
    assert case.seems_complaint
    assert case.subjects.get().source == "words"


# --- what was typed under “about whom?” -------------------------------------------------------------------------------


def test_what_is_in_no_directory_is_kept_for_the_desk(client, city):
    answer = send(client, "他们让我等了一下午", who="王建国", area="330502001")
    case = Suggestion.objects.get()
    assert case.about_whom == "王建国"
    assert case.seems_complaint
    assert "王建国" in page_of(client.get(answer["Location"]))
    assert "王建国" in page_of(at_desk(city.triage).get(f"{DESK}{case.number}/"))
    services.settle_complaint(case, by=city.triage, is_complaint=False, reason="说的是物业的人。")
    services.accept_and_assign(case, by=city.triage, unit=city.yuehe)
    page = page_of(at_desk(city.officer).get(f"{DESK}{case.number}/"))
    assert "他们让我等了一下午" in page
    assert "王建国" not in page


def test_a_unit_with_an_officer_nobody_can_name_is_an_answer(client, city):
    send(client, "让我等了一下午", who="月河派出所，不知道姓名的民警")
    case = Suggestion.objects.get()
    assert case.about_whom == "月河派出所，不知道姓名的民警"
    assert case.subjects.get().unit == city.yuehe


def test_the_search_knows_spoken_names(client, city):
    page = page_of(client.post("/suggestions/new/who/", {"who": "月河派出所民警"}))
    assert 'value="unit:wuxing-yuehe"' in page


def test_an_api_may_send_it_too(city):
    api_of(None).post("/api/v1/suggestions/", {"body": "让我等了一下午", "about_whom": UNKNOWN, "category": "noise"})
    case = Suggestion.objects.get()
    assert (case.about_whom, case.seems_complaint) == (UNKNOWN, True)


# --- at the desk ------------------------------------------------------------------------------------------------------


def test_the_desk_decides_first_and_sees_why(city):
    case = doubtful(city)
    page = page_of(at_desk(city.triage).get(f"{DESK}{case.number}/"))
    assert "这件事疑似投诉公安" in page
    assert "骂" in page
    assert f"/{case.number}/settle_complaint/" in page
    assert f"/{case.number}/accept_and_assign/" not in page
    assert case.number in page_of(at_desk(city.triage).get(f"{DESK}?folder=complaints"))


def test_it_is_a_complaint(city):
    case = doubtful(city)
    kept = case.subjects.get().pk
    assert post(city.triage, case, "settle_complaint", is_complaint="yes", kept=[kept]).status_code == 303
    case = fresh(case)
    assert not case.seems_complaint
    assert case.subjects.get().source == "desk"
    assert case.category == city.conduct
    assert services.accept_and_assign(case, by=city.triage).unit == city.inspectorate


def test_its_deadline_is_that_of_a_complaint(city):
    case = doubtful(city)
    services.accept(case, by=city.triage)
    soon = fresh(case).due_at
    services.settle_complaint(case, by=city.triage, is_complaint=True, subjects=[(city.yuehe, None)])
    assert fresh(case).due_at - soon > timedelta(days=9)


def test_it_is_none_and_says_why(city):
    case = doubtful(city)
    assert post(city.triage, case, "settle_complaint", is_complaint="no").status_code == 422
    assert fresh(case).seems_complaint
    sent = {"is_complaint": "no", "reason": "说的是小区保安。"}
    assert post(city.triage, case, "settle_complaint", **sent).status_code == 303
    case = fresh(case)
    assert not case.seems_complaint
    assert not case.subjects.exists()
    cleared = Subject.every.get(suggestion=case)
    assert (cleared.cleared_by, cleared.cleared_because) == (city.triage, "说的是小区保安。")
    assert services.accept_and_assign(case, by=city.triage).unit == city.yuehe
    assert reads(city.officer, case) == 200


def test_somebody_else_may_be_meant(city):
    case = doubtful(city, UNNAMED)
    sent = {"is_complaint": "yes", "unit": city.chaoyang.pk, "reason": "说的是朝阳派出所。"}
    assert post(city.triage, case, "settle_complaint", **sent).status_code == 303
    assert [one.unit for one in fresh(case).subjects.all()] == [city.chaoyang]


def test_what_nobody_doubts_is_not_decided(city):
    with pytest.raises(WrongState):
        services.settle_complaint(factories.case(city), by=city.triage, is_complaint=False, reason="不是。")


def test_whoever_was_cleared_may_be_named_again(city):
    case = doubtful(city)
    services.settle_complaint(case, by=city.triage, is_complaint=False, reason="说的是小区保安。")
    services.name_subject(case, by=city.triage, unit=city.yuehe)
    assert case.subjects.get().source == "desk"
    assert reads(city.officer, case) == 404


def test_in_bulk_it_is_left_out_with_the_reason(city):
    doubt, plain = doubtful(city), factories.case(city)
    client = at_desk(city.triage)
    sent = {"do": "accept_and_assign", "case": [doubt.number, plain.number]}
    page = page_of(client.post(f"{DESK}bulk/", sent, follow=True))
    assert "疑似投诉月河派出所，请先打开认定。" in page
    assert (fresh(doubt).state, fresh(plain).state) == ("received", "assigned")


def test_it_is_neither_merged_nor_published(city):
    case, other = doubtful(city, UNNAMED, area=None), factories.case(city)
    assert not Suggestion.objects.naming_nobody().filter(pk=case.pk).exists()
    with pytest.raises(Invalid):
        services.merge(other, into=case, by=city.triage)
    services.accept(case, by=city.triage)
    assert fresh(case).published_at is None


def test_a_part_of_it_is_kept_from_them_too(city):
    case = doubtful(city, f"{SAID}。还有路灯坏了。")
    part = services.split(case, by=city.triage, body="还有路灯坏了。", category=city.noise, area=city.yuehe_area)
    assert part.seems_complaint
    assert reads(city.officer, part) == 404


def test_the_api_of_the_desk_decides_too(city):
    case = doubtful(city)
    address = f"/api/v1/desk/suggestions/{case.number}/"
    shown = api_of(city.triage).get(address).json()
    assert (shown["seems_complaint"], shown["subjects"][0]["source"]) == (True, "words")
    sent = {"is_complaint": True, "subjects": ["unit:wuxing-yuehe"]}
    assert api_of(city.triage).post(f"{address}settle_complaint/", sent).status_code == 200
    assert case.subjects.get().source == "desk"


# --- a unit that the words name, complaint or not ---------------------------------------------------------------------


def test_one_press_does_not_give_it_to_a_unit_that_the_words_name(city):
    case = doubtful(city, THANKS)
    assert not case.seems_complaint
    with pytest.raises(Invalid) as refused:
        services.accept_and_assign(case, by=city.triage)
    assert list(refused.value.fields) == ["no_complaint"]


def test_unless_the_desk_says_that_it_is_no_complaint(city):
    case = doubtful(city, THANKS)
    page = page_of(at_desk(city.triage).get(f"{DESK}{case.number}/"))
    assert "原文提到月河派出所。我已看过，不是投诉他们。" in page
    sent = {"category": "noise", "area": "330502001", "no_complaint": "on"}
    assert post(city.triage, case, "accept_and_assign", **sent).status_code == 303
    assert fresh(case).unit == city.yuehe
    assert case.steps.filter(kind=StepKind.NO_COMPLAINT, actor=city.triage).exists()


def test_in_bulk_a_named_unit_is_left_out_as_well(city):
    case = doubtful(city, THANKS)
    page = page_of(
        at_desk(city.triage).post(f"{DESK}bulk/", {"do": "accept_and_assign", "case": case.number}, follow=True)
    )
    assert "原文提到月河派出所。请先看原文，说明是不是投诉他们。" in page
    assert fresh(case).state == "received"


def test_no_leader_passes_it_on_to_them_unread(city):
    case = doubtful(city, THANKS)
    services.accept_and_assign(case, by=city.triage, unit=city.wuxing)
    with pytest.raises(Invalid):
        services.transfer(case, by=city.sub_leader, unit=city.yuehe, reason="请你们看看。")
    with pytest.raises(Invalid):
        services.add_co_handler(case, by=city.sub_leader, unit=city.yuehe)


# --- what is said later -----------------------------------------------------------------------------------------------


def test_words_added_later_move_it_away_from_whom_they_accuse(city):
    case = factories.case(city, "assigned")
    services.add_information(case, text="民警来了以后态度恶劣，还骂我")
    case = fresh(case)
    assert case.seems_complaint
    assert case.unit == city.inspectorate
    assert reads(city.officer, case) == 404


def test_a_reason_to_reopen_does_too(city):
    case = factories.case(city, "replied")
    services.reopen(case, reason="民警根本没来，还威胁我改评价")
    assert reads(city.officer, fresh(case)) == 404
    assert fresh(case).unit == city.inspectorate


def test_an_ordinary_addition_changes_nothing(city):
    case = factories.case(city, "assigned")
    services.add_information(case, text="昨天晚上又吵到十一点")
    assert fresh(case).unit == city.yuehe


# --- what it costs, and the category ----------------------------------------------------------------------------------


def test_conduct_wins_over_other_categories(city):
    city.noise.keywords = ["太吵", "打人"]
    city.noise.save()
    assert guess_category("邻居太吵，报警后民警打人")[0] == city.conduct
    assert guess_category("邻居太吵还打人")[0] == city.noise
    assert city.conduct not in guess_category("邻居太吵，报警后民警打人", is_complaint=False)


def test_finding_takes_few_statements(city):
    accuses("热身")
    with CaptureQueriesContext(
        connection,
    ) as none:
        accuses(SAID)
    assert len(none) == 0
    with CaptureQueriesContext(connection) as few:
        accused(f"{SAID}，警号033058", area=city.yuehe_area)
    assert len(few) <= 3
    with CaptureQueriesContext(connection) as more:
        accused("交警骂我", area=city.yuehe_area)
    assert len(more) <= 4
