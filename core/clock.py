"""Time is the database's: every stamp and every due date of every server comes from one clock."""

from datetime import datetime

from django.db import connection


def now() -> datetime:
    """The database's wall clock, aware; later than any stamp it gave before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]
