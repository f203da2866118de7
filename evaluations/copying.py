"""Many rows at once: PostgreSQL's COPY, in and out, in the transaction that is open."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

NULL = r"\N"


def copy_in(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows; None is NULL. Names come from code, never from a file."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerows([NULL if value is None else value for value in row] for row in rows)
    buffer.seek(0)
    names = ", ".join(f'"{name}"' for name in columns)
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY \"{table}\" ({names}) FROM STDIN (FORMAT csv, NULL '{NULL}')", buffer)


def copy_text(table: str, columns: Sequence[str], lines: Iterable[str]) -> None:
    """Write lines of numbers and words of our own with tabs between them, which need no quoting: twice as fast."""
    names = ", ".join(f'"{name}"' for name in columns)
    with connection.cursor() as cursor:
        cursor.copy_expert(f'COPY "{table}" ({names}) FROM STDIN', io.StringIO("\n".join(lines)))


def copy_numbers(select: str, params: Sequence[Any], columns: int) -> NDArray[np.float64]:
    """The result of a SELECT of numbers (no NULL) as an array of rows."""
    buffer = io.StringIO()
    with connection.cursor() as cursor:
        query = cursor.mogrify(select, params).decode()
        cursor.copy_expert(f"COPY ({query}) TO STDOUT (FORMAT csv)", buffer)
    text = buffer.getvalue().replace("\n", ",")
    return np.fromstring(text, sep=",").reshape(-1, columns) if text else np.empty((0, columns))


def spare_the_triggers() -> None:
    """Say that no trigger is ignored: where the setting is missing, each trigger fails in a subtransaction first."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL pgtrigger.ignore = '{}'")
