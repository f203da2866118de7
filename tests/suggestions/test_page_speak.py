"""Speak, as a browser does it: the words are enough, nothing typed is lost, and the receipt proves it."""

import io
import re
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation
from PIL import Image

from suggestions import services, tracking
from suggestions.models import Identity, Suggestion
from suggestions.views import speak
from tests import factories

NEW = "/suggestions/new/"
RECEIPT = "/suggestions/receipt/"
WHO = "/suggestions/new/who/"
WORDS = "月河街道小区楼下晚上广场舞音响太吵,老人睡不好觉。"
CODE = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{5}")


@pytest.fixture(autouse=True)
def _in_chinese():
    with translation.override("zh-hans"):
        yield


def send(client, body=WORDS, **more):
    return client.post(NEW, {"body": body, "idempotency_key": uuid4().hex, **more})


def page_of(response):
    return response.content.decode()


def photo(name="现场.png", size=(40, 30)):
    out = io.BytesIO()
    Image.new("RGB", size, "#11597c").save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue(), "image/png")


def test_the_page_opens_with_every_field(client, city):
    page = page_of(client.get(NEW))
    for name in [
        "body",
        "category",
        "area",
        "place",
        "title",
        "attachments",
        "anonymous",
        "contact_name",
        "contact_phone",
        "publish",
        "idempotency_key",
    ]:
        assert f'name="{name}"' in page
    assert "110" in page


def test_words_alone_are_enough(client, city):
    answer = client.post(NEW, {"body": WORDS})
    assert (answer.status_code, answer["Location"]) == (303, RECEIPT)
    case = Suggestion.objects.get()
    assert case.body == WORDS
    assert (case.category_id, case.area_id) == ("noise", "330502001"), "guessed from the words"
    assert not case.publish


def test_words_that_say_nothing_go_to_other(client, city):
    send(client, "您好")
    assert Suggestion.objects.get().category_id == "other"


def test_the_receipt_shows_code_qr_and_promised_date(client, city):
    send(client)
    page = page_of(client.get(RECEIPT))
    code = CODE.search(page).group()
    assert services.find_by_code(code) == Suggestion.objects.get()
    assert "<svg" in page
    assert "最迟" in page


def test_the_code_stands_only_in_the_fragment_of_the_address(rf):
    request = rf.get("/")
    assert speak.track_address(request, "ABCD-EFGH-JKMNP") == "http://testserver/track/#ABCD-EFGH-JKMNP"


def test_the_receipt_is_kept_by_no_cache_and_no_search_engine(client, city):
    send(client)
    answer = client.get(RECEIPT)
    assert "no-store" in answer["Cache-Control"]
    assert "noindex" in answer["X-Robots-Tag"]


def test_the_code_is_not_readable_in_the_session(client, city):
    send(client)
    code = CODE.search(page_of(client.get(RECEIPT))).group()
    assert code not in str(dict(client.session))
    assert code.replace("-", "") not in str(dict(client.session))


def test_another_browser_sees_no_receipt(client, city):
    send(client)
    assert Client().get(RECEIPT).status_code == 404


def test_the_receipt_is_gone_after_half_an_hour(client, city):
    send(client)
    session = client.session
    session[tracking.RECEIPT] = {**session[tracking.RECEIPT], "until": 0}
    session.save()
    assert client.get(RECEIPT).status_code == 404
    assert tracking.RECEIPT not in client.session


def test_the_qr_code_can_be_saved(client, city):
    send(client)
    answer = client.get("/suggestions/receipt/qr.svg")
    assert answer["Content-Type"] == "image/svg+xml"
    assert Client().get("/suggestions/receipt/qr.svg").status_code == 404


def test_the_same_form_twice_is_one_case_with_one_code(client, city):
    key = uuid4().hex
    codes = []
    for _time in range(2):
        client.post(NEW, {"body": WORDS, "idempotency_key": key})
        codes.append(CODE.search(page_of(client.get(RECEIPT))).group())
    assert Suggestion.objects.count() == 1
    assert codes[0] == codes[1]


def test_a_used_form_with_other_words_is_told_and_can_be_sent_again(client, city):
    key = uuid4().hex
    client.post(NEW, {"body": WORDS, "idempotency_key": key})
    answer = client.post(NEW, {"body": "另外一件事:红绿灯坏了。", "idempotency_key": key})
    page = page_of(answer)
    assert answer.status_code == 422
    assert "另外一件事:红绿灯坏了。" in page
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


def test_ten_megabytes_in_one_line_get_a_readable_answer(client, city):
    answer = client.post(NEW, {"body": "长" * 3_500_000})
    page = page_of(answer)
    assert answer.status_code in (413, 422)
    assert "<form" in page
    assert len(page) < 200_000
    assert not Suggestion.objects.exists()


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


def test_anonymous_leaves_nothing_even_when_something_was_typed(client, city):
    assert send(client, anonymous="on", contact_phone="13900012345", contact_name="老王").status_code == 303
    assert Suggestion.objects.get().anonymous
    assert not Identity.objects.exists()


def test_a_signed_in_citizen_types_no_number(client, city):
    client.force_login(city.citizen)
    page = page_of(client.get(NEW))
    assert "199****0001" in page
    assert 'name="contact_phone"' not in page
    send(client)
    assert Identity.objects.get().user == city.citizen


def test_consent_is_a_choice_of_its_own(client, city):
    send(client, publish="on")
    assert Suggestion.objects.get().publish


def test_a_complaint_names_a_unit_and_an_officer(client, city):
    send(client, "窗口态度不好", subjects=["unit:wuxing-yuehe", f"officer:{city.officer.username}"])
    subjects = Suggestion.objects.get().subjects.order_by("pk")
    assert [(s.unit, s.officer) for s in subjects] == [
        (city.yuehe, None),
        (city.yuehe, city.officer.officer),
    ]


def test_a_bare_badge_number_is_an_officer(client, city):
    send(client, "窗口态度不好", subjects=["", city.officer.username])
    assert Suggestion.objects.get().subjects.get().officer == city.officer.officer


@pytest.mark.parametrize("unknown", ["unit:nowhere", "officer:999999", "x", "unit:\x00", "🚦"])
def test_an_unknown_subject_is_told(client, city, unknown):
    answer = send(client, subjects=[unknown])
    assert answer.status_code == 422
    assert WORDS in page_of(answer)
    assert not Suggestion.objects.exists()


def test_named_subjects_are_still_there_after_an_error(client, city):
    page = page_of(send(client, "", subjects=["unit:wuxing-yuehe"]))
    assert re.search(r'value="unit:wuxing-yuehe" checked', page)


def test_a_photo_is_kept_and_shown_to_its_owner_only(client, city):
    send(client, attachments=[photo(), photo("另一张.png", (50, 30))])
    case = Suggestion.objects.get()
    files = list(case.attachments.all())
    assert len(files) == 2
    address = f"/track/{case.number}/files/{files[0].pk}/"
    answer = client.get(address)
    assert answer["Content-Type"].startswith("image/")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    assert Client().get(address).status_code == 404
    assert client.get(f"/suggestions/{case.number}/files/{files[0].pk}/").status_code == 404


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
    assert int(answer["Retry-After"]) > 0
    assert Suggestion.objects.count() == 1


def test_without_scripts_the_guess_is_confirmed_in_a_second_step(client, city):
    answer = send(client, step="check")
    page = page_of(answer)
    assert answer.status_code == 200
    assert not Suggestion.objects.exists()
    assert re.search(r'<option value="noise" selected', page)
    assert re.search(r'<option value="330502001" selected', page)
    assert WORDS in page
    assert 'name="step"' not in page


def test_a_chosen_category_needs_no_second_step(client, city):
    assert send(client, step="check", category="other").status_code == 303


def test_chosen_files_are_not_lost_to_a_second_step(client, city):
    assert send(client, step="check", attachments=[photo()]).status_code == 303
    assert Suggestion.objects.get().attachments.count() == 1


def test_the_guess_fills_category_and_place_while_typing(client, city):
    page = page_of(client.post("/suggestions/new/guess/", {"body": WORDS}))
    assert "<html" not in page
    assert re.search(r'<option value="noise" selected', page)
    assert re.search(r'<option value="330502001" selected', page)


def test_the_guess_leaves_what_the_citizen_chose(client, city):
    sent = {"body": WORDS, "category": "traffic_lights", "guessed_category": "noise", "area": "", "guessed_area": ""}
    page = page_of(client.post("/suggestions/new/guess/", sent))
    assert re.search(r'<option value="traffic_lights" selected', page)


def test_a_place_taken_out_by_the_citizen_stays_out(client, city):
    send(client, guessed_category="noise", guessed_area="330502001", area="", category="noise")
    assert Suggestion.objects.get().area is None


def test_similar_voices_appear_while_typing(client, city):
    said = factories.case(city, "replied")
    page = page_of(client.post("/suggestions/new/similar/", {"body": said.body}))
    assert f"/suggestions/{said.number}/" in page
    assert "已有 1 人" in page


def test_unpublished_voices_are_never_shown_as_similar(client, city):
    said = factories.case(city, "replied", publish=False)
    assert said.number not in page_of(client.post("/suggestions/new/similar/", {"body": said.body}))


@pytest.mark.parametrize("path", ["guess", "similar"])
def test_helping_pages_survive_anything(client, city, path):
    for body in ("", "\x00", "'", "\\", "&|!():*<->", "长" * 100_000):
        assert client.post(f"/suggestions/new/{path}/", {"body": body}).status_code == 200


def test_units_and_officers_are_found_by_name_and_badge(client, city):
    page = page_of(client.post(WHO, {"who": "月河"}))
    assert 'value="unit:wuxing-yuehe"' in page
    assert "<html" not in page
    badge = city.officer.username
    assert f'value="officer:{badge}"' in page_of(client.post(WHO, {"who": badge}))


@pytest.mark.parametrize("nonsense", ["", "\x00%_", "'", "长" * 5000, "🚦"])
def test_nobody_is_found_for_nonsense(client, city, nonsense):
    answer = client.post(WHO, {"who": nonsense, "subjects": ["unit:nowhere", "\x00"]})
    assert answer.status_code == 200
    assert 'type="checkbox"' not in page_of(answer)


def test_who_is_ticked_stays_while_another_is_looked_for(client, city):
    page = page_of(client.post(WHO, {"who": "朝阳", "subjects": ["unit:wuxing-yuehe"]}))
    assert 'value="unit:wuxing-yuehe" checked' in page
    assert 'value="unit:wuxing-chaoyang"' in page
    again = page_of(client.post(WHO, {"who": "月河", "subjects": ["unit:wuxing-yuehe"]}))
    assert again.count('value="unit:wuxing-yuehe"') == 1


def test_a_name_that_is_looked_for_stands_in_no_address(client, city):
    assert client.get(WHO, {"who": "月河"}).status_code == 405


def test_an_expired_form_gives_the_words_back(city):
    answer = Client(enforce_csrf_checks=True).post(NEW, {"body": WORDS})
    assert answer.status_code == 403
    assert WORDS in page_of(answer)
    assert not Suggestion.objects.exists()


def test_in_english(client, city):
    client.cookies["django_language"] = "en"
    assert "Send it, get my tracking code" in page_of(client.get(NEW))


def test_the_page_takes_few_statements(client, city, django_assert_max_num_queries):
    with django_assert_max_num_queries(4):
        client.get(NEW)
