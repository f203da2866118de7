"""What a service raises when it may not do as asked; each carries a message that a person can read."""

import errno
from typing import TYPE_CHECKING

from django.db import DatabaseError, InterfaceError, OperationalError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from redis.exceptions import RedisError

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    Text = str | _StrPromise  # what a lazy translation is to the type checker alone
else:
    Text = str | Promise


NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


class DomainError(Exception):
    """A rule of the house was about to be broken. Pages show ``message``; the API answers with ``status``."""

    status = 409
    code = "conflict"
    default = _("This cannot be done now.")

    def __init__(self, message: Text | None = None) -> None:
        self.message = message or self.default
        super().__init__(str(self.message))

    @property
    def extra(self) -> dict[str, object]:
        """What the API's answer says beside the message."""
        return {}


class NotAllowed(DomainError):
    """The person is known but this is not theirs to do."""

    status = 403
    code = "not-allowed"
    default = _("You do not have permission to do this.")


class WrongState(DomainError):
    """The thing is not in a state from which this step is possible."""

    code = "wrong-state"
    default = _("This step is not possible any more: the case has moved on.")


class Stale(DomainError):
    """Somebody else was faster; ``changes`` says what they did, in words."""

    code = "stale"
    default = _("Somebody else has changed this case meanwhile. Nothing of yours was applied.")

    def __init__(self, message: Text | None = None, changes: list[str] | None = None) -> None:
        super().__init__(message)
        self.changes = changes or []

    @property
    def extra(self) -> dict[str, object]:
        return {"changes": self.changes}


class Invalid(DomainError):
    """What was sent is wrong in one field; ``fields`` maps its name to the messages."""

    status = 422
    code = "invalid"

    def __init__(self, field: str, message: Text) -> None:
        super().__init__(message)
        self.fields: dict[str, list[Text]] = {field: [message]}


class TooMany(DomainError):
    """Too many tries; ``retry_after`` is in seconds."""

    status = 429
    code = "too-many"
    default = _("Too many tries. Please wait a while and try again.")

    def __init__(self, message: Text | None = None, retry_after: int = 60) -> None:
        super().__init__(message)
        self.retry_after = retry_after

    @property
    def minutes(self) -> int:
        """How long to wait, as a person counts."""
        return max(1, -(-self.retry_after // 60))


class Unavailable(DomainError):
    """The portal cannot do it at this moment, but soon; nothing was written, and the same may be sent again."""

    status = 503
    code = "unavailable"
    default = _("This cannot be done at the moment. Nothing of yours was written down. Please try again in a minute.")

    def __init__(self, message: Text | None = None, retry_after: int = 60) -> None:
        super().__init__(message)
        self.retry_after = retry_after


def will_pass(error: Exception) -> bool:
    """Whether it is nobody's mistake: a database, cache or disk that is away, busy or full just now."""
    full = isinstance(error, OSError) and error.errno in NO_ROOM
    cut = type(error) is DatabaseError and getattr(error.__cause__, "pgcode", "") is None  # in the midst of an answer
    return full or cut or isinstance(error, OperationalError | InterfaceError | RedisError | Unavailable)
