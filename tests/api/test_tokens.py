"""Keys of programmes: of two persons, with scopes, shown once, kept as a fingerprint, never a person's role."""

from datetime import timedelta

import pgtrigger
import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import tokens
from accounts.models import ApiClient, ApiToken
from core import policy
from core.errors import Invalid, NotAllowed, WrongState
from core.models import AuditEntry
from core.policy import Role
from tests.api.conftest import api_of

OPEN = "/api/v1/categories/"
DESK = "/api/v1/desk/suggestions/"
SAY = "/api/v1/suggestions/"
ISSUE = "/desk/people/key/"


def knock(api, words, path=OPEN):
    return api.get(path, HTTP_AUTHORIZATION=f"Bearer {words}").status_code


def proposed(technician, **more):
    client = ApiClient.objects.first() or tokens.add_client("湖州晚报", "编辑部", by=technician)
    given = {"scopes": ["suggestions:write"], "expires_at": timezone.now() + timedelta(days=9)} | more
    return tokens.propose(client, name="接口", by=technician, **given)


# --- what it opens ----------------------------------------------------------------------------------------------------


def test_a_token_opens_what_a_visitor_may_and_never_the_desk(api, city, token_of):
    words = token_of()
    assert knock(api, words) == 200
    for path in (DESK, "/api/v1/desk/folders/", "/api/v1/appraisals/"):
        assert knock(api, words, path) == 403
    assert api.get(DESK, HTTP_AUTHORIZATION="Basic abc").status_code == 401


@pytest.mark.parametrize("role", [Role.TRIAGE, Role.ADMIN, Role.OFFICER])
def test_not_even_when_a_role_is_on_its_account(api, city, token_of, role):
    """A role that found its way onto the account of a programme is not the token's."""
    words = token_of()
    account = ApiClient.objects.get().account
    account.memberships.create(user=account, role=role, unit=city.desk)
    assert policy.is_staff_member(type(account).objects.get(pk=account.pk))
    assert knock(api, words, DESK) == 403


@pytest.mark.parametrize(
    ("scopes", "status"), [(["suggestions:write"], 201), (["open311"], 403), (["polls:hand-in"], 403)]
)
def test_it_writes_only_what_it_is_good_for(api, city, token_of, scopes, status):
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {token_of(scopes=scopes)}")
    assert api.post(SAY, {"body": "一件事。"}).status_code == status


def test_an_unsafe_call_that_no_scope_names_is_refused(api, city, token_of):
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {token_of()}")
    assert api.post("/api/v1/suggestions/track/", {"code": "X", "phone_tail": ""}).status_code == 403


def test_only_a_pollsters_programme_reads_its_waves(api, city, token_of):
    assert knock(api, token_of(scopes=["suggestions:write"]), "/api/v1/batches/") in (403, 404)
    assert knock(api, token_of(scopes=["polls:hand-in"]), "/api/v1/batches/") == 200


@pytest.mark.parametrize("wrong", ["", "plaza_", "plaza_x", "é", "x" * 5000])
def test_any_other_words_open_nothing(api, city, token_of, wrong):
    token_of()
    answer = api.get(OPEN, HTTP_AUTHORIZATION=f"Bearer {wrong}")
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="plaza"')


def test_a_call_with_a_token_needs_no_csrf(city, token_of):
    client = APIClient(enforce_csrf_checks=True)
    answer = client.post(SAY, {"body": "一件事。"}, format="json", HTTP_AUTHORIZATION=f"Bearer {token_of()}")
    assert answer.status_code == 201


def test_nobody_signs_in_as_a_programme(client, city, token_of):
    token_of()
    account = ApiClient.objects.get().account
    client.post("/accounts/staff/", {"login": account.username, "password": ""})
    assert client.session.get("_auth_user_id") is None
    assert account.is_by_badge
    assert not account.has_usable_password()


# --- how it ends ------------------------------------------------------------------------------------------------------


def test_it_ends_by_time_by_hand_and_with_its_programme(api, city, token_of, technician):
    by_time, by_hand, last = token_of(), token_of(), token_of()
    with pgtrigger.ignore("accounts.ApiToken:proposed_stands"), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_apitoken SET created_at = now() - interval '2 days',"
            " expires_at = now() - interval '1 second' WHERE hint = %s",
            [by_time[:12]],
        )
    tokens.revoke(ApiToken.objects.get(hint=by_hand[:12]), by=technician)
    assert [knock(api, words) for words in (by_time, by_hand, last)] == [401, 401, 200]
    account = ApiClient.objects.get().account
    account.is_active = False
    account.save()
    assert knock(api, last) == 401


def test_the_table_opens_nothing(city, token_of):
    words = token_of()
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(t)::text FROM accounts_apitoken t")
        assert words not in cursor.fetchone()[0]


def test_its_use_is_noted_once_a_day(api, city, token_of, django_assert_max_num_queries):
    words = token_of()
    knock(api, words)
    assert ApiToken.objects.get().used_on == timezone.localdate()
    with django_assert_max_num_queries(5) as captured:
        knock(api, words)
    assert not [query for query in captured if query["sql"].startswith("UPDATE")]


def test_a_long_life_is_refused_by_service_and_table(city, technician):
    for days in (-1, 400):
        with pytest.raises(Invalid):
            proposed(technician, expires_at=timezone.now() + timedelta(days=days))
    with pytest.raises(IntegrityError, match="ends_within_a_year"), transaction.atomic():
        ApiToken.objects.create(
            client=ApiClient.objects.get(),
            proposed_by=technician,
            scopes=["open311"],
            expires_at=timezone.now() + timedelta(days=400),
        )


def test_revoked_stays_revoked_even_in_raw_sql(city, token_of, technician):
    token_of()
    token = tokens.revoke(ApiToken.objects.get(), by=technician)
    with pytest.raises(WrongState):
        tokens.revoke(token, by=technician)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_apitoken SET revoked_at = NULL")


# --- who issues it ----------------------------------------------------------------------------------------------------


def test_one_person_issues_none(api, city, technician):
    """Not the technician, not a second technician account, not who proposed it with a role as well."""
    second = type(technician).objects.create_superuser("technician2")
    for other in (technician, second, city.triage, city.auditor, city.citizen):
        with pytest.raises(NotAllowed):
            tokens.confirm(proposed(technician), by=other)
    with pytest.raises(NotAllowed):
        proposed(city.triage)
    both = city.admin
    both.is_staff = True
    both.save()
    with pytest.raises(NotAllowed):
        tokens.confirm(proposed(both), by=both)
    assert not ApiToken.objects.valid().exists()


@pytest.mark.parametrize(
    "change",
    ["confirmed_by_id = proposed_by_id, confirmed_at = now()", "confirmed_at = now()", "scopes = '{}'",
     "scopes = '{desk}'", "proposed_by_id = NULL", "fingerprint = 'x'"],
)  # fmt: skip
def test_nor_does_raw_sql(city, technician, change):
    token = proposed(technician)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE accounts_apitoken SET {change} WHERE id = %s", [token.pk])  # noqa: S608


def test_the_ledger_knows_every_step(city, token_of, technician):
    token_of()
    tokens.revoke(ApiToken.objects.get(), by=technician)
    of = AuditEntry.objects.filter(object_type="accounts.apitoken").values_list("action", "actor").order_by("pk")
    tech, admin = f"user:{technician.pk}", f"user:{city.admin.pk}"
    assert list(of) == [
        ("accounts.token_proposed", tech),
        ("accounts.token_issued", admin),
        ("accounts.token_revoked", tech),
    ]


def test_it_is_proposed_in_the_back_office_and_shown_once_at_the_desk(client, city, technician):
    tokens.add_client("湖州晚报", "编辑部", by=technician)
    client.force_login(technician)
    until = timezone.localtime() + timedelta(days=10)
    form = {"client": ApiClient.objects.get().pk, "name": "晚报", "scopes": ["open311"]}
    at = {"expires_at_0": f"{until:%Y-%m-%d}", "expires_at_1": "12:00"}
    assert client.post("/admin/accounts/apitoken/add/", form | at).status_code == 302
    token = ApiToken.objects.get()
    assert (token.proposed_by, token.scopes, token.fingerprint) == (technician, ["open311"], None)
    assert client.post(f"{ISSUE}{token.pk}/", {"confirm": ""}).status_code == 403
    client.force_login(city.admin)
    assert "晚报" in client.get("/desk/people/").content.decode()
    page = client.post(f"{ISSUE}{token.pk}/", {"confirm": ""})
    words = page.context["words"]
    assert words in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert knock(api_of(None), words) == 200
    assert client.post(f"{ISSUE}{token.pk}/", {"confirm": ""}).status_code == 302
    client.force_login(technician)
    for address in ("/admin/accounts/apitoken/", f"/admin/accounts/apitoken/{token.pk}/change/"):
        shown = client.get(address)
        assert shown.status_code == 200
        assert words not in shown.content.decode()
    client.post("/admin/accounts/apitoken/", {"action": "revoke", "_selected_action": [token.pk]})
    assert knock(api_of(None), words) == 401


def test_the_back_office_is_for_technicians(client, city):
    client.force_login(city.triage)
    assert client.get("/admin/accounts/apitoken/").status_code == 302
