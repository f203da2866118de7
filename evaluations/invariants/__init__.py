"""What ``check_invariants`` asks of this room; loading a module registers its checks."""

from evaluations.invariants import appraisals, judging, ledger, polls

__all__ = ["appraisals", "judging", "ledger", "polls"]
