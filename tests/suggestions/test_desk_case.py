"""One case on the desk: each role does its job through the pages, and nobody does another's."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from PIL import Image

from core.files import clean_upload
from suggestions import services
from suggestions.models import ReplyTemplate, Suggestion
from suggestions.queries import desk
from suggestions.services import moves
from suggestions.states import State
from suggestions.views.desk_verbs import GROUPS, VERBS
from tests import factories
from tests.pages import page_of
from tests.suggestions.desk_help import DESK, at_desk, fresh, post

GOOD_ANSWER = "您好,民警昨晚到现场,和舞队说好九点前结束。"


@pytest.fixture(autouse=True)
def _in_chinese():
    with translation.override("zh-hans"):
        yield


def page(user, case):
    return at_desk(user).get(f"{DESK}{case.number}/")


def photo():
    buffer = io.BytesIO()
    Image.new("RGB", (8, 6), (90, 140, 160)).save(buffer, "JPEG")
    return clean_upload(SimpleUploadedFile("a.jpg", buffer.getvalue()))


# --- the triage desk ----------------------------------------------------------------------------------------------


def test_triage_accepts_and_corrects_in_one_form_that_publishes_nothing(city):
    case = factories.case(city, category=city.other)
    assert 'name="publish"' not in page_of(page(city.triage, case))
    response = post(city.triage, case, "accept", category="noise", area="330502002", publish="on")
    assert (response.status_code, response["Location"]) == (303, f"{DESK}{case.number}/")
    case = fresh(case)
    assert (case.state, case.category_id, case.area_id) == (State.ACCEPTED, "noise", "330502002")
    assert case.published_at is None


def test_triage_accepts_and_assigns_by_the_rules_or_by_hand(city):
    by_rule, by_hand = factories.case(city), factories.case(city)
    post(city.triage, by_rule, "accept_and_assign", category="noise", area="330502001")
    post(city.triage, by_hand, "accept_and_assign", category="noise", area="330502001", unit=city.lianshi.pk)
    assert (fresh(by_rule).unit, fresh(by_hand).unit) == (city.yuehe, city.lianshi)


def test_triage_assigns_with_a_note_that_stays_inside(city):
    case = factories.case(city, "accepted")
    post(city.triage, case, "assign", unit="", note="请今晚先去看一次。")
    assert fresh(case).unit == city.yuehe
    assert "请今晚先去看一次" in page_of(page(city.officer, case))
    assert not case.steps.filter(is_public=True, text__contains="请今晚先去看一次").exists()


def test_where_the_rules_send_it_is_said_with_the_reason_before(city):
    case = factories.case(city)
    text = page_of(page(city.triage, case))
    assert "建议交给月河派出所" in text
    assert services.route(case.category, case.area).why in text
    complaint = factories.case(city, category=city.conduct, subjects=[(city.inspectorate, None)])
    text = page_of(page(city.triage, complaint))
    assert "建议交给湖州市公安局" in text
    assert "本应交给警务督察支队" in text


def test_the_suggestion_follows_the_category_that_is_chosen(city):
    case = factories.case(city)
    response = at_desk(city.triage).get(
        f"{DESK}{case.number}/accept_and_assign/",
        {"category": "traffic_lights", "area": "330502001"},
        HTTP_HX_REQUEST="true",
        HTTP_HX_TARGET="routed",
    )
    text = page_of(response)
    assert "建议交给吴兴交警大队" in text
    assert "<form" not in text


def test_a_unit_that_is_complained_of_is_not_offered_and_not_taken(city):
    case = factories.case(city, "accepted", subjects=[(city.wuxing, None)])
    assert f'<option value="{city.yuehe.pk}"' not in page_of(page(city.triage, case))
    response = post(city.triage, case, "assign", unit=city.yuehe.pk)
    assert response.status_code == 422
    assert "被投诉，请选别的单位" in page_of(response)
    assert fresh(case).state == State.ACCEPTED


def test_triage_declines_with_a_reason_only(city):
    case = factories.case(city)
    assert post(city.triage, case, "decline", reason=" ").status_code == 422
    assert post(city.triage, case, "decline", reason="路面破损由市政部门负责,请拨打12345。").status_code == 303
    assert fresh(case).state == State.DECLINED
    assert "路面破损由市政部门负责" in page_of(page(city.triage, case))


def test_triage_classifies(city):
    case = factories.case(city, "assigned")
    post(city.triage, case, "classify", category="traffic_lights", area="")
    assert (fresh(case).category_id, fresh(case).area_id) == ("traffic_lights", None)


def test_triage_merges_into_a_similar_case_and_takes_it_apart_again(city):
    first, second = factories.case(city, "assigned"), factories.case(city)
    text = page_of(page(city.triage, second))
    link = f"{DESK}{second.number}/merge/?into={first.number}"
    assert link in text
    assert f'value="{first.number}"' in page_of(at_desk(city.triage).get(link))
    assert post(city.triage, second, "merge", into=first.number).status_code == 303
    assert fresh(second).merged_into_id == first.pk
    assert first.number in page_of(page(city.triage, second))
    assert post(city.triage, second, "unmerge").status_code == 303
    assert fresh(second).state == State.RECEIVED


def test_the_followers_words_are_read_where_they_are_answered(city):
    first, second = factories.case(city, "assigned"), factories.case(city, body="我家孩子也被吵醒。")
    services.merge(second, into=first, by=city.triage, no_complaint=True)
    text = page_of(page(city.officer, first))
    assert "我家孩子也被吵醒" in text
    assert f'href="{DESK}{second.number}/"' not in text, "the follower itself is not the officer's to open"
    assert f'href="{DESK}{second.number}/"' in page_of(page(city.triage, first))


@pytest.mark.parametrize("into", ["", "2020-000001", "x", "\x00", "9" * 400, "itself", "hidden"])
def test_a_merge_that_makes_no_sense_is_told_by_the_field(city, into):
    case = factories.case(city)
    hidden = factories.case(city, subjects=[(city.desk, None)])
    number = {"itself": case.number, "hidden": hidden.number}.get(into, into)
    response = post(city.triage, case, "merge", into=number)
    assert response.status_code == 422
    assert 'id="merge_into_error"' in page_of(response)


def test_triage_splits_another_matter_off(city):
    case = factories.case(city, "accepted", body="广场舞太吵。另外路灯也坏了。")
    assert "广场舞太吵。另外路灯也坏了。</textarea>" in page_of(at_desk(city.triage).get(f"{DESK}{case.number}/split/"))
    assert post(city.triage, case, "split", body="路灯坏了。", category="other", area="330502001").status_code == 303
    part = Suggestion.objects.get(split_from=case)
    assert (part.body, part.category_id, part.state) == ("路灯坏了。", "other", State.RECEIVED)
    assert f"{DESK}{part.number}/" in page_of(page(city.triage, case))


@pytest.mark.parametrize("by_badge", [True, False])
def test_naming_who_is_complained_of_moves_the_case_away_from_them(city, by_badge):
    case = factories.case(city, "assigned")
    badge = city.officer.officer.badge_number
    sent = {"badge": badge} if by_badge else {"unit": city.yuehe.pk}
    assert post(city.triage, case, "name_subject", **sent).status_code == 303
    assert fresh(case).unit == city.wuxing
    assert page(city.officer, case).status_code == page(city.leader, case).status_code == 404
    text = page_of(page(city.triage, case))
    assert "被投诉" in text
    assert (badge in text) is by_badge


def test_who_can_no_longer_see_the_case_goes_back_to_the_inbox(city):
    case = factories.case(city)
    response = post(city.triage, case, "name_subject", unit=city.desk.pk)
    assert response["Location"] == DESK
    assert page(city.triage, case).status_code == 404


@pytest.mark.parametrize("badge", ["999999", "x", "\x00", "0" * 11])
def test_a_badge_that_does_not_exist_is_told(city, badge):
    case = factories.case(city)
    assert post(city.triage, case, "name_subject", badge=badge).status_code == 422
    assert not case.subjects.exists()


def test_triage_chooses_the_words_and_pictures_that_everybody_sees(city):
    case = factories.say(city, files=[photo()]).suggestion
    services.accept(case, by=city.triage)
    picture = case.attachments.get()
    sent = {"title": "广场舞扰民", "body": "晚上太吵,电话 13900012345。", "pictures": [picture.pk]}
    refused = post(city.triage, case, "publish", **sent)
    assert refused.status_code == 422
    assert "13900012345" in page_of(refused)
    assert post(city.triage, case, "publish", **sent | {"body": "晚上太吵。"}).status_code == 303
    public = page_of(at_desk(city.citizen).get(f"/suggestions/{case.number}/"))
    assert "晚上太吵" in public
    assert "13900012345" not in public
    assert f"/files/{picture.pk}/" in public
    post(city.triage, case, "publish", title="广场舞扰民", body="晚上太吵。")
    assert not case.attachments.get().is_public
    assert post(city.triage, case, "unpublish", reason="市民来电要求撤下。").status_code == 303
    assert at_desk(city.citizen).get(f"/suggestions/{case.number}/").status_code == 404


def test_another_cases_picture_is_not_published_along(city):
    mine, other = factories.case(city, "accepted"), factories.say(city, files=[photo()]).suggestion
    services.accept(other, by=city.triage)
    post(city.triage, mine, "publish", title="标题", body="正文。", pictures=[other.attachments.get().pk])
    assert not other.attachments.get().is_public


def test_triage_supervises(city):
    case = factories.case(city, "assigned")
    assert post(city.triage, case, "escalate", reason="").status_code == 422
    post(city.triage, case, "escalate", reason="群众连续反映三次。")
    assert fresh(case).escalation == 1
    assert "督办 1 级" in page_of(page(city.triage, case))


# --- the officer --------------------------------------------------------------------------------------------------


def test_who_writes_an_answer_reads_how_much_the_same_was_answered_before(city):
    before = factories.case(city, "closed")
    factories.case(city, "closed", publish=False)
    factories.case(city, "assigned")
    again = factories.case(city, "assigned")
    shown = page(city.officer, again)
    assert [one.suggestion for one in shown.context["answered"]] == [before]
    assert "劝导舞队九点前结束并调低音量" in page_of(shown)
    assert page(city.triage, again).context["answered"] == []


def test_an_officer_takes_the_case_and_writes_the_answer(city):
    case = factories.case(city, "assigned")
    assert post(city.officer, case, "take").status_code == 303
    assert fresh(case).handler == city.officer.officer
    assert post(city.officer, case, "draft_reply", text=GOOD_ANSWER).status_code == 303
    assert case.replies.get().text == GOOD_ANSWER
    text = page_of(page(city.officer, case))
    assert "等待签发的答复" in text
    assert "/sign_reply/" not in text


def test_an_officer_asks_and_the_clock_stands_still(city):
    case = factories.case(city, "assigned")
    assert post(city.officer, case, "ask", question="请问是哪一栋楼下?").status_code == 303
    assert fresh(case).state == State.WAITING
    assert "请问是哪一栋楼下?" in page_of(page(city.officer, case))
    services.answer(case, text="三号楼东边。")
    assert "三号楼东边" in page_of(page(city.officer, case))


@pytest.mark.parametrize("days", ["0", "16", "", "x", "9" * 30])
def test_more_time_is_asked_for_within_limits(city, days):
    case = factories.case(city, "assigned")
    assert post(city.officer, case, "request_extension", days=days, reason="等配件。").status_code == 422
    assert not case.extensions.exists()


def test_an_officer_asks_for_more_time_and_the_leader_sees_it(city):
    case = factories.case(city, "assigned")
    assert post(city.officer, case, "request_extension", days="4", reason="要等厂家配件。").status_code == 303
    again = post(city.officer, case, "request_extension", days="3", reason="还要几天。")
    assert again.status_code == 409
    assert "还要几天" in page_of(again)
    text = page_of(page(city.leader, case))
    assert "延长 4 个工作日" in text
    assert "/desk/extensions/" in text


def test_a_note_is_for_colleagues_only(city):
    case = factories.case(city, "assigned")
    assert post(city.officer, case, "note", text="已电话联系物业。").status_code == 303
    text = page_of(page(city.officer2, case))
    assert "已电话联系物业" in text
    assert "仅内部可见" in text


def test_a_saved_text_goes_behind_what_was_typed_without_scripts(city):
    case = factories.case(city, "assigned")
    saved = ReplyTemplate.objects.create(title="噪音劝导", text="民警{{日期}}到现场劝导。")
    response = post(city.officer, case, "draft_reply", text="您好。", saved_text=saved.pk, insert="1")
    assert response.status_code == 200
    assert "您好。\n\n民警{{日期}}到现场劝导。</textarea>" in page_of(response)
    assert not case.replies.exists()


@pytest.mark.parametrize("saved", ["", "x", "9" * 40, "0", "\x00", "another unit's"])
def test_a_saved_text_that_is_not_there_leaves_what_was_typed(city, saved):
    case = factories.case(city, "assigned")
    other = ReplyTemplate.objects.create(title="朝阳所专用", text="朝阳所的话。", unit=city.chaoyang)
    chosen = other.pk if saved == "another unit's" else saved
    text = page_of(post(city.officer, case, "draft_reply", text="写了很久。", saved_text=chosen, insert="1"))
    assert "写了很久。</textarea>" in text
    assert "朝阳所的话" not in text


def test_a_gap_in_a_saved_text_does_not_go_out(city):
    case = factories.case(city, "assigned")
    response = post(city.officer, case, "draft_reply", text="您好,民警{{日期}}到现场,由{{承办人}}负责。")
    assert response.status_code == 422
    assert "{{日期}} {{承办人}}" in page_of(response)
    assert not case.replies.exists()


# --- the leader ---------------------------------------------------------------------------------------------------


@pytest.fixture
def drafted(city):
    case = factories.case(city, "assigned")
    services.draft_reply(case, by=city.officer, text=GOOD_ANSWER)
    return case


def test_a_leader_signs_in_better_words(city, drafted):
    assert f"{GOOD_ANSWER}</textarea>" in page_of(page(city.leader, drafted))
    better, for_others = f"{GOOD_ANSWER}谢谢您。", GOOD_ANSWER
    shown = post(city.leader, drafted, "sign_reply", text=better, public_text=for_others)
    assert shown.status_code == 422  # once more: what the others will read of it
    assert post(city.leader, drafted, "sign_reply", text=better, public_text=better).status_code == 303
    case = fresh(drafted)
    assert case.state == State.REPLIED
    assert case.replies.get().text.endswith("谢谢您。")
    assert case.replies.get().signed_by == city.leader


def test_a_leader_returns_a_draft_and_the_officer_writes_on_from_it(city, drafted):
    assert post(city.leader, drafted, "return_draft", reason="请写明哪天去的。").status_code == 303
    text = page_of(page(city.officer, drafted))
    assert "请写明哪天去的" in text
    assert f"{GOOD_ANSWER}</textarea>" in text


def test_nobody_signs_their_own_draft(city):
    both = factories.staff(factories.Role.LEADER, city.yuehe)
    factories.Membership.objects.create(user=both, role=factories.Role.OFFICER, unit=city.yuehe)
    case = factories.case(city, "assigned")
    services.draft_reply(case, by=both, text=GOOD_ANSWER)
    assert "sign_reply/" not in page_of(page(both, case))
    response = post(both, case, "sign_reply", text=GOOD_ANSWER, public_text=GOOD_ANSWER)
    assert response.status_code == 403
    assert "不能签发自己拟的答复" in page_of(response)
    assert fresh(case).state == State.ASSIGNED


def test_a_leader_gives_the_case_to_an_officer_of_the_unit_only(city):
    case = factories.case(city, "assigned")
    assert post(city.leader, case, "set_handler", officer=city.chaoyang_officer.officer.pk).status_code == 422
    assert post(city.leader, case, "set_handler", officer=city.officer2.officer.pk).status_code == 303
    assert fresh(case).handler == city.officer2.officer
    step = case.steps.last()
    assert (step.actor, step.is_public) == (city.leader, False), "the ledger names who chose, not who was chosen"


def test_a_leader_passes_a_case_on_within_their_own_units(city):
    case = factories.case(city, "assigned")
    offered = page_of(at_desk(city.sub_leader).get(f"{DESK}{case.number}/transfer/"))
    assert "朝阳派出所" in offered
    assert "练市派出所" not in offered
    away = post(city.sub_leader, case, "transfer", unit=city.lianshi.pk, reason="不是本辖区。")
    assert away.status_code == 422
    assert post(city.sub_leader, case, "transfer", unit=city.chaoyang.pk, reason="事发地在朝阳。").status_code == 303
    assert fresh(case).unit == city.chaoyang


def test_the_triage_desk_passes_a_case_on_anywhere(city):
    case = factories.case(city, "assigned")
    assert post(city.triage, case, "transfer", unit=city.lianshi.pk, reason="事发地在练市。").status_code == 303
    assert fresh(case).unit == city.lianshi
    assert page(city.officer, case).status_code == 404


def test_the_chief_of_a_station_gives_back_what_is_not_theirs_to_the_triage_desk_alone(city):
    case = factories.case(city, "assigned")
    offered = page_of(at_desk(city.leader).get(f"{DESK}{case.number}/transfer/"))
    assert city.desk.local_name in offered
    assert "朝阳派出所" not in offered
    assert post(city.leader, case, "transfer", unit=city.chaoyang.pk, reason="事发地在朝阳。").status_code == 422
    assert post(city.leader, case, "transfer", unit=city.desk.pk, reason="事发地在朝阳。").status_code == 303
    assert fresh(case).unit == city.desk
    assert page(city.leader, case).status_code == 404


def test_each_time_a_case_comes_back_it_is_told_anew(city):
    case = factories.case(city, "assigned")
    told = lambda: city.triage.notifications.filter(link=case.get_absolute_url()).count()  # noqa: E731
    before = told()
    for back in (1, 2):
        services.transfer(case, by=city.leader, unit=city.desk, reason="不是本辖区。")
        assert told() == before + back
        services.transfer(case, by=city.triage, unit=city.yuehe, reason="就是你们辖区。")


def test_a_leader_asks_another_unit_to_help(city):
    case = factories.case(city, "assigned")
    assert post(city.leader, case, "add_co_handler", unit=city.wuxing_traffic.pk).status_code == 303
    assert "吴兴交警大队" in page_of(page(city.officer, case))


def test_a_leader_closes_when_the_citizen_has_said_so(city):
    case = factories.case(city, "replied")
    assert post(city.leader, case, "close").status_code == 303
    assert fresh(case).state == State.CLOSED


# --- what the page offers -----------------------------------------------------------------------------------------


def everything(city):
    drafted = factories.case(city, "assigned")
    services.draft_reply(drafted, by=city.officer, text=GOOD_ANSWER)
    return [
        *(factories.case(city, s) for s in ("received", "accepted", "assigned", "waiting", "replied", "closed")),
        drafted,
        factories.case(city, "declined"),
    ]


@pytest.mark.parametrize("who", ["triage", "officer", "leader", "sub_leader", "chaoyang_leader", "inspector"])
def test_the_buttons_are_what_the_policy_gives_and_one_of_them_is_first(city, who):
    user, seen = getattr(city, who), 0
    for case in everything(city):
        response = page(user, case)
        if response.status_code == 404:
            continue
        seen += 1
        text = page_of(response).partition('<main id="main"')[2]
        offered = {verb for verb in VERBS if f"/{case.number}/{verb}/" in text}
        assert offered == desk.actions(user, fresh_with_all(user, case))
        assert text.count("button--primary") <= 1
    assert seen == {"triage": 8, "chaoyang_leader": 0, "inspector": 0}.get(who, 5)


def fresh_with_all(user, case):
    return desk.case_for(type(user).objects.get(pk=user.pk), case.number)


@pytest.mark.parametrize(
    ("who", "state", "first"),
    [
        ("triage", "received", "accept_and_assign"),
        ("triage", "accepted", "assign"),
        ("triage", "assigned", None),
        ("officer", "assigned", "draft_reply"),
        ("leader", "assigned", "set_handler"),
        ("officer", "waiting", None),
        ("leader", "replied", None),
    ],
)
def test_the_first_thing_to_do_depends_on_state_and_role(city, who, state, first):
    verb = page(getattr(city, who), factories.case(city, state)).context.get("verb")
    assert (verb.name if verb else None) == first


def test_every_verb_of_the_policy_has_a_form_a_place_and_a_page(city):
    grouped = [verb for _label, verbs in GROUPS for verb in verbs]
    assert set(VERBS) == set(desk.ACTIONS)
    assert set(VERBS) - set(grouped) == {"accept_and_assign"}
    assert len(grouped) == len(set(grouped))


@pytest.mark.parametrize("verb", [verb for verb in desk.ACTIONS if desk.ACTIONS[verb].policy == "triage"])
def test_the_triage_desks_verbs_each_have_a_page_without_scripts(city, verb):
    states = desk.ACTIONS[verb].states
    case = factories.case(
        city, next(s for s in ("accepted", "received", "assigned") if s in states or verb == "unmerge")
    )
    if verb == "unmerge":
        services.merge(case, into=factories.case(city), by=city.triage)
    if verb == "settle_complaint":
        case = factories.case(city, body="月河派出所的民警骂人")
    if verb == "keep_back":
        case = factories.case(city, "accepted", publish=True, published=False)
    response = at_desk(city.triage).get(f"{DESK}{case.number}/{verb}/")
    assert response.status_code == 200
    assert f'action="/desk/{case.number}/{verb}/"' in page_of(response)
    assert 'name="seen"' in page_of(response)


def test_with_scripts_a_form_opens_in_the_page(city):
    case = factories.case(city, "assigned")
    client = at_desk(city.officer)
    alone = client.get(f"{DESK}{case.number}/note/", HTTP_HX_REQUEST="true", HTTP_HX_TARGET="verb")
    assert "<html" not in page_of(alone)
    assert f'action="/desk/{case.number}/note/"' in page_of(alone)
    gone = at_desk(city.triage).get(f"{DESK}{case.number}/accept/", HTTP_HX_REQUEST="true")
    assert (gone.status_code, gone["HX-Redirect"]) == (409, f"/desk/{case.number}/accept/")


def test_a_step_that_is_over_says_where_the_case_is(city):
    case = factories.case(city, "assigned")
    response = at_desk(city.triage).get(f"{DESK}{case.number}/accept/")
    assert response.status_code == 409
    assert "已交办" in page_of(response)
    assert "<textarea" not in page_of(response)


# --- another was faster -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "verb", "sent"),
    [
        ("triage", "classify", {"category": "other", "area": ""}),
        ("triage", "escalate", {"reason": "写了很久的督办理由。"}),
        ("triage", "transfer", {"reason": "写了很久的转办理由。"}),
        ("triage", "split", {"body": "写了很久的另一件。", "category": "other"}),
        ("triage", "name_subject", {}),
        ("triage", "publish", {"title": "标题", "body": "写了很久的公开内容。"}),
        ("officer", "draft_reply", {"text": "写了很久的答复内容,一个字都不能丢。"}),
        ("officer", "ask", {"question": "写了很久的问题。"}),
        ("officer", "request_extension", {"days": "3", "reason": "写了很久的延期理由。"}),
        ("officer", "take", {}),
        ("leader", "set_handler", {}),
        ("leader", "add_co_handler", {}),
    ],
)
def test_an_old_page_is_told_what_changed_and_nothing_typed_is_lost(city, who, verb, sent):
    user, case = getattr(city, who), factories.case(city, "assigned")
    sent = sent | {
        "transfer": {"unit": city.lianshi.pk},
        "name_subject": {"unit": city.lianshi.pk},
        "set_handler": {"officer": city.officer.officer.pk},
        "add_co_handler": {"unit": city.lianshi.pk},
    }.get(verb, {})
    old = desk.last_step(case)
    services.add_information(case, text="昨晚又吵了。")
    steps = case.steps.count()
    response = post(user, case, verb, seen=old, **sent)
    text = page_of(response)
    assert response.status_code == 409
    assert "市民：补充了情况" in text
    assert "昨晚又吵了。" in text
    assert case.steps.count() == steps
    for words in sent.values():
        assert str(words) in text
    assert f'name="seen" value="{desk.last_step(case)}"' in text, "sending once more is now on purpose"
    assert post(user, case, verb, **sent).status_code == 303


def test_without_the_step_it_had_seen_it_would_have_gone_through(city):
    case = factories.case(city, "assigned")
    services.add_information(case, text="昨晚又吵了。")
    assert post(city.triage, case, "classify", seen="", category="other").status_code == 303


def test_the_page_shows_the_step_it_had_seen(city):
    case = factories.case(city, "assigned")
    text = page_of(page(city.officer, case))
    assert f'name="seen" value="{desk.last_step(case)}"' in text


def test_the_second_of_two_clerks_keeps_their_words_and_gets_no_button(city):
    case = factories.case(city)
    old = desk.last_step(case)
    services.accept_and_assign(case, by=city.triage2)
    response = post(city.triage, case, "decline", seen=old, reason="不属于公安,请找城管。")
    text = page_of(response)
    assert response.status_code == 409
    assert "不属于公安,请找城管。</textarea>" in text
    assert "民意中心：已受理" in text
    assert "民意中心：已交办" in text
    assert "不予受理，告诉市民理由" not in text
    assert fresh(case).state == State.ASSIGNED


def test_a_note_or_a_reminder_makes_no_page_old(city):
    case = factories.case(city, "assigned")
    old = desk.last_step(case)
    services.note(case, by=city.officer2, text="已联系物业。")
    moves.step(case, "reminded", public=False)
    assert post(city.officer, case, "draft_reply", seen=old, text=GOOD_ANSWER).status_code == 303
    assert post(city.officer, case, "note", seen=old, text="备注从不嫌迟。").status_code == 303


# --- what is not theirs -------------------------------------------------------------------------------------------

FORBIDDEN = {
    "officer": ("accept", "decline", "assign", "merge", "publish", "transfer", "set_handler", "sign_reply", "escalate"),
    "leader": ("accept", "decline", "draft_reply", "ask", "request_extension", "publish", "name_subject", "escalate"),
    "triage": ("draft_reply", "sign_reply", "return_draft", "request_extension", "take"),
}


@pytest.mark.parametrize(("who", "verb"), [(who, verb) for who, verbs in FORBIDDEN.items() for verb in verbs])
def test_visible_but_not_theirs_is_403_and_changes_nothing(city, who, verb):
    case = factories.case(city, "assigned")
    steps = case.steps.count()
    assert at_desk(getattr(city, who)).get(f"{DESK}{case.number}/{verb}/").status_code == 403
    response = post(getattr(city, who), case, verb, reason="理由理由", text=GOOD_ANSWER, question="问?", days=3)
    assert response.status_code == 403
    assert case.steps.count() == steps


@pytest.mark.parametrize("who", ["chaoyang_officer", "chaoyang_leader", "inspector", "admin"])
def test_invisible_is_404_whatever_the_verb(city, who):
    case = factories.case(city, "assigned")
    client = at_desk(getattr(city, who))
    for verb in ("", "note/", "draft_reply/", "sign_reply/", "accept/", "files/1/"):
        assert client.get(f"{DESK}{case.number}/{verb}").status_code == 404
    assert client.post(f"{DESK}{case.number}/note/", {"text": "x"}).status_code == 404


@pytest.mark.parametrize(
    "address", ["2020-000001/", "%00/", "x%E2%80%AE/", "{number}/explode/", "{number}/files/99999999999999999999/"]
)
def test_what_does_not_exist_is_404(city, address):
    case = factories.case(city, "assigned")
    assert at_desk(city.triage).get(DESK + address.format(number=case.number)).status_code == 404


@pytest.mark.parametrize("junk", ["", "\x00", "9" * 40, "-1", "<b>", "𠮷" * 6000, "\u202e"])
@pytest.mark.parametrize("verb", ["accept_and_assign", "decline", "assign", "merge", "split", "name_subject"])
def test_junk_is_never_a_500(city, verb, junk):
    case = factories.case(city, "accepted" if verb == "assign" else "received")
    names = ("seen", "category", "area", "unit", "badge", "reason", "into", "body", "note", "saved_text")
    response = at_desk(city.triage).post(f"{DESK}{case.number}/{verb}/", dict.fromkeys(names, junk))
    assert response.status_code in (303, 409, 422)


def test_the_inspectorate_reads_what_was_escalated_to_the_top(city):
    case = factories.case(city, "assigned")
    assert page(city.inspector, case).status_code == 404
    for _n in range(4):
        services.escalate(case, by=city.triage, reason="仍未答复。")
    assert page(city.inspector, case).status_code == 200


def test_files_are_for_whoever_reads_the_case(city):
    case = factories.say(city, files=[photo()]).suggestion
    services.accept_and_assign(case, by=city.triage)
    address = f"{DESK}{case.number}/files/{case.attachments.get().pk}/"
    answer = at_desk(city.officer).get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert address in page_of(page(city.officer, case))
    assert at_desk(city.chaoyang_officer).get(address).status_code == 404
    other = factories.case(city, "assigned")
    assert at_desk(city.officer).get(address.replace(case.number, other.number)).status_code == 404


# --- who said it --------------------------------------------------------------------------------------------------


def test_nobody_reads_here_who_said_it(city):
    case = factories.case(city, "assigned", contact_name="欧阳大爷", contact_phone="19900000009", user=city.citizen)
    for user in (city.triage, city.officer, city.leader):
        with CaptureQueriesContext(connection) as read:
            text = page_of(page(user, case))
        assert "欧阳大爷" not in text
        assert "19900000009" not in text
        assert "已密封" in text
        asked = [query["sql"] for query in read if '"suggestions_identity"' in query["sql"]]
        assert not asked, "the sealed table is not even asked"


def test_only_the_triage_desk_finds_the_way_to_open_it(city):
    case = factories.case(city, "assigned", contact_phone="19900000009")
    link = f"/desk/{case.number}/identity/"
    assert link in page_of(page(city.triage, case))
    for user in (city.officer, city.leader, city.sub_leader):
        assert link not in page_of(page(user, case))
    services.request_opening(case, by=city.triage, reason="需要电话核实现场的具体位置。")
    assert "已有 1 次申请" in page_of(page(city.triage, case))
    assert "次申请" not in page_of(page(city.officer, case))


def test_an_anonymous_voice_has_nothing_to_open(city):
    case = factories.case(city, "assigned", anonymous=True)
    text = page_of(page(city.triage, case))
    assert "匿名" in text
    assert "/identity/" not in text


def test_the_page_is_kept_nowhere(city):
    answer = page(city.officer, factories.case(city, "assigned"))
    assert "no-store" in answer["Cache-Control"]


def test_a_long_history_costs_no_more_statements(city):
    case = factories.case(city, "assigned")
    client = at_desk(city.officer)

    def history(notes, followers):
        for n in range(notes):
            services.note(case, by=city.officer, text=f"备注{n}")
        for _n in range(followers):
            services.merge(factories.case(city), into=case, by=city.triage)
        with CaptureQueriesContext(connection) as read:
            client.get(f"{DESK}{case.number}/")
        return len(read)

    history(1, 1)
    few, lots = history(4, 1), history(25, 4)
    assert few == lots
    assert lots <= 22
