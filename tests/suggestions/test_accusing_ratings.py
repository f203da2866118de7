"""What accuses in a rating, or in the reason for taking a case up again, is read by the desk before who answered."""

from types import SimpleNamespace
from typing import Any

import pytest

from accounts.notifications import kept_key
from core.errors import Invalid, WrongState
from suggestions import invariants, services
from suggestions.models import FollowUp, Rating, Suggestion
from suggestions.services import accusing, citizen, subjects
from suggestions.states import State, StepKind
from tests import factories
from tests.api.conftest import api_of
from tests.pages import page_of
from tests.suggestions.desk_help import DESK, at_desk, fresh, post
from tests.suggestions.test_unread import COMPLAINTS, SOUR

ACCUSES = "来的民警骂我，还推了我一把"  # the finder knows
COULD = "打电话叫我撤了，不然有我好看"  # only the safe rule stops at it
PLAIN = "昨天晚上又吵了。"
TASKS = "/desk/follow-ups/"


def rated(city: SimpleNamespace, words: str, level: int = 1, **kind: Any) -> Suggestion:
    case = factories.case(city, "replied", **kind)
    services.rate(case, level=level, comment=words)
    return fresh(case)


def seen_by(user: Any, case: Suggestion) -> str:
    """All that a member of staff is shown of the case and its tasks, by page and by API."""
    desk, api = at_desk(user), api_of(user)
    pages = [desk.get(TASKS), desk.get(f"{DESK}{case.number}/")]
    pages += [desk.get(f"{TASKS}{task.pk}/") for task in FollowUp.objects.filter(suggestion=case)]
    for path in ("follow_ups/", f"suggestions/{case.number}/"):
        pages.append(api.get(f"/api/v1/desk/{path}"))
    told = "".join(f"{one.subject}{one.body}" for one in user.notifications.all())
    return told + "".join(page.content.decode() for page in pages)


@pytest.mark.parametrize("words", [ACCUSES, COULD])
def test_the_unit_that_answered_does_not_read_it(city, words):
    case = rated(city, words)
    for one in (city.leader, city.officer, city.sub_leader):
        assert words not in seen_by(one, case)
    assert not FollowUp.objects.exists()
    assert not city.leader.notifications.filter(dedupe_key=kept_key(f"case:{case.pk}:bad:{case.ratings.get().pk}"))
    assert Rating.objects.get().comment == words, "nothing is lost"


def test_by_api_neither(city):
    receipt = factories.say(city)
    case = receipt.suggestion
    services.accept_and_assign(case, by=city.triage)
    factories.answer(city, fresh(case))
    sent = {"code": receipt.tracking_code, "level": 1, "comment": COULD}
    assert api_of(None).post("/api/v1/suggestions/track/rate/", sent).status_code == 200
    assert COULD not in seen_by(city.leader, case)
    assert not FollowUp.objects.exists()


def test_without_the_check_its_leader_reads_it(city, monkeypatch):
    monkeypatch.setattr(citizen, "may_accuse", lambda case, words: False)
    case = rated(city, ACCUSES)
    assert ACCUSES in seen_by(city.leader, case)


def test_what_is_only_about_the_matter_is_the_leaders_task_at_once(city):
    case = rated(city, PLAIN)
    assert PLAIN in seen_by(city.leader, case)


def test_what_thanks_waits_for_nobody(city):
    rated(city, "谢谢，办得好", level=5)
    assert not Rating.objects.waiting().exists()


def test_the_desk_reads_it_among_the_complaints(city):
    case = rated(city, COULD)
    client = at_desk(city.triage)
    assert case.number in page_of(client.get(f"{DESK}?folder=complaints"))
    page = page_of(client.get(f"{DESK}{case.number}/"))
    assert COULD in page
    assert "settle_complaint" in page


def test_no_complaint_gives_it_to_the_leader(city):
    case = rated(city, COULD)
    sent = {"is_complaint": "no", "reason": "说的是物业"}
    assert post(city.triage, case, "settle_complaint", **sent).status_code == 303
    task = FollowUp.objects.get()
    assert (task.suggestion, task.unit) == (case, city.yuehe)
    assert COULD in seen_by(city.leader, case)
    assert not Rating.objects.waiting().exists()
    assert list(invariants.nobody_reads_an_accusing_rating()) == []
    with pytest.raises(WrongState):
        services.settle_complaint(fresh(case), by=city.triage, is_complaint=False, reason="又一次")


def test_a_complaint_takes_the_case_past_who_answered(city):
    case = rated(city, ACCUSES)
    services.settle_complaint(case, by=city.triage, is_complaint=True)
    case = fresh(case)
    assert (case.state, case.unit) == (State.ASSIGNED, city.yuehe.parent)
    assert [one.unit for one in case.subjects.all()] == [city.yuehe]
    assert not FollowUp.objects.exists()
    assert at_desk(city.leader).get(f"{DESK}{case.number}/").status_code == 404


def test_a_follower_that_accuses_goes_its_own_way(city):
    leader, mine = factories.case(city, "assigned"), factories.case(city)
    services.merge(mine, into=leader, by=city.triage)
    factories.answer(city, leader)
    services.rate(mine, level=1, comment=ACCUSES)
    assert not FollowUp.objects.exists()
    services.settle_complaint(fresh(mine), by=city.triage, is_complaint=True)
    assert (fresh(mine).state, fresh(mine).unit) == (State.ASSIGNED, city.yuehe.parent)
    assert (fresh(leader).state, fresh(leader).unit) == (State.REPLIED, city.yuehe)


def test_only_the_desk_decides(city):
    case = rated(city, ACCUSES)
    assert "settle_complaint" not in page_of(at_desk(city.leader).get(f"{DESK}{case.number}/"))
    assert post(city.leader, case, "settle_complaint", is_complaint="no", reason="没有").status_code in (403, 404)


def test_a_task_made_past_the_desk_is_noticed(city):
    case = rated(city, COULD)
    rating = Rating.objects.get()
    FollowUp.objects.create(suggestion=case, rating=rating, unit=case.unit, due_at=case.created_at)
    assert list(invariants.nobody_reads_an_accusing_rating()) == [case.number]


# --- why it is to be taken up again -----------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [ACCUSES, COULD])
def test_a_reason_that_could_accuse_goes_past_who_answered(city, words):
    case = factories.case(city, "replied")
    services.reopen(case, reason=words)
    case = fresh(case)
    assert case.seems_complaint
    assert case.unit == city.inspectorate
    assert words not in seen_by(city.leader, case)


def test_without_the_safe_rule_who_answered_reads_the_reason(city, monkeypatch):
    monkeypatch.setattr(accusing, "may_accuse", lambda case, words: False)
    case = factories.case(city, "replied")
    services.reopen(case, reason=COULD)
    assert COULD in seen_by(city.leader, case)


def test_a_plain_reason_stays_with_who_answered(city):
    case = factories.case(city, "replied")
    services.reopen(case, reason="还是很吵")
    assert (fresh(case).unit, fresh(case).seems_complaint) == (city.yuehe, False)


# --- and what follows another case ------------------------------------------------------------------------------------


def test_nothing_unread_follows_a_case_that_a_station_answers(city):
    leader, mine = factories.case(city, "assigned"), factories.case(city, body=SOUR)
    with pytest.raises(Invalid) as refused:
        services.merge(mine, into=leader, by=city.triage)
    assert list(refused.value.fields) == ["no_complaint"]
    address = f"/api/v1/desk/suggestions/{mine.number}/merge/"
    assert api_of(city.triage).post(address, {"into": leader.number}).status_code == 422
    page = page_of(at_desk(city.triage).get(f"{DESK}{mine.number}/?verb=merge"))
    assert "no_complaint" in page
    assert api_of(city.triage).post(address, {"into": leader.number, "no_complaint": True}).status_code == 200
    assert mine.steps.filter(kind=StepKind.NO_COMPLAINT, actor=city.triage).exists()


def test_nor_is_it_taken_along_when_its_leader_is_given_to_one(city):
    leader, mine = factories.case(city, "accepted"), factories.case(city, body=SOUR)
    services.merge(mine, into=leader, by=city.triage)
    with pytest.raises(Invalid):
        services.assign(fresh(leader), by=city.triage)
    assert services.assign(fresh(leader), by=city.triage, no_complaint=True).unit == city.yuehe


def test_without_the_rule_it_would_follow_unread(city, monkeypatch):
    monkeypatch.setattr(subjects, "is_unread", lambda case: False)
    leader, mine = factories.case(city, "assigned"), factories.case(city, body=SOUR)
    assert services.merge(mine, into=leader, by=city.triage).merged_into == leader


def test_nine_of_ten_that_accuse_are_kept_back_and_what_speaks_of_the_matter_is_not(city):
    case = factories.case(city, "replied")
    kept = [words for words in COMPLAINTS if subjects.may_accuse(case, words)]
    assert len(kept) / len(COMPLAINTS) >= 0.85
    for words in ("又响了", "没有解决", "我家楼下还是很吵", "还是没人来管", "太慢", PLAIN):
        assert not subjects.may_accuse(case, words)
