"""Tokens of partners' programmes: shown once, kept as a fingerprint, ended by time or by hand, on the ledger."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError
from django.utils import timezone

from accounts import services
from accounts.models import ApiToken
from core.errors import Invalid, NotAllowed, WrongState
from core.models import AuditEntry
from tests.api.conftest import api_of

DESK = "/api/v1/desk/suggestions/"


def knock(api, words):
    return api.get(DESK, HTTP_AUTHORIZATION=f"Bearer {words}").status_code


def test_a_token_opens_what_its_user_may(api, city, token_of):
    assert knock(api, token_of(city.triage)) == 200
    assert knock(api, token_of(city.citizen)) == 403
    assert api.get(DESK, HTTP_AUTHORIZATION="Basic abc").status_code == 401


@pytest.mark.parametrize("wrong", ["", "plaza_", "plaza_x", "é", "x" * 5000])
def test_any_other_words_open_nothing(api, city, token_of, wrong):
    token_of(city.triage)
    answer = api.get("/api/v1/categories/", HTTP_AUTHORIZATION=f"Bearer {wrong}")
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="plaza"')


def test_a_call_with_a_token_needs_no_csrf(city, token_of):
    from rest_framework.test import APIClient

    client = APIClient(enforce_csrf_checks=True)
    answer = client.post(
        "/api/v1/suggestions/",
        {"body": "一件事。"},
        format="json",
        HTTP_AUTHORIZATION=f"Bearer {token_of(city.citizen)}",
    )
    assert answer.status_code == 201


def test_it_ends_by_time_by_hand_and_with_its_user(api, city, token_of, technician):
    by_time, by_hand, by_user = token_of(city.triage), token_of(city.triage), token_of(city.triage2)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_apitoken SET created_at = now() - interval '2 days',"
            " expires_at = now() - interval '1 second' WHERE hint = %s",
            [by_time[:12]],
        )
    services.revoke_token(ApiToken.objects.get(hint=by_hand[:12]), by=technician)
    city.triage2.is_active = False
    city.triage2.save()
    assert [knock(api, words) for words in (by_time, by_hand, by_user)] == [401] * 3


def test_the_table_opens_nothing(city, token_of):
    words = token_of(city.triage)
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(t)::text FROM accounts_apitoken t")
        assert words not in cursor.fetchone()[0]


def test_its_use_is_noted_once_a_day(api, city, token_of, django_assert_max_num_queries):
    words = token_of(city.triage)
    knock(api, words)
    assert ApiToken.objects.get().used_on == timezone.localdate()
    with django_assert_max_num_queries(5) as captured:
        knock(api, words)
    assert not [query for query in captured if query["sql"].startswith("UPDATE")]


def test_a_long_life_is_refused_by_service_and_table(city, technician):
    for days in (-1, 400):
        with pytest.raises(Invalid):
            services.issue_token(city.triage, name="x", expires_at=timezone.now() + timedelta(days=days), by=technician)
    with pytest.raises(IntegrityError), transaction.atomic():
        ApiToken.objects.create(
            user=city.triage, created_by=technician, fingerprint="x", expires_at=timezone.now() + timedelta(days=400)
        )


def test_revoked_stays_revoked_even_in_raw_sql(city, token_of, technician):
    token_of(city.triage)
    token = services.revoke_token(ApiToken.objects.get(), by=technician)
    with pytest.raises(WrongState):
        services.revoke_token(token, by=technician)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_apitoken SET revoked_at = NULL")


def test_only_a_technician_issues_and_the_ledger_knows(city, token_of, technician):
    with pytest.raises(NotAllowed):
        services.issue_token(city.triage, name="x", expires_at=timezone.now() + timedelta(days=1), by=city.triage)
    token_of(city.triage)
    services.revoke_token(ApiToken.objects.get(), by=technician)
    actions = AuditEntry.objects.filter(object_type="accounts.apitoken").values_list("action", flat=True)
    assert list(actions) == ["accounts.token_issued", "accounts.token_revoked"]


def test_who_leaves_takes_their_tokens_along(city, token_of):
    words = token_of(city.citizen)
    services.erase_person(city.citizen, by=city.citizen)
    assert ApiToken.objects.valid().count() == 0
    assert knock(api_of(None), words) == 401


# --- the back office --------------------------------------------------------------------------------------------------


def test_the_back_office_shows_a_token_once(client, city, technician):
    client.force_login(technician)
    until = timezone.localtime() + timedelta(days=10)
    form = {"user": city.triage.pk, "name": "湖州晚报", "expires_at_0": f"{until:%Y-%m-%d}", "expires_at_1": "12:00"}
    page = client.post("/admin/accounts/apitoken/add/", form)
    assert page.status_code == 200
    words = page.context["words"]
    assert words in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert knock(api_of(None), words) == 200
    token = ApiToken.objects.get()
    for address in ("/admin/accounts/apitoken/", f"/admin/accounts/apitoken/{token.pk}/change/"):
        shown = client.get(address)
        assert shown.status_code == 200
        assert words not in shown.content.decode()


def test_the_back_office_revokes_and_refuses_long_ones(client, city, technician, token_of):
    client.force_login(technician)
    words = token_of(city.triage)
    form = {"user": city.triage.pk, "name": "x", "expires_at_0": "2099-01-01", "expires_at_1": "12:00"}
    assert "expires_at" in client.post("/admin/accounts/apitoken/add/", form).context["adminform"].form.errors
    chosen = {"action": "revoke", "_selected_action": [ApiToken.objects.get().pk]}
    client.post("/admin/accounts/apitoken/", chosen)
    assert knock(api_of(None), words) == 401


def test_the_back_office_is_for_technicians(client, city):
    client.force_login(city.triage)
    assert client.get("/admin/accounts/apitoken/").status_code == 302
