"""Pages by position: reading a list through shows every row exactly once, both ways, whatever the size of a page."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import keyset
from core.models import OutboxEvent

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 24, 9, tzinfo=UTC)
NEWEST_FIRST = ("-due_at", "-id")
BY_TOPIC = ("topic", "-due_at", "id")
property_of_any_list = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
# few different moments, only microseconds apart, so that equal ones and neighbours within a millisecond are common
rows = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 5)), max_size=30)


def write(described):
    OutboxEvent.objects.all().delete()
    OutboxEvent.objects.bulk_create(
        OutboxEvent(topic=topic, due_at=START + timedelta(microseconds=300 * step)) for topic, step in described
    )


def walk(key, size, *, cursor=None, way="older"):
    """Every page from ``cursor`` on, in one direction."""
    seen = []
    for _n in range(100):
        page = keyset.page(OutboxEvent.objects.all(), key=key, cursor=cursor, size=size)
        seen.append(page)
        cursor = getattr(page, way)
        if cursor is None:
            return seen
    raise AssertionError("the list has no end")


def ids(pages):
    return [row.pk for page in pages for row in page.items]


@pytest.mark.parametrize("key", [NEWEST_FIRST, BY_TOPIC])
@property_of_any_list
@given(described=rows, size=st.integers(1, 8))
def test_every_row_exactly_once_both_ways(key, described, size):
    write(described)
    expected = list(OutboxEvent.objects.order_by(*key).values_list("pk", flat=True))
    there = walk(key, size)
    assert ids(there) == expected
    if there[-1].newer is None:
        return
    back = walk(key, size, cursor=there[-1].newer, way="newer")
    assert ids(reversed(back)) == expected[: len(expected) - len(there[-1].items)]


@property_of_any_list
@given(described=rows.filter(lambda found: len(found) > 4))
def test_a_row_that_comes_in_meanwhile_moves_no_other(described):
    write(described)
    first = keyset.page(OutboxEvent.objects.all(), key=NEWEST_FIRST, size=2)
    OutboxEvent.objects.create(topic="new", due_at=START + timedelta(days=1))
    rest = ids(walk(NEWEST_FIRST, 2, cursor=first.older))
    assert len(set(rest)) == len(described) - 2
    assert not {row.pk for row in first.items} & set(rest)


def test_moments_rounded_to_milliseconds_would_lose_rows(monkeypatch):
    write([("a", step) for step in (0, 0, 1, 1, 2)])
    assert len(ids(walk(NEWEST_FIRST, 1))) == 5
    monkeypatch.setattr(keyset, "_as_json", lambda moment: {"at": moment.isoformat(timespec="milliseconds")})
    assert len(ids(walk(NEWEST_FIRST, 1))) < 5


@pytest.mark.parametrize("cursor", ["", "x", "a:b:c", "\0", "é" * 50])
def test_an_altered_cursor_is_as_good_as_none(cursor):
    write([("a", 1), ("b", 2)])
    page = keyset.page(OutboxEvent.objects.all(), key=NEWEST_FIRST, cursor=cursor)
    assert len(page.items) == 2


def test_a_cursor_of_another_list_or_order_is_as_good_as_none():
    write([("a", 1), ("b", 2)])
    foreign = keyset.page(OutboxEvent.objects.all(), key=("topic", "id"), size=1).older
    assert len(keyset.page(OutboxEvent.objects.all(), key=NEWEST_FIRST, cursor=foreign).items) == 2


def test_a_page_is_one_statement(django_assert_num_queries):
    write([("a", step) for step in range(5)])
    first = keyset.page(OutboxEvent.objects.all(), key=NEWEST_FIRST, size=2)
    with django_assert_num_queries(1):
        keyset.page(OutboxEvent.objects.all(), key=NEWEST_FIRST, size=2, cursor=first.older)
