"""Who says what, how long, where and when, decided before a word is written, so that shares come out exact."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from demo_city.suggestions.clock import Clock
from demo_city.suggestions.library import Matter, matters_of
from demo_city.suggestions.model import PlaceSpec

#: Thousandths of all voices, per family. The administrative families (household … school) make 650, the household
#: moves 222.5 of those: 34.2 %, as in Huzhou in 2013.
SHARES: Mapping[str, float] = {
    "household_move": 222.5,
    "household_papers": 27.5,
    "traffic_lights": 78,
    "parking": 58,
    "ebike": 54,
    "lighting": 35,
    "dogs": 30,
    "window_service": 43,
    "exit_entry": 34,
    "patrol": 34,
    "school": 34,
    "theft": 55,
    "fraud": 60,
    "noise": 65,
    "dispute": 40,
    "drugs_gambling": 25,
    "conduct": 35,
    "praise": 45,
    "other": 25,
}
#: Thousandths of the voices that are not `whole`, per length.
LENGTHS: Mapping[str, float] = {
    "terse": 150,
    "short": 330,
    "medium": 345,
    "long": 135,
    "essay": 35,
    "letter": 5,
}

_CLUSTERED = 0.34  # of a family's voices, at most
_SIZES = ((3, 6, 50), (7, 15, 32), (16, 40, 18))
_SPREAD_DAYS = 75


@dataclass(frozen=True, slots=True)
class Slot:
    """One voice to be written: the matter, the place, the day, and the cluster it belongs to."""

    number: int
    matter: Matter
    place: PlaceSpec
    day: date
    length: str
    cluster: str | None


def apportion(shares: Mapping[str, float], count: int) -> dict[str, int]:
    """Split a count by shares with the largest-remainder rule; the parts add up to the count."""
    whole = sum(shares.values())
    exact = {name: count * share / whole for name, share in shares.items()}
    parts = {name: int(value) for name, value in exact.items()}
    by_remainder = sorted(exact, key=lambda name: parts[name] - exact[name])
    for name in by_remainder[: count - sum(parts.values())]:
        parts[name] += 1
    return parts


def plan(rng: Random, count: int, places: Sequence[PlaceSpec], clock: Clock) -> list[Slot]:
    """Every slot of the corpus, in no particular order."""
    atlas = Atlas(rng, places)
    said = [
        said for family, quota in apportion(SHARES, count).items() for said in _family(rng, family, quota, atlas, clock)
    ]
    lengths = _lengths(rng, sum(not matter.whole for matter, *_ in said))
    return [
        Slot(number, matter, place, day, "whole" if matter.whole else next(lengths), cluster)
        for number, (matter, place, day, cluster) in enumerate(said)
    ]


class Atlas:
    """Places with a weight each: towns are busier than villages, and some communities speak up more."""

    def __init__(self, rng: Random, places: Sequence[PlaceSpec]) -> None:
        if not places:
            raise ValueError("no places to speak from")
        self._places = tuple(places)
        weights = [rng.lognormvariate(0, 0.8) * (1 if place.rural else 4) for place in places]
        weighed = list(zip(self._places, weights, strict=True))
        self._suiting = {
            "any": weighed,
            "urban": [pair for pair in weighed if not pair[0].rural] or weighed,
            "rural": [pair for pair in weighed if pair[0].rural] or weighed,
        }

    def pick(self, rng: Random, where: str) -> PlaceSpec:
        """A place that suits the matter (any, urban, rural), or any place when none suits."""
        suiting = self._suiting[where]
        return rng.choices([place for place, _ in suiting], [weight for _, weight in suiting])[0]

    def town(self, place: PlaceSpec) -> list[PlaceSpec]:
        """Every place of the same town."""
        return [other for other in self._places if (other.town, other.county) == (place.town, place.county)]


Said = tuple[Matter, PlaceSpec, date, str | None]


def _family(rng: Random, family: str, quota: int, atlas: Atlas, clock: Clock) -> Iterator[Said]:
    choices = matters_of(family)
    shared = [matter for matter in choices if matter.shared]
    grouped = list(_sizes(rng, int(quota * _CLUSTERED))) if shared else []
    for number, size in enumerate(grouped):
        yield from _cluster(rng, f"{family}-{number + 1:03d}", rng.choice(shared), size, atlas, clock)
    for _ in range(quota - sum(grouped)):
        matter = rng.choices(choices, [matter.weight for matter in choices])[0]
        yield matter, atlas.pick(rng, matter.where), clock.draw(rng, matter.category), None


def _sizes(rng: Random, room: int) -> Iterator[int]:
    """Cluster sizes from 3 to 40 until the room is used up."""
    while room >= 3:
        low, high, _ = rng.choices(_SIZES, [weight for *_, weight in _SIZES])[0]
        size = min(rng.randint(low, high), room)
        yield size
        room -= size


def _cluster(rng: Random, name: str, matter: Matter, size: int, atlas: Atlas, clock: Clock) -> Iterator[Said]:
    """The same matter, place and weeks; a household matter is the whole town's."""
    home = atlas.pick(rng, matter.where)
    around = atlas.town(home) if matter.category == "household" else [home]
    first = min(clock.draw(rng, matter.category), max(clock.start, clock.end - timedelta(days=_SPREAD_DAYS)))
    for _ in range(size):
        day = first + timedelta(days=int(_SPREAD_DAYS * rng.random() ** 1.7))
        yield matter, rng.choice(around), min(day, clock.end), name


def _lengths(rng: Random, count: int) -> Iterator[str]:
    deck = [name for name, share in apportion(LENGTHS, count).items() for _ in range(share)]
    rng.shuffle(deck)
    return iter(deck)
