"""Nothing is published that nobody read: what citizens agreed to show waits, is read, and is shown or kept back."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from core.errors import Invalid, NotAllowed, WrongState
from core.models import AuditEntry
from suggestions import services
from suggestions.models import IdentityOpening, Reply, Suggestion
from suggestions.queries import board, desk
from suggestions.queries.similar import answered
from suggestions.services import knowing
from suggestions.services.listen import title_from
from tests import factories
from tests.pages import page_of
from tests.suggestions.desk_help import DESK, at_desk, fresh, post

NAME, PHONE = "孙丽华", "13812345678"
SAID = (
    "滨河公园东门路灯坏了 我叫孙丽华 电话 138 1234 5678 微信wxcanaryzq 邮箱 mailcanaryzq@example.org 座机0572-2123456"
)
SIGNED = "您好，孙女士！您反映的五号楼路灯已报市政，三天内修好，修好后打您留的电话138-1234-5678告诉您。孙丽华说的都办。"
CANARIES = ("孙", "丽华", "1234", "5678", "wxcanaryzq", "mailcanaryzq", "2123456")
READ = "我们看到的公开内容。"


@pytest.fixture(autouse=True)
def _in_chinese():
    with translation.override("zh-hans"):
        yield


@pytest.fixture
def said(city):
    """A voice full of what must not be shown, with consent."""
    return factories.say(city, body=SAID, contact_name=NAME, contact_phone=PHONE).suggestion


def signed(city, case, text=SIGNED) -> Suggestion:
    services.draft_reply(case, by=city.officer, text=text)
    services.sign_reply(case, by=city.leader)
    return fresh(case)


def folder(city):
    """What waits to be published."""
    return {case.number for case in desk.inbox(city.triage, "to_publish", {}, None).items}


def everywhere(case):
    """All that a visitor reads of a case."""
    addresses = (
        "/", "/suggestions/", f"/suggestions/{case.number}/", f"/units/{case.unit.code}/", "/open/data/answers.csv",
        "/api/v1/suggestions/", f"/api/v1/suggestions/{case.number}/", "/api/open311/v2/requests.json",
        f"/api/open311/v2/requests/{case.number}.json", f"/api/open311/v2/requests/{case.number}.xml",
    )  # fmt: skip
    visitor = Client(HTTP_ACCEPT_LANGUAGE="zh-hans")
    found = {}
    for address in addresses:
        response = visitor.get(address)
        assert response.status_code == 200, address
        found[address] = b"".join(response.streaming_content if response.streaming else [response.content]).decode()
    return found


def given(form):
    """What a browser sends back of a form, as it was proposed."""
    return {name: form[name].value() for name in form.fields if form[name].value() is not None}


def read_and_show(city, case, **changes):
    """Through the page: everything as proposed, every answer shown."""
    form = at_desk(city.triage).get(f"{DESK}{case.number}/publish/").context["form"]
    shown = {name: "show" for name in form.fields if name.endswith("_is")}
    return post(city.triage, case, "publish", **given(form) | shown | changes)


# --- nothing by itself ----------------------------------------------------------------------------------------------


def test_accepting_one_or_many_publishes_nothing(city, said):
    other = factories.say(city).suggestion
    at_desk(city.triage).post(f"{DESK}bulk/", {"do": "accept_and_assign", "case": [said.number, other.number]})
    assert {fresh(said).state, fresh(other).state} == {"assigned"}
    assert not Suggestion.objects.published().exists()
    assert folder(city) == {said.number, other.number}
    assert said.number not in page_of(Client().get("/suggestions/"))


def test_consent_in_an_old_form_publishes_nothing_either(city, said):
    post(city.triage, said, "accept", category="noise", area="330502002", publish="on")
    assert fresh(said).state == "accepted"
    assert not Suggestion.objects.published().exists()


def test_without_consent_or_with_somebody_named_nothing_waits(city):
    factories.case(city, "accepted", publish=False)
    factories.say(city, category=city.conduct, subjects=[(city.chaoyang, None)])
    complaint = factories.say(city, category=city.conduct, subjects=[(city.chaoyang, None)]).suggestion
    services.accept(complaint, by=city.triage)
    assert folder(city) == set()
    with pytest.raises(Invalid):
        services.publish(complaint, by=city.triage, title="标题", body=READ)


def test_signing_publishes_no_answer(city):
    case = factories.case(city, "assigned")
    assert case.published_at
    signed(city, case)
    page = page_of(Client(HTTP_ACCEPT_LANGUAGE="zh-hans").get(f"/suggestions/{case.number}/"))
    assert "审读同意公开后在这里显示" in page
    assert all("五号楼" not in words for words in everywhere(case).values())
    assert folder(city) == {case.number}


# --- read, marked, shown --------------------------------------------------------------------------------------------


def test_what_is_marked_is_proposed_away_and_nothing_of_it_is_read_anywhere(city, said):
    services.accept_and_assign(said, by=city.triage, unit=city.yuehe)
    signed(city, said)
    assert read_and_show(city, said).status_code == 303
    pages = everywhere(said)
    assert "路灯坏了" in pages[f"/suggestions/{said.number}/"]
    for address in (f"/suggestions/{said.number}/", "/open/data/answers.csv"):
        assert "三天内修好" in pages[address], address
    assert "您好！您反映的五号楼" in pages[f"/api/open311/v2/requests/{said.number}.json"]
    for address, words in pages.items():
        assert not [canary for canary in CANARIES if canary in words.replace(said.number, "")], address
    reply = said.replies.get()
    assert (fresh(said).public_read_by, reply.public_read_by) == (city.triage, city.triage)
    assert reply.text == SIGNED
    assert folder(city) == set()


def test_the_page_marks_what_tells_who_it_is_and_says_of_what_kind(city, said):
    services.accept_and_assign(said, by=city.triage, unit=city.yuehe)
    signed(city, said)
    page = page_of(at_desk(city.triage).get(f"{DESK}{said.number}/publish/"))
    for words, kind in (
        ("138 1234 5678", "与本件封存信息一致"),
        ("0572-2123456", "电话号码"),
        ("wxcanaryzq", "聊天账号"),
    ):
        assert f'<mark title="{kind}">{words}<span' in page
    assert '<mark title="称呼">，孙女士<span' in page
    assert page.count("与本件封存信息一致") >= 4  # name and number, in what was said and in the answer


def test_the_answer_must_be_decided_before_it_is_shown(city):
    case = factories.case(city, "assigned")
    signed(city, case)
    form = at_desk(city.triage).get(f"{DESK}{case.number}/publish/").context["form"]
    refused = post(city.triage, case, "publish", **given(form))
    assert refused.status_code == 422
    assert "请先读完这条答复" in page_of(refused)
    assert not Reply.objects.published().exists()


def test_a_number_is_shown_only_when_it_is_said_twice(city):
    """The telephone of a station may stand there; what slipped through may not."""
    case = factories.case(city, "accepted", published=False)
    sent = {"title": "路灯", "body": "请打派出所电话0572-2123456。"}
    refused = post(city.triage, case, "publish", **sent)
    assert refused.status_code == 422
    assert "0572-2123456" in str(refused.context["form"].errors["body"])
    assert "all_the_same" in refused.context["form"].fields
    assert not fresh(case).published_at
    assert post(city.triage, case, "publish", **sent, all_the_same="on").status_code == 303
    assert fresh(case).public_body == sent["body"]


def test_an_answer_is_shown_in_the_words_of_who_read_it(city):
    case = factories.case(city, "assigned")
    reply = signed(city, case).replies.get()
    assert read_and_show(city, case, **{f"answer_{reply.pk}": "路灯三天内修好。"}).status_code == 303
    assert "路灯三天内修好。" in page_of(Client().get(f"/suggestions/{case.number}/"))
    assert case.replies.get().text == SIGNED


def test_an_answer_is_kept_back_with_a_reason_only(city):
    case = factories.case(city, "assigned")
    reply = signed(city, case).replies.get()
    kept = {f"answer_{reply.pk}_is": "keep"}
    assert read_and_show(city, case, **kept).status_code == 422
    assert read_and_show(city, case, **kept, reason="答复里有办案细节。").status_code == 303
    assert folder(city) == set()
    assert not Reply.objects.published().exists()
    assert "五号楼" not in page_of(Client().get(f"/suggestions/{case.number}/"))
    assert case.steps.filter(kind="kept_back", text="答复里有办案细节。", is_public=False).exists()
    assert SIGNED in page_of(at_desk(city.triage).get(f"{DESK}{case.number}/"))  # the citizen's own stays


def test_a_case_is_kept_back_with_a_reason_and_may_be_shown_later(city, said):
    services.accept(said, by=city.triage)
    assert post(city.triage, said, "keep_back", reason="").status_code == 422
    assert post(city.triage, said, "keep_back", reason="认得出是谁。")["Location"].endswith("?folder=to_publish")
    assert folder(city) == set()
    assert Client().get(f"/suggestions/{said.number}/").status_code == 404
    with pytest.raises(WrongState):
        services.keep_back(said, by=city.triage, reason="再一次。")
    assert read_and_show(city, said).status_code == 303
    assert fresh(said).published_at


def test_after_a_new_round_the_old_answer_is_not_shown_as_the_new_one(city):
    case = factories.case(city, "replied")
    services.reopen(case, reason="还是很吵。")
    signed(city, case)
    assert "劝导舞队" not in page_of(Client().get(f"/suggestions/{case.number}/"))
    assert folder(city) == {case.number}


@pytest.mark.parametrize("leaves", ["unpublish", "withdraw", "name_subject"])
def test_what_leaves_the_board_leaves_with_its_answers(city, leaves):
    case = factories.case(city, "replied")
    if leaves == "unpublish":
        services.unpublish(case, by=city.triage, reason="市民来电要求撤下。")
        assert folder(city) == set()  # somebody has decided it
    else:
        services.reopen(case, reason="还是很吵。")
        if leaves == "withdraw":
            services.withdraw(case)
        else:
            services.name_subject(case, by=city.triage, unit=city.chaoyang)
    assert not Reply.objects.filter(published_at__isnull=False).exists()
    assert not Suggestion.objects.published().exists()


def test_nobody_but_the_desk_publishes(city, said):
    services.accept(said, by=city.triage)
    for person in (city.officer, city.leader, city.admin, city.citizen):
        with pytest.raises(NotAllowed):
            services.publish(said, by=person, title="标题", body=READ)
        with pytest.raises(NotAllowed):
            services.keep_back(said, by=person, reason="不公开。")


def test_an_answer_of_another_case_or_a_draft_is_not_published(city):
    case, other = factories.case(city, "accepted"), factories.case(city, "replied")
    assigned = factories.case(city, "assigned")
    draft = services.draft_reply(assigned, by=city.officer, text=SIGNED)
    for wrong, reply in ((case, other.replies.get()), (assigned, draft)):
        with pytest.raises(Invalid):
            services.publish(wrong, by=city.triage, title="标题", body=READ, answers={reply.pk: READ})


def test_words_are_needed_to_publish(city, said):
    services.accept(said, by=city.triage)
    for words in ({"title": " ", "body": READ}, {"title": "标题", "body": "\u200b"}):
        with pytest.raises(Invalid):
            services.publish(said, by=city.triage, **words)


# --- what the sealed record knows -----------------------------------------------------------------------------------


def test_what_the_record_knows_is_published_by_nobody_however_it_is_spelt(city, said):
    services.accept(said, by=city.triage)
    body = "孙 丽 华说，打１３８－１２３４－５６７８或一三八一二三四五六七八。"
    services.publish(said, by=city.triage, title="孙丽华的路灯", body=body)
    shown = fresh(said)
    assert (shown.public_title, shown.public_body) == ("***的路灯", "*****说，打*************或***********。")


def test_the_account_of_who_spoke_is_known_too(city):
    user = factories.citizen("19912345678")
    user.display_name = "欧阳小敏"
    user.save()
    case = factories.case(city, "accepted", user=user)
    services.publish(case, by=city.triage, title="路灯", body="欧阳小敏 199-1234-5678 说路灯坏了")
    assert fresh(case).public_body == "**** ************* 说路灯坏了"


def test_a_comparison_opens_nobody_and_says_nothing(city, said):
    services.accept(said, by=city.triage)
    before = AuditEntry.objects.count()
    assert "孙" not in repr(knowing.known(said))
    at_desk(city.triage).get(f"{DESK}{said.number}/publish/")
    assert AuditEntry.objects.count() == before
    assert not IdentityOpening.objects.exists()


def test_who_handles_and_signs_reads_no_mark_of_the_record(city, said):
    """A name typed into a draft is not told to be the right one: that would be reading the record by guessing."""
    services.accept_and_assign(said, by=city.triage, unit=city.yuehe)
    services.draft_reply(said, by=city.officer, text="已请市政修理，丽华和孙丽华住的五号楼三天内亮。")
    page = page_of(at_desk(city.leader).get(f"{DESK}{said.number}/sign_reply/"))
    assert "与本件封存信息一致" not in page
    assert (
        "孙丽华住的五号楼三天内亮"
        in at_desk(city.leader).get(f"{DESK}{said.number}/sign_reply/").context["form"]["public_text"].value()
    )
    services.sign_reply(said, by=city.leader)
    assert said.replies.get().public_text == "已请市政修理，丽华和***住的五号楼三天内亮。"


# --- the two wordings of who signs ----------------------------------------------------------------------------------


def test_who_signs_sees_both_wordings_and_a_changed_answer_once_more(city):
    case = factories.case(city, "assigned")
    services.draft_reply(case, by=city.officer, text="孙女士，您好！路灯三天内修好，请您放心。")
    form = at_desk(city.leader).get(f"{DESK}{case.number}/sign_reply/").context["form"]
    assert form["public_text"].value() == "您好！路灯三天内修好，请您放心。"
    better = "孙女士，您好！路灯明天就修好，请您放心。"
    again = post(city.leader, case, "sign_reply", text=better, public_text=form["public_text"].value())
    assert again.status_code == 422
    proposed = again.context["form"]["public_text"].value()
    assert proposed == "您好！路灯明天就修好，请您放心。"
    assert post(city.leader, case, "sign_reply", text=better, public_text=proposed).status_code == 303
    reply = case.replies.get()
    assert (reply.text, reply.public_text, reply.published_at) == (better, proposed, None)


def test_who_signs_may_say_it_to_others_in_other_words(city):
    case = factories.case(city, "assigned")
    services.draft_reply(case, by=city.officer, text="孙女士，您好！路灯三天内修好，请您放心。")
    sent = {"text": "孙女士，您好！路灯三天内修好，请您放心。", "public_text": "五号楼的路灯三天内修好。"}
    assert post(city.leader, case, "sign_reply", **sent).status_code == 303
    assert case.replies.get().public_text == "五号楼的路灯三天内修好。"


# --- elsewhere ------------------------------------------------------------------------------------------------------


def test_what_was_answered_before_is_what_was_published(city):
    words = "月河街道滨河公园东门的路灯坏了半个月"
    before = factories.case(city, "assigned", body=words, contact_name=NAME, contact_phone=PHONE)
    signed(city, before)
    asked = factories.case(city, "assigned", body=words)
    assert answered(asked) == []
    read_and_show(city, before)
    (found,) = answered(asked)
    assert [reply.public_text for reply in found.suggestion.answers] == [before.replies.get().public_text]
    assert "孙" not in found.suggestion.answers[0].public_text


def test_the_words_of_an_extension_are_for_the_citizen_alone(city):
    case = factories.case(city, "assigned")
    services.request_extension(case, by=city.officer, days=3, reason="要等孙女士回家才能看现场。")
    services.decide_extension(case.extensions.get(), by=city.leader, grant=True)
    assert case.steps.filter(text__contains="孙女士", is_public=True).exists()
    assert all("孙女士" not in words for words in everywhere(case).values())


def test_the_folder_takes_the_same_statements_for_few_and_for_many(city):
    def statements():
        with CaptureQueriesContext(connection) as asked:
            at_desk(city.triage).get(DESK, {"folder": "to_publish"})
        return len(asked)

    for _n in range(2):
        factories.case(city, "replied", published=False)
    statements()  # what is read once a process is read now
    few = statements()
    for _n in range(6):
        factories.case(city, "replied", published=False)
    assert statements() == few
    assert len(folder(city)) == 8


def test_the_form_takes_the_same_statements_for_one_answer_and_for_three(city):
    def statements(case):
        client = at_desk(city.triage)
        with CaptureQueriesContext(connection) as asked:
            client.get(f"{DESK}{case.number}/publish/")
        return len(asked)

    one = factories.case(city, "replied", published=False)
    three = factories.case(city, "replied", published=False)
    for _n in range(2):
        services.reopen(three, reason="还是很吵。")
        factories.answer(city, three)
    assert statements(three) == statements(one)


def test_the_board_shows_the_published_answers_only(city):
    case = factories.case(city, "replied")
    assert len(board.public_case(case.number).answers) == 1
    Reply.objects.update(published_at=None)
    assert board.public_case(case.number).answers == []


def test_words_of_an_answer_are_found_from_the_moment_it_is_shown_until_it_is_kept_back(city):
    def found():
        return [one.number for one in board.search("市政", size=5).items]

    case = factories.case(city, "replied", body="五号楼路灯坏了。", published=False)
    [answer] = case.replies.all()
    words = {"title": "路灯", "body": "路灯坏了。", "by": city.triage}
    services.publish(case, **words, answers={answer.pk: "已报市政，三天内修好。"})
    assert found() == [case.number]
    services.publish(fresh(case), **words, answers={answer.pk: ""}, reason="请先不公开。")
    assert found() == []


LONG = "我叫孙丽华，电话138 1234 5678，请来看看路灯，谢谢你们大家，一直没有人来修理过它"


@pytest.mark.parametrize("before", range(32))
def test_a_title_never_ends_within_a_number(before):
    """Half a telephone number is found by nobody who looks for telephone numbers."""
    title = title_from("路" * before + LONG)
    assert "138 1234 5678" in title or not any(digit in title for digit in "12345678")


@pytest.mark.parametrize("before", [12, 22, 24, 26])
def test_no_half_of_a_name_or_number_is_proposed_as_a_title(city, before):
    case = factories.say(city, body="路" * before + LONG, contact_name=NAME, contact_phone=PHONE).suggestion
    services.accept(case, by=city.triage)
    form = at_desk(city.triage).get(f"{DESK}{case.number}/publish/").context["form"]
    assert not any(canary in form.fields["title"].initial for canary in ("138", "1234", "孙", "丽"))
