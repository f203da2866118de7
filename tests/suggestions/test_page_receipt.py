"""The receipt: the code in the clear once, the QR code that leads back, and nothing of either left behind."""

import io
from datetime import timedelta
from uuid import uuid4

import pytest
import segno
import time_machine
from django.core.cache import cache
from django.test import Client
from django.utils import timezone, translation

from core.templatetags.plaza_ui import qr
from suggestions import services, tracking
from suggestions.models import Suggestion
from suggestions.views import speak
from tests.pages import page_of
from tests.suggestions.speaking import CODE, NEW, RECEIPT, WORDS, code_on, send


@pytest.fixture(autouse=True)
def _in_chinese():
    with translation.override("zh-hans"):
        yield


def test_the_receipt_shows_code_qr_and_promised_date(client, city):
    send(client)
    page = page_of(client.get(RECEIPT))
    code = CODE.search(page).group()
    assert services.find_by_code(code) == Suggestion.objects.get()
    assert "<svg" in page
    assert "最迟" in page


@pytest.mark.parametrize(("phone", "asked"), [("13900012345", True), ("", False)])
def test_the_receipt_says_what_else_opens_the_case(client, city, phone, asked):
    send(client, contact_phone=phone)
    assert ("还要填您留下的手机号的后四位" in page_of(client.get(RECEIPT))) is asked


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
    with time_machine.travel(timezone.now() + timedelta(seconds=tracking.RECEIPT_SECONDS + 1)):
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


def test_the_qr_codes_lead_to_the_case(client, city):
    """Both pictures are those of the very address: drawn again from it, they are the same to the last module."""
    send(client)
    page = page_of(client.get(RECEIPT))
    address = f"http://testserver/track/#{code_on(page)}"
    assert str(qr(address)).partition("<svg")[2].partition("</svg>")[0] in page
    drawn = io.BytesIO()
    segno.make(address, error="m", micro=False).save(drawn, kind="svg", scale=8, border=2)
    assert client.get("/suggestions/receipt/qr.svg").content == drawn.getvalue()


def test_another_address_would_be_another_picture(client, city):
    send(client)
    assert str(qr("http://testserver/track/#0000-0000-00000")).partition("<svg")[2] not in page_of(client.get(RECEIPT))


def test_paper_says_where_to_look_it_up(client, city, settings):
    settings.PUBLIC_URL = "https://plaza.example.org/"
    send(client)
    page = page_of(client.get(RECEIPT))
    assert "https://plaza.example.org/track/" in page
    assert str(qr(f"https://plaza.example.org/track/#{code_on(page)}")).partition("<svg")[2][:500] in page


def test_the_receipt_belongs_to_speaking_in_the_navigation(client, city):
    send(client)
    assert '<a href="/suggestions/new/" aria-current="page">' in page_of(client.get(RECEIPT))


@pytest.mark.parametrize(("engine", "status"), [("cached_db", 200), ("cache", 404)])
def test_a_flushed_redis_takes_no_receipt_away_unless_sessions_lay_there_alone(client, city, settings, engine, status):
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{engine}"
    send(client)
    assert client.get(RECEIPT).status_code == 200
    cache.clear()
    assert client.get(RECEIPT).status_code == status
    assert Suggestion.objects.count() == 1
