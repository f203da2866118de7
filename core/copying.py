"""Many rows at once: PostgreSQL's COPY, in and out, in the transaction that is open, and what the planner makes of it.

Names of tables and columns come from code, never from a file.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

import numpy as np
import pgtrigger
from django.db import connection
from numpy.typing import NDArray

NULL = r"\N"
CHUNK = 5_000  # lines that are handed to the database at once


def copy_in(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows of plain values; None is NULL."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerows([NULL if value is None else value for value in row] for row in rows)
    buffer.seek(0)
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {_into(table, columns)} FROM STDIN (FORMAT csv, NULL '{NULL}')", buffer)


def copy_text(table: str, columns: Sequence[str], lines: Iterable[str]) -> None:
    """Write lines of numbers and words of our own with tabs between them, as they come; they need no quoting.

    Twice as fast as ``copy_in``, and never holds more than some thousand lines.
    """
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {_into(table, columns)} FROM STDIN", _Stream(lines))


def copy_numbers(select: str, params: Sequence[Any], columns: int) -> NDArray[np.float64]:
    """The result of a SELECT of numbers (no NULL) as an array of rows."""
    buffer = io.StringIO()
    with connection.cursor() as cursor:
        query = cursor.mogrify(select, params).decode()
        cursor.copy_expert(f"COPY ({query}) TO STDOUT (FORMAT csv)", buffer)
    text = buffer.getvalue().replace("\n", ",")
    return np.fromstring(text, sep=",").reshape(-1, columns) if text else np.empty((0, columns))


def tell_the_planner() -> None:
    """What our tables hold now; never the catalogs that all databases of a server share, which would stay locked."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        cursor.execute(f"ANALYZE {', '.join(map(connection.ops.quote_name, tables))}")


@contextmanager
def ignoring(*guards: str) -> Iterator[None]:
    """Ignore these triggers, for COPY too, and none afterwards; the way of ``pgtrigger`` alone does not reach COPY."""
    with pgtrigger.ignore(*guards):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")  # carries the setting, which then holds for the transaction
        yield
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL pgtrigger.ignore = '{}'")


def _into(table: str, columns: Sequence[str]) -> str:
    names = ", ".join(f'"{name}"' for name in columns)
    return f'"{table}" ({names})'


class _Stream:
    """Lines as the file that COPY reads from; the driver takes what comes, however long, and stops at nothing."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines: Iterator[str] = iter(lines)

    def read(self, size: int) -> str:
        return "".join(f"{line}\n" for line in islice(self._lines, CHUNK))

    def readline(self) -> str:
        """The driver wants it to be there and never calls it."""
        raise NotImplementedError
