"""Sessions that run out at midnight: the second at which one was written would name what was said at that second."""

from datetime import datetime, time, timedelta
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.models import Session
from django.utils import timezone


class SessionStore(DatabaseStore):
    """As Django's, with the end moved to the end of its day."""

    def get_expiry_date(self, **kwargs: Any) -> datetime:
        day = timezone.localdate(super().get_expiry_date(**kwargs))
        return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))

    def get_expiry_age(self, **kwargs: Any) -> int:
        return max(int((self.get_expiry_date(**kwargs) - timezone.now()).total_seconds()), 0)


def forget_sessions_of(user_id: int) -> int:
    """Delete every session of an account, in whichever browser; returns how many. Reads all that are alive."""
    gone = 0
    for row in Session.objects.iterator(chunk_size=2_000):
        if row.get_decoded().get("_auth_user_id") == str(user_id):
            SessionStore(row.session_key).delete()
            gone += 1
    return gone
