"""Counting statements: a page takes as many for a long list as for a short one, and not many."""

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

MOST = 15  # the frame of the desk included


def statements(client: Client, path: str) -> int:
    """How many statements a GET takes once everything that is read once has been read."""
    client.get(path)
    with CaptureQueriesContext(connection) as taken:
        assert client.get(path).status_code == 200
    assert len(taken) <= MOST, [query["sql"][:120] for query in taken]
    return len(taken)
