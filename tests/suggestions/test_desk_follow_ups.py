"""What a leader does beside the cases: look into bad ratings once more, and decide who gets more time."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.notifications import kept_key
from core.calendar import workdays_between
from suggestions import services
from suggestions.models import Extension, FollowUp, Suggestion
from tests import factories
from tests.pages import page_of
from tests.suggestions.statements import statements

TASKS = "/desk/follow-ups/"
MORE_TIME = "/desk/extensions/"


@pytest.fixture(autouse=True)
def _in_chinese():
    with translation.override("zh-hans"):
        yield


@pytest.fixture
def as_(client):
    """Sign in as somebody."""

    def sign_in(user):
        client.force_login(user)
        return client

    return sign_in


def dissatisfied(city, comment="昨天晚上又吵了。", level=1, **kind):
    case = factories.case(city, "replied", **kind)
    services.rate(case, level=level, comment=comment, reasons=["unsolved"])
    return FollowUp.objects.select_related("suggestion").get(suggestion=case)


# --- follow-ups -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "status"),
    [("leader", 200), ("sub_leader", 200), ("officer", 403), ("triage", 403), ("admin", 403), ("auditor", 403),
     ("pollster", 403), ("citizen", 403)],
)  # fmt: skip
def test_only_leaders_have_follow_ups(as_, city, who, status):
    task = dissatisfied(city)
    client = as_(getattr(city, who))
    assert client.get(TASKS).status_code == status
    assert client.get(f"{TASKS}{task.pk}/").status_code == status


def test_the_list_is_by_deadline_with_rating_and_the_citizens_words(as_, city):
    later, first = dissatisfied(city, "后来的意见"), dissatisfied(city, "更急的意见", level=2)
    FollowUp.objects.filter(pk=first.pk).update(due_at=timezone.now() - timedelta(days=2))
    page = page_of(as_(city.leader).get(TASKS))
    assert page.index("更急的意见") < page.index("后来的意见")
    assert page.index(first.suggestion.number) < page.index(later.suggestion.number)
    assert "deadline--over" in page
    assert _("Very dissatisfied") in page


def test_a_task_shows_reasons_words_and_the_answer_that_was_rated(as_, city):
    task = dissatisfied(city)
    page = page_of(as_(city.leader).get(f"{TASKS}{task.pk}/"))
    assert _("It is not solved") in page
    assert "昨天晚上又吵了。" in page
    assert task.rating.reply.text in page


def test_a_good_rating_makes_no_task(as_, city):
    services.rate(factories.case(city, "replied"), level=3)
    assert _("Nobody is dissatisfied") in page_of(as_(city.leader).get(TASKS))


def test_finishing_with_a_note_moves_it_to_the_done_list(as_, city):
    task = dissatisfied(city)
    client = as_(city.leader)
    answer = client.post(f"{TASKS}{task.pk}/", {"note": "已上门道歉并重新处理。"})
    assert (answer.status_code, answer["Location"]) == (303, TASKS)
    task.refresh_from_db()
    assert (task.note, task.done_by) == ("已上门道歉并重新处理。", city.leader)
    assert task.suggestion.number not in page_of(client.get(TASKS))
    assert "已上门道歉并重新处理。" in page_of(client.get(f"{TASKS}?done=1"))
    assert "<textarea" not in page_of(client.get(f"{TASKS}{task.pk}/"))


@pytest.mark.parametrize(("note", "kept"), [(" \n\u200b", ""), ("长" * 1001, "长" * 1001)])
def test_a_note_that_says_nothing_or_too_much_is_told_by_the_field(as_, city, note, kept):
    task = dissatisfied(city)
    answer = as_(city.leader).post(f"{TASKS}{task.pk}/", {"note": note})
    page = page_of(answer)
    assert answer.status_code == 422
    assert 'id="id_note_error"' in page
    assert kept in page
    task.refresh_from_db()
    assert task.done_at is None


def test_a_task_is_finished_once(as_, city):
    task = dissatisfied(city)
    services.finish_follow_up(task, by=city.leader, note="已回访。")
    answer = as_(city.leader).post(f"{TASKS}{task.pk}/", {"note": "再来一次。"})
    assert answer.status_code == 409
    task.refresh_from_db()
    assert task.note == "已回访。"


def test_a_leader_of_another_station_finds_nothing(as_, city):
    task = dissatisfied(city)
    client = as_(city.chaoyang_leader)
    assert task.suggestion.number not in page_of(client.get(TASKS))
    assert client.get(f"{TASKS}{task.pk}/").status_code == 404
    assert client.post(f"{TASKS}{task.pk}/", {"note": "不是我的。"}).status_code == 404


def test_a_leader_who_is_named_meanwhile_finds_nothing_any_more(as_, city):
    task = dissatisfied(city)
    client = as_(city.leader)
    assert client.get(f"{TASKS}{task.pk}/").status_code == 200
    services.name_subject(task.suggestion, by=city.triage, unit=city.yuehe)
    assert client.get(f"{TASKS}{task.pk}/").status_code == 404
    assert task.suggestion.number not in page_of(client.get(TASKS))


def test_the_list_takes_the_same_statements_for_one_and_for_many(as_, city):
    client = as_(city.leader)
    dissatisfied(city)
    few = statements(client, TASKS)
    for _n in range(4):
        dissatisfied(city)
    assert statements(client, TASKS) == few


# --- more time --------------------------------------------------------------------------------------------------


def request(city, days=5, by=None, reason="信号机配件下周三才能到。"):
    case = factories.case(city, "assigned")
    return services.request_extension(case, by=by or city.officer, days=days, reason=reason)


def decide(client, extension, grant="yes", reason="信号机已经到了,不用再等。"):
    return client.post(MORE_TIME, {"extension": extension.pk, "grant": grant, "reason": reason})


@pytest.mark.parametrize(
    ("who", "status"),
    [("leader", 200), ("sub_leader", 200), ("admin", 200), ("officer", 403), ("triage", 403), ("auditor", 403),
     ("pollster", 403), ("citizen", 403)],
)  # fmt: skip
def test_only_who_decides_sees_the_requests(as_, city, who, status):
    extension = request(city)
    client = as_(getattr(city, who))
    assert client.get(MORE_TIME).status_code == status
    if status == 403:
        assert decide(client, extension).status_code == 403
        assert Extension.objects.get().state == "requested"


def test_the_leader_sees_case_reason_and_both_dates(as_, city):
    from core.calendar import add_workdays
    from core.day_words import day

    extension = request(city)
    page = page_of(as_(city.leader).get(MORE_TIME))
    case = extension.suggestion
    assert case.title in page
    assert case.get_absolute_url() in page
    assert extension.reason in page
    assert day(case.due_at) in page
    assert day(add_workdays(case.due_at, 5)) in page


def test_granting_moves_the_deadline_by_working_days(as_, city):
    extension = request(city)
    before = extension.suggestion.due_at
    assert decide(as_(city.leader), extension).status_code == 303
    after = Suggestion.objects.get(pk=extension.suggestion_id).due_at
    assert workdays_between(before, after) == 5


def test_refusing_leaves_the_deadline(as_, city):
    extension = request(city)
    assert decide(as_(city.leader), extension, "no", reason=" ").status_code == 422
    assert decide(as_(city.leader), extension, "no").status_code == 303
    extension.refresh_from_db()
    assert extension.state == "refused"
    assert Suggestion.objects.get(pk=extension.suggestion_id).due_at == extension.suggestion.due_at
    told = city.officer.notifications.get(dedupe_key=decided(extension))
    assert told.body == "信号机已经到了,不用再等。"


def test_who_asked_is_told_and_not_offered_to_ask_twice(as_, city):
    extension = request(city)
    address = f"{extension.suggestion.get_absolute_url()}request_extension/"
    assert address not in page_of(as_(city.officer).get(extension.suggestion.get_absolute_url()))
    decide(as_(city.leader), extension)
    assert city.officer.notifications.filter(dedupe_key=decided(extension)).exists()
    assert address not in page_of(as_(city.officer).get(extension.suggestion.get_absolute_url()))


def test_what_was_refused_may_be_asked_again(as_, city):
    extension = request(city)
    decide(as_(city.leader), extension, "no")
    address = f"{extension.suggestion.get_absolute_url()}request_extension/"
    assert address in page_of(as_(city.officer).get(extension.suggestion.get_absolute_url()))


def test_a_long_one_then_waits_for_the_admin_who_reads_no_case(as_, city):
    extension = request(city, days=12)
    number, title = extension.suggestion.number, extension.suggestion.title
    assert number not in page_of(as_(city.admin).get(MORE_TIME))
    decide(as_(city.leader), extension)
    assert number not in page_of(as_(city.leader).get(MORE_TIME))
    page = page_of(as_(city.admin).get(MORE_TIME))
    assert number in page
    assert extension.reason in page
    assert title not in page
    assert extension.suggestion.get_absolute_url() not in page
    assert decide(as_(city.admin), extension).status_code == 303
    extension.refresh_from_db()
    assert (extension.state, extension.confirmed_by) == ("granted", city.admin)


def test_the_admin_cannot_decide_before_the_leader(as_, city):
    extension = request(city, days=12)
    assert decide(as_(city.admin), extension).status_code == 403
    extension.refresh_from_db()
    assert extension.state == "requested"


def test_nobody_decides_their_own_request(as_, city):
    from core.policy import Role

    factories.Membership.objects.create(user=city.officer, role=Role.LEADER, unit=city.yuehe)
    extension = request(city)
    client = as_(city.officer)
    assert extension.suggestion.number not in page_of(client.get(MORE_TIME))
    assert decide(client, extension).status_code == 403


def test_a_request_is_decided_once(as_, city):
    extension = request(city)
    services.decide_extension(extension, by=city.leader, grant=False, reason="不用再等。")
    answer = decide(as_(city.leader), extension)
    assert answer.status_code == 409
    assert _("This was decided already.") in page_of(answer)


def test_another_stations_request_does_not_exist(as_, city):
    extension = request(city)
    client = as_(city.chaoyang_leader)
    assert extension.suggestion.number not in page_of(client.get(MORE_TIME))
    assert decide(client, extension).status_code == 404


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"extension": "x", "grant": "yes"},
        {"extension": "1", "grant": "maybe"},
        {"extension": "9" * 30, "grant": "no"},
    ],
)
def test_a_strange_decision_is_told(as_, city, sent):
    request(city)
    assert as_(city.leader).post(MORE_TIME, sent).status_code == 422
    assert Extension.objects.get().state == "requested"


def test_an_unknown_request_does_not_exist(as_, city):
    assert as_(city.leader).post(MORE_TIME, {"extension": 10**9, "grant": "yes"}).status_code == 404


def test_the_requests_take_the_same_statements_for_one_and_for_many(as_, city):
    client = as_(city.leader)
    request(city)
    few = statements(client, MORE_TIME)
    for _n in range(4):
        request(city)
    assert statements(client, MORE_TIME) == few
    assert len(re.findall('id="why-', page_of(client.get(MORE_TIME)))) == 5


def decided(extension):
    return kept_key(f"case:{extension.suggestion_id}:extension:{extension.pk}:decided")
