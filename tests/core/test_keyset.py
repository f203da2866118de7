"""Pages by position: no row comes twice, none is left out, however close in time two rows are."""

from datetime import UTC, datetime, timedelta

import pytest

from core import keyset
from core.models import AuditEntry

START = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


@pytest.fixture
def entries(db):
    """Nine entries within one millisecond, two of them at the very same moment."""
    moments = [START + timedelta(microseconds=n) for n in (1, 2, 3, 4, 4, 5, 6, 7, 8)]
    return [AuditEntry.objects.create(at=at, actor="system", action="test") for at in moments]


@pytest.mark.parametrize("key", [("at", "pk"), ("-at", "-pk")])
def test_walking_there_and_back_meets_every_row_once(entries, key):
    expected = [entry.pk for entry in (entries if key[0] == "at" else reversed(entries))]
    there, page = [], keyset.page(AuditEntry.objects.all(), key=key, size=2)
    pages = [page]
    while page.older:
        page = keyset.page(AuditEntry.objects.all(), key=key, cursor=page.older, size=2)
        pages.append(page)
    there = [entry.pk for page in pages for entry in page.items]
    back = [[entry.pk for entry in page.items]]
    while page.newer:
        page = keyset.page(AuditEntry.objects.all(), key=key, cursor=page.newer, size=2)
        back.insert(0, [entry.pk for entry in page.items])
    assert there == expected
    assert [pk for found in back for pk in found] == expected


@pytest.mark.parametrize("cursor", ["x", "", "eyJhIjoxfQ:1:abc", "\x00"])
def test_an_altered_cursor_is_the_first_page(entries, cursor):
    page = keyset.page(AuditEntry.objects.all(), key=("at", "pk"), cursor=cursor, size=2)
    assert [entry.pk for entry in page.items] == [entries[0].pk, entries[1].pk]
