"""Raw SQL against the guards: what is tried past the services, and what the promises then say."""

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from core import promises

EDITION, CANDIDATE = "annual_projects_edition", "annual_projects_candidate"


def raw(sql: str, *params: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def refused(sql: str, *params: object, match: str | None = None) -> None:
    with pytest.raises(DatabaseError, match=match), transaction.atomic():
        raw(sql, *params)


def broken(number: str) -> list[str]:
    return [violation.row for violation in promises.violations() if violation.promise == number]
