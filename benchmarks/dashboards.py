"""How fast the dashboards read their rollups, beside counting a million answers anew in the same run.

    .venv/bin/python -m embedded --throwaway --run .venv/bin/python benchmarks/dashboards.py [RESPONSES]

3,000 officers, 100 units, five indicators; one wave holds all the interviews (a million), and there are rollups of four
rounds of each kind, with and without flagged interviews. Each read of a page is held against one GROUP BY over the
answers, which is what it would take at the least without rollups.

Target: every read in at most the time of the GROUP BY over a million answers.
"""

import logging
import os
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("DEMO", "1")

import django

django.setup()

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client

from core import keyset
from directory.models import Officer
from evaluations.models import Score
from evaluations.queries import dashboard
from evaluations.states import Indicator

RESPONSES = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
UNITS, OFFICERS, ROUNDS, RUNS = 100, 3_000, 4, 9

FILL = (
    # the first line is what pg_restore does too: rows of a benchmark need no guard
    "SET session_replication_role = replica",
    """INSERT INTO evaluations_item
           (questionnaire_id, code, text, text_en, indicator, about, is_reversed, is_foil, "order")
       SELECT %(asked)s, indicator, '', '', indicator, 'officer', false, false, 0
       FROM unnest(ARRAY['visibility', 'familiarity', 'attitude', 'satisfaction', 'safety']) indicator""",
    """INSERT INTO evaluations_signingkey (pollster_id, public_key, since)
       SELECT pollster_id, repeat('ab', 32), now() FROM evaluations_wave WHERE id = %(wave)s""",
    """INSERT INTO evaluations_batch
           (wave_id, sha256, key_id, signature, responses_count, answers_count, received_at)
       SELECT %(wave)s, repeat('0', 64), max(id), '', %(n)s, %(n)s, now() FROM evaluations_signingkey""",
    """INSERT INTO evaluations_response (id, wave_id, batch_id, reference, area_id, age_sex, interviewer, mode,
           started_at, ended_at, phone_mac, base_weight, weight)
       SELECT n, %(wave)s, (SELECT max(id) FROM evaluations_batch), 'r' || n, '330502', 'm35', 'i' || n %% 200, 'phone',
           now(), now(), '', 1, 0.5 + (n %% 20) / 20.0
       FROM generate_series(1, %(n)s) n""",
    """INSERT INTO evaluations_answer (response_id, item_id, subject_id, said, level)
       SELECT n, items[1 + n %% 5], subjects[1 + (n %% 3000 * 7919) %% 3000], 'level', 1 + (n / 7) %% 5
       FROM generate_series(1, %(n)s) n, (SELECT array_agg(id) items FROM evaluations_item) i,
           (SELECT array_agg(id) subjects FROM evaluations_subject WHERE wave_id = %(wave)s AND kind = 'officer') s""",
    """INSERT INTO evaluations_score (run_id, subject_id, indicator, positive_levels, n, n_eff, dont_know, points, low,
           high, shrunk, shrunk_low, shrunk_high, reliability, rank, rank_low, rank_high, peers, signal, is_shown)
       SELECT r.id, s.id, indicator, '{4,5}', 120 + s.id %% 90, 100 + s.id %% 90, 3, p, p - 4,
           p + 3, p, p - 3, p + 2, 0.8, 9, 4, 20, 3000, 0, s.id %% 5 <> 0
       FROM evaluations_scoringrun r JOIN evaluations_subject s ON s.wave_id = r.wave_id
           CROSS JOIN unnest(ARRAY['visibility', 'familiarity', 'attitude', 'satisfaction']) indicator
           CROSS JOIN LATERAL (SELECT 80 + s.id %% 17 AS p) at
       WHERE s.kind = 'officer' OR indicator IN ('attitude', 'satisfaction')""",
    "SET session_replication_role = DEFAULT",
    "ANALYZE",
)
RAW = """
    SELECT a.subject_id, a.item_id, count(*), sum(r.weight), sum(r.weight) FILTER (WHERE a.level >= 4)
    FROM evaluations_answer a JOIN evaluations_response r ON r.id = a.response_id WHERE r.wave_id = %s GROUP BY 1, 2
"""
RAW_ALONE = (
    "SELECT subject_id, item_id, count(*), count(*) FILTER (WHERE level >= 4) FROM evaluations_answer GROUP BY 1, 2"
)


def fill() -> int:
    """The city, rollups of all rounds, and a million interviews in the last; return the key of that wave."""
    call_command("migrate", verbosity=0, skip_checks=True)
    from tests import factories
    from tests.evaluations import rollups

    city = factories.city()
    run = rollups.large(city, units=UNITS, officers=OFFICERS, rounds=ROUNDS, indicators=())
    with connection.cursor() as cursor:
        for statement in FILL:
            cursor.execute(statement, {"n": RESPONSES, "wave": run.wave_id, "asked": run.wave.questionnaire_id})
    return run.wave_id


def milliseconds(read: Callable[[], object]) -> float:
    """The median of several runs after a first one that warms up."""
    taken = []
    read()
    for _run in range(RUNS):
        began = time.perf_counter()
        read()
        taken.append(1000 * (time.perf_counter() - began))
    return statistics.median(taken)


def raw(statement: str, *params: int) -> Callable[[], object]:
    def read() -> object:
        with connection.cursor() as cursor:
            cursor.execute(statement, params)
            return cursor.fetchall()

    return read


def reads() -> dict[str, Callable[[], object]]:
    """The statements of the pages over rollups."""
    runs = dashboard.look(dashboard.Choice()).runs
    newest, everybody = runs[-1], Officer.objects.all()
    county = dashboard.counties()[0]
    chosen = Indicator.SATISFACTION
    one = Officer.objects.get(badge_number="700001")

    def page() -> object:
        scores = dashboard.officers(newest, chosen, everybody)
        return keyset.page(scores, key=("-shrunk", "pk"), size=25)

    return {
        "city: all groups of all rounds": lambda: dashboard.overview(runs),
        "city: all units": lambda: dashboard.units(newest),
        "county from round to round": lambda: dashboard.of_county(runs, county),
        "officers: a page of 25": page,
        "officers: how many are hidden": lambda: dashboard.hidden_officers(newest, chosen, everybody),
        "one officer, all rounds": lambda: dashboard.of_subject(runs, subject__officer=one),
    }


def main() -> None:
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.ALLOWED_HOSTS = ["testserver"]
    logging.disable(logging.CRITICAL)
    wave = fill()
    with_weights, alone = milliseconds(raw(RAW, wave)), milliseconds(raw(RAW_ALONE))
    print(f"{RESPONSES:,} answers, {Score.objects.count():,} rollups")
    print(f"GROUP BY over the answers: {with_weights:8.1f} ms with weights, {alone:8.1f} ms without")
    worst = 0.0
    for name, read in reads().items():
        taken = milliseconds(read)
        worst = max(worst, taken)
        print(f"{name:<34}{taken:8.1f} ms   {taken / alone:6.3f} of the GROUP BY")
    client = Client()
    for path in ("/evaluations/", "/evaluations/330502/", "/evaluations/units/s1/", "/evaluations/?wall=1"):
        print(f"page {path:<29}{milliseconds(partial(client.get, path)):8.1f} ms")
    print(f"slowest read: {worst / alone:.2f} of the GROUP BY over a million answers")
    sys.exit(1 if worst > alone else 0)


if __name__ == "__main__":
    main()
