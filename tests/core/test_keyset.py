"""Pages by position: nothing is shown twice and nothing is lost, also among rows of one moment."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.serializers.json import DjangoJSONEncoder

from core import keyset
from core.models import AuditEntry

KEY = ("-at", "-id")
MOMENT = datetime(2026, 11, 24, 9, 30, 0, 123456, tzinfo=UTC)


def entries(*moments):
    rows = [AuditEntry(at=at, actor="system", action="test", object_type="x", object_id="1") for at in moments]
    return AuditEntry.objects.bulk_create(rows)


def walk(size=3):
    """Every row, by the links to the older pages."""
    seen, cursor = [], None
    while True:
        page = keyset.page(AuditEntry.objects.all(), key=KEY, cursor=cursor, size=size)
        seen += [entry.pk for entry in page.items]
        if page.older is None:
            return seen
        cursor = page.older


@pytest.mark.django_db
@pytest.mark.parametrize("apart", [0, 1, 400, 2_000_000])
def test_every_row_is_on_one_page(apart):
    made = entries(*(MOMENT + timedelta(microseconds=apart * n) for n in range(10)))
    assert walk() == sorted((entry.pk for entry in made), reverse=True)


@pytest.mark.django_db
def test_with_moments_cut_to_the_millisecond_rows_would_be_lost(monkeypatch):
    entries(*(MOMENT for _n in range(10)))
    monkeypatch.setattr(keyset, "_exactly", lambda value: value)
    assert DjangoJSONEncoder().default(MOMENT) == "2026-11-24T09:30:00.123Z"
    assert len(walk()) < 10


@pytest.mark.django_db
def test_the_way_back_is_the_same_pages():
    entries(*(MOMENT + timedelta(microseconds=n) for n in range(9)))
    whole = AuditEntry.objects.all()
    first = keyset.page(whole, key=KEY, size=3)
    second = keyset.page(whole, key=KEY, cursor=first.older, size=3)
    third = keyset.page(whole, key=KEY, cursor=second.older, size=3)
    assert (first.newer, third.older) == (None, None)
    assert keyset.page(whole, key=KEY, cursor=third.newer, size=3).items == second.items
    assert keyset.page(whole, key=KEY, cursor=second.newer, size=3).items == first.items


@pytest.mark.django_db
@pytest.mark.parametrize("cursor", ["", "x", "\x00", "a.b.c", "长" * 999])
def test_a_foreign_cursor_is_none(cursor):
    made = entries(MOMENT)
    assert keyset.page(AuditEntry.objects.all(), key=KEY, cursor=cursor).items == made
