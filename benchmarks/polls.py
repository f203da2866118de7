"""How long a wave of 100,000 interviews takes to hand in and to score, beside what PostgreSQL alone needs for its rows.

    .venv/bin/python -m embedded --throwaway --run .venv/bin/python benchmarks/polls.py [INTERVIEWS] [--profile]

In the same run, in turns: the file is handed in beside a bare COPY of the same rows into tables without a constraint,
and the wave is scored beside one GROUP BY over its answers. So the ratios hold whatever else the machine does; the
seconds are those of this machine. Targets on two cores: handing in ≤ 10 s, scoring ≤ 10 s.
"""

import argparse
import cProfile
import csv
import hashlib
import io
import os
import pstats
import sys
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("DEMO", "1")

import django

django.setup()

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import call_command
from django.db import connection

from directory.models import Officer
from evaluations import services
from evaluations.models import Pollster, Wave
from evaluations.services import Question, WavePlan
from tests import factories

OFFICERS, INTERVIEWERS = 300, 200
SECRET = Ed25519PrivateKey.from_private_bytes(b"b" * 32)
MARGINS = {"area": {"330502": 600_000.0, "330503": 400_000.0}, "age_sex": {"m": 500_000.0, "f": 500_000.0}}
QUESTIONS = [
    Question("see", "您平时能见到他吗？", "visibility", "officer"),
    Question("know", "您认识他吗？", "familiarity", "officer"),
    Question("foil", "您认识陈建明吗？", "familiarity", is_foil=True),
    Question("attitude", "他的服务态度好吗？", "attitude", "officer"),
    Question("content", "您对他的工作满意吗？", "satisfaction", "officer"),
    Question("safe", "您觉得安全吗？", "safety"),
]
HEAD = ["reference", "area", "age_sex", "interviewer", "mode", "started_at", "ended_at", "phone", "weight", "subject"]
HAND_IN_SECONDS, SCORE_SECONDS = 10, 10
GROUPED = """
    SELECT a.subject_id, i.indicator, count(*), sum(r.weight), sum(r.weight * (a.level >= 4)::int)
    FROM evaluations_answer a JOIN evaluations_response r ON r.id = a.response_id
    JOIN evaluations_item i ON i.id = a.item_id WHERE r.wave_id = %s GROUP BY 1, 2
"""


def prepare() -> tuple[Any, Wave]:
    """A small city with many officers, and a wave in the field."""
    call_command("migrate", verbosity=0, skip_checks=True)
    city = factories.city()
    Officer.objects.bulk_create(
        Officer(badge_number=f"{n:06d}", name="演示", unit=city.yuehe, position="community_officer")
        for n in range(500_000, 500_000 + OFFICERS)
    )
    pollster = Pollster.objects.create(code="bench", name="演示民调公司")
    key = services.add_key(pollster, SECRET.public_key().public_bytes_raw().hex(), by=city.admin)
    services.confirm_key(key, by=city.admin2)
    asked = services.create_questionnaire("bench", "问卷", QUESTIONS, by=city.admin)
    plan = WavePlan(
        "2026-1", "上半年", "population", 2026, pollster, asked, date(2026, 5, 1), date(2026, 5, 31), MARGINS
    )
    wave = services.create_wave(plan, by=city.admin)
    services.take_subjects(wave, by=city.admin)
    services.build_frame(wave, size=10, seed="1", by=city.admin)
    return city, services.start_fielding(wave, by=city.admin)


def file(interviews: int) -> bytes:
    """A CSV with one officer and six answers an interview."""
    rng = np.random.default_rng(1)
    good = rng.uniform(0.5, 0.95, OFFICERS)
    levels = np.where(rng.random((interviews, 6)) < 0.7, rng.integers(4, 6, (interviews, 6)), 3)
    begin, buffer = datetime(2026, 5, 1, 8), io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow([*HEAD, *(question.code for question in QUESTIONS)])
    for n in range(interviews):
        officer = n % OFFICERS
        start = begin + timedelta(minutes=(n // INTERVIEWERS) * 25)
        end = start + timedelta(minutes=9, seconds=int(levels[n].sum()) * 7)
        given = levels[n] if rng.random() < good[officer] else 6 - levels[n]
        writer.writerow([
            f"R{n:06d}", ("330502001", "330503101")[n % 5 >= 3], "mf"[n % 2], f"i{n % INTERVIEWERS:03d}", "phone",
            f"{start:%Y-%m-%d %H:%M}", f"{end:%Y-%m-%d %H:%M:%S}", f"199{n:08d}", "1", f"{500_000 + officer:06d}",
            *given.tolist(),
        ])  # fmt: skip
    return buffer.getvalue().encode()


def timed(what: Callable[[], Any]) -> float:
    began = time.perf_counter()
    what()
    return time.perf_counter() - began


def bare_copy(wave: Wave) -> float:
    """The seconds that PostgreSQL needs to take the rows of this wave from a CSV, with nothing to check."""
    tables = {}
    with connection.cursor() as cursor:
        for name, where in (
            ("evaluations_response", "wave_id = %s"),
            ("evaluations_answer", "response_id IN (SELECT id FROM evaluations_response WHERE wave_id = %s)"),
        ):
            buffer = io.BytesIO()
            query = cursor.mogrify(f"SELECT * FROM {name} WHERE {where}", [wave.pk]).decode()  # noqa: S608  our own
            cursor.copy_expert(f"COPY ({query}) TO STDOUT (FORMAT csv)", buffer)
            cursor.execute(f"CREATE TABLE bare_{name} AS SELECT * FROM {name} LIMIT 0")  # noqa: S608
            tables[name] = buffer
        began = time.perf_counter()
        for name, buffer in tables.items():
            buffer.seek(0)
            cursor.copy_expert(f"COPY bare_{name} FROM STDIN (FORMAT csv)", buffer)
        return time.perf_counter() - began


def grouped(wave: Wave) -> float:
    def ask() -> None:
        with connection.cursor() as cursor:
            cursor.execute(GROUPED, [wave.pk])
            cursor.fetchall()

    return min(timed(ask) for _turn in range(3))


def main() -> int:
    options = parse()
    city, wave = prepare()
    content = file(options.interviews)
    signature = SECRET.sign(hashlib.sha256(content).digest()).hex()
    key = SECRET.public_key().public_bytes_raw().hex()
    profile = cProfile.Profile()

    def hand_in(*, dry_run: bool = False) -> None:
        services.hand_in(wave, content, signature=signature, key=key, by=None, dry_run=dry_run)

    trial = timed(lambda: hand_in(dry_run=True))
    if options.profile:
        profile.enable()
    taken = timed(hand_in)
    profile.disable()
    bare = bare_copy(wave)
    print(f"{options.interviews:,} interviews, {len(content) / 1e6:.0f} MB: trial {trial:.1f} s")
    print(f"handed in {taken:.1f} s, bare COPY {bare:.1f} s: {taken / bare:.1f} times; target {HAND_IN_SECONDS} s")
    for name, step in (("closed", services.close_fielding), ("checked", services.check), ("weighted", services.weight)):
        print(f"{name} {timed(partial(step, wave, by=city.admin)):.1f} s")
    if options.profile:
        profile.enable()
    first = timed(lambda: services.score(wave, by=city.admin))
    profile.disable()
    again, raw = timed(lambda: services.score(wave, by=city.admin)), grouped(wave)
    print(f"scored {first:.1f} s, again {again:.1f} s, raw GROUP BY {raw:.2f} s: {again / raw:.0f} times;"
          f" target {SCORE_SECONDS} s")  # fmt: skip
    if options.profile:
        pstats.Stats(profile).sort_stats("cumulative").print_stats(45)
    return 0 if taken <= HAND_IN_SECONDS and again <= SCORE_SECONDS else 1


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("interviews", type=int, nargs="?", default=100_000)
    parser.add_argument("--profile", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
