"""Many rows at once, and what the planner makes of it."""

import pytest
from django.db import connection, transaction

from core.copying import tell_the_planner

LOCKED = "SELECT relation::regclass::text FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'relation'"
SHARED = f"{LOCKED} AND database = 0 AND mode = 'ShareUpdateExclusiveLock'"


def locked(query: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {name for (name,) in cursor.fetchall()}


@pytest.mark.django_db
def test_the_planner_learns_without_locking_what_all_databases_share():
    with transaction.atomic():
        tell_the_planner()
        assert "accounts_user" in locked(LOCKED)
        assert not locked(SHARED)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        assert "pg_database" in locked(SHARED), "as it was before"
