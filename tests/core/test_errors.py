"""What a service refuses and no view caught is a page with the right status, and says what to do."""

import psycopg2
import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError, IntegrityError
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import translation

from core.errors import Invalid, NotAllowed, TooMany, WrongState, will_pass
from core.middleware import PolicyMiddleware
from tests.pages import page_of


def answer_to(error, language="zh-hans"):
    request = RequestFactory().get("/")
    request.user, request._messages = AnonymousUser(), []
    with translation.override(language):
        return PolicyMiddleware(lambda _request: HttpResponse()).process_exception(request, error)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "请 1 分钟后再试"), (60, "请 1 分钟后再试"), (61, "请 2 分钟后再试"), (600, "请 10 分钟后再试")],
)
def test_too_many_tries_say_how_long_to_wait(seconds, words):
    answer = answer_to(TooMany(retry_after=seconds))
    assert (answer.status_code, answer["Retry-After"]) == (429, str(seconds))
    assert words in page_of(answer)


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (WrongState(), 409, "这一步已经不能做了"),
        (NotAllowed(), 403, "您没有权限做这件事"),
        (Invalid("body", "请写下来"), 422, "请写下来"),
    ],
)
def test_every_refusal_has_its_status_and_its_words(error, status, words):
    answer = answer_to(error)
    assert answer.status_code == status
    assert words in page_of(answer)


def test_what_is_no_rule_of_the_house_is_not_hidden():
    assert answer_to(ValueError("a mistake of ours")) is None


def of_the_driver(kind, cause):
    try:
        raise kind from cause
    except DatabaseError as error:
        return error


def test_a_server_that_goes_in_the_midst_of_an_answer_will_be_back():
    """The driver knows no code for it and raises its plainest error, which is none of the operational ones."""
    assert will_pass(of_the_driver(DatabaseError, psycopg2.DatabaseError("server closed the connection unexpectedly")))
    assert not will_pass(of_the_driver(IntegrityError, psycopg2.IntegrityError()))
    assert not will_pass(DatabaseError("ours"))
