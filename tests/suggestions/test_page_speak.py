"""Speak, as a browser does it: the words are enough, the rest is guessed, offered and left to choose."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from suggestions.models import Identity, Suggestion
from tests import factories
from tests.pages import page_of
from tests.suggestions.speaking import NEW, RECEIPT, WORDS, photo, send

WHO = "/suggestions/new/who/"


@pytest.fixture(autouse=True)
def _in_chinese():
    with translation.override("zh-hans"):
        yield


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


def test_in_english(client, city):
    client.cookies["django_language"] = "en"
    assert "Send it, get my tracking code" in page_of(client.get(NEW))


def test_the_page_takes_few_statements(client, city, django_assert_max_num_queries):
    with django_assert_max_num_queries(4):
        client.get(NEW)


def test_the_page_is_light(client, city):
    """Our own styles and scripts, as they lie in the repository: under 100 KB before compression."""
    page = page_of(client.get(NEW))
    ours = set(re.findall(r'/static/((?:css|js)/[\w.-]+)"', page))
    assert {"css/tokens.css", "css/speak.css", "js/forms.js"} <= ours
    assert sum(Path(settings.STATICFILES_DIRS[0], name).stat().st_size for name in ours) < 100_000


def test_the_first_paint_waits_for_no_script(client, city):
    scripts = re.findall(r"<script[^>]*>", page_of(client.get(NEW)))
    assert scripts
    assert all("defer" in script or 'type="module"' in script for script in scripts)
