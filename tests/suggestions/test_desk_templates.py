"""Saved texts: the city's are the triage desk's, a unit's are its leader's, and none is ever removed."""

import re

import pytest
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext as _

from core.errors import NotAllowed
from core.models import AuditEntry
from core.policy import Role
from suggestions import services
from suggestions.models import ReplyTemplate
from suggestions.queries import office
from tests import factories
from tests.pages import page_of
from tests.suggestions.statements import statements

TEXTS = "/desk/templates/"
WORDS = "您好,民警已到现场劝导,请您今晚再听听看。"


@pytest.fixture(autouse=True)
def _in_chinese():
    with translation.override("zh-hans"):
        yield


@pytest.fixture
def texts(city):
    """One text of the city, one of Yuehe, one of Chaoyang."""
    city.of_the_city = ReplyTemplate.objects.create(title="受理告知", text=WORDS)
    city.of_yuehe = ReplyTemplate.objects.create(title="月河窗口时间", text=WORDS, unit=city.yuehe)
    city.of_chaoyang = ReplyTemplate.objects.create(title="朝阳窗口时间", text=WORDS, unit=city.chaoyang)
    return city


def as_(user):
    client = Client()
    client.force_login(user)
    return client


def write(client, path=f"{TEXTS}new/", **fields):
    return client.post(path, {"title": "噪音劝导", "text": WORDS, "category": "noise", **fields})


@pytest.mark.parametrize("who", ["officer", "admin", "auditor", "pollster", "citizen"])
def test_others_keep_no_texts(texts, who):
    client = as_(getattr(texts, who))
    for path in (TEXTS, f"{TEXTS}new/", f"{TEXTS}{texts.of_the_city.pk}/"):
        assert client.get(path).status_code == 403
    assert write(client).status_code == 403


def test_the_triage_desk_writes_for_the_whole_city(texts):
    assert write(as_(texts.triage))["Location"] == TEXTS
    made = ReplyTemplate.objects.get(title="噪音劝导")
    assert (made.unit, made.category, made.text) == (None, texts.noise, WORDS)
    assert AuditEntry.objects.filter(action="template.saved", object_id=str(made.pk)).count() == 1


def test_a_leader_writes_for_the_own_unit_whatever_is_sent(texts):
    write(as_(texts.leader), unit=texts.chaoyang.pk)
    assert ReplyTemplate.objects.get(title="噪音劝导").unit == texts.yuehe


def test_who_has_both_roles_chooses(texts):
    factories.Membership.objects.create(user=texts.leader, role=Role.TRIAGE, unit=texts.desk)
    client = as_(texts.leader)
    assert 'name="unit"' in page_of(client.get(f"{TEXTS}new/"))
    write(client, unit=texts.yuehe.pk)
    write(client, title="全市的", unit="")
    assert ReplyTemplate.objects.get(title="噪音劝导").unit == texts.yuehe
    assert ReplyTemplate.objects.get(title="全市的").unit is None
    assert write(client, title="别人的", unit=texts.chaoyang.pk).status_code == 422


def test_the_list_shows_the_citys_and_ones_own_and_links_only_ones_own(texts):
    page = page_of(as_(texts.leader).get(TEXTS))
    assert f'href="{TEXTS}{texts.of_yuehe.pk}/"' in page
    assert texts.of_the_city.title in page
    assert f'href="{TEXTS}{texts.of_the_city.pk}/"' not in page
    assert texts.of_chaoyang.title not in page
    page = page_of(as_(texts.triage).get(TEXTS))
    assert f'href="{TEXTS}{texts.of_the_city.pk}/"' in page
    assert texts.of_yuehe.title not in page


@pytest.mark.parametrize(
    ("who", "text", "status"),
    [
        ("triage", "of_the_city", 200),
        ("triage", "of_yuehe", 404),
        ("leader", "of_yuehe", 200),
        ("leader", "of_the_city", 403),
        ("leader", "of_chaoyang", 404),
        ("sub_leader", "of_yuehe", 404),
    ],
)
def test_one_changes_only_ones_own(texts, who, text, status):
    template = getattr(texts, text)
    client, path = as_(getattr(texts, who)), f"{TEXTS}{template.pk}/"
    assert client.get(path).status_code == status
    assert write(client, path).status_code == (303 if status == 200 else status)
    template.refresh_from_db()
    assert (template.title == "噪音劝导") == (status == 200)


def test_the_service_refuses_to_move_a_text_out_of_ones_reach(texts):
    texts.of_yuehe.unit = texts.chaoyang
    with pytest.raises(NotAllowed):
        services.save_reply_template(texts.of_yuehe, by=texts.leader)
    texts.of_chaoyang.unit = texts.yuehe
    with pytest.raises(NotAllowed):
        services.save_reply_template(texts.of_chaoyang, by=texts.leader)


@pytest.mark.parametrize(
    ("field", "value"),
    [("title", " \u200b"), ("title", "长" * 61), ("text", "\n"), ("text", "长" * 3001), ("category", "x")],
)
def test_bad_input_is_told_by_the_field_and_kept(texts, field, value):
    answer = write(as_(texts.triage), **{"title": "还在的标题", "text": "还在的正文", field: value})
    page = page_of(answer)
    assert answer.status_code == 422
    assert f'id="id_{field}_error"' in page
    assert ("还在的正文" if field == "title" else "还在的标题") in page
    assert ReplyTemplate.objects.count() == 3


def test_line_breaks_and_slots_stay_as_written(texts):
    words = "您好,您{{日期}}说的事:\r\n一、{{材料一}}<b>"
    write(as_(texts.triage), text=words)
    assert ReplyTemplate.objects.get(title="噪音劝导").text == words.replace("\r\n", "\n")
    assert "<b>" not in re.sub(r"&lt;b&gt;", "", page_of(as_(texts.triage).get(TEXTS)))


def test_out_of_use_and_back(texts):
    client, path = as_(texts.triage), f"{TEXTS}{texts.of_the_city.pk}/"
    assert client.post(path, {"active": "0"}).status_code == 303
    assert texts.of_the_city.title not in page_of(client.get(TEXTS))
    assert texts.of_the_city.title in page_of(client.get(f"{TEXTS}?old=1"))
    client.post(path, {"active": "1"})
    texts.of_the_city.refresh_from_db()
    assert texts.of_the_city.is_active
    assert texts.of_the_city.text == WORDS


def test_a_text_out_of_use_is_not_offered_for_replies(texts):
    from suggestions.queries import desk

    case = factories.case(texts, "assigned")
    assert set(desk.templates_for(texts.officer, case)) == {texts.of_the_city, texts.of_yuehe}
    as_(texts.triage).post(f"{TEXTS}{texts.of_the_city.pk}/", {"active": "0"})
    assert set(desk.templates_for(texts.officer, case)) == {texts.of_yuehe}


def test_empty_lists_say_what_to_do(city):
    client = as_(city.triage)
    assert _("No texts yet") in page_of(client.get(TEXTS))
    assert _("Nothing is out of use") in page_of(client.get(f"{TEXTS}?old=1"))


def test_pages_walk_through_all_texts(texts):
    for number in range(5):
        ReplyTemplate.objects.create(title=f"第{number}条", text=WORDS, category=texts.noise)
    seen, cursor = [], None
    while True:
        page = office.reply_templates(texts.triage, active=True, cursor=cursor, size=2)
        seen += [text.pk for text in page.items]
        cursor = page.older
        if cursor is None:
            break
    assert sorted(seen) == sorted(ReplyTemplate.objects.filter(unit=None).values_list("pk", flat=True))


def test_the_list_takes_the_same_statements_for_few_and_for_many(texts):
    client = as_(texts.leader)
    few = statements(client, TEXTS)
    for number in range(5):
        ReplyTemplate.objects.create(title=f"第{number}条", text=WORDS, unit=texts.yuehe)
    assert statements(client, TEXTS) == few
