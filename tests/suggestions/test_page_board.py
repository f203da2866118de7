"""The public board: what was published, found by words, and supported; never who said it."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from suggestions import services
from suggestions.models import SameMeaning, Suggestion, Supporter
from suggestions.queries import board
from suggestions.services import publishing
from tests import factories
from tests.pages import page_of

BOARD = "/suggestions/"


@pytest.fixture(autouse=True)
def _in_chinese():
    with translation.override("zh-hans"):
        yield


def test_an_empty_board_says_so(client, city):
    assert "/suggestions/new/" in page_of(client.get(BOARD))
    assert 'class="empty"' in page_of(client.get(BOARD))


def test_published_cases_show_with_their_answer(client, city):
    case = factories.case(city, "replied")
    page = page_of(client.get(BOARD))
    assert f"/suggestions/{case.number}/" in page
    assert "劝导舞队九点前结束" in page


@pytest.mark.parametrize(
    "hidden",
    [
        lambda city: factories.case(city, "received"),
        lambda city: factories.case(city, "replied", publish=False),
        lambda city: services.withdraw(factories.case(city, "accepted")),
        lambda city: factories.case(city, "accepted", subjects=[(city.chaoyang, None)]),
        lambda city: factories.case(city, "declined"),
    ],
)
def test_what_is_not_public_is_nowhere(client, city, hidden):
    case = hidden(city)
    assert case.number not in page_of(client.get(BOARD))
    assert client.get(f"/suggestions/{case.number}/").status_code == 404
    client.force_login(city.citizen)
    assert client.post(f"/suggestions/{case.number}/support/").status_code == 404


def test_chinese_words_find(client, city):
    noise = factories.case(city, "replied")
    lights = factories.case(city, "accepted", body="人民路红绿灯时间太短,过不去马路。", category=city.lights)
    page = page_of(client.get(BOARD, {"q": "红绿灯 马路"}))
    assert lights.number in page
    assert noise.number not in page


@pytest.mark.parametrize(
    ("name", "value", "finds"),
    [
        ("category", "noise", True),
        ("category", "traffic_lights", False),
        ("area", "330502", True),
        ("area", "330503", False),
        ("unit", "wuxing", True),
        ("unit", "nanxun", False),
        ("state", "replied", True),
        ("state", "closed", False),
        ("year", "2009", False),
    ],
)
def test_filters(client, city, name, value, finds):
    case = factories.case(city, "replied")
    assert (case.number in page_of(client.get(BOARD, {name: value}))) is finds


@pytest.mark.parametrize(
    "query",
    [
        {"q": "\x00"}, {"q": "'"}, {"q": "a&|!b:*"}, {"q": "🚦"}, {"q": "长" * 5000}, {"category": "x"},
        {"area": "\x00"}, {"unit": "<b>"}, {"state": "nope"}, {"year": "abc"}, {"year": "99999"},
        {"cursor": "tampered"}, {"cursor": "\x00"},
    ],
)  # fmt: skip
def test_nonsense_in_the_address_breaks_nothing(client, city, query):
    factories.case(city, "replied")
    assert client.get(BOARD, query).status_code == 200


def test_a_place_finds_what_was_said_there_whether_the_words_name_it_or_not(client, city):
    case = factories.case(city, "assigned", body="路灯坏了两个星期。", area=city.lianshi_area)
    assert case.number in page_of(client.get(BOARD, {"q": "练市镇 路灯"}))
    services.classify(case, by=city.triage, category=case.category, area=city.yuehe_area)
    assert case.number not in page_of(client.get(BOARD, {"q": "练市镇 路灯"}))
    assert case.number in page_of(client.get(BOARD, {"q": "吴兴区 月河街道"}))


@pytest.mark.parametrize("typed", ["广场舞", "电瓶车", "狗", "音响 老人"])
def test_a_word_is_found_wherever_it_stands(client, city, typed):
    words = "晚上跳广场舞的把音响开得太响,老人睡不着。修电瓶车的也来,狗乱叫。"
    case = factories.case(city, "accepted", body=words)
    factories.case(city, "accepted", body="广场上的路灯坏了两个星期。")
    assert [one.number for one in client.get(BOARD, {"q": typed}).context["page"].items] == [case.number]


def published(city, count, *, since=timedelta(0)):
    """Many cases at once, each a minute older than the one before; only what the board reads."""
    newest = timezone.now() - since
    rows = [
        Suggestion(
            number=f"2020-{Suggestion.objects.count() + n:06d}",
            tracking_mac=uuid4().hex,
            idempotency_key=uuid4().hex,
            title=f"第{n}盏路灯不亮",
            body=f"第{n}盏路灯不亮。",
            public_title=f"第{n}盏路灯不亮",
            public_body=f"第{n}盏路灯不亮。",
            category=city.noise,
            area=city.yuehe_area,
            unit=city.yuehe,
            publish=True,
            clock_from=newest,
            due_at=newest,
            published_at=newest - timedelta(minutes=n),
            public_read_by=city.triage,
            public_read_at=newest,
        )
        for n in range(count)
    ]
    return Suggestion.objects.bulk_create(rows)


def test_pages_follow_each_other_by_cursor_and_lose_nothing(client, city):
    numbers = [case.number for case in published(city, 45)]
    seen, cursor = [], ""
    for _page in range(3):
        page = client.get(BOARD, {"cursor": cursor}).context["page"]
        seen += [case.number for case in page.items]
        cursor = page.older
    assert seen == numbers
    assert cursor is None
    back = client.get(BOARD, {"cursor": page.newer}).context["page"]
    assert [case.number for case in back.items] == numbers[20:40]


def test_a_new_case_meanwhile_shifts_no_page(client, city):
    numbers = [case.number for case in published(city, 45, since=timedelta(hours=1))]
    older = client.get(BOARD).context["page"].older
    factories.case(city, "accepted")
    assert [c.number for c in client.get(BOARD, {"cursor": older}).context["page"].items] == numbers[20:40]


def statements(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


@pytest.mark.parametrize("query", ["", "?q=路灯", "?q=路灯&area=330502&unit=wuxing&year=2026"])
def test_the_board_takes_the_same_statements_for_5_cases_and_for_40(client, city, query):
    published(city, 5)
    few = statements(client, BOARD + query)
    published(city, 35, since=timedelta(days=1))
    assert statements(client, BOARD + query) == few
    assert few <= 5 + bool(query), "one more for the words that say the same"


def test_one_case_shows_words_answer_and_thread(client, city):
    case = factories.case(city, "closed")
    page = page_of(client.get(f"/suggestions/{case.number}/"))
    assert case.body in page
    assert page.count("劝导舞队九点前结束") == 1
    assert "/units/wuxing-yuehe/" in page


def test_numbers_of_people_are_masked(client, city):
    case = factories.case(city, "accepted", body="小区太吵,请打我电话13912345678。")
    page = page_of(client.get(f"/suggestions/{case.number}/"))
    assert "13912345678" not in page
    assert "13912345678" not in page_of(client.get(BOARD))


def test_a_stranger_reads_no_private_words_of_the_thread(client, city):
    case = factories.case(city, "assigned", user=city.citizen)
    services.add_information(case, text="我住在3号楼501,姓王")
    services.ask(case, by=city.officer, question="您家是哪一户?")
    services.answer(case, text="501户")
    page = page_of(client.get(f"/suggestions/{case.number}/"))
    for private in ("3号楼501", "您家是哪一户", "501户"):
        assert private not in page


def test_support_needs_signing_in_and_comes_back(client, city):
    case = factories.case(city, "replied")
    page = page_of(client.get(f"/suggestions/{case.number}/"))
    assert f"/accounts/login/?next=/suggestions/{case.number}/" in page
    answer = client.post(f"/suggestions/{case.number}/support/")
    assert answer.status_code in (302, 401, 403)
    assert not Supporter.objects.exists()


def test_support_counts_once_a_person(client, city):
    case = factories.case(city, "replied")
    client.force_login(city.citizen)
    for _time in range(2):
        assert client.post(f"/suggestions/{case.number}/support/").status_code == 303
    assert Supporter.objects.count() == 1
    client.force_login(factories.citizen())
    client.post(f"/suggestions/{case.number}/support/")
    page = page_of(Client().get(f"/suggestions/{case.number}/"))
    assert "<b>3</b>" in page


def test_without_the_constraint_one_person_would_count_twice(city):
    case = factories.case(city, "replied")
    services.support(case, user=city.citizen)
    with pytest.raises(IntegrityError), transaction.atomic():
        Supporter.objects.create(suggestion=case, user=city.citizen)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE suggestions_supporter DROP CONSTRAINT support_once")
    Supporter.objects.create(suggestion=case, user=city.citizen)
    assert Supporter.objects.count() == 2


def test_supporters_followers_and_the_first_voice_are_counted_apart(client, city):
    case = factories.case(city, "assigned")
    for _n in range(3):
        services.support(case, user=factories.citizen())
    for _n in range(2):
        services.merge(factories.case(city), into=case, by=city.triage)
    shown = board.public_case(case.number)
    assert (shown.support_count, shown.follower_count) == (3, 2)
    assert "<b>6</b>" in page_of(client.get(f"/suggestions/{case.number}/"))


def test_support_without_a_reload_answers_with_the_piece(client, city):
    case = factories.case(city, "replied")
    client.force_login(city.citizen)
    answer = client.post(f"/suggestions/{case.number}/support/", headers={"HX-Request": "true"})
    page = page_of(answer)
    assert 'id="support"' in page
    assert "<html" not in page


def test_only_pictures_shown_by_the_desk_are_public(client, city):
    case = factories.case(city, "replied")
    assert client.get(f"/suggestions/{case.number}/files/1/").status_code == 404


def test_supporting_is_a_post(client, city):
    case = factories.case(city, "replied")
    client.force_login(city.citizen)
    assert client.get(f"/suggestions/{case.number}/support/").status_code == 405


@pytest.mark.parametrize("number", ["2026-999999", "x", "%00", "..", "🚦"])
def test_unknown_numbers_are_not_found(client, city, number):
    assert client.get(f"/suggestions/{number}/").status_code == 404


def test_the_case_page_takes_the_same_statements_however_much_happened(client, city):
    case = factories.case(city, "closed")
    address = f"/suggestions/{case.number}/"
    few = statements(client, address)
    for n in range(5):
        services.reopen(case, reason=f"第{n}次又坏了")
        services.support(case, user=factories.citizen())
        factories.answer(city, case)
    assert statements(client, address) == few
    assert few <= 5


def test_a_deadline_is_told_to_a_stranger_as_to_a_stranger(client, city):
    case = factories.case(city, "assigned")
    for address in (BOARD, f"/suggestions/{case.number}/"):
        page = page_of(client.get(address))
        assert re.search(r"最迟 \d+月\d+日（周.）答复<", page)
        assert "答复您" not in page.partition("<main")[2]


@pytest.mark.parametrize("typed", ["{}", "编号：{}", "{wide}", "{bare}", " {spaced} "])
def test_a_case_is_found_by_its_number(client, city, typed):
    case = factories.case(city, "replied")
    factories.case(city, "replied")
    wide = case.number.translate({ord(c): chr(ord(c) + 0xFEE0) for c in "0123456789-"})
    forms = {"wide": wide, "bare": case.number.replace("-", ""), "spaced": case.number.replace("-", " ")}
    page = client.get(BOARD, {"q": typed.format(case.number, **forms)}).context["page"]
    assert [one.number for one in page.items] == [case.number]


def test_the_number_of_a_case_that_is_not_public_finds_nothing(client, city):
    case = factories.case(city, "received")
    assert client.get(BOARD, {"q": case.number}).context["page"].items == []


@pytest.mark.parametrize("typed", ["户口簿", "户口本丢了怎么办", "戶口簿", "遗失 户口本"])
def test_another_word_for_the_same_thing_finds_it(client, city, typed):
    SameMeaning.objects.create(words=["户口本", "户口簿"])
    SameMeaning.objects.create(words=["丢", "遗失", "补办"])
    case = factories.case(city, "accepted", body="我的户口本要补办,去哪里?")
    factories.case(city, "accepted", body="广场上的路灯坏了两个星期。")
    assert [one.number for one in client.get(BOARD, {"q": typed}).context["page"].items] == [case.number]


def test_without_the_table_the_other_word_finds_nothing(client, city):
    factories.case(city, "accepted", body="我的户口本要补办,去哪里?")
    assert client.get(BOARD, {"q": "户口簿"}).context["page"].items == []


def test_traditional_characters_find_simplified_ones_and_the_other_way_round(client, city):
    simple = factories.case(city, "accepted", body="小区路灯不亮。")
    other = factories.case(city, "accepted", body="社區路燈壞了。")
    for typed in ("路燈", "路灯"):
        found = [one.number for one in client.get(BOARD, {"q": typed}).context["page"].items]
        assert found == [other.number, simple.number]


def test_what_has_more_of_the_words_comes_first_and_half_of_them_is_not_enough(client, city):
    all_three = factories.case(city, "accepted", body="晚上广场舞音响太响,邻居睡不着。")
    two = factories.case(city, "accepted", body="广场舞的音响坏了,请修一修。")
    factories.case(city, "accepted", body="广场上的路灯坏了。")
    found = client.get(BOARD, {"q": "广场舞 音响 邻居"}).context["page"].items
    assert [one.number for one in found] == [all_three.number, two.number]


def test_pages_of_a_search_follow_each_other(city):
    numbers = {factories.case(city, "accepted", body=f"广场舞音响太响{'邻居' * (n % 2)}。").number for n in range(5)}
    page = board.search("广场舞 音响 邻居", size=2)
    seen = [one.number for one in page.items]
    while page.older:
        page = board.search("广场舞 音响 邻居", size=2, cursor=page.older)
        seen += [one.number for one in page.items]
    assert (len(seen), set(seen)) == (5, numbers)


def test_published_answers_are_searched(client, city):
    case = factories.case(city, "accepted")
    read = {"published_at": timezone.now(), "public_read_at": timezone.now(), "public_read_by": city.triage}
    case.replies.create(
        state="signed",
        text="王女士,请带上户口簿到窗口。",
        public_text="请带上户口簿到窗口。",
        unit=case.unit,
        drafted_by=city.officer,
        signed_by=city.leader,
        signed_at=timezone.now(),
        **read,
    )
    case.replies.create(text="还没有人看过的身份证。", unit=case.unit, drafted_by=city.officer)
    publishing.index_anew(case)
    assert client.get(BOARD, {"q": "身份证"}).context["page"].items == []
    assert [one.number for one in client.get(BOARD, {"q": "户口簿"}).context["page"].items] == [case.number]
