"""Who said it (P11): asked for with a reason, agreed to by a second person, shown once, and kept nowhere."""

import io
import logging
import re
import sys
from logging.config import DictConfigurator

import pytest
import structlog
from django.conf import settings
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext as _

from core.errors import NotAllowed, WrongState
from core.models import AuditEntry
from core.policy import Role
from suggestions import services
from suggestions.models import IdentityOpening
from suggestions.queries import office
from tests import factories
from tests.pages import page_of
from tests.suggestions.statements import statements

REQUESTS = "/desk/identity/"
REASON = "需要电话联系当事人,核实是哪一栋楼。"
NAME, PHONE, SHOWN = "李秀英", "19900007788", "199 0000 7788"


@pytest.fixture(autouse=True)
def _in_chinese():
    with translation.override("zh-hans"):
        yield


def as_(user):
    client = Client()
    client.force_login(user)
    return client


def address(case):
    return f"/desk/{case.number}/identity/"


def plain(city, **kind):
    return factories.say(city, contact_name=NAME, contact_phone=PHONE, **kind).suggestion


def complaint(city, **kind):
    return plain(city, category=city.conduct, subjects=[(city.yuehe, city.officer.officer)], **kind)


def ask(client, case, reason=REASON, **more):
    return client.post(address(case), {"reason": reason, **more})


def show(client, opening):
    return client.post(address(opening.suggestion), {"opening": opening.pk})


def everything_kept():
    """Every row of every table, and every key and value of the cache, as text."""
    kept = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f"SELECT COALESCE(string_agg(row_to_json(t)::text, chr(10)), '') FROM \"{table}\" t")  # noqa: S608
            kept.append(cursor.fetchone()[0])
    redis = cache._cache.get_client(None)
    for key in redis.scan_iter("*"):
        kept.append(key.decode(errors="ignore"))
        if redis.type(key) == b"string":
            kept.append(redis.get(key).decode(errors="ignore"))
    return "\n".join(kept)


# --- who may ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "status"),
    [("triage", 200), ("officer", 403), ("leader", 403), ("admin", 403), ("auditor", 403), ("pollster", 403),
     ("citizen", 403)],
)  # fmt: skip
def test_only_the_triage_desk_asks(city, who, status):
    case = plain(city)
    client = as_(getattr(city, who))
    assert client.get(address(case)).status_code == status
    answer = ask(client, case)
    assert answer.status_code == status
    assert (NAME in page_of(answer)) == (status == 200)


@pytest.mark.parametrize(
    ("who", "status"),
    [("admin", 200), ("triage", 403), ("officer", 403), ("leader", 403), ("auditor", 403), ("citizen", 403)],
)
def test_only_the_admin_is_the_second_person(city, who, status):
    opening = services.request_opening(complaint(city), by=city.triage, reason=REASON)
    client = as_(getattr(city, who))
    assert client.get(REQUESTS).status_code == status
    assert client.post(f"{REQUESTS}{opening.pk}/approve/").status_code == (303 if status == 200 else 403)


def test_an_unknown_number_does_not_exist(city):
    client = as_(city.triage)
    for number in ("2026-999999", "x", "‮", "%00"):
        assert client.get(f"/desk/{number}/identity/").status_code == 404


# --- where nobody is named --------------------------------------------------------------------------------------


def test_with_a_reason_it_is_shown_at_once(city):
    case = plain(city)
    page = page_of(ask(as_(city.triage), case))
    assert NAME in page
    assert SHOWN in page
    opening = IdentityOpening.objects.get()
    assert (opening.requested_by, opening.reason) == (city.triage, REASON)
    assert opening.opened_at is not None


def test_the_opening_is_in_the_ledger_and_on_the_citizens_page(city):
    case = plain(city, user=city.citizen)
    ask(as_(city.triage), case)
    actions = AuditEntry.objects.filter(action__startswith="identity.").values_list("action", flat=True)
    assert list(actions.order_by("pk")) == ["identity.requested", "identity.opened"]
    page = page_of(as_(city.citizen).get(f"/track/{case.number}/"))
    assert REASON in page
    assert city.citizen.notifications.filter(subject__contains=case.number, dedupe_key__contains="opened").exists()


@pytest.mark.parametrize("reason", ["", " \n\u200b", "看看", "长" * 501])
def test_a_thin_reason_is_told_by_the_field_and_opens_nothing(city, reason):
    case = plain(city)
    answer = ask(as_(city.triage), case, reason)
    page = page_of(answer)
    assert answer.status_code == 422
    assert 'id="id_reason_error"' in page
    assert NAME not in page
    assert not IdentityOpening.objects.exists()


def test_an_anonymous_voice_has_nothing_to_open(city):
    case = factories.say(city, anonymous=True).suggestion
    client = as_(city.triage)
    assert _("There is nothing to open") in page_of(client.get(address(case)))
    assert ask(client, case).status_code == 422
    assert not IdentityOpening.objects.exists()


def test_it_is_shown_once(city):
    case = plain(city)
    client = as_(city.triage)
    form = page_of(client.get(address(case)))
    newest = re.search(r'name="newest" value="(\d+)"', form).group(1)
    assert NAME in page_of(ask(client, case, newest=newest))
    assert NAME not in page_of(client.get(address(case)))
    reloaded = ask(client, case, newest=newest)
    assert reloaded.status_code == 409
    assert NAME not in page_of(reloaded)
    assert REASON in page_of(reloaded)
    again = show(client, IdentityOpening.objects.get())
    assert again.status_code == 409
    assert NAME not in page_of(again)
    assert IdentityOpening.objects.count() == 1


def test_an_old_form_can_be_sent_again_after_one_look(city):
    case = plain(city)
    client = as_(city.triage)
    ask(client, case, newest="0")
    refused = page_of(ask(client, case, newest="0"))
    newest = re.search(r'name="newest" value="(\d+)"', refused).group(1)
    assert NAME in page_of(ask(client, case, newest=newest))
    assert IdentityOpening.objects.count() == 2


# --- where somebody is named ------------------------------------------------------------------------------------


def test_where_somebody_is_named_it_waits_for_a_second_person(city):
    case = complaint(city)
    client = as_(city.triage)
    answer = ask(client, case)
    assert (answer.status_code, answer["Location"]) == (303, address(case))
    waiting = page_of(client.get(address(case)))
    assert _("Waits for a second person") in waiting
    assert NAME not in waiting
    refused = show(client, IdentityOpening.objects.get())
    assert refused.status_code == 403
    assert NAME not in page_of(refused)


def test_approved_it_is_shown_to_who_asked_once(city):
    case = complaint(city)
    client = as_(city.triage)
    ask(client, case)
    opening = IdentityOpening.objects.get()
    assert as_(city.admin).post(f"{REQUESTS}{opening.pk}/approve/")["Location"] == REQUESTS
    assert _("Show it once") in page_of(client.get(address(case)))
    assert show(as_(city.triage2), opening).status_code == 403
    page = page_of(show(client, opening))
    assert NAME in page
    assert SHOWN in page
    again = show(client, opening)
    assert again.status_code == 409
    assert NAME not in page_of(again)


def test_the_second_person_reads_number_unit_and_reason_and_nothing_of_the_case(city):
    case = complaint(city, title="窗口态度", place="月河路3号")
    services.request_opening(case, by=city.triage, reason=REASON)
    page = page_of(as_(city.admin).get(REQUESTS))
    assert case.number in page
    assert case.unit.name in page
    assert REASON in page
    for hidden in (case.title, case.body, case.place, NAME, case.get_absolute_url(), city.yuehe.name):
        assert hidden not in page
    assert as_(city.admin).get(address(case)).status_code == 403


def test_requests_without_a_named_person_need_no_approval(city):
    opening = services.request_opening(plain(city), by=city.triage, reason=REASON)
    client = as_(city.admin)
    assert opening.suggestion.number not in page_of(client.get(REQUESTS))
    assert client.post(f"{REQUESTS}{opening.pk}/approve/").status_code == 404


def test_the_second_person_is_never_the_first(city):
    factories.Membership.objects.create(user=city.triage, role=Role.ADMIN)
    case = complaint(city)
    client = as_(city.triage)
    ask(client, case)
    opening = IdentityOpening.objects.get()
    assert case.number not in page_of(client.get(REQUESTS))
    refused = client.post(f"{REQUESTS}{opening.pk}/approve/")
    assert refused.status_code == 403
    assert _("Somebody else must approve this.") in page_of(refused)
    assert show(client, opening).status_code == 403


def test_not_even_in_raw_sql(city):
    opening = services.request_opening(complaint(city), by=city.triage, reason=REASON)
    with pytest.raises(IntegrityError), transaction.atomic():
        IdentityOpening.objects.filter(pk=opening.pk).update(approved_by=city.triage)


def test_it_is_approved_once(city):
    opening = services.request_opening(complaint(city), by=city.triage, reason=REASON)
    services.approve_opening(opening, by=city.admin)
    client = as_(city.admin2)
    assert _("This was decided already.") in page_of(client.post(f"{REQUESTS}{opening.pk}/approve/", follow=True))
    opening.refresh_from_db()
    assert opening.approved_by == city.admin


def test_the_second_person_does_not_agree_and_says_why(city):
    case = complaint(city)
    opening = services.request_opening(case, by=city.triage, reason=REASON)
    client = as_(city.admin)
    refuse = f"{REQUESTS}{opening.pk}/refuse/"
    assert _("Please say why you do not agree.") in page_of(client.post(refuse, {"reason": " "}, follow=True))
    assert case.number in page_of(client.get(REQUESTS))
    assert client.post(refuse, {"reason": "电话里问得清楚，不必知道是谁。"}).status_code == 303
    assert case.number not in page_of(client.get(REQUESTS))
    page = page_of(as_(city.triage).get(address(case)))
    assert "电话里问得清楚，不必知道是谁。" in page
    assert show(as_(city.triage), opening).status_code == 409
    assert AuditEntry.objects.filter(action="identity.refused").count() == 1


def test_what_was_not_agreed_to_may_be_asked_for_again(city):
    case = complaint(city)
    opening = services.request_opening(case, by=city.triage, reason=REASON)
    services.refuse_opening(opening, by=city.admin, reason="理由不够。")
    with pytest.raises(WrongState):
        services.approve_opening(opening, by=city.admin2)
    assert ask(as_(city.triage), case, newest=opening.pk).status_code == 303
    assert office.openings_to_approve(city.admin).items[0].pk != opening.pk


def test_what_was_not_agreed_to_is_not_opened_even_in_raw_sql(city):
    opening = services.request_opening(complaint(city), by=city.triage, reason=REASON)
    services.refuse_opening(opening, by=city.admin, reason="理由不够。")
    with pytest.raises(IntegrityError, match="stays done"), transaction.atomic():
        IdentityOpening.objects.filter(pk=opening.pk).update(approved_at=opening.requested_at)
    with pytest.raises(IntegrityError, match=r"stays done|opened by two"), transaction.atomic():
        IdentityOpening.objects.filter(pk=opening.pk).update(opened_at=opening.requested_at)


def test_only_post_approves(city):
    opening = services.request_opening(complaint(city), by=city.triage, reason=REASON)
    assert as_(city.admin).get(f"{REQUESTS}{opening.pk}/approve/").status_code == 405


def test_somebody_named_between_asking_and_opening_needs_a_second_person_after_all(city):
    case = plain(city)
    opening = services.request_opening(case, by=city.triage, reason=REASON)
    services.name_subject(case, by=city.triage, unit=city.yuehe)
    refused = show(as_(city.triage), opening)
    assert refused.status_code == 403
    assert NAME not in page_of(refused)
    assert case.number in page_of(as_(city.admin).get(REQUESTS))
    as_(city.admin).post(f"{REQUESTS}{opening.pk}/approve/")
    assert NAME in page_of(show(as_(city.triage), opening))


# --- the complained-of and the conflicted -----------------------------------------------------------------------


def test_the_complained_of_finds_no_case_even_with_every_role(city):
    case = complaint(city)
    for role in (Role.TRIAGE, Role.LEADER):
        factories.Membership.objects.create(user=city.officer, role=role, unit=city.desk)
    factories.Membership.objects.create(user=city.officer, role=Role.ADMIN)
    client = as_(city.officer)
    assert client.get(address(case)).status_code == 404
    assert ask(client, case).status_code == 404
    opening = services.request_opening(case, by=city.triage, reason=REASON)
    assert case.number not in page_of(client.get(REQUESTS))
    assert client.post(f"{REQUESTS}{opening.pk}/approve/").status_code == 404
    services.approve_opening(opening, by=city.admin)
    assert show(client, opening).status_code == 404


def test_a_conflicted_member_of_the_triage_desk_finds_no_case(city):
    case = plain(city, category=city.conduct, subjects=[(city.desk, None)])
    for user in (city.triage, city.triage2):
        assert as_(user).get(address(case)).status_code == 404
        assert ask(as_(user), case).status_code == 404
        with pytest.raises(NotAllowed):
            services.request_opening(case, by=user, reason=REASON)
    assert not IdentityOpening.objects.exists()


def test_who_is_named_after_asking_cannot_open_it(city):
    case = complaint(city)
    opening = services.request_opening(case, by=city.triage, reason=REASON)
    services.approve_opening(opening, by=city.admin)
    services.name_subject(case, by=city.triage2, unit=city.desk, officer=city.triage.officer)
    assert show(as_(city.triage), opening).status_code == 404


def test_without_the_filter_the_conflicted_would_find_it(city, monkeypatch):
    case = plain(city, category=city.conduct, subjects=[(city.desk, None)])
    monkeypatch.setattr("suggestions.models.case.SuggestionQuerySet.without_conflict", lambda queryset, user: queryset)
    assert as_(city.triage).get(address(case)).status_code == 200


# --- kept nowhere -----------------------------------------------------------------------------------------------


def test_the_shown_page_is_kept_by_no_cache_and_has_no_name_in_title_or_address(city):
    case = plain(city)
    answer = ask(as_(city.triage), case)
    page = page_of(answer)
    assert "no-store" in answer["Cache-Control"]
    assert "private" in answer["Cache-Control"]
    assert "noindex" in answer["X-Robots-Tag"]
    title = re.search(r"<title>(.*?)</title>", page, re.DOTALL).group(1)
    assert NAME not in title
    assert PHONE not in re.sub(r"\s", "", title)
    assert not re.search(rf'(href|action|src)="[^"]*({PHONE}|{NAME}|tel:)', page)
    assert page.count(NAME) == 1
    assert page.count(SHOWN) == 1


def test_name_and_number_are_in_no_row_no_cache_and_no_log_after_it_was_shown(city, caplog):
    caplog.set_level(logging.DEBUG)
    case = complaint(city)
    client = as_(city.triage)
    ask(client, case)
    as_(city.admin).post(f"{REQUESTS}{IdentityOpening.objects.get().pk}/approve/")
    assert NAME in page_of(show(client, IdentityOpening.objects.get()))
    kept = everything_kept()
    assert case.number in kept, "the search finds what is there"
    for secret in (NAME, PHONE, SHOWN):
        assert secret not in kept
        assert secret not in str(dict(client.session))
        assert secret not in caplog.text


def test_a_line_that_breaks_after_the_log_shows_nothing_and_says_that_it_was_opened(city, monkeypatch):
    def fail(*args: object, **more: object) -> None:
        raise RuntimeError("the line broke")

    monkeypatch.setattr("suggestions.services.identity.OpenedIdentity", fail)
    client = as_(city.triage)
    client.raise_request_exception = False
    answer = ask(client, plain(city))
    assert answer.status_code == 500
    assert NAME not in page_of(answer)
    assert AuditEntry.objects.filter(action="identity.opened").count() == 1


@pytest.mark.parametrize("style", ["plain", "json"])
def test_a_traceback_in_the_log_shows_no_values(style):
    formatter = DictConfigurator(settings.LOGGING).configure_formatter(dict(settings.LOGGING["formatters"][style]))

    def show(name):
        raise RuntimeError("the line broke")

    try:
        show(NAME)
    except RuntimeError:
        record = logging.LogRecord("django.request", logging.ERROR, __file__, 1, "failed", (), sys.exc_info())
    written = formatter.format(record)
    assert "the line broke" in written
    assert NAME not in written


def test_with_local_values_it_would():
    pytest.importorskip("rich")
    talkative = structlog.dev.RichTracebackFormatter(show_locals=True)
    out = io.StringIO()

    def show(name):
        raise RuntimeError("the line broke")

    try:
        show(NAME)
    except RuntimeError:
        talkative(out, sys.exc_info())
    assert NAME in out.getvalue()


# --- lists ------------------------------------------------------------------------------------------------------


def test_the_requests_are_paged_from_the_oldest(city):
    openings = [services.request_opening(complaint(city), by=city.triage, reason=REASON) for _n in range(3)]
    first = office.openings_to_approve(city.admin, size=2)
    rest = office.openings_to_approve(city.admin, first.older, size=2)
    assert [one.pk for one in [*first.items, *rest.items]] == [one.pk for one in openings]


def test_the_list_takes_the_same_statements_for_one_and_for_many(city):
    client = as_(city.admin)
    services.request_opening(complaint(city), by=city.triage, reason=REASON)
    few = statements(client, REQUESTS)
    for _n in range(4):
        services.request_opening(complaint(city), by=city.triage, reason=REASON)
    assert statements(client, REQUESTS) == few


def test_the_form_takes_the_same_statements_for_one_and_for_many(city):
    case = plain(city)
    client = as_(city.triage)
    ask(client, case)
    few = statements(client, address(case))
    for _n in range(3):
        ask(client, case)
    assert statements(client, address(case)) == few
