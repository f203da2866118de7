"""Ballots and roll are written anew in random order: what was written together no longer lies together (P5)."""

from datetime import datetime, time, timedelta

from django.db import connection, transaction

from core import clock
from core.locks import Lock, take_if_free
from core.workdays import SHANGHAI
from voting.models import Poll, Rewriting

HOUR = time(3)  # at night, when nobody votes
STEPS = """
    SET LOCAL statement_timeout = '15min';
    CREATE TEMPORARY TABLE shuffled_roll ON COMMIT DROP AS
        SELECT * FROM voting_rollentry ORDER BY gen_random_uuid();
    CREATE TEMPORARY TABLE shuffled_ballots ON COMMIT DROP AS
        SELECT * FROM voting_ballot ORDER BY gen_random_uuid();
    TRUNCATE voting_rollentry, voting_ballot;
    INSERT INTO voting_rollentry SELECT * FROM shuffled_roll;
    INSERT INTO voting_ballot SELECT * FROM shuffled_ballots;
    DROP TABLE shuffled_roll, shuffled_ballots;
"""


@transaction.atomic
def rewrite() -> Rewriting:
    """Write both tables anew; the database refuses at the end unless exactly the same rows are there.

    Voting waits meanwhile: a second or two for fifty thousand ballots.
    """
    done = Rewriting.objects.create()  # locks both tables and remembers what is in them
    with connection.cursor() as cursor:
        cursor.execute(STEPS)
    return done


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
