"""Logs say what happened and never to whom: read as the operator reads them, line by line."""

import io
import json
import logging

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.test import Client
from structlog.stdlib import ProcessorFormatter

from core import logs
from suggestions.models import Suggestion
from tests import factories

WORDS = "楼上李秀英家夜里打麻将"
AGENT = "Mozilla/5.0 (Linux; Android 14; HUAWEI)"


@pytest.fixture(params=["json", "plain"])
def log(request):
    """All that is written while the test runs, by the formatter that production uses."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    options = {name: value for name, value in settings.LOGGING["formatters"][request.param].items() if name != "()"}
    handler.setFormatter(ProcessorFormatter(**options))
    logging.getLogger().addHandler(handler)
    yield written
    logging.getLogger().removeHandler(handler)


def read(client: Client) -> None:
    headers = {"User-Agent": AGENT, "X-Forwarded-For": "203.0.113.77"}
    client.get("/suggestions/", {"q": WORDS}, headers=headers, REMOTE_ADDR="203.0.113.78")
    client.post("/suggestions/new/?from=13912345678", {"body": WORDS}, headers=headers, REMOTE_ADDR="203.0.113.78")


def test_a_request_leaves_its_path_and_answer_and_nothing_of_the_person(client, city, log):
    client.force_login(city.citizen)
    read(client)
    text = log.getvalue()
    assert "GET /suggestions/" in text
    assert "POST /suggestions/new/" in text
    for private in (WORDS, "from=", "13912345678", "203.0.113", "HUAWEI", "user_id", "ip="):
        assert private not in text


def test_without_the_rule_the_device_would_be_in_it(client, city, log, monkeypatch):
    monkeypatch.setattr(logs, "ABOUT_PEOPLE", ())
    read(client)
    assert "HUAWEI" in log.getvalue()


def break_a_constraint(case: Suggestion) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE suggestions_suggestion SET escalation = 9 WHERE id = %s", [case.pk])


def log_an_unforeseen_refusal(city) -> None:
    try:
        break_a_constraint(factories.case(city, body=WORDS))
    except IntegrityError:
        logging.getLogger("django.request").exception("Internal Server Error: /x/")


def test_a_refused_row_is_not_quoted(city, log):
    log_an_unforeseen_refusal(city)
    text = log.getvalue()
    assert "supervision_has_four_levels" in text
    assert "The above exception" in text
    assert WORDS not in text


def test_without_the_rule_it_would_be_quoted(city, log, monkeypatch):
    monkeypatch.setattr(logs, "without_rows", lambda traceback: traceback)
    log_an_unforeseen_refusal(city)
    assert WORDS in log.getvalue()


def test_our_own_events_lose_the_row_too():
    traceback = f"psycopg2.errors.CheckViolation: no\nDETAIL:  Failing row contains ({WORDS}\n第二行).\n"
    event = logs.without_people(None, "error", {"event": "request_failed", "exception": traceback})
    assert json.dumps(event, ensure_ascii=False).count(WORDS) == 0
    assert "第二行" not in event["exception"]
    assert "CheckViolation" in event["exception"]


@pytest.mark.django_db
def test_the_database_does_not_write_refused_words_into_its_own_log():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('log_min_error_statement'), current_setting('log_error_verbosity')")
        assert cursor.fetchone() == ("panic", "terse")


# --- what was refused -------------------------------------------------------------------------------------------------


def test_a_page_that_does_not_open_is_one_line(client, city, log):
    client.force_login(city.citizen)
    assert client.get("/desk/").status_code == 403
    assert "Forbidden" in log.getvalue()
    assert "/desk/" in log.getvalue()
    assert "Traceback" not in log.getvalue()


def test_without_the_rule_it_would_be_a_screenful(client, city, log, monkeypatch):
    monkeypatch.setattr(logs.one_line_of_what_was_refused, "__code__", (lambda _l, _m, event: event).__code__)
    client.force_login(city.citizen)
    client.get("/desk/")
    assert "Traceback" in log.getvalue()


def test_an_accident_keeps_its_traceback(log):
    try:
        raise ValueError("nobody foresaw it")
    except ValueError:
        logging.getLogger("django.request").exception("Internal Server Error: /x/")
    assert "nobody foresaw it" in log.getvalue()
    assert "Traceback" in log.getvalue()
