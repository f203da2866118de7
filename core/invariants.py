"""What must hold of the house itself."""

from collections.abc import Iterable

from core import audit, database_roles, guards
from core.promises import promise


@promise("P12")
def audit_chain_holds() -> Iterable[str]:
    """Every link of the audit ledger's chain matches its entry and follows the one before."""
    return audit.verify()


@promise("P13")
def guards_stand() -> Iterable[str]:
    """Every table, constraint, index and trigger that guards a promise stands as the models define it, and awake."""
    return guards.faults()


@promise("P24")
def portal_may_do_what_was_declared() -> Iterable[str]:
    """The portal's own role may do with each table what its room declared, and nothing else."""
    return database_roles.differences()
