"""Many voices, one matter: each has its own page, and none is lost when the case that it follows goes."""

from datetime import timedelta

import pgtrigger
import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accounts.notifications import kept_key
from core import promises
from core.errors import DomainError, Invalid, WrongState
from core.files import clean_uploads
from suggestions import deadlines, services
from suggestions.models import Reminder, Suggestion
from suggestions.queries import desk, me, tracked
from suggestions.queries.figures import open_figures, unit_figures
from suggestions.services.routing import triage_unit
from suggestions.states import State, StepKind
from tests import factories
from tests.api.conftest import api_of
from tests.core.broken_promises import raw
from tests.pages import page_of
from tests.suggestions.desk_help import at_desk, fresh, post
from tests.suggestions.racing import beside
from tests.suggestions.speaking import photo
from tests.suggestions.test_page_track import open_case

NAMED = "孙女士,您好!民警已到现场,劝导舞队九点前结束。修好后打您的电话13812341234告诉您。"
TRACK = "/api/v1/suggestions/track/"


@pytest.fixture(autouse=True)
def _in_chinese():
    with translation.override("zh-hans"):
        yield


def check_deferred() -> None:
    raw("SET CONSTRAINTS ALL IMMEDIATE")
    raw("SET CONSTRAINTS ALL DEFERRED")


def own(case: Suggestion) -> tracked.OwnCase:
    return tracked.own_case(Suggestion.objects.select_related("merged_into__unit", "unit", "category").get(pk=case.pk))


def crowd(city, *states: str, leader: str = "assigned", **kind) -> list[Suggestion]:
    """A leader, and a follower that stood in each of ``states`` before."""
    first = factories.case(city, leader, **kind)
    followers = [factories.case(city, state, **kind) for state in states]
    for one in followers:
        services.merge(one, into=first, by=city.triage)
    return [first, *followers]


# --- each reads the answer, rates it and disagrees with it by itself ----------------------------------------------


def test_a_follower_reads_the_answer_without_whom_it_greets(client, city):
    receipt = factories.say(city)
    leader, mine = factories.case(city, "assigned"), receipt.suggestion
    services.merge(mine, into=leader, by=city.triage)
    factories.answer(city, leader, text=NAMED)
    page = page_of(client.get(open_case(client, mine)))
    assert "劝导舞队九点前结束" in page
    program = api_of(None).post(TRACK, {"code": receipt.tracking_code}).content.decode()
    assert "劝导舞队九点前结束" in program
    for shown in (page, program):
        assert "孙女士" not in shown
        assert "13812341234" not in shown
    assert NAMED in page_of(client.get(open_case(client, leader))), "what was written to somebody, they read as it is"


def test_a_reason_for_more_time_names_nobody_to_who_follows(client, city):
    leader, mine = crowd(city, "received")
    extension = services.request_extension(leader, by=city.officer, days=3, reason="孙女士,您好!舞队队长出差。")
    services.decide_extension(extension, by=city.leader, grant=True)
    page = page_of(client.get(open_case(client, mine)))
    assert "舞队队长出差" in page
    assert "孙女士" not in page


def test_each_voice_rates_the_shared_answer_once_and_sees_its_own_rating(client, city):
    leader, one, two = crowd(city, "received", "accepted")
    factories.answer(city, leader)
    services.rate(one, level=1)
    assert own(one).rating.level == 1
    for other in (leader, two):
        shown = own(other)
        assert (shown.rating, shown.can_rate) == (None, True)
        page = page_of(client.get(open_case(client, other)))
        assert f"/track/{other.number}/rate/" in page
        assert "非常不满意</p>" not in page
    with pytest.raises(WrongState):
        services.rate(one, level=5)
    services.rate(leader, level=5)
    services.rate(two, level=4)
    assert [own(case).rating.level for case in (leader, one, two)] == [5, 1, 4]
    figures = open_figures()
    assert (figures.rated, figures.satisfied) == (3, 2)


def test_a_followers_rating_counts_for_the_unit_that_gave_the_answer(city):
    leader, mine = crowd(city, "received")
    assert (leader.unit, mine.unit) == (city.yuehe, city.desk)
    factories.answer(city, leader)
    services.rate(mine, level=1)
    assert [unit_figures(unit).rated for unit in (city.yuehe, city.desk)] == [1, 0]


def test_what_others_thought_is_not_in_the_thread_of_a_follower(client, city):
    leader, mine = crowd(city, "received")
    factories.answer(city, leader)
    services.rate(leader, level=1)
    assert not [node for node in own(mine).leader_thread if node.kind == "rated"]
    assert [node for node in own(leader).thread if node.kind == "rated"]


def test_a_follower_is_asked_to_rate_until_it_has(city):
    leader = factories.case(city, "assigned")
    mine = factories.case(city, user=city.citizen)
    services.merge(mine, into=leader, by=city.triage)
    assert me.to_do(city.citizen) == []
    factories.answer(city, leader)
    services.rate(leader, level=5)
    assert [(one.verb, one.case) for one in me.to_do(city.citizen)] == [("rate", mine)]
    services.rate(mine, level=3)
    assert me.to_do(city.citizen) == []


def test_who_was_answered_again_is_asked_again(city):
    case = factories.case(city, "closed", user=city.citizen)
    services.rate(case, level=2)
    services.reopen(case, reason="又响了")
    factories.answer(city, case)
    services.confirm(case)
    assert [one.verb for one in me.to_do(city.citizen)] == ["rate"]


def test_a_follower_that_disagrees_goes_its_own_way(client, city):
    leader, mine, other = crowd(city, "received", "accepted")
    factories.answer(city, leader)
    services.confirm(leader)
    assert f"/track/{mine.number}/reopen/" in page_of(client.get(open_case(client, mine)))
    response = client.post(f"{open_case(client, mine)}reopen/", {"reason": "我家楼下还是很吵"})
    assert response.status_code == 303
    check_deferred()
    mine = fresh(mine)
    assert (mine.state, mine.merged_into_id, mine.unit) == (State.ASSIGNED, None, city.yuehe)
    assert mine.deadline > leader.created_at
    assert mine.reminders.filter(sent_at=None, cancelled_at=None).count() == 3
    assert city.leader.notifications.filter(dedupe_key=kept_key(f"case:{mine.pk}:reopened:1")).exists()
    assert fresh(leader).state == State.CLOSED, "what the others were content with stays settled"
    assert own(other).reply is not None
    factories.answer(city, mine, text="您好,民警再次到场,已把音响调低。")
    assert own(mine).reply.text == "您好,民警再次到场,已把音响调低。"
    services.rate(mine, level=4)


def test_a_follower_does_not_reopen_what_has_no_answer(city):
    _leader, mine = crowd(city, "received")
    assert own(mine).can_reopen is False
    with pytest.raises(WrongState):
        services.reopen(mine, reason="太慢")


def test_a_follower_is_told_when_the_shared_answer_does_not_stand_any_more(city):
    leader = factories.case(city, "assigned")
    mine = factories.case(city, user=city.citizen)
    services.merge(mine, into=leader, by=city.triage)
    factories.answer(city, leader)
    services.reopen(leader, reason="没有解决")
    assert city.citizen.notifications.filter(dedupe_key=kept_key(f"case:{mine.pk}:reopened:1:{leader.pk}")).exists()
    assert own(mine).due_at == fresh(leader).due_at


def test_a_follower_takes_back_its_own_voice_alone(client, city):
    leader, mine, other = crowd(city, "received", "accepted")
    assert client.post(f"{open_case(client, mine)}withdraw/", {"reason": ""}).status_code == 303
    check_deferred()
    assert (fresh(mine).state, fresh(mine).merged_into) == (State.WITHDRAWN, None)
    assert (fresh(leader).state, fresh(other).merged_into_id) == (State.ASSIGNED, leader.pk)
    factories.answer(city, leader)
    assert own(other).can_withdraw is False
    with pytest.raises(WrongState):
        services.withdraw(other)


def test_what_a_follower_adds_reaches_who_answers(client, city):
    leader, mine = crowd(city, "received")
    files = clean_uploads([photo()])
    services.add_information(mine, text="舞队来自隔壁小区", files=files)
    page = page_of(at_desk(city.officer).get(f"/desk/{leader.number}/"))
    assert "舞队来自隔壁小区" in page
    address = f"/desk/{mine.number}/files/{mine.attachments.get().pk}/"
    assert address in page
    assert at_desk(city.officer).get(address).status_code == 200
    assert at_desk(city.chaoyang_officer).get(address).status_code == 404
    assert city.officer.notifications.filter(link=f"/desk/{leader.number}/", dedupe_key__contains="added").exists()
    factories.answer(city, leader)
    with pytest.raises(WrongState):
        services.add_information(mine, text="还有")


def test_the_followers_page_takes_as_many_statements_for_a_crowd(client, city):
    def statements() -> int:
        with CaptureQueriesContext(connection) as taken:
            assert client.get(address).status_code == 200
        return len(taken)

    leader, mine = crowd(city, "received")
    factories.answer(city, leader)
    address = open_case(client, mine)
    client.get(address)
    few = statements()
    for n in range(3):
        services.merge(factories.case(city), into=leader, by=city.triage, standing_answer="fits")
        services.reopen(leader, reason=f"第{n}次又坏了")
        factories.answer(city, leader)
        services.rate(mine, level=3)
    assert statements() == few <= 12


# --- merging into what was answered before ------------------------------------------------------------------------


def test_an_older_answer_is_not_given_to_a_new_voice_unread(city):
    old = factories.case(city, "closed")
    mine = factories.case(city, user=city.citizen)
    with pytest.raises(Invalid) as refused:
        services.merge(mine, into=old, by=city.triage)
    assert list(refused.value.fields) == ["standing_answer"]
    assert fresh(mine).state == State.RECEIVED
    assert api_of(city.triage).post(f"/api/v1/desk/suggestions/{mine.number}/merge/", {"into": old.number}).json()[
        "errors"
    ].keys() == {"standing_answer"}


def test_an_older_answer_that_fits_is_the_new_voices_too_and_it_is_told(client, city):
    old = factories.case(city, "closed")
    mine = factories.case(city, user=city.citizen)
    body = {"into": old.number, "standing_answer": "fits"}
    done = api_of(city.triage).post(f"/api/v1/desk/suggestions/{mine.number}/merge/", body)
    assert done.json()["state"] == "merged"
    assert city.citizen.notifications.filter(link__contains=mine.number, dedupe_key__contains=":replied").exists()
    assert mine.steps.filter(kind=StepKind.NOTE, is_public=False, text__contains="也适用").exists()
    shown = own(mine)
    assert (shown.can_rate, shown.can_reopen) == (True, True)
    assert fresh(old).state == State.CLOSED


@pytest.mark.parametrize("state", ["replied", "closed"])
def test_an_older_answer_that_does_not_fit_is_given_anew_by_the_promised_day(city, state):
    first = factories.citizen()
    old = factories.case(city, state, user=first)
    mine = factories.case(city)
    promised = deadlines.promised(mine.created_at, city.noise.reply_days)
    services.merge(mine, into=old, by=city.triage, standing_answer="anew")
    check_deferred()
    assert (fresh(old).state, fresh(old).due_at) == (State.ASSIGNED, promised)
    assert own(mine).reply is None
    assert own(mine).due_at == promised
    assert first.notifications.filter(dedupe_key=kept_key(f"case:{old.pk}:reopened:1:{old.pk}")).exists()
    factories.answer(city, old, text="您好,民警今晚再去一次,明天给您回话。")
    assert "今晚再去一次" in own(mine).reply.text


def test_the_desks_page_shows_the_older_answer_and_asks(city):
    old = factories.case(city, "assigned")
    factories.answer(city, old, text=NAMED)
    mine = factories.case(city)
    page = page_of(at_desk(city.triage).get(f"/desk/{mine.number}/merge/?into={old.number}"))
    asked = post(city.triage, mine, "merge", into=old.number)
    assert asked.status_code == 422
    for shown in (page, page_of(asked)):
        assert "劝导舞队九点前结束" in shown
        assert 'name="standing_answer"' in shown
    assert fresh(mine).state == State.RECEIVED
    assert post(city.triage, mine, "merge", into=old.number, standing_answer="x").status_code == 422
    assert post(city.triage, mine, "merge", into=old.number, standing_answer="fits").status_code == 303


def test_the_desks_page_asks_nothing_where_there_is_no_answer_yet(city):
    leader, mine = factories.case(city, "assigned"), factories.case(city)
    page = page_of(at_desk(city.triage).get(f"/desk/{mine.number}/merge/?into={leader.number}"))
    assert 'name="standing_answer"' not in page


def test_the_day_that_was_promised_stands_where_the_leader_has_longer(city):
    leader, mine = factories.case(city, "assigned", category=city.lights), factories.case(city)
    promised = deadlines.promised(mine.created_at, city.noise.reply_days)
    assert leader.due_at > promised
    services.merge(mine, into=leader, by=city.triage)
    assert fresh(leader).due_at == promised
    due = Reminder.objects.get(suggestion=leader, kind="due", cancelled_at=None, sent_at=None)
    assert due.due_at == promised


def test_the_promised_day_stands_when_the_leader_is_accepted_or_classified_anew(city):
    leader, mine = factories.case(city, category=city.lights), factories.case(city)
    promised = deadlines.promised(mine.created_at, city.noise.reply_days)
    services.merge(mine, into=leader, by=city.triage)
    services.accept(leader, by=city.triage)
    assert fresh(leader).due_at == promised
    services.classify(leader, by=city.triage, category=city.conduct, area=None)
    assert fresh(leader).due_at == promised


# --- taken out again ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["received", "accepted", "assigned"])
def test_what_is_taken_out_stands_where_it_stood(city, state):
    leader = factories.case(city, "assigned")
    mine = factories.case(city, state, user=city.citizen)
    before = (mine.state, mine.due_at, mine.clock_from, mine.unit_id)
    planned = set(mine.reminders.filter(cancelled_at=None).values_list("kind", "due_at"))
    services.merge(mine, into=leader, by=city.triage)
    factories.answer(city, leader)
    services.rate(mine, level=2)
    services.unmerge(mine, by=city.triage)
    check_deferred()
    mine = fresh(mine)
    assert (mine.state, mine.due_at, mine.clock_from, mine.unit_id) == before
    assert set(mine.reminders.filter(cancelled_at=None).values_list("kind", "due_at")) == planned
    assert (own(mine).reply, own(mine).rating) == (None, None)
    assert city.citizen.notifications.filter(dedupe_key__contains="alone").exists()
    services.merge(mine, into=leader, by=city.triage, standing_answer="fits")
    assert own(mine).rating.level == 2, "it rated this answer already"


# --- a leader takes nobody along ----------------------------------------------------------------------------------


def leave(city, leader: Suggestion, way: str) -> None:
    if way == "withdrawn":
        services.withdraw(leader)
    else:
        services.decline(leader, by=city.triage, reason="这件事属于城管部门,请拨打12345热线。")


@pytest.mark.parametrize("way", ["withdrawn", "declined"])
def test_a_leader_that_goes_sets_free_who_followed_it(city, way):
    first, second = city.citizen, factories.citizen()
    leader = factories.case(city, "accepted")
    oldest, next_one = factories.case(city, "assigned", user=first), factories.case(city, user=second)
    due = oldest.due_at
    for one in (next_one, oldest):
        services.merge(one, into=leader, by=city.triage)
    leave(city, leader, way)
    check_deferred()
    assert fresh(leader).state == way
    oldest, next_one = fresh(oldest), fresh(next_one)
    assert (oldest.state, oldest.due_at, oldest.unit, oldest.merged_into) == (State.ASSIGNED, due, city.yuehe, None)
    assert (next_one.state, next_one.merged_into) == (State.MERGED, oldest)
    assert oldest.reminders.filter(sent_at=None, cancelled_at=None).count() == 3
    assert first.notifications.filter(dedupe_key__contains=":alone:").exists()
    assert city.officer.notifications.filter(link__contains=oldest.number, dedupe_key__contains=":free").exists()
    assert city.triage.notifications.filter(link__contains=oldest.number, dedupe_key__contains=":free").exists()
    assert [one for one in promises.violations() if one.promise in ("P1", "P6")] == []
    factories.answer(city, oldest)
    assert own(next_one).reply is not None
    services.unmerge(next_one, by=city.triage)
    assert fresh(next_one).state == State.RECEIVED, "where it stood before it followed anybody"


def test_the_oldest_answers_by_the_earliest_day_that_was_promised(city):
    leader = factories.case(city, "accepted")
    oldest, hurried = factories.case(city, "assigned", category=city.lights), factories.case(city)
    for one in (oldest, hurried):
        services.merge(one, into=leader, by=city.triage)
    services.withdraw(leader)
    assert fresh(oldest).due_at == deadlines.promised(hurried.created_at, city.noise.reply_days)


def test_an_answered_leader_that_is_reopened_and_withdrawn_sets_free(city):
    leader, mine = crowd(city, "received")
    factories.answer(city, leader)
    services.reopen(leader, reason="还是吵")
    services.withdraw(leader)
    check_deferred()
    assert (fresh(mine).state, fresh(mine).unit) == (State.RECEIVED, triage_unit())


def test_splitting_a_leader_leaves_its_followers_with_it(city):
    leader, mine = crowd(city, "received")
    services.split(leader, by=city.triage, body="另外路灯也坏了。", category=city.other, area=None)
    check_deferred()
    assert fresh(mine).merged_into_id == leader.pk
    factories.answer(city, leader)
    assert own(mine).reply is not None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["merge", "withdraw"])
def test_who_takes_a_case_back_while_another_is_merged_into_it(first):
    city = factories.city()
    mine, leader = factories.case(city, "accepted"), factories.case(city, "accepted")

    def merge() -> None:
        services.merge(mine, into=leader, by=city.triage)

    def withdraw() -> None:
        services.withdraw(leader)

    outcome = beside(merge, withdraw) if first == "merge" else beside(withdraw, merge)
    assert outcome is None if first == "merge" else isinstance(outcome, Invalid)
    assert (fresh(leader).state, fresh(mine).state) == (State.WITHDRAWN, State.ACCEPTED)
    assert [one for one in promises.violations() if one.promise == "P1"] == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["unmerge", "other"])
@pytest.mark.parametrize("what", ["unmerge", "withdraw the leader", "withdraw the follower"])
def test_taking_apart_and_what_else_happens_come_one_after_the_other(what, first):
    city = factories.city()
    mine, leader = factories.case(city, "accepted"), factories.case(city, "accepted")
    services.merge(mine, into=leader, by=city.triage)

    def unmerge() -> None:
        services.unmerge(fresh(mine), by=city.triage)

    def other() -> None:
        if what == "unmerge":
            services.unmerge(fresh(mine), by=city.triage)
        elif what == "withdraw the leader":
            services.withdraw(fresh(leader))
        else:
            services.withdraw(fresh(mine))

    outcome = beside(unmerge, other) if first == "unmerge" else beside(other, unmerge)
    assert outcome is None or isinstance(outcome, DomainError), "a 409 and never a 500"
    assert fresh(mine).state in (State.ACCEPTED, State.WITHDRAWN)
    assert fresh(mine).merged_into_id is None
    assert [one for one in promises.violations() if one.promise in ("P1", "P11", "P3")] == []


FOLLOW = "UPDATE suggestions_suggestion SET state = 'merged', merged_into_id = %s WHERE id = %s"
GO = "UPDATE suggestions_suggestion SET state = 'withdrawn' WHERE id = %s"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["follow", "go"])
def test_the_database_lets_no_race_lose_a_voice(first):
    """Plain SQL, past every service: neither sees what the other has not committed, so the guard waits for it."""
    city = factories.city()
    mine, leader = factories.case(city, "accepted"), factories.case(city, "accepted")

    def follow() -> None:
        with transaction.atomic():
            raw(FOLLOW, leader.pk, mine.pk)

    def go() -> None:
        with transaction.atomic():
            raw(GO, leader.pk)

    with pytest.raises(DatabaseError):
        outcome = beside(follow, go) if first == "follow" else beside(go, follow)
        if isinstance(outcome, Exception):
            raise outcome
    assert promises_kept()


def promises_kept() -> bool:
    return not [one for one in promises.violations() if one.promise == "P1"]


def test_without_the_guard_a_withdrawn_leader_is_found(city):
    leader, mine = crowd(city, "received")
    check_deferred()
    with pgtrigger.ignore("suggestions.Suggestion:follower_has_a_leader"):
        raw(GO, leader.pk)
        raw("SET CONSTRAINTS ALL IMMEDIATE")
    assert mine.number in [one.row for one in promises.violations() if one.promise == "P1"]


# --- desk acts beside each other ----------------------------------------------------------------------------------


def note(city, case):
    services.note(case, by=city.triage, text="已电话联系。")


def draft(city, case):
    services.draft_reply(case, by=city.officer, text="您好,民警已到现场劝导舞队。")


def add(city, case):
    services.add_information(case, text="补充一句")


def classify(city, case):
    services.classify(case, by=city.triage, category=city.lights, area=city.lianshi_area)


def transfer(city, case):
    services.transfer(case, by=city.triage, unit=city.chaoyang, reason="地点在朝阳")


def name_subject(city, case):
    services.name_subject(case, by=city.triage, unit=city.yuehe)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("second", [note, draft, add])
@pytest.mark.parametrize("first", [classify, transfer, name_subject])
def test_an_act_beside_another_is_done_or_refused_by_its_name(first, second):
    """What the case points to changes while the other waits for it: it is found all the same."""
    city = factories.city()
    case = factories.case(city, "assigned")
    steps = case.steps.count()
    outcome = beside(lambda: first(city, case), lambda: second(city, case))
    if second is draft and first is not classify:
        assert getattr(outcome, "status", None) == 403, "the officer's unit has lost the case"
    else:
        assert outcome is None
        assert case.steps.count() >= steps + 2


@pytest.mark.django_db(transaction=True)
def test_the_page_of_who_was_slower_keeps_the_words(client):
    city = factories.city()
    case = factories.case(city, "assigned")
    seen = desk.last_step(case)
    words = "您好,民警已到现场劝导舞队。"

    def send():
        return post(city.officer, case, "draft_reply", text=words, seen=seen)

    response = beside(lambda: services.ask(case, by=city.triage, question="哪一栋?"), send)
    assert response.status_code == 409
    assert words in page_of(response)
    late = Suggestion.objects.get(pk=case.pk)
    assert late.due_at - case.due_at > timedelta(0)
