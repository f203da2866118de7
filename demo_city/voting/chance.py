"""How a made-up city votes: many people, each with their own taste, and a known order in the end. Pure, seeded."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np

from voting import marks

COUNTIES = ("330502", "330503", "330521", "330522", "330523", "")
COUNTY_SHARES = (0.24, 0.14, 0.12, 0.13, 0.10, 0.27)
AGE_BANDS = (1, 2, 3, 0)  # 0: not told
AGE_SHARES = (0.17, 0.28, 0.20, 0.35)
SPREAD = 1.1  # how far apart the most and the least liked are


@dataclass(frozen=True, slots=True)
class MadeUp:
    """One ballot before anybody commits to it."""

    ballot_id: str
    choices: tuple[int, ...]
    nonce: str
    county: str
    age_band: int | None


def taste(order: Sequence[int], *, ballots: int, choose: int, chance: np.random.Generator) -> list[tuple[int, ...]]:
    """The choices of so many people; counted together the candidates come out exactly in this order, best first."""
    liking = np.linspace(SPREAD, 0, len(order))
    wishes = chance.gumbel(size=(ballots, len(order))) + liking
    chosen = np.argpartition(-wishes, choose - 1, axis=1)[:, :choose]
    totals = np.bincount(chosen.ravel(), minlength=len(order))
    number_of = np.empty(len(order), dtype=int)
    number_of[np.argsort(-totals, kind="stable")] = order
    return [tuple(sorted(int(number) for number in row)) for row in number_of[chosen]]


def ballots(choices: Sequence[tuple[int, ...]], chance: np.random.Generator) -> list[MadeUp]:
    """A ballot for each choice, with what some people tell about themselves."""
    size = len(choices)
    counties = chance.choice(len(COUNTIES), size=size, p=COUNTY_SHARES)
    ages = chance.choice(AGE_BANDS, size=size, p=AGE_SHARES)
    randomness = chance.bytes(48 * size)
    made = []
    for place, chosen in enumerate(choices):
        raw = randomness[48 * place : 48 * (place + 1)]
        ballot_id = str(UUID(bytes=raw[:16], version=4))
        age = int(ages[place]) or None
        made.append(MadeUp(ballot_id, chosen, raw[16:].hex(), COUNTIES[counties[place]], age))
    return made


def fingerprints(count: int, chance: np.random.Generator) -> list[str]:
    """Fingerprints of nobody."""
    raw = chance.bytes(32 * count)
    return [raw[32 * place : 32 * (place + 1)].hex() for place in range(count)]


def bits(ballot: MadeUp) -> int:
    """The choices as the database keeps them."""
    return marks.pack(ballot.choices)
