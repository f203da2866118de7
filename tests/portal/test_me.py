"""One's own page: what waits, what one said, who looked; taking all of it along, and leaving."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from core import front, outbox
from core.front import Own
from suggestions import services
from suggestions.models import Identity, Suggestion
from suggestions.queries import me
from tests import factories
from tests.pages import page_of


@pytest.fixture
def mine(client, city):
    """A browser of the city's citizen."""
    client.force_login(city.citizen)
    return client


def say(city, state="received", **kind):
    return factories.case(city, state, user=city.citizen, **kind)


def test_an_empty_page_says_what_to_do(mine):
    page = page_of(mine.get("/me/"))
    assert 'class="empty"' in page
    assert "/suggestions/new/" in page


def test_open_cases_come_first_with_their_deadline_in_words(mine, city):
    opened = say(city, "assigned", body="路灯不亮,晚上走路怕摔。")
    closed = say(city, "closed", body="后来说的,已经办好的事。")
    page = page_of(mine.get("/me/"))
    assert page.index(f"/track/{opened.number}/") < page.index(f"/track/{closed.number}/", page.index('id="cases"'))
    assert "最迟" in page


def test_nobody_elses_cases_are_here(mine, city):
    other = factories.case(city, "replied", user=factories.citizen(), body="别人说的事,不该在这里。")
    anonymous = factories.case(city, "received", body="没有登录说的事。")
    page = page_of(mine.get("/me/"))
    assert other.number not in page
    assert anonymous.number not in page


def test_a_question_waits_before_a_confirmation_before_a_rating(city):
    rated = say(city, "closed", body="这件可以评价。")
    replied = say(city, "replied", body="这件请确认。")
    waiting = say(city, "waiting", body="这件在等您回答。")
    asked = me.to_do(city.citizen)
    assert [(one.verb, one.case) for one in asked] == [("answer", waiting), ("confirm", replied), ("rate", rated)]
    assert asked[0].question == "请问是哪一栋楼下?"
    assert asked[0].due == waiting.questions.get().due_at
    assert asked[1].due > timezone.now() + timedelta(days=14)
    assert asked[2].due is None


def test_what_is_done_does_not_wait(city):
    case = say(city, "closed")
    services.rate(case, level=5)
    say(city, "assigned")
    old = say(city, "closed", body="很久以前办好的事。")
    Suggestion.objects.filter(pk=old.pk).update(replied_at=timezone.now() - timedelta(days=61))
    assert me.to_do(city.citizen) == []


def test_the_page_shows_what_waits(mine, city):
    say(city, "waiting")
    page = page_of(mine.get("/me/"))
    assert "请您回答一个问题" in page
    assert "请问是哪一栋楼下?" in page


def test_who_opened_my_identity_and_why_is_shown(mine, city, django_capture_on_commit_callbacks):
    case = say(city, "accepted")
    opening = services.request_opening(case, by=city.triage, reason="需要电话核实现场情况,无法联系。")
    assert "需要电话核实" not in page_of(mine.get("/me/"))  # asked for, not opened yet
    type(opening).objects.filter(pk=opening.pk).update(opened_at=timezone.now())
    page = page_of(mine.get("/me/"))
    assert "需要电话核实现场情况" in page
    assert city.triage.username in page


def test_staff_see_the_way_to_the_desk_and_no_way_to_delete(client, city):
    client.force_login(city.officer)
    page = page_of(client.get("/me/"))
    assert "去工作台" in page
    assert "/me/delete/" not in page


def test_a_citizen_sees_no_desk(mine):
    assert "去工作台" not in page_of(mine.get("/me/"))


def test_other_rooms_add_their_own(mine, city, monkeypatch):
    monkeypatch.setattr(front, "_own", {})
    front.add_own("voting", lambda user: [Own("2027 年票选", "已参加", "/annual/2027/receipt/")])
    assert "2027 年票选" in page_of(mine.get("/me/"))


def test_the_page_is_kept_nowhere(mine):
    assert "no-store" in mine.get("/me/")["Cache-Control"]
    assert "no-store" in mine.get("/me/export/")["Cache-Control"]


def test_a_fixed_number_of_statements(mine, city, django_assert_max_num_queries):
    for n in range(3):
        say(city, "waiting", body=f"第{n}件事在等您回答。")
        say(city, "replied", body=f"第{n}件事请您确认。")
    with django_assert_max_num_queries(11):
        mine.get("/me/")


# --- taking it along --------------------------------------------------------------------------------------------


def test_the_export_holds_what_the_portal_knows(mine, city):
    case = say(
        city, "replied", contact_name="沈建国", contact_phone="19900000077", place="3号楼", body="只有我知道的话。"
    )
    services.rate(case, level=2, reasons=["slow"], comment="太慢了")
    other = factories.case(city, "accepted", body="大家都说的事,路灯不亮。")
    services.support(other, user=city.citizen)
    export = mine.get("/me/export/")
    assert export["Content-Disposition"] == 'attachment; filename="my-data.json"'
    known = json.loads(export.content)
    assert known["account"]["phone"] == "+8619900000001"
    (told,) = known["cases"]
    assert (told["number"], told["text"], told["place"]) == (case.number, "只有我知道的话。", "3号楼")
    assert told["contact"] == {"name": "沈建国", "phone": "+8619900000077"}
    assert "劝导舞队" in told["answers"][0]["text"]
    assert told["ratings"][0] | {"at": ""} == {"at": "", "level": 2, "reasons": ["slow"], "comment": "太慢了"}
    assert [one["number"] for one in known["supports"]] == [other.number]


def test_the_export_holds_nothing_of_others(mine, city):
    say(city, "replied")
    stranger = factories.citizen("19900009999")
    private = factories.case(city, "replied", user=stranger, publish=False, body="别人的秘密,谁也不能看。")
    services.note(private, by=city.officer, text="内部记录")
    services.note(Suggestion.objects.get(identity__user=city.citizen), by=city.officer, text="内部看法")
    text = page_of(mine.get("/me/export/"))
    for hidden in ("别人的秘密", private.number, "19900009999", "内部记录", "内部看法", city.officer.username):
        assert hidden not in text


def test_other_rooms_add_to_the_export(mine, monkeypatch):
    monkeypatch.setattr(front, "_exports", {})
    front.add_export("voting", lambda user: {"took_part": [2027]})
    assert mine.get("/me/export/").json()["voting"] == {"took_part": [2027]}


def test_the_export_takes_a_fixed_number_of_statements(city, django_assert_num_queries):
    for n in range(3):
        services.rate(say(city, "closed", body=f"第{n}件事。"), level=5)
    with django_assert_num_queries(8):
        me.export_person(city.citizen)


def test_twenty_exports_an_hour_are_enough(mine):
    codes = [mine.get("/me/export/").status_code for _time in range(21)]
    assert codes == [200] * 20 + [429]


# --- leaving ----------------------------------------------------------------------------------------------------


def test_leaving_asks_first(mine, city):
    page = page_of(mine.get("/me/delete/"))
    assert "会留下的" in page
    answer = mine.post("/me/delete/", {})
    assert answer.status_code == 422
    assert "请先在这里打勾" in page_of(answer)
    assert User.objects.get(pk=city.citizen.pk).anonymised_at is None


def test_leaving_takes_the_person_out_and_keeps_the_case(mine, city, django_capture_on_commit_callbacks):
    case = say(city, "replied", contact_name="沈建国")
    answer = mine.post("/me/delete/", {"sure": "on"}, follow=True)
    assert answer.redirect_chain == [("/", 302)]
    assert "账号已注销" in page_of(answer)
    gone = User.objects.get(pk=city.citizen.pk)
    assert gone.anonymised_at
    assert gone.phone == ""
    assert mine.get("/me/").status_code == 302
    outbox.deliver()
    assert Identity.objects.get(pk=case.pk).user is None
    assert Suggestion.objects.get(pk=case.pk).state == "replied"


def test_staff_stay_answerable(client, city):
    client.force_login(city.officer)
    assert client.get("/me/delete/").status_code == 403
    assert client.post("/me/delete/", {"sure": "on"}).status_code == 403
    assert User.objects.get(pk=city.officer.pk).is_active
