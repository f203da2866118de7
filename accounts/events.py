"""What this room does when something happened to an account."""

from accounts.sessions import forget_sessions_of
from core.outbox import consumer


@consumer("accounts.erased")
def sign_out_for_good(*, user_id: int) -> None:
    """No row of a session names who has left."""
    forget_sessions_of(user_id)
