"""Puts plan, people, words and clock together into voices."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random

from demo_city.suggestions import compose
from demo_city.suggestions.clock import Clock
from demo_city.suggestions.library import Matter
from demo_city.suggestions.model import Person, PlaceSpec, Voice
from demo_city.suggestions.people import PERSONAS, Cast
from demo_city.suggestions.plan import Slot, plan

_CHANNELS = {"web": 54.0, "phone": 15.0, "window": 17.0, "plaza": 11.0, "api": 3.0}
_STAFFED = ("phone", "window", "plaza")
_ANONYMOUS = {
    "drugs_gambling": 0.8,
    "conduct": 0.5,
    "noise": 0.38,
    "parking": 0.34,
    "ebike": 0.28,
    "traffic_lights": 0.3,
    "household": 0.09,
    "exit_entry": 0.1,
    "theft": 0.12,
    "fraud": 0.17,
    "window_service": 0.3,
    "other": 0.4,
}
_PUBLISH = {
    "drugs_gambling": 0.15,
    "fraud": 0.5,
    "conduct": 0.5,
    "dispute": 0.4,
    "household": 0.74,
    "theft": 0.65,
}
#: Chances of the less usual ways, for voices whose matter names none.
_DETOURS = {"ask_back": 0.06, "transfer": 0.03, "extend": 0.04, "reopen": 0.035, "withdraw": 0.02}
#: Stars from 5 to 1, and how often anybody rates.
_STARS = (5, 4, 3, 2, 1)
_USUAL_STARS = (60.0, 28.0, 9.6, 1.4, 1.0)
_STARS_FOR = {"conduct": (24.0, 32.0, 26.0, 11.0, 7.0), "decline": (20.0, 28.0, 34.0, 12.0, 6.0)}
_RATED = {"decline": 0.3, "merge": 0.38, "withdraw": 0.0, "reopen": 1.0}


@dataclass(slots=True)
class _Crowd:
    """What the members of one cluster agree on, and who has spoken for it."""

    facts: Mapping[str, str]
    people: dict[str, Person] = field(default_factory=dict)


def generate(
    seed: int,
    count: int,
    places: Sequence[PlaceSpec],
    start: date,
    end: date,
    plaza_days: Sequence[date] | None = None,
) -> Iterator[Voice]:
    """Voices in the order they were heard, the same for the same arguments.

    Dates include both ends. `plaza_days` are the city's own (six usual ones a year when None; an empty list
    means nobody speaks on a square). Raises ValueError when there are no places or the dates are reversed.
    """
    rng = Random(f"{seed}")
    clock = Clock(start, end, plaza_days)
    slots = plan(rng, count, places, clock)
    timed = sorted((_when(seed, slot, clock) for slot in slots), key=lambda heard: (heard[0], heard[1].number))
    return _voices(seed, timed)


def _voices(seed: int, timed: Sequence[tuple[datetime, Slot, str, str]]) -> Iterator[Voice]:
    cast = Cast(Random(f"{seed}/cast"))
    crowds: dict[str, _Crowd] = {}
    for at, slot, persona, channel in timed:
        rng = Random(f"{seed}/voice/{slot.number}")
        leads = slot.cluster is not None and slot.cluster not in crowds
        crowd = _crowd(seed, slot, crowds)
        person = _speaker(rng, cast, persona, crowd)
        yield _voice(rng, slot, at, channel, person, crowd, leads)


def _when(seed: int, slot: Slot, clock: Clock) -> tuple[datetime, Slot, str, str]:
    rng = Random(f"{seed}/when/{slot.number}")
    persona = compose.persona_for(rng, slot.matter)
    channel = _channel(rng, slot.matter, persona, clock)
    return clock.moment(rng, slot.day, channel), slot, persona, channel


def _channel(rng: Random, matter: Matter, persona: str, clock: Clock) -> str:
    walks = PERSONAS[persona].walks_in
    weights = {name: w * (walks if name in _STAFFED else 1) for name, w in _CHANNELS.items()}
    if matter.whole or matter.category == "drugs_gambling":
        weights |= {"window": 0.0, "plaza": 0.0, "phone": 8.0}
    if not clock.plaza_days:
        weights["plaza"] = 0.0
    return rng.choices(list(weights), list(weights.values()))[0]


def _crowd(seed: int, slot: Slot, crowds: dict[str, _Crowd]) -> _Crowd | None:
    if slot.cluster is None:
        return None
    if slot.cluster not in crowds:
        rng = Random(f"{seed}/cluster/{slot.cluster}")
        crowds[slot.cluster] = _Crowd(compose.shared_facts(rng, slot.matter, slot.place))
    return crowds[slot.cluster]


def _speaker(rng: Random, cast: Cast, persona: str, crowd: _Crowd | None) -> Person:
    """Somebody; in a crowd each speaks once."""
    person = cast.call(rng, persona, new=crowd is not None)
    if crowd is not None:
        crowd.people[person.phone] = person
    return person


def _voice(
    rng: Random, slot: Slot, at: datetime, channel: str, person: Person, crowd: _Crowd | None, leads: bool
) -> Voice:
    matter, place = slot.matter, slot.place
    facts = compose.known_facts(rng, place, at.month) | (dict(crowd.facts) if crowd else {})
    told = compose.telling(rng, matter, place, facts)
    text = compose.body(told, matter, place, person.persona, slot.length)
    title = compose.title(told, text)
    where = told.part("place")
    expected = _expected(rng, matter, follows=crowd is not None and not leads)
    anonymous = rng.random() < _ANONYMOUS.get(matter.category, 0.3)
    return Voice(
        at=at,
        category=matter.category,
        title=title,
        body=text if matter.whole else compose.noted(rng, text, channel),
        area_code=place.code,
        place=where,
        channel=channel,
        anonymous=anonymous,
        publish=rng.random() < _PUBLISH.get(matter.category, 0.78),
        name="" if anonymous else person.name,
        phone="" if anonymous else person.phone,
        complexity=matter.complexity,
        about_officer=matter.category == "conduct" and matter.key != "abusive",
        cluster=slot.cluster,
        expected=expected,
        rating=_rating(rng, matter, expected),
        matter=matter.code,
        female=person.female,
        facts=dict(told.facts),
    )


def _expected(rng: Random, matter: Matter, *, follows: bool) -> str:
    if follows:
        return "merge"
    if matter.expected != "answer":
        return matter.expected if rng.random() < 0.8 else "answer"
    if matter.whole or matter.category == "praise":
        return "answer"
    ways = [*_DETOURS, "answer"]
    return rng.choices(ways, [*_DETOURS.values(), 1 - sum(_DETOURS.values())])[0]


def _rating(rng: Random, matter: Matter, expected: str) -> int | None:
    """Stars, or None; a voice that will be reopened was first rated badly."""
    if rng.random() >= _RATED.get(expected, 0.62):
        return None
    if expected == "reopen":
        return rng.choice((1, 2))
    weights = _STARS_FOR.get(expected) or _STARS_FOR.get(matter.category, _USUAL_STARS)
    return rng.choices(_STARS, weights)[0]
