"""What must hold of the house itself."""

from collections.abc import Iterable

from core import audit, database_roles, guards, vanished
from core.promises import promise


@promise("P12")
def audit_chain_holds() -> Iterable[str]:
    """Every link of the audit ledger's chain matches its entry and follows the one before."""
    return audit.verify()


@promise("P12")
def times_of_the_ledger_run_forward() -> Iterable[str]:
    """No entry of the ledger is dated back behind those before it, or into the future, and each was sealed after it."""
    return audit.misdated()


@promise("P12")
def nothing_on_the_ledger_vanished() -> Iterable[str]:
    """Whatever the ledger speaks of and nothing may delete is there."""
    return vanished.from_the_ledger()


@promise("P1")
def nothing_is_left_behind() -> Iterable[str]:
    """No row is left without the row it belongs to, where that may not be deleted."""
    return vanished.from_the_tables()


@promise("P13")
def guards_stand() -> Iterable[str]:
    """Every table, constraint, index and trigger that guards a promise stands as the models define it, and awake."""
    return guards.faults()


@promise("P24")
def portal_may_do_what_was_declared() -> Iterable[str]:
    """The portal's own role may do with each table what its room declared, and nothing else."""
    return database_roles.differences()
