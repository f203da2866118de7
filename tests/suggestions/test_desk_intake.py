"""Intake, as a clerk does it: how it came in, the words, and a receipt whose code is shown once."""

import re
from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from PIL import Image
from playwright.sync_api import expect
from pypdf import PdfReader

from core.errors import Invalid
from plaza.models import ActivityDay
from suggestions import services
from suggestions.models import Identity, Suggestion
from suggestions.services import listen
from tests import factories
from tests.browser import TABLET, objections
from tests.pages import page_of
from tests.suggestions.statements import statements

INTAKE = "/desk/intake/"
CODE = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{5}")
OWN_HOUSE = "This is about you or your own unit. Let the citizen send it on their own phone, or call another unit."
WORDS = "月河街道小区楼下晚上广场舞音响太吵,老人睡不好觉。"


@pytest.fixture(autouse=True)
def _in_chinese():
    with translation.override("zh-hans"):
        yield


@pytest.fixture
def clerk(client, city):
    client.force_login(city.officer)
    return client


@pytest.fixture
def today(db):
    return ActivityDay.objects.create(date=timezone.localdate(), title="宪法日:民警来普法")


def enter(client, body=WORDS, **more):
    return client.post(INTAKE, {"channel": "window", "body": body, "idempotency_key": uuid4().hex, **more})


def photo():
    out = BytesIO()
    Image.new("RGB", (40, 30), "#11597c").save(out, "PNG")
    return SimpleUploadedFile("现场.png", out.getvalue(), "image/png")


# --- who may ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "status"),
    [("officer", 200), ("triage", 200), ("leader", 403), ("admin", 403), ("auditor", 403), ("pollster", 403),
     ("citizen", 403)],
)  # fmt: skip
def test_only_officers_and_the_triage_desk_enter_voices(client, city, who, status):
    client.force_login(getattr(city, who))
    assert client.get(INTAKE).status_code == status
    assert enter(client).status_code == status
    assert Suggestion.objects.count() == (status == 200)


def test_a_visitor_is_sent_to_sign_in(client, city):
    assert client.get(INTAKE)["Location"].startswith("/accounts/login/")


# --- how it came in ---------------------------------------------------------------------------------------------


def test_on_a_plaza_day_the_day_is_chosen_by_itself(clerk, today):
    page = page_of(clerk.get(INTAKE))
    assert re.search(r'value="plaza"[^>]* checked', page)
    assert re.search(rf'<option value="{today.pk}" selected', page)
    enter(clerk, channel="plaza")
    assert Suggestion.objects.get().plaza_day == today


def test_on_any_other_day_it_is_the_window(clerk):
    page = page_of(clerk.get(INTAKE))
    assert re.search(r'value="window"[^>]* checked', page)


def test_a_paper_slip_is_typed_in_after_the_day(clerk):
    past = ActivityDay.objects.create(date=timezone.localdate() - timedelta(days=9), title="平安出行")
    enter(clerk, channel="plaza", plaza_day=past.pk)
    assert Suggestion.objects.get().plaza_day == past


def test_what_was_said_at_the_window_belongs_to_no_plaza_day(clerk, today):
    enter(clerk, channel="window", plaza_day=today.pk)
    case = Suggestion.objects.get()
    assert (case.channel, case.plaza_day) == ("window", None)


def test_without_any_plaza_day_none_is_offered(clerk):
    assert 'value="plaza"' not in page_of(clerk.get(INTAKE))
    assert enter(clerk, channel="plaza").status_code == 422


def test_a_square_without_a_plaza_day_is_told_by_the_field(clerk):
    ActivityDay.objects.create(date=timezone.localdate() - timedelta(days=9), title="平安出行")
    answer = enter(clerk, channel="plaza")
    page = page_of(answer)
    assert answer.status_code == 422
    assert 'id="id_plaza_day_error"' in page
    assert WORDS in page
    assert not Suggestion.objects.exists()


@pytest.mark.parametrize("days", [1, -61])
def test_a_day_to_come_and_one_long_past_cannot_be_chosen(clerk, days):
    other = ActivityDay.objects.create(date=timezone.localdate() + timedelta(days=days), title="平安出行")
    assert enter(clerk, channel="plaza", plaza_day=other.pk).status_code == 422
    assert not Suggestion.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [("channel", "web"), ("channel", ""), ("plaza_day", "\x00"), ("category", "no-such"), ("area", "\x00"),
     ("contact_phone", "12345"), ("body", " \n "), ("body", "长" * 5001)],
)  # fmt: skip
def test_bad_input_is_told_by_the_field_and_nothing_typed_is_lost(clerk, today, field, value):
    answer = enter(clerk, **{"channel": "plaza", "place": "月河路3号", field: value})
    page = page_of(answer)
    assert answer.status_code == 422
    assert f'id="id_{field}_error"' in page
    assert "月河路3号" in page
    assert not Suggestion.objects.exists()


# --- what is written down ---------------------------------------------------------------------------------------


def test_words_are_enough_and_the_clerk_is_remembered_but_is_not_the_citizen(clerk, city):
    enter(clerk, channel="phone")
    case = Suggestion.objects.get()
    assert (case.body, case.channel, case.entered_by) == (WORDS, "phone", city.officer)
    assert (case.category_id, case.area_id) == ("noise", "330502001"), "guessed from the words"
    assert not case.publish
    assert not Identity.objects.exists()


def test_consent_and_contact_are_the_citizens(clerk):
    enter(clerk, publish="on", contact_name="李秀英", contact_phone="１９９ ００００ ７７８８")
    identity = Identity.objects.get()
    assert identity.suggestion.publish
    assert identity.user is None
    assert identity.phone_tail_mac == listen.phone_tail_mac(identity.suggestion.number, "7788")


def test_anonymous_leaves_nothing_even_when_something_was_typed(clerk):
    enter(clerk, anonymous="on", contact_name="李秀英", contact_phone="19900007788")
    assert Suggestion.objects.get().anonymous
    assert not Identity.objects.exists()


def test_photos_go_along(clerk):
    enter(clerk, attachments=[photo()])
    assert Suggestion.objects.get().attachments.count() == 1


# --- a complaint about the clerk's own house (P11) --------------------------------------------------------------


@pytest.mark.parametrize("about", ["unit:wuxing-yuehe", "the clerk", "a colleague"])
def test_who_is_complained_of_does_not_write_it_down(clerk, city, about):
    badges = {"the clerk": city.officer.username, "a colleague": city.officer2.username}
    answer = enter(clerk, subjects=[f"officer:{badges[about]}" if about in badges else about])
    assert answer.status_code == 422
    assert WORDS in page_of(answer)
    assert _(OWN_HOUSE) in page_of(answer)
    assert not Suggestion.objects.exists()


def test_without_the_guard_the_complained_of_would(clerk, city, monkeypatch):
    monkeypatch.setattr(listen, "_not_about_the_clerk", lambda clerk, subjects: None)
    assert enter(clerk, subjects=["unit:wuxing-yuehe"]).status_code == 200


def test_the_service_refuses_it_too(city):
    with pytest.raises(Invalid) as refused:
        factories.say(city, entered_by=city.officer, subjects=[(city.yuehe, None)])
    assert list(refused.value.fields) == ["subjects"]


@pytest.mark.parametrize("code", ["wuxing-chaoyang", "huzhou"])
def test_a_complaint_about_somebody_else_is_taken(clerk, city, code):
    assert enter(clerk, subjects=[f"unit:{code}"]).status_code == 200
    assert Suggestion.objects.get().subjects.get().unit.code == code


# --- the receipt ------------------------------------------------------------------------------------------------


def test_the_receipt_has_code_qr_and_promised_date(clerk):
    answer = enter(clerk)
    page = page_of(answer)
    assert answer.status_code == 200
    assert services.find_by_code(CODE.search(page).group()) == Suggestion.objects.get()
    assert "<svg" in page
    assert 'class="deadline' in page


def test_the_code_is_kept_by_no_cache_no_session_and_no_address(clerk):
    answer = enter(clerk)
    code = CODE.search(page_of(answer)).group()
    assert "no-store" in answer["Cache-Control"]
    assert code not in str(dict(clerk.session))
    assert not CODE.search(page_of(clerk.get(INTAKE)))
    assert not CODE.search(page_of(clerk.get("/suggestions/receipt/")))


def test_the_clerks_browser_does_not_open_the_citizens_case(clerk):
    enter(clerk)
    case = Suggestion.objects.get()
    assert clerk.get(f"/track/{case.number}/").status_code == 404
    assert clerk.get(f"/track/{case.number}/withdraw/").status_code == 404


def test_a_reload_is_the_same_case_with_the_same_code(clerk):
    key = uuid4().hex
    pages = [page_of(enter(clerk, idempotency_key=key)) for _time in range(2)]
    assert CODE.search(pages[0]).group() == CODE.search(pages[1]).group()
    assert Suggestion.objects.count() == 1
    assert _("The same form came twice. It is one case, and this is its receipt.") in pages[1]


def test_a_used_form_with_other_words_is_told_and_can_be_sent_again(clerk):
    key = uuid4().hex
    enter(clerk, idempotency_key=key)
    answer = enter(clerk, "另外一件事:红绿灯坏了。", idempotency_key=key)
    page = page_of(answer)
    assert answer.status_code == 422
    assert "另外一件事:红绿灯坏了。" in page
    fresh = re.search(r'name="idempotency_key" value="([0-9a-f]{32})"', page).group(1)
    assert enter(clerk, "另外一件事:红绿灯坏了。", idempotency_key=fresh).status_code == 200
    assert Suggestion.objects.count() == 2


def test_the_next_voice_comes_in_the_same_way(clerk, today):
    page = page_of(enter(clerk, channel="plaza"))
    again = re.search(r'href="(/desk/intake/\?[^"]+)"', page).group(1).replace("&amp;", "&")
    assert again == f"/desk/intake/?channel=plaza&day={today.pk}"
    page = page_of(enter(clerk, channel="phone"))
    assert "/desk/intake/?channel=phone" in page
    assert re.search(r'value="phone"[^>]* checked', page_of(clerk.get("/desk/intake/?channel=phone")))


@pytest.mark.parametrize("query", ["?channel=web", "?channel=%00", "?day=9999999999999999999999", "?day=x"])
def test_a_strange_address_opens_the_plain_form(clerk, query):
    assert clerk.get(f"{INTAKE}{query}").status_code == 200


def test_in_english(clerk):
    clerk.cookies["django_language"] = "en"
    assert "Write it down, get the receipt" in page_of(clerk.get(INTAKE))


def test_the_page_takes_the_same_statements_however_many_days_there_are(clerk):
    few = statements(clerk, INTAKE)
    for days in range(3):
        ActivityDay.objects.create(date=timezone.localdate() - timedelta(days=days), title="平安出行")
    assert statements(clerk, INTAKE) == few


def test_an_expired_form_writes_nothing(city):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(city.officer)
    assert enter(strict).status_code == 403
    assert not Suggestion.objects.exists()


# --- a tablet on a square ---------------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_clerk_enters_a_plaza_voice_on_a_tablet_and_prints_the_receipt(city, today, open_as):
    page = open_as(city.officer, TABLET, has_touch=True)
    page.add_init_script("window.print = () => { window.printed = true }")
    page.goto(INTAKE)
    expect(page.get_by_label(_("Plaza day"), exact=True)).to_be_checked()
    page.get_by_label(_("What does the citizen say?")).fill(WORDS)
    page.locator("input[name=guessed_category][value=noise]").wait_for(state="attached")
    expect(page.locator("#id_category")).to_have_value("noise")
    assert objections(page) == []
    page.get_by_role("button", name=_("Write it down, get the receipt")).click()
    page.get_by_text(_("Your tracking code")).wait_for()
    code = CODE.search(page.content()).group()
    assert objections(page) == []
    page.get_by_role("button", name=_("Print for the citizen")).click()
    assert page.evaluate("window.printed")
    for paper in ("A6", "A4"):
        pdf = PdfReader(BytesIO(page.pdf(format=paper)))
        assert len(pdf.pages) == 1, paper
        assert code in pdf.pages[0].extract_text(), paper
    page.get_by_role("link", name=_("Next voice")).click()
    expect(page.get_by_label(_("What does the citizen say?"))).to_have_value("")
