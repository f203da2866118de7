"""What must hold of the house itself."""

from collections.abc import Iterable

from core import audit, guards
from core.promises import promise


@promise("P12")
def audit_chain_holds() -> Iterable[str]:
    """Every link of the audit ledger's chain matches its entry and follows the one before."""
    return audit.verify()


@promise("P13")
def guards_stand() -> Iterable[str]:
    """Every table, constraint, index and trigger that guards a promise stands as the models define it, and awake."""
    return guards.faults()
