"""The public board: what was published, found by words, and supported; never who said it."""

import pytest
from django.test import Client
from django.utils import translation

from suggestions import services
from suggestions.models import Supporter
from tests import factories

BOARD = "/suggestions/"


@pytest.fixture(autouse=True)
def _in_chinese():
    with translation.override("zh-hans"):
        yield


def page_of(response):
    return response.content.decode()


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


def test_older_pages_follow_by_cursor(client, city, monkeypatch):
    from suggestions.queries import board

    numbers = [factories.case(city, "accepted", body=f"第{n}件事,路灯不亮。").number for n in range(3)]
    whole = board.search
    monkeypatch.setattr(board, "search", lambda *args, **kw: whole(*args, **{**kw, "size": 2}))
    first = client.get(BOARD)
    assert [c.number for c in first.context["page"].items] == [numbers[2], numbers[1]]
    second = client.get(BOARD, {"cursor": first.context["page"].older})
    assert [c.number for c in second.context["page"].items] == [numbers[0]]


def test_the_board_takes_a_fixed_number_of_statements(client, city, django_assert_max_num_queries):
    for n in range(4):
        factories.answer(city, factories.case(city, "assigned", body=f"第{n}件事,音响太吵。"))
    client.get(BOARD)
    with django_assert_max_num_queries(5):
        client.get(BOARD)


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


def test_the_case_page_takes_a_fixed_number_of_statements(client, city, django_assert_max_num_queries):
    case = factories.case(city, "closed")
    address = f"/suggestions/{case.number}/"
    client.get(address)
    with django_assert_max_num_queries(5):
        client.get(address)
