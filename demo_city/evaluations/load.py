"""Waves of three years: some published, one scored, one in the field, with interviews drawn by a seed."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from accounts.models import User
from core.policy import Role
from core.workdays import SHANGHAI
from demo_city.context import Context, Loaded
from demo_city.directory import SHOWN_STATION
from demo_city.evaluations import accountability, appraisals, outcomes
from demo_city.evaluations.questions import QUESTIONS
from directory.models import Area
from evaluations import services
from evaluations.importing.checking import Interview
from evaluations.models import Batch, Pollster, Questionnaire, Response, Score, Subject, Wave
from evaluations.services import WavePlan
from evaluations.services.handing_in import write_interviews
from evaluations.states import SubjectKind, WaveKind

INTERVIEWS = 3_000
ASKED_ABOUT = 60  # officers; the others have too few answers for a figure, as in life
INTERVIEWERS = 30
AGE_SEX = {
    "m18-34": 290_000.0, "f18-34": 275_000.0, "m35-59": 660_000.0, "f35-59": 650_000.0,
    "m60+": 375_000.0, "f60+": 395_000.0,
}  # fmt: skip
PEER_GROUP = "community_officer-station"
STEPS = (
    ("imported", services.close_fielding),
    ("checked", services.check),
    ("weighted", services.weight),
    ("scored", services.score),
    ("frozen", services.freeze),
)


def load(context: Context) -> Loaded:
    """Pollster, key, questionnaire, waves and what follows from them, once; the second time it finds them."""
    if not Wave.objects.filter(is_demo=True).exists():
        Poll(context).run()
    outcomes.load(context)
    accountability.prepare(context)
    judged = appraisals.load(context)
    called = accountability.load(context)
    newest = Wave.objects.filter(is_demo=True, state="published").first()
    return {
        "objects": {"wave": newest.code if newest else None, "pollster": "demo-poll"}
        | judged["objects"]
        | called["objects"],
        "counts": {
            "waves": Wave.objects.count(),
            "responses": Response.objects.count(),
            "scores_shown": Score.objects.filter(is_shown=True).count(),
        }
        | judged["counts"]
        | called["counts"],
    }


@dataclass(frozen=True)
class Round:
    """One wave to be told: of which kind, when, and how far it has come."""

    kind: WaveKind
    years_ago: int
    starts: date
    ends: date
    state: str


def rounds(today: date) -> list[Round]:
    """A population and a contact wave for each of three years; the newest contact wave is in the field."""
    told = []
    for ago in (2, 1, 0):
        for kind, since, until in ((WaveKind.POPULATION, 90, 60), (WaveKind.CONTACT, 45, 15)):
            state = {(WaveKind.CONTACT, 1): "scored", (WaveKind.CONTACT, 0): "fielding"}.get((kind, ago), "published")
            starts, ends = (today - timedelta(days=days + 365 * ago) for days in (since, until))
            if state == "fielding":
                starts, ends = today - timedelta(days=10), today + timedelta(days=20)
            told.append(Round(kind, ago, starts, ends, state))
    return told


class Poll:
    """Tells the waves through the services, as the people of the public-work centre would."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.admin, self.second = _people(Role.ADMIN)[:2]
        self.rng = np.random.default_rng(context.seed)

    def run(self) -> None:
        self.pollster = self._pollster()
        asked = services.create_questionnaire("resident", "居民问卷", QUESTIONS, by=self.admin)
        for told in rounds(self.context.today):
            self.context.say(f"poll: {told.kind} {told.ends.year}, {told.state}")
            self._tell(told, asked)

    def _pollster(self) -> Pollster:
        made = Pollster.objects.create(
            code="demo-poll", name="演示民意调查公司", name_en="Demo Poll", is_demo=True
        )  # fmt: skip
        made.members.set(_people(Role.POLLSTER))
        secret = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"demo {self.context.seed}".encode()).digest())
        self.secret = secret
        entered = services.add_key(made, secret.public_key().public_bytes_raw().hex(), by=self.admin)
        self.key = services.confirm_key(entered, by=self.second)
        return made

    def _tell(self, told: Round, asked: Questionnaire) -> None:
        names = {WaveKind.POPULATION: "居民调查", WaveKind.CONTACT: "办事群众回访"}
        plan = WavePlan(
            code=f"{told.ends.year}-{told.kind}", title=f"{told.ends.year} 年{names[told.kind]}", kind=told.kind,
            year=told.ends.year, pollster=self.pollster, questionnaire=asked, starts=told.starts, ends=told.ends,
            margins={"area": _areas(), "age_sex": AGE_SEX},
        )  # fmt: skip
        wave = services.create_wave(plan, by=self.admin, is_demo=True)
        services.take_subjects(wave, by=self.admin)
        services.build_frame(wave, size=INTERVIEWS, seed=str(self.context.seed), by=self.admin)
        services.start_fielding(wave, by=self.admin)
        if told.state == "fielding":
            return
        self._ask(wave)
        for state, step in STEPS:
            step(wave, by=self.admin)
            if state == told.state:
                return
        services.publish(wave, by=self.second)

    def _ask(self, wave: Wave) -> None:
        interviews = Fieldwork(wave, self.rng).interviews()
        digest = hashlib.sha256(f"{wave.code} {self.context.seed}".encode()).digest()
        batch = Batch.objects.create(
            wave=wave, sha256=digest.hex(), key=self.key, signature=self.secret.sign(digest).hex(),
            received_by=_people(Role.POLLSTER)[0], responses_count=len(interviews),
            answers_count=sum(len(one.answers) for one in interviews.values()),
        )  # fmt: skip
        write_interviews(batch, interviews)


class Fieldwork:
    """Interviews: who is asked about whom, and what they say. Officers differ, and some interviews look odd."""

    def __init__(self, wave: Wave, rng: np.random.Generator) -> None:
        self.wave, self.rng = wave, rng
        self.items = list(wave.questionnaire.items.all())
        officers = list(
            wave.subjects.filter(kind=SubjectKind.OFFICER, peer_group=PEER_GROUP)
            .select_related("unit")
            .order_by("code")
        )
        self.officers = _spread(officers)[:ASKED_ABOUT]
        units = {one.unit_id: one for one in wave.subjects.filter(kind=SubjectKind.UNIT)}
        self.units: dict[int, Subject] = units
        self.good = {one.code: _liking(one.code) for one in self.officers}
        often = np.array([1 + _number(one.code, "often") % 5 for one in self.officers], dtype=float)
        self.often = often / often.sum()

    def interviews(self) -> dict[str, Interview]:
        frame = list(self.wave.frame.entries.order_by("reference").values_list("reference", "area_id", "age_sex"))
        whom = self.rng.choice(len(self.officers), size=len(frame), p=self.often)
        days = (self.wave.ends - self.wave.starts).days
        made = {}
        for number, (reference, area, group) in enumerate(frame):
            slot = number // INTERVIEWERS
            day = self.wave.starts + timedelta(days=slot * days // (len(frame) // INTERVIEWERS + 1))
            start = datetime.combine(day, time(9), tzinfo=SHANGHAI) + timedelta(hours=slot % 10)
            seconds = int(self.rng.integers(420, 900)) if self.rng.random() > 0.01 else 60
            phone = number - 1 if self.rng.random() < 0.005 else number
            facts = (
                reference, area, group, f"f{number % INTERVIEWERS + 1:02d}", "phone", start.isoformat(),
                (start + timedelta(seconds=seconds)).isoformat(),
                hashlib.sha256(f"{self.wave.code} {phone}".encode()).hexdigest(), 1.0,
            )  # fmt: skip
            made[reference] = Interview(facts, ("", number + 2), self._answers(self.officers[whom[number]]))
        return made

    def _answers(self, officer: Subject) -> dict[tuple[int, int | None], tuple[str, int | None]]:
        unit = self.units.get(officer.unit_id)
        always = 5 if self.rng.random() < 0.01 else None
        answers: dict[tuple[int, int | None], tuple[str, int | None]] = {}
        draws = self.rng.random((len(self.items), 3))
        for item, (luck, unknown, extreme) in zip(self.items, draws, strict=True):
            subject = {"officer": officer, "unit": unit}.get(item.about)
            if item.about and subject is None:
                continue
            rate = self._rate(item.code, officer)
            level = (5 if extreme < 0.5 else 4) if luck < rate else (3 if extreme < 0.7 else 2)
            level = always or (6 - level if item.is_reversed else level)
            key = (item.pk, subject.pk if subject else None)
            answers[key] = ("dont_know", None) if unknown < 0.04 and always is None else ("level", level)
        return answers

    def _rate(self, code: str, officer: Subject) -> float:
        usual = {"foil": 0.07, "unit": 0.93, "unit_attitude": 0.94, "safe": 0.96, "patrol": 0.82}.get(code)
        if usual is not None:
            return usual - (_number(officer.unit.code, code) % 11 / 100 if code.startswith("unit") else 0)
        less = {"see": 0.08, "know": 0.12}.get(code, 0.0)
        return max(0.05, self.good[officer.code] - less)


def _number(code: str, what: str) -> int:
    return int(hashlib.sha256(f"{what} {code}".encode()).hexdigest()[:8], 16)


def _liking(code: str) -> float:
    """How many of a hundred are content with this officer: most near 85, some far below."""
    return 0.52 + 0.46 * (_number(code, "liking") % 1_000 / 1_000) ** 0.5


def _spread(officers: list[Subject]) -> list[Subject]:
    """The station of the demo accounts first, then a station of each county by turns, each with all its officers."""
    stations: dict[str, list[Subject]] = {}
    for one in officers:
        stations.setdefault(one.unit.code, []).append(one)
    turns: dict[str, int] = {}
    order = []
    for code, here in stations.items():
        county = (here[0].unit.area_id or "")[:6]
        turns[county] = turns.get(county, 0) + 1
        order.append((code != SHOWN_STATION, turns[county], county, code))
    return [one for *_place, code in sorted(order) for one in stations[code]]


def _areas() -> dict[str, float]:
    """The people of each county; the sum is that of the ages and sexes."""
    codes = list(Area.objects.filter(level=Area.Level.COUNTY).order_by("code").values_list("code", flat=True))
    shares = [1 + _number(code, "people") % 3 for code in codes]
    people = sum(AGE_SEX.values())
    return {code: people * share / sum(shares) for code, share in zip(codes, shares, strict=True)}


def _people(role: Role) -> list[Any]:
    return list(User.objects.filter(memberships__role=role).distinct().order_by("pk"))
