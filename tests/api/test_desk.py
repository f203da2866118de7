"""The desk by program: what a member of staff may, and nothing that their page would not let them."""

import pytest

from suggestions import services
from suggestions.models import Suggestion
from suggestions.queries.desk import ACTIONS
from tests import factories
from tests.api.conftest import api_of

DESK = "/api/v1/desk/"
CASES = f"{DESK}suggestions/"
REPLY = "您好,民警已到现场,劝导舞队九点前结束并调低音量。"


def do(user, case, verb, **body):
    return api_of(user).post(f"{CASES}{case.number}/{verb}/", body)


def state_of(case) -> str:
    return Suggestion.objects.values_list("state", flat=True).get(pk=case.pk)


def numbers(answer) -> set[str]:
    assert answer.status_code == 200
    return {row["number"] for row in answer.json()["results"]}


# --- from the first word to the last answer ---------------------------------------------------------------------------


def test_a_case_is_handled_from_end_to_end(city):
    case = factories.case(city)
    assert do(city.triage, case, "accept").json()["state"] == "accepted"
    assert do(city.triage, case, "assign", unit="wuxing-yuehe").json()["unit"] == "wuxing-yuehe"
    assert do(city.officer, case, "take").json()["handler"] == city.officer.officer.badge_number
    assert do(city.officer, case, "draft_reply", text=REPLY).status_code == 200
    signed = do(city.leader, case, "sign_reply")
    assert signed.json()["state"] == "replied"
    assert do(city.leader, case, "close").json()["state"] == "closed"
    assert case.steps.filter(kind="replied", actor=city.leader).count() == 1


def test_every_verb_of_the_desk_is_there():
    from suggestions.api.verbs import VERBS

    assert {verb.name for verb in VERBS} == set(ACTIONS)


def test_decline_ask_transfer_return_extend(city):
    declined = factories.case(city)
    assert do(city.triage, declined, "decline", reason="这件事属于城管,请拨打12345。").json()["state"] == "declined"
    case = factories.case(city, "assigned")
    assert do(city.officer, case, "ask", question="请问是哪一栋楼?").json()["state"] == "waiting"
    services.answer(case, text="三号楼。")
    do(city.officer, case, "draft_reply", text=REPLY)
    assert do(city.leader, case, "return_draft", reason="请写清楚时间。").status_code == 200
    assert do(city.officer, case, "request_extension", days=3, reason="要等施工单位回话。").status_code == 200
    assert do(city.triage, case, "transfer", unit="wuxing-chaoyang", reason="在朝阳辖区。").json()["unit"] == (
        "wuxing-chaoyang"
    )


def test_classify_publish_merge_split_supervise(city):
    case, other = factories.case(city, "accepted"), factories.case(city, "accepted")
    assert do(city.triage, case, "classify", category="traffic_lights", area=None).status_code == 200
    assert do(city.triage, case, "unpublish", reason="内容不清。").status_code == 200
    assert do(city.triage, case, "publish", title="广场舞太吵").status_code == 422
    assert do(city.triage, case, "publish", title="广场舞太吵", body="晚上太吵。").status_code == 200
    assert do(city.triage, other, "merge", into=case.number).json()["state"] == "merged"
    assert do(city.triage, other, "unmerge").json()["state"] == "accepted"
    part = do(city.triage, case, "split", body="另外路灯也坏了。", category="other", area=None).json()
    assert Suggestion.objects.get(number=part["number"]).split_from == case
    assert do(city.triage, case, "escalate", reason="拖了太久。").json()["escalation"] == 1
    do(city.triage, case, "assign", unit="wuxing-yuehe")
    assert do(city.triage, case, "add_co_handler", unit="wuxing-chaoyang").status_code == 200
    named = do(city.triage, case, "name_subject", unit="wuxing-yuehe").json()
    assert named["unit"] == "wuxing"


# --- who may ----------------------------------------------------------------------------------------------------------


def test_a_visitor_is_asked_to_sign_in_and_a_citizen_refused(city, api):
    for address in (CASES, f"{DESK}folders/", f"{DESK}extensions/"):
        refused = api.get(address)
        assert (refused.status_code, refused["WWW-Authenticate"]) == (401, 'Bearer realm="plaza"')
        assert api_of(city.citizen).get(address).status_code == 403


def test_what_one_may_not_see_is_not_there(city):
    case = factories.case(city, "assigned")
    assert api_of(city.officer).get(f"{CASES}{case.number}/").status_code == 200
    assert api_of(city.chaoyang_officer).get(f"{CASES}{case.number}/").status_code == 404
    assert do(city.chaoyang_officer, case, "note", text="我看看").status_code == 404


def test_what_one_sees_but_may_not_do_is_refused(city):
    case = factories.case(city, "assigned")
    assert do(city.officer, case, "sign_reply").status_code == 403
    assert do(city.leader, case, "accept").status_code == 403
    assert do(city.sub_leader, case, "transfer", unit="wuxing-chaoyang", reason="在朝阳辖区。").status_code == 200


def test_nobody_signs_their_own_draft(city):
    case = factories.case(city, "assigned")
    factories.Membership.objects.create(user=city.leader, role="officer", unit=city.yuehe)
    do(city.leader, case, "draft_reply", text=REPLY)
    refused = do(city.leader, case, "sign_reply")
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:problem-type:plaza:not-allowed")


def test_the_complained_of_sees_nothing_of_it(city):
    case = factories.say(city, category=city.conduct, subjects=[(city.yuehe, None)], publish=False).suggestion
    services.accept_and_assign(case, by=city.triage, unit=city.wuxing)
    for user in (city.officer, city.leader):
        assert numbers(api_of(user).get(CASES)) == set()
        assert api_of(user).get(f"{CASES}{case.number}/").status_code == 404
        assert {row["count"] for row in api_of(user).get(f"{DESK}folders/").json()} == {0}
    shown = api_of(city.sub_leader).get(f"{CASES}{case.number}/").json()
    assert shown["subjects"] == [{"unit": "wuxing-yuehe", "officer": None, "source": "citizen"}]


def test_a_conflicted_unit_is_refused_by_field(city):
    case = factories.say(city, category=city.conduct, subjects=[(city.yuehe, None)], publish=False).suggestion
    services.accept(case, by=city.triage)
    refused = do(city.triage, case, "assign", unit="wuxing-yuehe")
    assert (refused.status_code, list(refused.json()["errors"])) == (422, ["unit"])


def test_who_said_it_is_in_no_answer(city):
    case = factories.case(city, "assigned", user=city.citizen, contact_name="李秀英", contact_phone="19900007788")
    for user in (city.triage, city.officer, city.leader, city.auditor):
        for address in (CASES, f"{CASES}{case.number}/"):
            text = api_of(user).get(address).content.decode()
            assert "李秀英" not in text
            assert "7788" not in text
            assert "演示市民" not in text


# --- staleness, retries, bad input ------------------------------------------------------------------------------------


def test_who_was_slower_is_told_what_changed(city):
    case = factories.case(city)
    seen = api_of(city.triage).get(f"{CASES}{case.number}/").json()["last_step"]
    do(city.triage2, case, "accept")
    refused = do(city.triage, case, "decline", reason="不归我们管。", seen=seen)
    assert refused.status_code == 409
    assert refused.json()["type"] == "urn:problem-type:plaza:stale"
    assert len(refused.json()["changes"]) == 1
    assert state_of(case) == "accepted"


def test_without_seen_the_slower_one_would_overrule(city):
    case = factories.case(city)
    do(city.triage2, case, "accept")
    assert do(city.triage, case, "decline", reason="不归我们管。").status_code == 200


def test_a_retry_with_its_key_is_done_once(city):
    case = factories.case(city)
    client, address = api_of(city.triage), f"{CASES}{case.number}/note/"
    answers = [client.post(address, {"text": "已打电话"}, HTTP_IDEMPOTENCY_KEY='"n-1"') for _n in range(3)]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert case.steps.filter(kind="note").count() == 1
    other = client.post(address, {"text": "别的话"}, HTTP_IDEMPOTENCY_KEY="n-1")
    assert (other.status_code, list(other.json()["errors"])) == (422, ["Idempotency-Key"])
    client.post(address, {"text": "已打电话"})
    assert case.steps.filter(kind="note").count() == 2


def test_another_member_of_staff_may_use_the_same_key(city):
    case = factories.case(city)
    address = f"{CASES}{case.number}/note/"
    for user in (city.triage, city.triage2):
        assert api_of(user).post(address, {"text": "已看"}, HTTP_IDEMPOTENCY_KEY="1").status_code == 200
    assert case.steps.filter(kind="note").count() == 2


def test_what_failed_is_not_remembered(city):
    case = factories.case(city)
    client, address = api_of(city.triage), f"{CASES}{case.number}/assign/"
    assert client.post(address, {"unit": "wuxing-yuehe"}, HTTP_IDEMPOTENCY_KEY="a").status_code == 409
    services.accept(case, by=city.triage)
    assert client.post(address, {"unit": "wuxing-yuehe"}, HTTP_IDEMPOTENCY_KEY="a").status_code == 200


@pytest.mark.parametrize(
    ("verb", "body", "field"),
    [
        ("decline", {}, "reason"),
        ("decline", {"reason": "\u200b"}, "reason"),
        ("merge", {"into": "2026-999999"}, "into"),
        ("merge", {"into": "\0"}, "into"),
        ("accept", {"category": "nothing"}, "category"),
        ("accept", {"seen": "x"}, "seen"),
        ("accept", {"seen": 2**70}, "seen"),
        ("name_subject", {"unit": "none"}, "unit"),
    ],
)
def test_bad_input_is_named_by_field_and_changes_nothing(city, verb, body, field):
    case = factories.case(city)
    answer = do(city.triage, case, verb, **body)
    assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])
    assert state_of(case) == "received"


# --- reading ----------------------------------------------------------------------------------------------------------


def test_folders_and_filters(city):
    received, assigned = factories.case(city), factories.case(city, "assigned", category=city.lights)
    triage = api_of(city.triage)
    counts = {row["key"]: row["count"] for row in triage.get(f"{DESK}folders/").json()}
    assert (counts["to_accept"], counts["mine"], counts["all"]) == (1, 1, 2)
    assert numbers(triage.get(CASES, {"folder": "to_accept"})) == {received.number}
    assert numbers(triage.get(CASES, {"unit": "wuxing-yuehe"})) == {assigned.number}
    assert numbers(triage.get(CASES, {"category": "traffic_lights"})) == {assigned.number}
    assert numbers(triage.get(CASES, {"q": assigned.number})) == {assigned.number}
    assert triage.get(CASES, {"folder": "nothing"}).status_code == 422


def test_the_admin_counts_and_does_not_read(city):
    factories.case(city)
    counts = {row["key"]: row["count"] for row in api_of(city.admin).get(f"{DESK}folders/").json()}
    assert counts["all"] == 1
    assert numbers(api_of(city.admin).get(CASES)) == set()


def test_a_case_says_what_can_be_done(city):
    case = factories.case(city, "assigned")
    shown = api_of(city.officer).get(f"{CASES}{case.number}/").json()
    assert shown["actions"] == ["ask", "draft_reply", "note", "request_extension", "take"]
    services.draft_reply(case, by=city.officer, text=REPLY)
    shown = api_of(city.leader).get(f"{CASES}{case.number}/").json()
    assert {"sign_reply", "return_draft"} <= set(shown["actions"])
    assert shown["replies"][0]["drafted_by"] == city.officer.username


def test_more_time_is_decided_by_somebody_else(city):
    case = factories.case(city, "assigned")
    services.request_extension(case, by=city.officer, days=10, reason="要等施工单位回话。")
    assert api_of(city.officer).get(f"{DESK}extensions/").json()["results"] == []
    (waiting,) = api_of(city.leader).get(f"{DESK}extensions/").json()["results"]
    address = f"{DESK}extensions/{waiting['id']}/decide/"
    assert api_of(city.officer).post(address, {"grant": True}).status_code == 404
    assert api_of(city.leader).post(address, {"grant": True}).json()["state"] == "approved"
    assert api_of(city.admin).post(address, {"grant": True}).json()["state"] == "granted"
    assert api_of(city.admin).post(address, {"grant": True}).status_code == 404


def test_a_bad_rating_is_followed_up(city):
    case = factories.case(city, "replied")
    services.rate(case, level=1)
    leader = api_of(city.leader)
    (task,) = leader.get(f"{DESK}follow-ups/").json()["results"]
    assert (task["number"], task["level"]) == (case.number, 1)
    address = f"{DESK}follow-ups/{task['id']}/finish/"
    assert api_of(city.chaoyang_leader).post(address, {"note": "已回访"}).status_code == 404
    assert leader.post(address, {"note": " "}).status_code == 422
    assert leader.post(address, {"note": "已电话回访,约好上门。"}).json()["done_at"]
    assert leader.get(f"{DESK}follow-ups/", {"done": "true"}).json()["results"][0]["id"] == task["id"]


def test_lists_and_cases_take_a_fixed_number_of_statements(city, django_assert_max_num_queries):
    for _n in range(5):
        case = factories.case(city, "replied", subjects=[(city.chaoyang, None)])
    triage = api_of(city.triage)
    with django_assert_max_num_queries(6):
        assert len(numbers(triage.get(CASES))) == 5
    with django_assert_max_num_queries(16):
        triage.get(f"{CASES}{case.number}/")
    with django_assert_max_num_queries(6):
        triage.get(f"{DESK}folders/")


def test_an_answer_is_shown_or_kept_back_in_so_many_words(city):
    case = factories.case(city, "replied", published=False)
    (reply,) = api_of(city.triage).get(f"{CASES}{case.number}/").json()["replies"]
    assert (reply["public_text"], reply["published_at"]) == (reply["text"], None)
    words = {"title": "广场舞太吵", "body": "晚上太吵。"}
    for wrong in ({str(reply["id"] + 1): "好。"}, {"x": "好。"}, {str(reply["id"]): ""}):
        assert do(city.triage, case, "publish", **words, answers=wrong).status_code in (400, 422)
    assert do(city.triage, case, "publish", **words, answers={str(reply["id"]): "已劝导。"}).status_code == 200
    (reply,) = api_of(city.triage).get(f"{CASES}{case.number}/").json()["replies"]
    assert reply["public_text"] == "已劝导。"
    assert reply["published_at"]


def test_accepting_publishes_nothing_whatever_is_said(city):
    case = factories.case(city)
    do(city.triage, case, "accept", publish=True)
    assert Suggestion.objects.get(pk=case.pk).published_at is None
    assert do(city.triage, case, "keep_back", reason="认得出是谁。").status_code == 200
    assert do(city.triage, case, "keep_back", reason="认得出是谁。").status_code == 409
