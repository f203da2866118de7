"""What goes wrong is told in one form (RFC 9457), whatever it was, and nothing unforeseen is hidden."""

import json

import pytest
from django.db import OperationalError
from redis.exceptions import ConnectionError as RedisAway
from rest_framework.exceptions import ValidationError
from rest_framework.test import APIClient

from core.api import problems
from core.errors import Invalid, Stale
from tests import factories
from tests.api.conftest import api_of

SUGGESTIONS = "/api/v1/suggestions/"


def assert_problem(answer, status: int) -> dict:
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    body = json.loads(answer.content)
    assert body["status"] == status
    assert {"type", "title", "detail"} <= set(body)
    return body


def test_not_found(api, city):
    for address in (
        f"{SUGGESTIONS}2026-000000/",
        "/api/v1/nothing/",
        "/api/",
        "/api/v2/x",
        "/api/v1/suggestions",
        "/api/a%0Ab",
    ):
        assert_problem(api.get(address), 404)
    assert_problem(api.post("/api/nothing/"), 404)


def test_not_allowed(city):
    body = assert_problem(api_of(city.citizen).get("/api/v1/desk/suggestions/"), 403)
    assert body["type"] == "about:blank"


def test_who_are_you(api, db):
    answer = api.get("/api/v1/desk/suggestions/")
    assert_problem(answer, 401)
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_another_method(api, city):
    answer = api.delete(SUGGESTIONS)
    assert_problem(answer, 405)
    assert "POST" in answer["Allow"]
    for method in ("put", "patch", "options"):
        assert_problem(getattr(api, method)("/api/v1/categories/"), 405)
    assert_problem(api.post("/api/docs/"), 405)


@pytest.mark.parametrize("raw", [b"{", b'{"body": NaN}', b"\xff\xfe", b"[" * 100_000])
def test_what_cannot_be_read(api, city, raw):
    assert_problem(api.generic("POST", SUGGESTIONS, raw, "application/json"), 400)


def test_a_list_where_an_object_belongs(api, city):
    body = assert_problem(api.post(SUGGESTIONS, [1, 2]), 422)
    assert list(body["errors"]) == ["body"]


def test_a_body_in_another_language(api, city):
    assert_problem(api.generic("POST", SUGGESTIONS, "<a/>", "text/xml"), 415)


def test_too_much(api, city):
    assert_problem(api.post(SUGGESTIONS, {"body": "a" * 1_100_000}), 413)


def test_too_often_says_how_long_to_wait(api, city, settings):
    settings.REST_FRAMEWORK = {
        **settings.REST_FRAMEWORK,
        "DEFAULT_THROTTLE_RATES": {"read": "2/hour", "submit": "1/day"},
    }
    assert [api.get("/api/v1/categories/").status_code for _n in range(2)] == [200, 200]
    answer = api.get("/api/v1/categories/")
    assert_problem(answer, 429)
    assert 3000 < int(answer["Retry-After"]) <= 3601
    assert api.post(SUGGESTIONS, {"body": "一件事。"}).status_code == 201


def test_a_forged_header_does_not_reset_the_count(api, city, settings):
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": {"read": "1/hour"}}
    codes = [api.get("/api/v1/areas/", HTTP_X_FORWARDED_FOR=f"10.0.0.{n}").status_code for n in range(2)]
    assert codes == [200, 429]


def test_who_is_signed_in_is_counted_by_address_and_a_machine_by_itself(city, settings):
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": {"read": "1/hour"}}
    assert api_of(None).get("/api/v1/areas/").status_code == 200
    assert api_of(city.citizen).get("/api/v1/areas/").status_code == 429


def test_a_session_without_its_csrf_token_changes_nothing(city):
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(city.citizen)
    assert_problem(client.post(SUGGESTIONS, {"body": "一件事。"}, format="json"), 403)


def test_what_a_service_refuses(city):
    case = factories.case(city, "accepted")
    answer = api_of(city.triage).post(f"/api/v1/desk/suggestions/{case.number}/accept/", {})
    body = assert_problem(answer, 409)
    assert body["type"] == "urn:problem-type:plaza:wrong-state"


def test_the_words_are_in_the_callers_language(api, city):
    chinese = api.post(SUGGESTIONS, {}, HTTP_ACCEPT_LANGUAGE="zh-CN").json()
    english = api.post(SUGGESTIONS, {}, HTTP_ACCEPT_LANGUAGE="en").json()
    assert english["errors"]["body"] == ["This field is required."]
    assert chinese["errors"] != english["errors"]


# --- the mapping itself -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [RedisAway("gone"), OperationalError("lock timeout")])
def test_busy_is_no_accident(error):
    answer = problems.problem_response(error, {})
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")


def test_what_nobody_foresaw_stays_an_accident():
    assert problems.problem_response(ZeroDivisionError(), {}) is None


def test_nested_errors_become_one_level():
    detail = ValidationError({"a": [{}, {"b": ["x", "y"]}], "non_field_errors": ["z"]}).detail
    assert problems.flat(detail) == {"a.1.b": ["x", "y"], "body": ["z"]}


def test_stale_says_what_changed_and_invalid_which_field():
    assert problems.problem_of(Stale(changes=["已受理"])).body()["changes"] == ["已受理"]
    assert problems.problem_of(Invalid("unit", "不行")).body()["errors"] == {"unit": ["不行"]}
