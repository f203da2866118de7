"""How fast the public board finds two words among many cases, through the index and without it.

    .venv/bin/python -m embedded --throwaway --run .venv/bin/python benchmarks/search.py [--rows 200000]

Makes a test database of its own beside the one that the environment names, fills it by set-based SQL with the demo
city's words, asks for the same page both ways in the same run, and removes the database. Every statement may take ten
seconds, and the whole run stops by itself after five minutes.
"""

import argparse
import os
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from itertools import chain, combinations
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from django.db import connection
from django.db.models import Q
from django.db.utils import OperationalError

from accounts.models import User
from core import keyset, text
from demo_city.suggestions import PlaceSpec, generate
from directory.models import Area, Unit
from suggestions.models import Category
from suggestions.queries import board
from suggestions.queries.similar import similar

SECONDS = 300
ROUNDS = 7
VOICES = 3000
CHUNK = 20_000  # no statement takes long
PLACES = [
    PlaceSpec("330502001001", "月河社区居民委员会", "月河街道", "吴兴区"),
    PlaceSpec("330503101200", "花林村村民委员会", "练市镇", "南浔区"),
]
ONCE = ("无人机", "白鹭")
FILL = """
    INSERT INTO suggestions_suggestion (
        number, tracking_mac, idempotency_key, body_digest, title, body, category_id, area_id, place, channel,
        anonymous, publish, state, unit_id, complexity, clock_from, due_at, escalation, created_at, reopened_times,
        paused_from, published_at, public_read_by_id, public_read_at, public_title, public_body, search, is_demo)
    SELECT 'B-' || n, md5('m' || n), md5('k' || n), '', a.title, a.body, 'noise', '330502', '', 'web',
        false, true, 'received', %s, 'simple', at, at + interval '9 days', 0, at, 0,
        '', at, %s, at, a.title, a.body || b.body, to_tsvector('simple', a.document || ' ' || b.document), true
    FROM generate_series(%s, %s) n
    CROSS JOIN LATERAL (SELECT now() - random() * interval '6 years' AS at) t
    JOIN voice a ON a.id = 1 + n %% %s
    JOIN voice b ON b.id = 1 + (n * 7919 + n / %s) %% %s
"""
HIDE_TWO_WORDS = """
    UPDATE suggestions_suggestion
    SET public_body = public_body || %s, search = search || to_tsvector('simple', %s)
    WHERE number = %s
"""


def fill(rows: int, until: float) -> tuple[int, list[list[str]]]:
    """Write ``rows`` published cases, each of two generated voices, one of them with two words that no other has.

    Returns how many were written before the time was over, and the words of the voices.
    """
    Area.objects.create(code="330502", name="吴兴区", level="county")
    unit = Unit.objects.create(code="huzhou", name="湖州市公安局", kind="bureau")
    Category.objects.create(code="noise", name="噪音扰民")
    voices = enumerate(generate(1, VOICES, PLACES, date(2024, 1, 1), date(2026, 6, 30)), 1)
    spoken = [(n, v.title[:30], v.body, text.search_document(f"{v.title} {v.body}")) for n, v in voices]
    reader = User.objects.create_staff("000001", None)
    written = 0
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE voice (id int PRIMARY KEY, title text, body text, document text)")
        cursor.executemany("INSERT INTO voice VALUES (%s, %s, %s, %s)", spoken)
        cursor.execute("ALTER TABLE suggestions_suggestion DISABLE TRIGGER USER")  # what they guard cannot happen here
        while written < rows and time.monotonic() < until:
            last = min(written + CHUNK, rows)
            cursor.execute(FILL, [unit.pk, reader.pk, written + 1, last, VOICES, VOICES, VOICES])
            written = last
        cursor.execute(HIDE_TWO_WORDS, ["".join(ONCE), text.search_document(" ".join(ONCE)), f"B-{written // 2}"])
        cursor.execute("VACUUM ANALYZE suggestions_suggestion")
    return written, [text.words(f"{title} {body}") for _n, title, body, _document in spoken]


def pairs(voices: Iterable[list[str]]) -> Iterator[tuple[str, tuple[str, str]]]:
    """Two words of one voice that many, some and few of the voices have, and the two that one case has."""
    spoken = [sorted({word for word in words if len(word) > 1 and not word.isascii()}) for words in voices]
    known = Counter(chain.from_iterable(spoken))
    for label, least, most in (("many", 150, 600), ("some", 15, 40), ("few", 2, 4)):
        telling = ([word for word in words if least <= known[word] <= most] for words in spoken)
        together = Counter(
            pair for words in telling for pair in combinations(words, 2) if not set(pair[0]) & set(pair[1])
        )
        yield label, min(together.items(), key=lambda item: (-item[1], item[0]))[0]
    yield "one", ONCE


def by_index(first: str, second: str) -> int:
    """The page the board shows."""
    return len(board.search(f"{first} {second}").items)


def by_like(first: str, second: str) -> int:
    """The same page, found by reading the words of every case."""
    found = board.published()
    for word in (first, second):
        found = found.filter(Q(public_title__contains=word) | Q(public_body__contains=word))
    return len(keyset.page(found, key=board.NEWEST_FIRST, size=20).items)


def milliseconds(ask: Callable[[], object]) -> float:
    """The median of some rounds; what takes more than ten seconds counts as ten."""
    taken = []
    for _round in range(ROUNDS):
        start = time.perf_counter()
        try:
            ask()
        except OperationalError:
            return 10_000.0
        taken.append((time.perf_counter() - start) * 1000)
    return statistics.median(taken)


def measure(voices: Iterable[list[str]], until: float) -> Iterator[str]:
    """One line for each pair of words, then the page without words and the similar cases of one voice."""
    for label, (first, second) in pairs(voices):
        if time.monotonic() > until:
            yield "stopped: the time is over"
            return
        shown = by_index(first, second)
        fast = milliseconds(lambda: by_index(first, second))  # noqa: B023  called at once
        slow = milliseconds(lambda: by_like(first, second))  # noqa: B023
        found = f"{label:<5} {first} {second}: {shown} shown"
        yield f"{found}, index {fast:.1f} ms, LIKE {slow:.1f} ms, ratio {slow / fast:.1f}"
    yield f"newest page: {milliseconds(board.search):.1f} ms"
    said = "小区楼下每天晚上广场舞音响太吵,从七点跳到快十点,老人睡不好觉。"
    yield f"similar cases while typing: {milliseconds(lambda: similar(said)):.1f} ms"


@contextmanager
def own_database() -> Iterator[None]:
    """A database that nobody else uses, made by the migrations and removed at the end."""
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=200_000)
    rows = parser.parse_args().rows
    start = time.monotonic()
    with own_database():
        written, voices = fill(rows, until=start + SECONDS * 0.7)
        sys.stdout.write(f"{written} published cases written in {time.monotonic() - start:.0f} s\n")
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = '10s'")
        for line in measure(voices, until=start + SECONDS):
            sys.stdout.write(line + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
