"""How long the demand board takes on a year of 26,000 voices (and the year before it), beside counting in Python.

    .venv/bin/python -m embedded --throwaway --run .venv/bin/python benchmarks/demand.py [VOICES]

The same figures are counted twice: by the board's statements, and by reading every voice and counting it in Python.
"""

import csv
import os
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("DEMO", "1")

import django

django.setup()

import pgtrigger
from django.core.management import call_command
from django.db import connection

from annual_projects.models import Topic
from annual_projects.queries import board as boards
from annual_projects.queries.demand import Demand, Period
from annual_projects.reference import load_topics
from demo_city.suggestions import PlaceSpec, generate
from directory.data.tables import areas
from directory.models import Area, Unit
from suggestions.models import Category, Suggestion

VOICES = int(sys.argv[1]) if len(sys.argv) > 1 else 26_000
DIFFERENT = 4_000  # different texts; the rest repeat them at other times
RUNS = 7
YEAR = Period(date(2025, 1, 1), date(2025, 12, 31))
FILL = """
INSERT INTO suggestions_suggestion (
    number, tracking_mac, idempotency_key, body_digest, title, body, category_id, area_id, place, channel, anonymous,
    publish, state, unit_id, complexity, clock_from, due_at, escalation, created_at, reopened_times, paused_from,
    public_title, public_body, is_demo
)
SELECT 'B' || n, 'm' || n, 'k' || n, '', v.title, v.body, v.category, v.area, '', 'web', true, false, 'accepted', %s,
       'simple', at, at, 0, at, 0, '', '', '', true
FROM generate_series(1, %s) n
JOIN voices v ON v.id = n %% %s
CROSS JOIN LATERAL (SELECT %s::timestamptz + (n * %s * interval '1 second') AS at) moment
"""


def fill() -> None:
    """Two years of voices, written in sets: texts of the demo corpus, spread evenly over the days."""
    call_command("migrate", verbosity=0, skip_checks=True)
    Area.objects.bulk_create(Area(code=a.code, name=a.name, level=a.level, parent_id=a.parent or None) for a in areas())
    bureau = Unit.objects.create(code="huzhou", name="湖州市公安局", kind="bureau")
    with open("suggestions/data/categories.csv", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    Category.objects.bulk_create(Category(code=row["code"], name=row["name_zh"], kind=row["kind"]) for row in rows)
    load_topics()
    names = {area.code: area.name for area in areas()}
    places = [
        PlaceSpec(area.code, area.name, names[area.code[:9]], names[area.code[:6]])
        for area in areas()
        if area.level == "community"
    ]
    texts = list(generate(2026, DIFFERENT, places, YEAR.before.starts, YEAR.ends))
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE voices (id int, title text, body text, category text, area text)")
        cursor.executemany(
            "INSERT INTO voices VALUES (%s, %s, %s, %s, %s)",
            [(n, text.title, text.body, text.category, text.area_code) for n, text in enumerate(texts)],
        )
        every = 2 * YEAR.days * 86_400 / (2 * VOICES)
        with pgtrigger.ignore("suggestions.Suggestion:starts_received"):
            cursor.execute(FILL, [bureau.pk, 2 * VOICES, DIFFERENT, YEAR.before.since, every])
        cursor.execute("ANALYZE")


def in_python() -> Counter[tuple[str, str, bool]]:
    """The board's counts by reading every voice of the two years."""
    topics: dict[str, list[Topic]] = {}
    for topic in Topic.objects.all():
        topics.setdefault(topic.category_id, []).append(topic)
    counted: Counter[tuple[str, str, bool]] = Counter()
    voices = Suggestion.objects.filter(created_at__gte=YEAR.before.since, created_at__lt=YEAR.until)
    rows = voices.exclude(state="withdrawn").filter(subjects=None)
    for category, area, title, body, at in rows.values_list("category", "area", "title", "body", "created_at"):
        now = at >= YEAR.since
        counted["category", category, now] += 1
        counted["area", area[:6], now] += 1
        written = f"{title} {body}"
        for topic in topics.get(category, []):
            if any(word in written for word in topic.words):
                counted["topic", topic.pk, now] += 1
    return counted


def in_sql() -> Counter[tuple[str, str, bool]]:
    """The same counts from the board."""
    counts = boards.board(Demand(YEAR))
    counted: Counter[tuple[str, str, bool]] = Counter()
    for kind, rows in (("category", counts.categories), ("topic", counts.topics), ("area", counts.areas)):
        for row in rows:
            key = getattr(row.demand, kind).pk
            counted[kind, key, True], counted[kind, key, False] = row.counted.count, row.counted.before
    return counted


def seconds(count: Callable[[], object]) -> float:
    """The median of several runs after a first one that warms up."""
    taken = []
    count()
    for _run in range(RUNS):
        began = time.perf_counter()
        count()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def main() -> None:
    fill()
    ours, theirs = in_sql(), in_python()
    wrong = {key for key in ours | theirs if ours[key] != theirs[key]}
    sql, python = seconds(in_sql), seconds(in_python)
    print(f"voices in the year: {Suggestion.objects.filter(created_at__gte=YEAR.since).count():,}")
    print(f"the board, in SQL:  {1000 * sql:8.1f} ms")
    print(f"the same in Python: {1000 * python:8.1f} ms   ratio {python / sql:.1f}")
    print(f"counts that differ: {sorted(wrong) or 'none'}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
