"""Saying something and reading what was published, by program: the same rules as on the pages."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from suggestions import services
from suggestions.models import Identity, Suggestion
from tests import factories
from tests.api.conftest import api_of

ADDRESS = "/api/v1/suggestions/"
WORDS = {"body": "月河社区楼下晚上广场舞音响太吵,老人睡不好。"}


def photo() -> SimpleUploadedFile:
    raw = io.BytesIO()
    Image.new("RGB", (8, 8), "navy").save(raw, "PNG")
    return SimpleUploadedFile("我家门口.png", raw.getvalue(), "image/png")


# --- saying -----------------------------------------------------------------------------------------------------------


def test_a_voice_is_written_down_and_the_receipt_opens_it(api, city):
    answer = api.post(ADDRESS, WORDS | {"contact_phone": "199 0000 7788"})
    assert answer.status_code == 201
    receipt = answer.json()
    case = services.find_by_code(receipt["tracking_code"], "7788")
    assert receipt["number"] == case.number
    assert case.channel == "api"
    assert receipt["promised_at"].endswith("+08:00")
    assert Suggestion.objects.count() == 1


def test_its_category_and_place_are_guessed_where_none_is_named(api, city):
    api.post(ADDRESS, WORDS)
    case = Suggestion.objects.get()
    assert (case.category_id, case.area_id) == ("noise", city.community.code)


def test_what_was_named_stands(api, city):
    api.post(ADDRESS, WORDS | {"category": "traffic_lights", "area": city.lianshi_area.code})
    case = Suggestion.objects.get()
    assert (case.category_id, case.area_id) == ("traffic_lights", city.lianshi_area.code)


def test_photos_come_as_a_form_and_lose_their_names(api, city):
    answer = api.post(ADDRESS, WORDS | {"attachments": [photo()]}, format="multipart")
    assert answer.status_code == 201
    file = Suggestion.objects.get().attachments.get()
    assert "我家门口" not in file.file.name


def test_somebody_signed_in_owns_the_case(city):
    api_of(city.citizen).post(ADDRESS, WORDS)
    assert Identity.objects.get().user == city.citizen


def test_behind_a_token_stands_somebody_we_do_not_know(api, city, token_of):
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {token_of()}")
    assert api.post(ADDRESS, WORDS).status_code == 201
    assert not Identity.objects.exists()


def test_a_complaint_names_its_subject(api, city):
    badge = city.officer.officer.badge_number
    api.post(ADDRESS, WORDS | {"category": "conduct", "subjects": [f"officer:{badge}"]})
    case = Suggestion.objects.get()
    assert case.subjects.get().officer == city.officer.officer
    assert case.unit == city.desk


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"body": ""}, "body"),
        ({"body": "啊" * 5001}, "body"),
        ({"body": "\u200b\0"}, "body"),
        ({"category": "nothing"}, "category"),
        ({"category": ["noise"]}, "category"),
        ({"area": "1"}, "area"),
        ({"subjects": ["unit:none"]}, "subjects"),
        ({"subjects": "officer:1"}, "subjects"),
        ({"contact_phone": "0572-2100110"}, "contact_phone"),
        ({"publish": "perhaps"}, "publish"),
        ({"attachments": ["a"]}, "attachments.0"),
    ],
)
def test_what_is_wrong_is_named_by_field(api, city, wrong, field):
    answer = api.post(ADDRESS, WORDS | wrong)
    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == [field]
    assert not Suggestion.objects.exists()


def test_a_file_that_is_no_picture_is_named_too(api, city):
    file = SimpleUploadedFile("a.png", b"MZ\x90\0", "image/png")
    answer = api.post(ADDRESS, WORDS | {"attachments": [file]}, format="multipart")
    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == ["attachments"]


# --- reading ----------------------------------------------------------------------------------------------------------


def numbers(answer) -> list[str]:
    assert answer.status_code == 200
    return [row["number"] for row in answer.json()["results"]]


def test_published_cases_with_their_answer_and_nothing_of_the_citizen(api, city):
    case = factories.case(city, "replied", contact_name="李秀英", contact_phone="19900007788", place="三号楼")
    answer = api.get(ADDRESS)
    (row,) = answer.json()["results"]
    assert row["number"] == case.number
    assert "劝导舞队" in row["answer"]["text"]
    assert row["unit"] == "wuxing-yuehe"
    assert row["due_at"] is None
    for secret in ("李秀英", "7788", "三号楼"):
        assert secret not in answer.content.decode()


@pytest.mark.parametrize(
    "hidden",
    [
        lambda city: factories.case(city, "received"),
        lambda city: factories.case(city, "replied", publish=False),
        lambda city: services.withdraw(factories.case(city, "accepted")),
        lambda city: factories.case(city, "accepted", subjects=[(city.chaoyang, None)]),
    ],
)
def test_what_is_not_public_is_nowhere(api, city, hidden):
    case = hidden(city)
    assert numbers(api.get(ADDRESS)) == []
    for reader in (api, api_of(city.triage), api_of(city.citizen)):
        assert reader.get(f"{ADDRESS}{case.number}/").status_code == 404


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"q": "红绿灯 马路"}, "lights"),
        ({"q": "没有这样的词"}, None),
        ({"category": "noise"}, "noise"),
        ({"area": "330503"}, "lights"),
        ({"unit": "wuxing"}, "noise"),
        ({"state": "replied"}, "noise"),
        ({"year": "2009"}, None),
    ],
)
def test_filters(api, city, asked, found):
    made = {
        "noise": factories.case(city, "replied").number,
        "lights": factories.case(
            city,
            "assigned",
            body="人民路红绿灯时间太短,过不去马路。",
            category=city.lights,
            area=city.lianshi_area,
            unit=city.lianshi,
        ).number,
    }
    assert numbers(api.get(ADDRESS, asked)) == ([made[found]] if found else [])


@pytest.mark.parametrize(
    "asked",
    [
        {"year": "x"},
        {"state": "gone"},
        {"category": "a b"},
        {"area": "%00"},
        {"size": "0"},
        {"size": "101"},
        {"size": "x"},
    ],
)
def test_a_filter_that_makes_no_sense_is_named(api, city, asked):
    answer = api.get(ADDRESS, asked)
    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == list(asked)


def test_pages_follow_each_other_and_come_back(api, city):
    made = [factories.case(city, "accepted").number for _n in range(5)]
    first = api.get(ADDRESS, {"size": 2}).json()
    assert first["previous"] is None
    second = api.get(first["next"]).json()
    third = api.get(second["next"]).json()
    assert third["next"] is None
    seen = [row["number"] for page in (first, second, third) for row in page["results"]]
    assert seen == made[::-1]
    assert api.get(third["previous"]).json()["results"] == second["results"]


@pytest.mark.parametrize("junk", ["?cursor=x", "?cursor=%00", "?size=", "?q=%F0%9F%98%80"])
def test_junk_in_the_address_breaks_nothing(api, city, junk):
    factories.case(city, "accepted")
    assert api.get(ADDRESS + junk).status_code == 200


def test_one_case_has_its_thread_for_strangers(api, city):
    case = factories.case(city, "replied")
    shown = api.get(f"{ADDRESS}{case.number}/").json()
    assert [node["kind"] for node in shown["thread"]] == ["said", "accepted", "assigned", "reply", "closed"]
    assert shown["thread"][0]["title"] == "有市民说了这件事"
    assert shown["thread"][0]["text"] == ""
    assert shown["thread"][-1]["done"] is False


def test_one_case_has_the_pictures_that_were_shown(api, city):
    answer = api.post(ADDRESS, WORDS | {"publish": True, "attachments": [photo()]}, format="multipart")
    case = services.accept(Suggestion.objects.get(number=answer.json()["number"]), by=city.triage)
    services.publish(case, by=city.triage, title="路灯", body="路灯坏了。")
    assert api.get(f"{ADDRESS}{case.number}/").json()["pictures"] == []
    case.attachments.update(is_public=True)
    (picture,) = api.get(f"{ADDRESS}{case.number}/").json()["pictures"]
    assert api.get(picture["url"]).status_code == 200


def test_a_list_takes_a_fixed_number_of_statements(api, city, django_assert_num_queries):
    factories.case(city, "replied")
    with CaptureQueriesContext(
        connection,
    ) as few:
        api.get(ADDRESS)
    for _n in range(6):
        factories.case(city, "replied")
    with django_assert_num_queries(len(few)):
        assert len(numbers(api.get(ADDRESS))) == 7
    assert len(few) == 2


def test_one_case_takes_a_fixed_number_of_statements(api, city, django_assert_max_num_queries):
    case = factories.case(city, "replied")
    with django_assert_max_num_queries(4):
        api.get(f"{ADDRESS}{case.number}/")


def test_categories(api, city):
    answer = api.get("/api/v1/categories/").json()
    assert [row["code"] for row in answer["results"]] == ["conduct", "noise", "traffic_lights", "other"]
    assert answer["results"][1]["reply_days"] == 5


@pytest.mark.parametrize("number", ["1e999", "12345", "1.5", "true", "NaN"])
def test_a_number_is_not_words(api, city, number):
    answer = api.generic("POST", "/api/v1/suggestions/", f'{{"body": {number}}}', "application/json")
    assert answer.status_code in (400, 422)
    answer = api.generic("POST", "/api/v1/suggestions/", f'{{"body": "灯坏了", "place": {number}}}', "application/json")
    assert answer.status_code in (400, 422)
    assert not Suggestion.objects.exists()


@pytest.mark.parametrize("body", ['{"body": "路灯"}'.encode("gbk"), '{"body": "灯\ufffd了"}'.encode()])
def test_json_that_did_not_arrive_whole_is_refused(api, city, body):
    assert api.generic("POST", "/api/v1/suggestions/", body, "application/json").status_code in (400, 422)
    assert not Suggestion.objects.exists()
