"""One's own case by program: the code opens it in every call, and every verb of the page is there."""

import pytest

from core.models import IdempotentCall
from suggestions import services, tracking
from suggestions.models import Suggestion
from tests import factories
from tests.api.conftest import api_of
from tests.api.test_suggestions import photo

ADDRESS = "/api/v1/suggestions/track/"


@pytest.fixture
def replied(city):
    """An answered case and the code that opens it."""
    receipt = factories.say(city, contact_name="李秀英", contact_phone="19900007788")
    case = receipt.suggestion
    services.accept_and_assign(case, by=city.triage, unit=city.yuehe)
    factories.answer(city, case)
    return case, {"code": receipt.tracking_code, "phone_tail": "7788"}


def state_of(case: Suggestion) -> str:
    return Suggestion.objects.values_list("state", flat=True).get(pk=case.pk)


def test_the_code_opens_the_case_with_its_thread(api, replied):
    case, opens = replied
    answer = api.post(ADDRESS, opens)
    shown = answer.json()
    assert (shown["number"], shown["state"]) == (case.number, "replied")
    assert "劝导舞队" in shown["answer"]["text"]
    assert [node["kind"] for node in shown["thread"]][:2] == ["said", "accepted"]
    assert shown["actions"] == ["rate", "confirm", "reopen"]
    assert answer["Cache-Control"] == "no-store"


def test_a_wrong_code_or_number_says_the_same(api, replied):
    _case, opens = replied
    for tail, named in (("0000", "code"), ("", "phone_tail")):
        known, unknown = (
            api.post(ADDRESS, {"code": c, "phone_tail": tail}) for c in (opens["code"], "0000-0000-00000")
        )
        assert known.status_code == unknown.status_code == 422
        assert known.content == unknown.content
        assert list(known.json()["errors"]) == [named]


def test_guessing_is_slowed_down(api, city, monkeypatch):
    monkeypatch.setattr(tracking, "WRONG_LIMIT", 15)
    answers = [api.post(ADDRESS, {"code": f"{n:013d}"}) for n in range(17)]
    assert [answer.status_code for answer in answers[:15]] == [422] * 15
    assert answers[-1].status_code == 429
    assert int(answers[-1]["Retry-After"]) > 60


def test_a_code_is_not_remembered_between_calls(api, replied):
    case, opens = replied
    api.post(ADDRESS, opens)
    assert api.get(f"/track/{case.number}/").status_code == 404


def test_rating_counts_once(api, replied):
    case, opens = replied
    rated = api.post(f"{ADDRESS}rate/", opens | {"level": 5, "reasons": ["quick"], "comment": "很快"})
    assert rated.json()["rating"]["level"] == 5
    assert "rate" not in rated.json()["actions"]
    again = api.post(f"{ADDRESS}rate/", opens | {"level": 1})
    assert (again.status_code, again.json()["type"]) == (409, "urn:problem-type:plaza:wrong-state")
    assert case.ratings.get().level == 5


@pytest.mark.parametrize("wrong", [{}, {"level": 6}, {"level": "x"}, {"level": 5, "reasons": ["bribe"]}])
def test_a_rating_off_the_scale_is_named(api, replied, wrong):
    _case, opens = replied
    assert api.post(f"{ADDRESS}rate/", opens | wrong).status_code == 422


def test_confirm_reopen_withdraw(api, replied):
    case, opens = replied
    assert api.post(f"{ADDRESS}confirm/", opens).json()["state"] == "closed"
    reopened = api.post(f"{ADDRESS}reopen/", opens | {"reason": "晚上还是很吵。"}).json()
    assert (reopened["state"], reopened["answer"]) == ("assigned", None)
    assert api.post(f"{ADDRESS}withdraw/", opens).json()["state"] == "withdrawn"
    assert state_of(case) == "withdrawn"


def test_adding_words_and_a_photo(api, city):
    receipt = factories.say(city)
    opens = {"code": receipt.tracking_code}
    assert api.post(f"{ADDRESS}add/", opens | {"text": "是三号楼。"}).status_code == 200
    answer = api.post(f"{ADDRESS}add/", opens | {"attachments": [photo()]}, format="multipart")
    assert [file["mime"] for file in answer.json()["attachments"]] == ["image/jpeg"]
    assert api.post(f"{ADDRESS}add/", opens).json()["errors"].keys() == {"text"}


def test_answering_what_was_asked(api, city):
    receipt = factories.say(city)
    opens = {"code": receipt.tracking_code}
    services.ask(receipt.suggestion, by=city.triage, question="请问是哪一栋楼?")
    asked = api.post(ADDRESS, opens).json()
    assert asked["question"]["text"] == "请问是哪一栋楼?"
    assert "answer" in asked["actions"]
    assert api.post(f"{ADDRESS}answer/", opens | {"text": "三号楼。"}).json()["state"] == "received"


def test_a_retry_with_its_key_gets_the_first_answer_and_leaves_nothing_readable(api, replied):
    case, opens = replied
    sent = opens | {"level": 4}
    first = api.post(f"{ADDRESS}rate/", sent, HTTP_IDEMPOTENCY_KEY="retry-1")
    again = api.post(f"{ADDRESS}rate/", sent, HTTP_IDEMPOTENCY_KEY="retry-1")
    assert first.json() == again.json()
    assert again["Idempotent-Replayed"] == "true"
    assert case.ratings.count() == 1
    kept = bytes(IdempotentCall.objects.get().body_sealed)
    assert case.number.encode() not in kept


def test_staff_need_the_code_like_everybody(city, replied):
    _case, opens = replied
    assert api_of(city.triage).post(ADDRESS, {"code": "x"}).status_code == 422
    assert api_of(city.triage).post(ADDRESS, opens).status_code == 200


def test_it_takes_a_fixed_number_of_statements(api, replied, django_assert_max_num_queries):
    _case, opens = replied
    with django_assert_max_num_queries(11):
        api.post(ADDRESS, opens)
