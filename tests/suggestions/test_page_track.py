"""Track: the code opens the case, and from there the citizen does what is theirs to do."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from core.files import clean_uploads
from suggestions import services, tracking
from suggestions.models import Rating
from suggestions.states import State
from tests import factories
from tests.pages import page_of
from tests.suggestions.speaking import photo

TRACK = "/track/"


@pytest.fixture(autouse=True)
def _in_chinese():
    with translation.override("zh-hans"):
        yield


def open_case(client, case):
    """As if the code had been entered."""
    session = client.session
    session[tracking.TRACKED] = tracking._sealed([case.pk], tracking.TRACKED)
    session.save()
    return f"/track/{case.number}/"


def test_the_code_opens_the_case(client, city):
    receipt = factories.say(city)
    answer = client.post(TRACK, {"code": receipt.tracking_code})
    assert (answer.status_code, answer["Location"]) == (303, f"/track/{receipt.suggestion.number}/")
    page = page_of(client.get(answer["Location"]))
    assert receipt.suggestion.body in page
    assert receipt.tracking_code not in page


@pytest.mark.parametrize(("publish", "words"), [(True, "您同意公开"), (False, "您没有同意公开")])
def test_the_citizen_sees_whom_it_is_about_and_who_may_read_it(client, city, publish, words):
    badge = city.officer.officer
    case = factories.say(city, publish=publish, subjects=[(badge.unit, badge), (city.chaoyang, None)]).suggestion
    page = page_of(client.get(open_case(client, case)))
    assert f"{badge.name} {badge.badge_number} · {badge.unit.local_name}<br>{city.chaoyang.local_name}</dd>" in page
    assert words in page


@pytest.mark.parametrize(
    "typed",
    [
        lambda code: code.lower(),
        lambda code: code.replace("-", " "),
        lambda code: f"  {code.replace('-', '')}  ",
        lambda code: code.replace("0", "O").replace("1", "I"),
        lambda code: code.replace("0", "o").replace("1", "l"),
        lambda code: "".join(chr(ord(c) + 0xFEE0) if c.isalnum() else c for c in code),
    ],
)
def test_the_code_may_be_typed_as_people_type(client, city, typed):
    receipt = factories.say(city)
    assert client.post(TRACK, {"code": typed(receipt.tracking_code)}).status_code == 303


def test_where_a_number_was_left_its_last_digits_are_needed(client, city):
    receipt = factories.say(city, contact_phone="13900012345")
    without = client.post(TRACK, {"code": receipt.tracking_code})
    wrong = client.post(TRACK, {"code": receipt.tracking_code, "phone_tail": "9999"})
    assert (without.status_code, wrong.status_code) == (422, 422)
    right = client.post(TRACK, {"code": receipt.tracking_code, "phone_tail": "２３４５"})
    assert right.status_code == 303


def test_a_code_that_came_alone_is_told_of_the_digits_whether_there_is_such_a_case_or_not(client, city):
    receipt = factories.say(city, contact_phone="13900012345")
    answers = [client.post(TRACK, {"code": code}) for code in (receipt.tracking_code, "0000-0000-00000")]
    told = [dict(answer.context["form"].errors) for answer in answers]
    assert list(told[0]) == ["phone_tail"]
    assert told[0] == told[1]
    assert "后四位" in page_of(answers[0])


def test_wrong_code_and_wrong_digits_say_the_same(client, city):
    receipt = factories.say(city, contact_phone="13900012345")
    wrong = client.post(TRACK, {"code": receipt.tracking_code, "phone_tail": "9999"})
    unknown = client.post(TRACK, {"code": "0000-0000-00000", "phone_tail": "9999"})
    messages = [r.context["form"].errors["code"] for r in (wrong, unknown)]
    assert messages[0] == messages[1]


@pytest.mark.parametrize("code", ["", "x", "\x00", "🚦" * 20, "<b>", "9" * 5000, "\u202e"])
def test_nonsense_is_told_by_the_field(client, city, code):
    answer = client.post(TRACK, {"code": code})
    assert answer.status_code == 422
    assert 'id="id_code_error"' in page_of(answer)


def test_wrong_codes_are_slowed_down_and_say_how_long(client, city, monkeypatch):
    monkeypatch.setattr(tracking, "WRONG_LIMIT", 3)
    assert [client.post(TRACK, {"code": f"{n:013d}"}).status_code for n in range(3)] == [422] * 3
    stopped = client.post(TRACK, {"code": "9999999999999"})
    assert stopped.status_code == 429
    assert int(stopped["Retry-After"]) > 0
    assert "请 60 分钟后再试" in page_of(stopped)
    assert "9999999999999" in page_of(stopped)


def test_what_others_typed_wrong_stops_no_right_code(client, city, monkeypatch):
    monkeypatch.setattr(tracking, "WRONG_LIMIT", 3)
    receipt = factories.say(city)
    wrong = [client.post(TRACK, {"code": f"{n:013d}"}).status_code for n in range(5)]
    assert wrong[-1] == 429
    assert Client().post(TRACK, {"code": receipt.tracking_code}).status_code == 303


def test_fifteen_wrong_codes_are_an_ordinary_afternoon_behind_one_mast(client, city):
    assert {client.post(TRACK, {"code": f"{n:013d}"}).status_code for n in range(40)} == {422}


def test_guessed_digits_do_not_shut_out_the_browser_that_has_the_case(client, city):
    receipt = factories.say(city, contact_phone="13900012345")
    right = {"code": receipt.tracking_code, "phone_tail": "2345"}
    assert client.post(TRACK, right).status_code == 303
    for n in range(tracking.CODE_LIMIT):
        guessed = Client(REMOTE_ADDR=f"10.0.0.{n}").post(TRACK, right | {"phone_tail": f"{n:04d}"})
    assert guessed.status_code == 429
    assert Client().post(TRACK, right).status_code == 429  # the guesser's would be let in here
    assert client.post(TRACK, right).status_code == 303


def test_guessing_digits_slowly_ends_with_the_day(client, city, monkeypatch):
    monkeypatch.setattr(tracking, "CODE_DAY_LIMIT", 3)
    receipt = factories.say(city, contact_phone="13900012345")
    tries = [client.post(TRACK, {"code": receipt.tracking_code, "phone_tail": f"{n:04d}"}) for n in range(4)]
    assert [t.status_code for t in tries] == [422, 422, 422, 429]
    assert int(tries[-1]["Retry-After"]) > 3600


def test_digits_cannot_be_tried_out_against_a_known_code(client, city):
    receipt = factories.say(city, contact_phone="13900012345")
    tries = [
        Client(REMOTE_ADDR=f"10.0.0.{n}").post(TRACK, {"code": receipt.tracking_code, "phone_tail": f"{n:04d}"})
        for n in range(tracking.CODE_LIMIT + 1)
    ]
    assert [t.status_code for t in tries] == [422] * tracking.CODE_LIMIT + [429]


def test_right_codes_are_not_counted_against_a_village(client, city):
    receipts = [factories.say(city, f"第{n}件事,路灯不亮。") for n in range(18)]
    answers = {client.post(TRACK, {"code": r.tracking_code}).status_code for r in receipts}
    assert answers == {303}


def test_without_the_code_nothing_opens_and_nothing_shows(client, city):
    case = factories.case(city, "replied")
    there, nowhere = client.get(f"/track/{case.number}/"), client.get("/track/2020-999999/")
    assert there.status_code == nowhere.status_code == 404
    assert page_of(there).count(case.title) == 0
    for verb in ("rate", "confirm", "reopen", "add", "answer", "withdraw"):
        assert client.post(f"/track/{case.number}/{verb}/", {"level": 5, "reason": "x"}).status_code == 404
    case.refresh_from_db()
    assert case.state == State.REPLIED


def test_one_code_opens_one_case(client, city):
    mine, other = factories.case(city), factories.case(city, "replied")
    open_case(client, mine)
    assert client.get(f"/track/{other.number}/").status_code == 404


def test_the_signed_in_owner_needs_no_code(client, city):
    case = factories.say(city, user=city.citizen).suggestion
    client.force_login(city.citizen)
    assert client.get(f"/track/{case.number}/").status_code == 200
    client.force_login(factories.citizen())
    assert client.get(f"/track/{case.number}/").status_code == 404


def test_an_anonymous_case_of_an_account_opens_by_code_only(client, city):
    case = factories.say(city, user=city.citizen, anonymous=True).suggestion
    client.force_login(city.citizen)
    assert client.get(f"/track/{case.number}/").status_code == 404


@pytest.mark.parametrize("state", ["received", "accepted", "waiting", "replied", "closed", "declined"])
def test_every_state_has_its_page(client, city, state):
    person = {"user": city.citizen}
    case = factories.case(city, state, **person)
    answer = client.get(open_case(client, case))
    page = page_of(answer)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert "noindex" in answer["X-Robots-Tag"]
    offered = {verb for verb in ("rate", "confirm", "reopen", "add", "answer", "withdraw") if f"/{verb}/" in page}
    assert (
        offered
        == {
            "received": {"add", "withdraw"},
            "accepted": {"add", "withdraw"},
            "waiting": {"answer", "withdraw"},
            "replied": {"rate", "confirm", "reopen"},
            "closed": {"rate", "reopen"},
            "declined": {"rate", "reopen"},
        }[state]
    )


def test_the_answer_is_read_once_and_rated(client, city):
    case = factories.case(city, "replied")
    address = open_case(client, case)
    reply = case.replies.get().text
    assert page_of(client.get(address)).count(reply) == 1
    sent = {"level": "5", "reasons": ["solved", "kind"], "comment": "谢谢"}
    answer = client.post(f"{address}rate/", sent)
    assert (answer.status_code, answer["Location"]) == (303, address)
    rating = Rating.objects.get()
    assert (rating.level, rating.reasons, rating.comment) == (5, ["solved", "kind"], "谢谢")
    assert f"{address}rate/" not in page_of(client.get(address))


def test_rating_twice_is_told_and_counts_once(client, city):
    case = factories.case(city, "replied")
    address = open_case(client, case)
    client.post(f"{address}rate/", {"level": "5"})
    again = client.post(f"{address}rate/", {"level": "1", "comment": "改主意了"})
    assert again.status_code == 409
    assert "改主意了" in page_of(again)
    assert Rating.objects.get().level == 5


def test_what_is_typed_for_a_rating_survives_a_missing_level(client, city):
    case = factories.case(city, "replied")
    answer = client.post(f"{open_case(client, case)}rate/", {"reasons": ["slow"], "comment": "等了很久"})
    page = page_of(answer)
    assert answer.status_code == 422
    assert "等了很久" in page
    assert re.search(r'value="slow"[^>]*checked', page)


@pytest.mark.parametrize("level", ["", "0", "6", "x", "-1", "５\x00"])
def test_a_level_that_does_not_exist_is_told(client, city, level):
    case = factories.case(city, "replied")
    answer = client.post(f"{open_case(client, case)}rate/", {"level": level, "comment": "写了很多"})
    assert answer.status_code == 422
    assert "写了很多" in page_of(answer)


def test_confirm_closes(client, city):
    case = factories.case(city, "replied")
    assert client.post(f"{open_case(client, case)}confirm/").status_code == 303
    case.refresh_from_db()
    assert case.state == State.CLOSED


def test_a_link_to_confirm_changes_nothing(client, city):
    case = factories.case(city, "replied")
    assert client.get(f"{open_case(client, case)}confirm/").status_code == 200
    case.refresh_from_db()
    assert case.state == State.REPLIED


def test_reopen_needs_a_reason_and_sets_a_new_date(client, city):
    case = factories.case(city, "closed")
    address = open_case(client, case)
    assert client.post(f"{address}reopen/", {"reason": " "}).status_code == 422
    assert client.post(f"{address}reopen/", {"reason": "晚上又开始了"}).status_code == 303
    case.refresh_from_db()
    assert (case.state, case.reopened_times) == (State.ASSIGNED, 1)
    page = page_of(client.get(address))
    assert "晚上又开始了" in page
    assert 'id="reply"' not in page, "the old answer does not stand any more"


def test_add_words_or_files_but_not_nothing(client, city):
    case = factories.case(city, "assigned")
    address = open_case(client, case)
    assert client.post(f"{address}add/", {"text": ""}).status_code == 422
    assert client.post(f"{address}add/", {"text": "昨晚也是"}).status_code == 303
    assert "昨晚也是" in page_of(client.get(address))


def test_something_added_does_not_move_where_the_case_stands(client, city):
    case = factories.case(city, "assigned")
    address = open_case(client, case)
    client.post(f"{address}add/", {"text": "昨晚也是"})
    thread = client.get(address).context["own"].thread
    assert [node.title for node in thread if node.current] == ["已交办"]


def test_what_came_too_late_is_told_and_still_there(client, city):
    case = factories.case(city, "replied")
    answer = client.post(f"{open_case(client, case)}add/", {"text": "写了很久的补充"})
    assert answer.status_code == 409
    assert "写了很久的补充" in page_of(answer)


def test_answering_lets_the_work_go_on(client, city):
    case = factories.case(city, "waiting", user=city.citizen)
    address = open_case(client, case)
    assert "请问是哪一栋楼下" in page_of(client.get(address))
    assert client.post(f"{address}answer/", {"text": ""}).status_code == 422
    assert client.post(f"{address}answer/", {"text": "3号楼"}).status_code == 303
    case.refresh_from_db()
    assert case.state == State.ASSIGNED


def test_withdraw_asks_first(client, city):
    case = factories.case(city, "accepted")
    address = open_case(client, case)
    assert "<form" in page_of(client.get(f"{address}withdraw/"))
    case.refresh_from_db()
    assert case.state == State.ACCEPTED
    assert client.post(f"{address}withdraw/", {"reason": "已经好了"}).status_code == 303
    case.refresh_from_db()
    assert case.state == State.WITHDRAWN
    assert client.get(address).status_code == 200


def test_internal_notes_never_show(client, city):
    case = factories.case(city, "assigned")
    services.note(case, by=city.officer, text="内部备注不外传")
    assert "内部备注不外传" not in page_of(client.get(open_case(client, case)))


def test_who_opened_the_name_shows(client, city):
    case = factories.say(city, contact_phone="13900012345", contact_name="老王").suggestion
    opening = services.request_opening(case, by=city.triage, reason="需要电话核实现场具体位置。")
    address = open_case(client, case)
    assert "需要电话核实现场具体位置" not in page_of(client.get(address))
    services.open_identity(opening, by=city.triage)
    page = page_of(client.get(address))
    assert "需要电话核实现场具体位置" in page
    assert "老王" not in page


def test_a_merged_case_shows_the_answer_of_its_leader_and_not_its_words(client, city):
    leader = factories.case(city, "assigned", body="带头的那个人自己的话：音响太吵，不公开。", publish=False)
    mine = factories.case(city)
    services.merge(mine, into=leader, by=city.triage)
    factories.answer(city, leader)
    page = page_of(client.get(open_case(client, mine)))
    assert "劝导舞队九点前结束" in page
    assert "带头的那个人自己的话" not in page
    assert f"/track/{mine.number}/rate/" in page


def test_a_part_split_off_opens_with_the_code_of_the_first(client, city):
    case = factories.case(city)
    part = services.split(case, by=city.triage, body="另一件:路灯不亮", category=city.other, area=None)
    page = page_of(client.get(open_case(client, case)))
    assert f"/track/{part.number}/" in page
    assert client.get(f"/track/{part.number}/").status_code == 200


def statements(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


def test_the_page_takes_the_same_statements_however_much_happened(client, city):
    case = factories.case(city, "replied")
    address = open_case(client, case)
    few = statements(client, address)
    for n in range(5):
        services.reopen(case, reason=f"第{n}次又坏了")
        services.add_information(case, text=f"补充{n}", files=clean_uploads([photo(size=(40 + n, 30))]))
        factories.answer(city, case)
        services.rate(case, level=3)
    services.reopen(case, reason="还是不行")
    services.split(case, by=city.triage, body="另一件:路灯不亮", category=city.other, area=None)
    factories.answer(city, case)
    assert statements(client, address) <= few + 1, "the older ratings make it no longer"
    assert few <= 11


def test_the_find_page_reads_the_code_from_the_fragment_only(client):
    page = page_of(client.get(TRACK, {"code": "ABCD-EFGH-JKMNP"}))
    assert "data-prefill-code" in page
    assert "ABCD-EFGH-JKMNP" not in page.replace("?code=ABCD-EFGH-JKMNP", "")


@pytest.mark.parametrize("typed", ["{}", " 编号：{}"])
def test_the_number_of_a_case_in_place_of_its_code_is_told(client, city, typed):
    case = factories.case(city, "received")
    answer = client.post("/track/", {"code": typed.format(case.number)})
    assert answer.status_code == 422
    assert "这是编号" in answer.content.decode()
