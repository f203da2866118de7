"""Counting and ranking, in whole numbers only, by a rule that is published before anybody votes. Pure.

Rule 1. Candidates are ordered by votes, most first. Among equal votes the order is drawn: ascending
SHA-256("<secret>:<root>:<number>"), where the secret's own SHA-256 was published before the first ballot and the root
is that of the final head of the ballot tree, which nobody can know before the last ballot. The first ``winners`` of
that order have won.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256

RULE = 1


@dataclass(frozen=True, slots=True)
class Line:
    """One candidate's result; ``rank`` is shared by equal votes, ``drawn`` says that the draw decided who won."""

    number: int
    votes: int
    share: int  # of the ballots, in hundredths of a percent
    rank: int
    won: bool
    drawn: bool


def count(ballots: Iterable[Iterable[int]], numbers: Iterable[int]) -> dict[int, int]:
    """Votes by candidate number, also for those nobody chose. Raises: ValueError for a choice that is none of them."""
    votes = Counter(number for choices in ballots for number in choices)
    known = list(numbers)
    unknown = votes.keys() - set(known)
    if unknown:
        raise ValueError(f"no such candidate: {sorted(unknown)}")
    return {number: votes[number] for number in known}


def commitment(secret: str) -> str:
    """What is published of the secret before the first ballot."""
    return sha256(secret.encode()).hexdigest()


def lot(secret: str, root: str, number: int) -> str:
    """The lot that a candidate draws; the smallest goes first."""
    return sha256(f"{secret}:{root}:{number}".encode()).hexdigest()


def rank(votes: Mapping[int, int], *, ballots: int, winners: int, secret: str, root: str) -> list[Line]:
    """The candidates in the order of the result."""
    order = sorted(votes, key=lambda number: (-votes[number], lot(secret, root, number)))
    cut = votes[order[winners - 1]] if 0 < winners < len(order) else None
    is_tied = cut is not None and votes[order[winners]] == cut
    return [
        Line(
            number=number,
            votes=votes[number],
            share=share(votes[number], ballots),
            rank=1 + sum(other > votes[number] for other in votes.values()),
            won=place < winners,
            drawn=is_tied and votes[number] == cut,
        )
        for place, number in enumerate(order)
    ]


def share(part: int, whole: int) -> int:
    """A part in hundredths of a percent of the whole, half rounded up; 0 of nothing."""
    return (part * 20_000 + whole) // (2 * whole) if whole else 0
