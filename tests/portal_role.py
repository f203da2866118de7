"""Tests are the owner of their database, who may write the past; what serves in them is the portal's own role.

Every request, every task and every service of every test runs with the portal's rights, which proves that they suffice.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from importlib import import_module
from types import FunctionType
from typing import Any

from celery.app.task import Task
from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.db import connection
from pgtrigger import runtime
from psycopg2.extensions import TRANSACTION_STATUS_INERROR

SERVICES = ("accounts", "directory", "suggestions", "annual_projects", "voting", "evaluations")
OF_THE_SHELL = ("appoint",)  # run by manage.py alone, which is the owner
_local = threading.local()


@contextmanager
def as_portal() -> Iterator[None]:
    """What is done inside is done with the rights of the running portal; not counted among the queries of a test.

    A test that has guards ignored plays the owner to the end.
    """
    if getattr(_local, "inside", False) or getattr(runtime._ignore, "value", None) or not _there_is_a_database():
        yield
        return
    _local.inside = True
    _ask_what_waits()  # of what a test wrote as the owner
    _say(f"SET SESSION AUTHORIZATION {connection.ops.quote_name(settings.PORTAL_ROLE)}")
    try:
        yield
        _ask_what_waits()
    finally:
        _local.inside = False
        _say("RESET SESSION AUTHORIZATION")


def _there_is_a_database() -> bool:
    try:
        connection.ensure_connection()
    except RuntimeError:  # a test that asked for none
        return False
    return True


def _ask_what_waits() -> None:
    """What a COMMIT would ask of the portal is asked at the end of its part of a test, which is rolled back."""
    if connection.in_atomic_block:
        _say("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def _say(statement: str) -> None:
    line = connection.connection
    if line is not None and not line.closed and line.info.transaction_status != TRANSACTION_STATUS_INERROR:
        with line.cursor() as cursor:
            cursor.execute(statement)


def serve_as_the_portal() -> None:
    """From now on; called once, when the role is there."""
    BaseHandler.get_response = _with_its_rights(BaseHandler.get_response)  # type: ignore[method-assign]
    Task.__call__ = _with_its_rights(Task.__call__)
    for room in SERVICES:
        services = import_module(f"{room}.services")
        for name, service in list(vars(services).items()):
            if isinstance(service, FunctionType) and service.__module__.startswith(f"{room}.services"):
                setattr(services, name, _as_owner(service) if name in OF_THE_SHELL else _with_its_rights(service))


def _with_its_rights(call: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(call)
    def served(*args: Any, **kwargs: Any) -> Any:
        with as_portal():
            return call(*args, **kwargs)

    return served


def _as_owner(call: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(call)
    def served(*args: Any, **kwargs: Any) -> Any:
        if getattr(_local, "inside", False):
            return call(*args, **kwargs)
        _local.inside = True  # what it calls in turn does not become the portal either
        try:
            return call(*args, **kwargs)
        finally:
            _local.inside = False

    return served
