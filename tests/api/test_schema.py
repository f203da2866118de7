"""The schema tells the truth: it covers every operation, and whatever anybody sends is answered as it says."""

import logging
from copy import deepcopy
from functools import cache
from typing import Any

import pytest
import schemathesis
from django.conf import settings as django_settings
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from core.policy import Role
from tests import factories

GOOD, BAD = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
WALKS = [
    (tag, mode)
    for tag in ("directory", "suggestions", "track", "desk", "annual projects", "the vote", "polls", "appraisals")
    for mode in (GOOD, BAD)
]
EXAMPLES = 2
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]


CHAPTERS = {"open311", *(tag for tag, _mode in WALKS)}


@cache
def document() -> dict[str, Any]:
    return SchemaGenerator().get_schema(public=True)


@cache
def operations() -> list[Any]:
    loaded = schemathesis.openapi.from_dict(document())
    loaded.app = get_wsgi_application()
    return [found.ok() for found in loaded.get_all_operations()]


def session_headers(user: Any) -> dict[str, str]:
    """What the browser of somebody who is signed in sends along."""
    client = Client()
    client.force_login(user)
    session = client.cookies[django_settings.SESSION_COOKIE_NAME].value
    csrf = "x" * 32
    return {"Cookie": f"{django_settings.SESSION_COOKIE_NAME}={session}; csrftoken={csrf}", "X-CSRFToken": csrf}


@pytest.fixture
def world(city, settings):
    """Every role in its session, and the numbers of cases in every state."""
    logging.disable(logging.CRITICAL)
    settings.REST_FRAMEWORK = {
        **settings.REST_FRAMEWORK,
        "DEFAULT_THROTTLE_RATES": dict.fromkeys(("submit", "track", "read"), "1000000/hour"),
    }
    settings.ALLOWED_HOSTS = ["*"]
    people = {role: getattr(city, role) for role in ("citizen", "officer", "triage", "leader", "admin", "auditor")}
    people["conflicted"] = factories.staff(Role.TRIAGE, city.chaoyang)
    headers = {role: session_headers(user) for role, user in people.items()}
    states = ("received", "accepted", "assigned", "waiting", "replied", "closed", "declined")
    numbers = [factories.case(city, state).number for state in states]
    numbers.append(factories.case(city, "accepted", subjects=[(city.chaoyang, None)]).number)
    for signal in (request_started, request_finished):  # it would close the connection that the test stands on
        signal.disconnect(close_old_connections)
    yield {"anonymous": {}, **headers}, numbers
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)
    logging.disable(logging.NOTSET)


@pytest.mark.slow
@pytest.mark.parametrize(("tag", "mode"), [*WALKS, ("open311", GOOD)])
def test_no_call_breaks_the_house_and_every_answer_is_as_described(world, tag, mode):
    """Valid calls and wrong ones; wrong ones are refused. Bounded: a few examples of each, by everybody."""
    headers, numbers = world
    chosen = [operation for operation in operations() if operation.tags == [tag]]
    assert chosen
    called = 0
    for operation in chosen:
        try:
            _call_at_random(operation.as_strategy(generation_mode=mode), headers, numbers)
        except Unsatisfiable:  # an operation to which nothing wrong can be said
            assert mode is BAD
        else:
            called += 1
    assert called > len(chosen) // 2


def _call_at_random(calls: Any, headers: dict[str, dict[str, str]], numbers: list[str]) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=calls, number=st.sampled_from(numbers))
    def call(case: Any, number: str) -> None:
        if "number" in case.path_parameters:
            case.path_parameters["number"] = number
        for shown in headers.values():
            with transaction.atomic():
                response = case.call(headers=shown)
                transaction.set_rollback(True)
            case.validate_response(response, checks=CHECKS)

    call()


def test_a_schema_that_lies_is_noticed(world):
    lying = deepcopy(document())
    lying["components"]["schemas"]["Category"]["properties"]["reply_days"] = {"type": "string"}
    loaded = schemathesis.openapi.from_dict(lying)
    loaded.app = get_wsgi_application()
    found = next(one.ok() for one in loaded.get_all_operations() if one.ok().path == "/api/v1/categories/")
    with pytest.raises(FailureGroup, match="violates schema"):
        _call_at_random(found.as_strategy(generation_mode=GOOD), *world)


# --- the schema itself ------------------------------------------------------------------------------------------------


def test_it_is_generated_without_a_warning(tmp_path):
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yml"))


def api_views(patterns: Any = None, before: str = "") -> list[tuple[str, str]]:
    """(address, method) of every endpoint below /api/, from the addresses themselves."""
    found = []
    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        address = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found += api_views(pattern.url_patterns, address)
        elif isinstance(pattern, URLPattern) and hasattr(pattern.callback, "cls") and address.startswith("api/"):
            view = pattern.callback.cls
            found += [(pattern.name, m) for m in ("get", "post", "put", "patch", "delete") if hasattr(view, m)]
    return found


def test_it_covers_every_operation():
    described = sum(len(methods) for methods in document()["paths"].values())
    left_out = {"schema", "docs", "nothing_here"}
    there = [(name, method) for name, method in api_views() if name not in left_out]
    assert len(there) > 50
    assert described == len(there)
    ids = [operation["operationId"] for path in document()["paths"].values() for operation in path.values()]
    assert len(set(ids)) == len(ids)


def test_every_chapter_is_called_at_random():
    chapters = {operation["tags"][0] for path in document()["paths"].values() for operation in path.values()}
    assert chapters == CHAPTERS, "a new chapter of the API belongs into WALKS above"


def test_each_operation_tells_its_problems_and_who_needs_no_token():
    paths = document()["paths"]
    submit = paths["/api/v1/suggestions/"]["post"]
    assert {"401", "403", "409", "413", "415", "422", "429", "503"} <= set(submit["responses"])
    report = paths["/api/open311/v2/requests.{suffix}"]["post"]
    assert {"400", "409", "413", "415", "429"} <= set(report["responses"])
    assert {} in submit["security"]
    assert {} not in paths["/api/v1/desk/suggestions/"]["get"]["security"]
    assert [parameter["name"] for parameter in submit["parameters"]] == ["Idempotency-Key"]


def test_schema_and_reference_are_served(api, db):
    assert api.get("/api/schema/").status_code == 200
    assert api.get("/api/schema/?format=json").json()["info"]["title"] == "Police e-Plaza API"
    page = api.get("/api/docs/", HTTP_ACCEPT="text/html")
    assert page.status_code == 200
    assert "drf_spectacular_sidecar" in page.content.decode()


def test_a_file_to_send_is_described_as_bytes():
    """Or programs that are made from the description send its address instead."""
    schemas = document()["components"]["schemas"]
    fields = {
        (name, field): about.get("items", about)
        for name, schema in schemas.items()
        for field, about in schema.get("properties", {}).items()
        if field in ("attachments", "file", "media") and name.endswith("Request")
    }
    assert len(fields) == 4
    assert {about.get("format") for about in fields.values()} == {"binary"}
