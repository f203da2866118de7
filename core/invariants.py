"""What must hold of the house itself."""

from collections.abc import Iterable

from django.db import connection
from pgtrigger import registry

from core import audit
from core.promises import promise


@promise("P12")
def audit_chain_holds() -> Iterable[str]:
    """Every link of the audit ledger's chain matches its entry and follows the one before."""
    return audit.verify()


@promise("P13")
def guards_stand() -> Iterable[str]:
    """Every trigger that guards a promise is installed and enabled."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'")
        standing = {name for (name,) in cursor.fetchall()}
    for model, trigger in registry.registered():
        name = trigger.get_pgid(model)
        if name not in standing:
            yield f"{model._meta.db_table}: {name}"
