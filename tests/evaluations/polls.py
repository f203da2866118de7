"""A small wave of interviews for tests: people of two areas say what they think of officers and a station."""

from datetime import date, datetime, timedelta

import numpy as np
from django.db import connection

from core.copying import copy_in
from core.workdays import SHANGHAI
from evaluations import services
from evaluations.models import Batch, Pollster, Questionnaire, Response, SigningKey, Subject, Wave
from evaluations.services import Question, WavePlan
from tests import factories

AREAS = {"330502": 600.0, "330503": 400.0}
AGE_SEX = {"m18-44": 300.0, "f18-44": 300.0, "m45+": 200.0, "f45+": 200.0}
MARGINS = {"area": AREAS, "age_sex": AGE_SEX}
QUESTIONS = [
    Question("know", "您认识这位民警吗?", "familiarity", "officer"),
    Question("foil", "您认识「陈建明」吗?", "familiarity", is_foil=True),
    Question("attitude", "服务态度怎么样?", "attitude", "officer"),
    Question("rude", "他对人不耐烦吗?", "attitude", "officer", is_reversed=True),
    Question("content", "您对他的工作满意吗?", "satisfaction", "officer"),
    Question("unit", "您对这个派出所满意吗?", "satisfaction", "unit"),
    Question("safe", "您觉得安全吗?", "safety"),
]
KEY = "ab" * 32


def make_wave(city, *, state="draft", code="2026-1", margins=None, officers=6, **plan):
    """A wave about ``officers`` more officers of Yuehe and the stations, with a frame of twenty."""
    pollster, _new = Pollster.objects.get_or_create(code="demo", defaults={"name": "演示民调公司", "is_demo": True})
    pollster.members.add(city.pollster)
    SigningKey.objects.get_or_create(pollster=pollster, public_key=KEY)
    asked = Questionnaire.objects.first() or services.create_questionnaire("resident", "问卷", QUESTIONS, by=city.admin)
    values = {
        "code": code, "title": "2026 年上半年", "kind": "population", "year": 2026, "pollster": pollster,
        "questionnaire": asked, "starts": date(2026, 5, 1), "ends": date(2026, 5, 31), "margins": margins or MARGINS,
    } | plan  # fmt: skip
    wave = services.create_wave(WavePlan(**values), by=city.admin)
    for _n in range(officers):
        factories.staff(factories.Role.OFFICER, city.yuehe, position="community_officer")
    services.take_subjects(wave, by=city.admin)
    services.build_frame(wave, size=20, seed="1", by=city.admin)
    if state == "fielding":
        services.start_fielding(wave, by=city.admin)
    wave.refresh_from_db()
    return wave


def answer(wave, count=600, *, seed=1, good=(0.5, 0.95), dont_know=0.05, clean=True):
    """``count`` interviews, each about one officer in turn, the unit, the city and the foil; officers differ."""
    rng = np.random.default_rng(seed)
    key = SigningKey.objects.get(public_key=KEY)
    batch = Batch.objects.create(wave=wave, sha256=f"{seed:064d}", key=key, signature="00", responses_count=count)
    officers = list(Subject.objects.filter(wave=wave, peer_group="community_officer-station").order_by("code"))
    unit = Subject.objects.get(wave=wave, code="wuxing-yuehe")
    items = {item.code: item for item in wave.questionnaire.items.all()}
    rates = np.linspace(*good, len(officers))
    begin = datetime(2026, 5, 1, 9, tzinfo=SHANGHAI)
    people, answers = [], []
    for n in range(count):
        started = begin + timedelta(minutes=30 * (n // 20))  # twenty interviewers at work side by side
        people.append(Response(
            wave=wave, batch=batch, reference=f"r{seed}-{n:06d}", area_id=sorted(AREAS)[n % 5 >= 3],
            age_sex=sorted(AGE_SEX)[int(rng.integers(4))], interviewer=f"i{n % 20:02d}", mode="phone",
            started_at=started, ended_at=started + timedelta(minutes=8 + int(rng.integers(4))),
        ))  # fmt: skip
    Response.objects.bulk_create(people)
    for n, person in enumerate(people):
        who = n // 20 % len(officers)
        for code, subject in (
            ("know", officers[who]), ("foil", None), ("attitude", officers[who]), ("rude", officers[who]),
            ("content", officers[who]), ("unit", unit), ("safe", None),
        ):  # fmt: skip
            rate = 0.1 if code == "foil" else 0.85 if subject in (None, unit) else rates[who]
            level = int(rng.integers(4, 6) if rng.random() < rate else rng.integers(1, 4))
            level = 6 - level if code == "rude" else level
            unknown = rng.random() < dont_know
            answers.append((
                person.pk, items[code].pk, subject.pk if subject else None,
                "dont_know" if unknown else "level", None if unknown else level,
            ))  # fmt: skip
    copy_in("evaluations_answer", ("response_id", "item_id", "subject_id", "said", "level"), answers)
    with connection.cursor() as cursor:  # after many tests that were undone the planner believes these to be empty
        cursor.execute("ANALYZE evaluations_response, evaluations_answer")
    return people


def scored_wave(city, *, state="scored", count=600, **kind):
    """A wave that the services brought to ``state``."""
    wave = make_wave(city, state="fielding", **kind)
    answer(wave, count)
    return advance(city, wave, to=state)


STEPS = {
    "imported": lambda city, wave: services.close_fielding(wave, by=city.admin),
    "checked": lambda city, wave: services.check(wave, by=city.admin),
    "weighted": lambda city, wave: services.weight(wave, by=city.admin),
    "scored": lambda city, wave: services.score(wave, by=city.admin),
    "frozen": lambda city, wave: services.freeze(wave, by=city.admin),
    "published": lambda city, wave: services.publish(wave, by=city.admin2),
}


def advance(city, wave, *, to):
    for state, step in STEPS.items():
        step(city, wave)
        if state == to:
            break
    return Wave.objects.get(pk=wave.pk)


def half_year(city, number, *, to="published", count=120, officers=0, **plan):
    """The wave of a half-year, counted from 2025 on, brought to a state; with few answers about each officer."""
    first = date(2025 + number // 2, 5 if number % 2 else 1, 1)
    plan = {"code": f"w{number}", "starts": first, "ends": first.replace(day=31), "year": first.year} | plan
    wave = make_wave(city, state="fielding", officers=officers, **plan)
    answer(wave, count, seed=number + 1)
    Batch.objects.filter(wave=wave).update(answers_count=sum(r.answers.count() for r in wave.responses.all()))
    return advance(city, wave, to=to)
