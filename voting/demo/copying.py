"""Many rows at once, by COPY: ballots, roll and tree of a demo vote in seconds."""

import io
from collections.abc import Iterable, Sequence
from datetime import date

from django.db import connection

from voting.demo.chance import MadeUp, bits
from voting.models import Ballot, Leaf, RollEntry
from voting.proofs import published


def copy(table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write rows of plain values; None is NULL."""
    text = io.StringIO()
    for row in rows:
        text.write("\t".join("\\N" if value is None else str(value) for value in row) + "\n")
    text.seek(0)
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {table} ({', '.join(columns)}) FROM STDIN", text)


def put_ballots(edition: int, made: Sequence[MadeUp], channel: str) -> list[str]:
    """Write ballots and return their commitments, in their order."""
    commitments = [published.commit(one.ballot_id, one.choices, one.nonce) for one in made]
    columns = ("id", "edition_id", "marks", "nonce", "commitment", "channel", "county", "age_band")
    rows = (
        (one.ballot_id, edition, bits(one), one.nonce, commitment, channel, one.county, one.age_band)
        for one, commitment in zip(made, commitments, strict=True)
    )
    copy(Ballot._meta.db_table, columns, rows)
    return commitments


def put_roll(edition: int, entries: Iterable[tuple[str, str, date]]) -> None:
    """Write (fingerprint, channel, day)."""
    rows = ((edition, fingerprint, channel, day) for fingerprint, channel, day in entries)
    copy(RollEntry._meta.db_table, ("edition_id", "fingerprint", "channel", "day"), rows)


def put_leaves(edition: int, commitments: Sequence[str]) -> None:
    """Write the commitments in their places."""
    rows = ((edition, place, commitment) for place, commitment in enumerate(commitments))
    copy(Leaf._meta.db_table, ("edition_id", "position", "commitment"), rows)


def look_at_constraints_now() -> None:
    """Let what is asked at the end of a transaction be asked here."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
