"""How each promise of the house itself is broken, past every guard; returns what the check must name."""

import pgtrigger
from django.conf import settings
from django.db import connection

from core import audit, invariants
from core.models import AuditEntry
from tests import factories


def raw(sql: str, *params: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


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


SEEDS = {
    invariants.audit_chain_holds: an_entry_was_changed,
    invariants.guards_stand: a_guard_was_taken_away,
    invariants.portal_may_do_what_was_declared: the_portal_may_delete_entries,
}
