"""What the database refuses, in words: which error a person reads when a guard stops a write.

A service looks before it writes and says what is wrong. Whoever was faster in that moment is stopped by the guard in
the database alone; the rooms name their guards (a constraint, or a trigger) in their ``refusals`` module and say here
what each of them means, and one that nobody named still says that somebody was faster.
"""

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from django.db import DatabaseError, IntegrityError, OperationalError
from django.utils.translation import gettext_lazy as _
from psycopg2 import errors

from core.errors import DomainError, WrongState

log = logging.getLogger(__name__)
Words = Callable[[], DomainError]
TRIGGER = re.compile(r"\bpgtrigger_(\w+)_[0-9a-f]{5}\(")
GUARDS = (errors.CheckViolation, errors.UniqueViolation, errors.ExclusionViolation, errors.ForeignKeyViolation)
WAITED = (errors.DeadlockDetected, errors.LockNotAvailable)  # two who wait for each other, or one for too long

_known: dict[str, Words] = {"moves_by_the_table": WrongState}


class Overtaken(DomainError):
    """A guard of the database stopped what another one had made impossible in the same moment."""

    code = "overtaken"
    default = _("Somebody else has changed this at the same moment. Nothing of yours was applied. Please look again.")


class TooLong(DomainError):
    """Words that do not fit where they are kept, and that no form has counted; they are refused, never cut."""

    status = 422
    code = "too-long"
    default = _("This is too long to be kept, and nothing was cut. Please say it in fewer words.")


def told_as(words: Mapping[str, Words]) -> None:
    """Say which error each of these guards becomes, by the name of the constraint, trigger or rule."""
    _known.update(words)


def rule_of(error: DatabaseError) -> str:
    """The name of the guard that refused: its constraint's or rule's, else its trigger's, or nothing."""
    diag = getattr(error.__cause__, "diag", None)
    named = getattr(diag, "constraint_name", None)
    raised_by = TRIGGER.search(getattr(diag, "context", None) or "")
    return named or (raised_by.group(1) if raised_by else "")


def domain_error(error: Exception) -> DomainError | None:
    """What a person is told about an error of the database; None when it is no refusal but a fault of ours."""
    if isinstance(error, IntegrityError) and isinstance(error.__cause__, GUARDS):
        rule = rule_of(error)
        if rule in _known:
            return _known[rule]()
        log.warning("refused by %s, which has no words", rule or "an unnamed guard")
        return Overtaken()
    if isinstance(error.__cause__, errors.StringDataRightTruncation):
        return TooLong()
    if isinstance(error, OperationalError) and isinstance(error.__cause__, WAITED):
        return Overtaken()
    return None


@contextmanager
def told() -> Iterator[None]:
    """Turn a refusal of the database into the error that a person reads; anything else stays as it is."""
    try:
        yield
    except DatabaseError as error:
        refused = domain_error(error)
        if refused is None:
            raise
        raise refused from error
