"""Rollups of many rounds, units and officers, written as rows, so that pages can be held against figures by hand."""

from datetime import date, timedelta

import pgtrigger
from django.utils import timezone

from directory.models import Officer, Unit
from evaluations.models import Pollster, Questionnaire, Score, ScoringRun, Subject, Wave
from evaluations.scoring.intervals import wilson


def published(city, *, code="2026-1", kind="population", ends=date(2026, 5, 31), without=False, state="published"):
    """A published wave with its two current runs and no rows; return the run over all interviews."""
    pollster, _new = Pollster.objects.get_or_create(code="demo", defaults={"name": "演示民调公司"})
    asked, _new = Questionnaire.objects.get_or_create(code="q", version=1, defaults={"title": "问卷"})
    with pgtrigger.ignore():
        wave = Wave.objects.create(
            code=code, title=f"{code} 调查", kind=kind, year=ends.year, pollster=pollster, questionnaire=asked,
            starts=ends - timedelta(days=30), ends=ends, state=state, positive_levels=[4, 5], scored_by=city.admin,
            published_by=city.admin2, published_at=timezone.now(), frozen_at=timezone.now(),
        )  # fmt: skip
        values = {"wave": wave, "version": "2026.1", "inputs_sha256": "ab" * 32, "responses_count": 3000}
        runs = [
            ScoringRun.objects.create(**values, without_flagged=flagged, is_current=True, finished_at=timezone.now())
            for flagged in (False, True)
        ]
    return runs[without]


def subject(run, *, unit, officer=None):
    kind = "officer" if officer else "unit"
    code, group = (officer.badge_number, "community_officer-station") if officer else (unit.code, "unit-station")
    made, _new = Subject.objects.get_or_create(
        wave=run.wave, code=code, defaults={"kind": kind, "officer": officer, "unit": unit, "peer_group": group}
    )
    return made


def score(run, about, indicator, points, n=200, *, shown=True, **values):
    """A row of the rollups, not saved: ``points`` of a hundred with Wilson's interval on ``n``."""
    low, high = (round(end * 100, 2) for end in wilson(points / 100, n))
    figures = {"shrunk": points, "shrunk_low": low, "shrunk_high": high, "reliability": 0.8, "peers": 9}
    ranks = {"rank": 3, "rank_low": 1.2, "rank_high": 6.7}
    return Score(
        run=run, subject=about, indicator=indicator, positive_levels=[4, 5], n=n, n_eff=n, points=points, low=low,
        high=high, is_shown=shown, **figures | ranks | values,
    )  # fmt: skip


def write(*scores):
    with pgtrigger.ignore():
        Score.objects.bulk_create(scores, batch_size=5_000)


INDICATORS = ("satisfaction", "attitude")


def large(city, *, units=40, officers=120, rounds=2, indicators=INDICATORS):
    """Many units and officers over several rounds of both kinds; return the newest round of residents."""
    stations = Unit.objects.bulk_create(
        Unit(
            code=f"s{n}", name=f"第{n}派出所", kind="station", parent=city.wuxing, path=f"{city.wuxing.path}s{n}/",
            area=(city.wuxing_area, city.nanxun_area)[n % 2],
        )
        for n in range(units)
    )  # fmt: skip
    people = Officer.objects.bulk_create(
        Officer(badge_number=f"7{n:05d}", name=f"民警{n}", unit=stations[n % units], position="community_officer")
        for n in range(officers)
    )
    for number in range(rounds):
        for kind in ("contact", "population"):
            run = published(city, code=f"{2020 + number}-{kind}", kind=kind, ends=date(2020 + number, 5, 31))
            _fill(run, stations, people, indicators)
    return run


def _fill(run, stations, people, indicators):
    subjects = Subject.objects.bulk_create(
        [Subject(wave=run.wave, code=s.code, kind="unit", unit=s, peer_group="unit-station") for s in stations]
        + [
            Subject(
                wave=run.wave, code=o.badge_number, kind="officer", officer=o, unit=o.unit,
                peer_group="community_officer-station",
            )
            for o in people
        ]
    )  # fmt: skip
    rows = [score(run, None, name, 90, 2000) for name in ("safety", "visibility")]
    rows += [
        score(run, one, name, 80 + place % 17, 120 + place % 90, shown=place % 5 != 0)
        for place, one in enumerate(subjects)
        for name in indicators
    ]
    write(*rows)


def people_of(city):
    """An officer of Yuehe with a colleague, and one of Chaoyang, as they sign in."""
    return city.officer.officer, city.officer2.officer, city.chaoyang_officer.officer


__all__ = ["large", "people_of", "published", "score", "subject", "write"]
