"""What is sent by mistake or on purpose: a readable answer, by the field, and the words still there."""

import re
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation

from core import painting
from suggestions import services
from suggestions.models import Identity, Suggestion
from suggestions.views import speak
from tests.core.test_files import bomb, zipped
from tests.pages import page_of
from tests.suggestions.speaking import NEW, WORDS, photo, send


@pytest.fixture(autouse=True)
def _in_chinese():
    with translation.override("zh-hans"):
        yield


def test_a_used_form_with_other_words_is_told_and_can_be_sent_again(client, city):
    key = uuid4().hex
    client.post(NEW, {"body": WORDS, "idempotency_key": key})
    answer = client.post(NEW, {"body": "另外一件事:红绿灯坏了。", "idempotency_key": key})
    page = page_of(answer)
    assert answer.status_code == 422
    assert "另外一件事:红绿灯坏了。" in page
    assert "作为另一件收下" in page
    fresh = re.search(r'name="idempotency_key" value="([0-9a-f]{32})"', page).group(1)
    assert fresh != key
    again = client.post(NEW, {"body": "另外一件事:红绿灯坏了。", "idempotency_key": fresh})
    assert again.status_code == 303
    assert Suggestion.objects.count() == 2


def test_nothing_said_is_told_by_the_field(client, city):
    answer = client.post(NEW, {"body": " \n ", "place": "月河路3号"})
    page = page_of(answer)
    assert answer.status_code == 422
    assert 'id="id_body_error"' in page
    assert "月河路3号" in page
    assert not Suggestion.objects.exists()


def test_too_long_is_told_and_still_there(client, city):
    long = "太长了" * 1700
    answer = send(client, long)
    assert answer.status_code == 422
    assert long in page_of(answer)


def test_exactly_the_limit_is_taken_whatever_the_line_breaks(client, city):
    send(client, "\r\n".join(["一" * 99] * 50))
    assert len(Suggestion.objects.get().body) == 4999


@pytest.mark.parametrize("kind", ["multipart/form-data", "application/x-www-form-urlencoded"])
@pytest.mark.parametrize("checks_csrf", [True, False])
def test_ten_megabytes_in_one_line_get_a_readable_answer(city, kind, checks_csrf):
    client = Client(enforce_csrf_checks=checks_csrf)
    if kind == "multipart/form-data":
        answer = client.post(NEW, {"body": "长" * 3_500_000})
    else:
        answer = client.post(NEW, "body=" + "x" * 10_000_000, content_type=kind)
    page = page_of(answer)
    assert answer.status_code == 413
    assert "一次发得太多了" in page
    assert "<form" in page
    assert len(page) < 200_000
    assert not Suggestion.objects.exists()


def test_too_much_is_told_on_every_other_page_too(client, city):
    answer = Client(enforce_csrf_checks=True).post("/track/", {"code": "长" * 1_000_000})
    assert answer.status_code == 413
    assert "内容没有收下" in page_of(answer)


def test_what_cannot_be_read_at_all_is_told_without_blame(client, city):
    answer = client.get("/suggestions/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert "没能读懂这次提交" in page_of(answer)


def test_an_enormous_request_is_not_even_read(client, city):
    answer = client.generic(
        "POST", NEW, b"x", content_type="multipart/form-data; boundary=b", CONTENT_LENGTH=str(10**9)
    )
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("红绿灯\x00坏了", "红绿灯坏了"),
        ("红绿灯\u202e坏了\u2066", "红绿灯坏了"),
        ("红绿灯坏了🚦👨‍👩‍👧", "红绿灯坏了🚦👨‍👩‍👧"),
        ("𠮷家门口的𬌗灯", "𠮷家门口的𬌗灯"),
        ("<script>alert(1)</script>红绿灯", "<script>alert(1)</script>红绿灯"),
    ],
)
def test_odd_characters_are_cleaned_or_kept_as_text(client, city, typed, kept):
    assert send(client, typed).status_code == 303
    assert Suggestion.objects.get().body == kept
    case = Suggestion.objects.get()
    page = page_of(client.get(f"/track/{case.number}/"))
    assert "<script>alert" not in page


def test_full_width_digits_in_a_phone_are_understood(client, city):
    send(client, contact_phone="１３９ ０００１ ２３４５", contact_name="老王")
    identity = Identity.objects.get()
    assert identity.phone_tail_mac == services.listen.phone_tail_mac(identity.suggestion.number, "2345")


def test_a_wrong_phone_is_told_by_the_field(client, city):
    answer = send(client, contact_phone="12345")
    page = page_of(answer)
    assert answer.status_code == 422
    assert 'id="id_contact_phone_error"' in page
    assert WORDS in page


@pytest.mark.parametrize("unknown", ["unit:nowhere", "officer:999999", "x", "unit:\x00", "🚦"])
def test_an_unknown_subject_is_told(client, city, unknown):
    answer = send(client, subjects=[unknown])
    assert answer.status_code == 422
    assert WORDS in page_of(answer)
    assert not Suggestion.objects.exists()


def heavy(megabytes):
    return b"\xff\xd8\xff" + b"0" * (megabytes * 1024 * 1024)


@pytest.mark.parametrize(
    "files",
    [
        [("病毒.jpg", b"MZ\x90\x00" + b"\0" * 300)],
        [("现场.jpg", zipped())],
        [("现场.jpg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>")],
        [("网页.png", b"<html><script>alert(1)</script></html>")],
        [("空.png", b"")],
        [("大图.png", bomb(60_000, 60_000))],
        [("很大.jpg", heavy(11))],
        [(f"{n}.jpg", heavy(9)) for n in range(4)],
    ],
    ids=["program", "zip", "svg", "html", "empty", "pixel bomb", "11 MB", "too heavy together"],
)
def test_what_is_no_photo_is_told_by_the_field_and_the_words_stay(client, city, files):
    sent = [SimpleUploadedFile(name, raw, "image/jpeg") for name, raw in files]
    answer = send(client, attachments=sent, place="月河路3号")
    page = page_of(answer)
    assert answer.status_code in (413, 422)
    if answer.status_code == 422:
        assert 'id="id_attachments_error"' in page
        assert WORDS in page
        assert "月河路3号" in page
    assert not Suggestion.objects.exists()


def test_seven_photos_are_one_too_many(client, city):
    answer = send(client, attachments=[photo(f"{n}.png", (40 + n, 30)) for n in range(7)])
    assert answer.status_code == 422
    assert "最多 6 个" in page_of(answer)


def test_something_that_is_no_photo_is_told_and_the_words_stay(client, city):
    answer = send(client, attachments=[SimpleUploadedFile("病毒.jpg", b"MZ\x90\x00 not a picture", "image/jpeg")])
    page = page_of(answer)
    assert answer.status_code == 422
    assert 'id="id_attachments_error"' in page
    assert WORDS in page
    assert "重新选择" in page


@pytest.mark.parametrize(("name", "value"), [("category", "no-such"), ("area", "330599"), ("area", "\x00")])
def test_a_choice_that_does_not_exist_is_told(client, city, name, value):
    answer = send(client, **{name: value})
    assert answer.status_code == 422
    assert f'id="id_{name}_error"' in page_of(answer)


def test_too_many_at_once_are_asked_to_wait_and_lose_nothing(client, city, monkeypatch):
    monkeypatch.setattr(speak, "FROM_ONE_ADDRESS", 1)
    assert send(client).status_code == 303
    answer = send(client, "第二件事")
    assert answer.status_code == 429
    assert "第二件事" in page_of(answer)
    assert "60 分钟后再试" in page_of(answer)
    assert int(answer["Retry-After"]) > 0
    assert Suggestion.objects.count() == 1


def test_the_limit_is_asked_before_a_picture_is_painted(client, city, monkeypatch):
    painted = []
    monkeypatch.setattr(painting, "make_anew", lambda raw, **_: painted.append(raw) or pytest.fail("painted"))
    monkeypatch.setattr(speak, "FROM_ONE_ADDRESS", 1)
    assert send(client).status_code == 303
    answer = send(client, "第二件事", attachments=[SimpleUploadedFile("a.png", b"\x89PNG not looked at")])
    assert answer.status_code == 429
    assert "第二件事" in page_of(answer)
    assert painted == []


def test_pictures_that_must_wait_keep_the_words(client, city, monkeypatch):
    def busy(raw, **_):
        raise painting.Busy

    monkeypatch.setattr(painting, "make_anew", busy)
    answer = send(client, attachments=[SimpleUploadedFile("a.png", b"\x89PNG")])
    assert answer.status_code == 422
    assert WORDS in page_of(answer)
    assert "过一分钟再发一次" in page_of(answer)
    assert not Suggestion.objects.exists()


@pytest.mark.parametrize("path", ["guess", "similar"])
def test_helping_pages_survive_anything(client, city, path):
    for body in ("", "\x00", "'", "\\", "&|!():*<->", "长" * 100_000):
        assert client.post(f"/suggestions/new/{path}/", {"body": body}).status_code == 200


def test_an_expired_form_gives_the_words_back(city):
    answer = Client(enforce_csrf_checks=True).post(NEW, {"body": WORDS})
    assert answer.status_code == 403
    assert WORDS in page_of(answer)
    assert not Suggestion.objects.exists()


@pytest.mark.parametrize("words", ["灯坏了", WORDS])
def test_even_short_words_come_back_from_an_expired_form(city, words):
    data = {"body": words, "category": "noise", "contact_phone": "13900012345"}
    page = page_of(Client(enforce_csrf_checks=True).post(NEW, data))
    assert words in page
    assert "13900012345" not in page


def test_a_paste_is_counted_and_not_cut_by_the_browser(client, city):
    area = re.search(r"<textarea[^>]*>", page_of(client.get(NEW))).group()
    assert 'data-limit="5000"' in area
    assert "maxlength" not in area
