"""How each promise of the house itself is broken, past every guard; returns what the check must name."""

from collections.abc import Iterator
from contextlib import contextmanager

import pgtrigger
from django.conf import settings
from django.db import connection

from core import audit, invariants
from core.models import AuditEntry
from tests import factories


def raw(sql: str, *params: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


@contextmanager
def asleep() -> Iterator[None]:
    """A superuser at the database, with every trigger and foreign key put to sleep."""
    raw("SET CONSTRAINTS ALL IMMEDIATE")
    raw("SET session_replication_role = replica")
    yield
    raw("SET session_replication_role = origin")
    raw("SET CONSTRAINTS ALL DEFERRED")


def an_entry_was_changed(city) -> str:
    factories.case(city, "assigned")
    audit.seal()
    entry = AuditEntry.objects.order_by("pk").first()
    with pgtrigger.ignore("core.AuditEntry:never_changed"):
        AuditEntry.objects.filter(pk=entry.pk).update(reason="nothing happened")
    return f"entry {entry.pk}"


def a_guard_was_taken_away(city) -> str:
    pgtrigger.disable("core.AuditEntry:never_deleted")
    return "core_auditentry: pgtrigger_never_deleted"


def the_portal_may_delete_entries(city) -> str:
    raw(f"GRANT DELETE ON core_auditentry TO {connection.ops.quote_name(settings.PORTAL_ROLE)}")
    return "core_auditentry DELETE"


def an_entry_was_dated_back(city) -> str:
    factories.case(city, "assigned")
    raw(
        """
        INSERT INTO core_auditentry (at, actor, action, object_type, object_id, reason, data)
        VALUES (now() - interval '20 days', 'system', 'suggestion.note', 'none', '1', '', '{}')
        """
    )
    return f"entry {AuditEntry.objects.latest('pk').pk}"


def a_case_is_gone_and_nothing_of_it_left(city) -> str:
    case = factories.case(city, "assigned", publish=False)
    tables = ("step", "reminder", "subject", "identity", "reply")
    with asleep():
        for table in tables:
            raw(f"DELETE FROM suggestions_{table} WHERE suggestion_id = %s", case.pk)  # noqa: S608
        raw("DELETE FROM suggestions_suggestion WHERE id = %s", case.pk)
    return f"suggestions.suggestion {case.pk}"


def only_the_row_of_a_case_is_gone(city) -> str:
    case = factories.case(city)
    with asleep():
        raw("DELETE FROM suggestions_reminder WHERE suggestion_id = %s", case.pk)
        raw("DELETE FROM suggestions_suggestion WHERE id = %s", case.pk)
    return f"suggestions.step without its suggestion {case.pk}"


SEEDS = {
    invariants.audit_chain_holds: an_entry_was_changed,
    invariants.times_of_the_ledger_run_forward: an_entry_was_dated_back,
    invariants.nothing_on_the_ledger_vanished: a_case_is_gone_and_nothing_of_it_left,
    invariants.nothing_is_left_behind: only_the_row_of_a_case_is_gone,
    invariants.guards_stand: a_guard_was_taken_away,
    invariants.portal_may_do_what_was_declared: the_portal_may_delete_entries,
}
