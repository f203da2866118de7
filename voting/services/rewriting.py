"""Ballots and roll are written anew in random order: what was written together no longer lies together (P5)."""

from datetime import datetime, time, timedelta

from django.db import connection, transaction

from core import clock
from core.locks import Lock, take_if_free
from core.workdays import SHANGHAI
from voting.models import Poll, Rewriting

HOUR = time(3)  # at night, when nobody votes


@transaction.atomic
def rewrite() -> Rewriting:
    """Write both tables anew; the database refuses at the end unless exactly the same rows are there.

    The owner's function does it (``voting/grants.py``). Voting waits meanwhile: a second or two for fifty thousand
    ballots.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '15min'")
        cursor.execute("SELECT voting_rewrite()")
        return Rewriting.objects.get(pk=cursor.fetchone()[0])


@transaction.atomic
def rewrite_due() -> bool:
    """The nightly turn: once after three o'clock, while a vote goes on."""
    if not take_if_free(Lock.REWRITING_BALLOTS):
        return False
    now = clock.now()
    going_on = Poll.objects.filter(closed_at=None, edition__voting_opens__lte=now)
    if Rewriting.objects.filter(at__gte=_last_night(now)).exists() or not going_on.exists():
        return False
    rewrite()
    return True


def _last_night(now: datetime) -> datetime:
    tonight = datetime.combine(now.astimezone(SHANGHAI).date(), HOUR, tzinfo=SHANGHAI)
    return tonight if now >= tonight else tonight - timedelta(days=1)
