"""The record of a demo vote: commitments in their places, and a signed head over them from time to time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from annual_projects.models import Edition
from core.copying import copy_in
from voting.models import Head, Leaf
from voting.proofs.merkle import Tree, leaf_hash
from voting.services import sealing
from voting.states import HeadState


@dataclass(frozen=True)
class Moment:
    """How much had been recorded when a head was signed."""

    at: datetime
    online: int
    paper: int
    stubs: int
    state: HeadState


def while_open(edition: Edition, *, online: int, stubs: int, until: datetime, heads: int) -> list[Moment]:
    """Heads at even distances from the opening on, the last one over everything."""
    step = (until - edition.voting_opens) / (heads + 1)
    return [
        Moment(edition.voting_opens + step * n, online * n // heads, 0, stubs * n // heads, HeadState.OPEN)
        for n in range(1, heads + 1)
    ]


def at_the_end(edition: Edition, *, online: int, paper: int, stubs: int) -> list[Moment]:
    """The closing head, and the final one after paper was counted."""
    closes = edition.voting_closes
    return [
        Moment(closes + timedelta(minutes=1), online, 0, stubs, HeadState.COUNTING),
        Moment(closes + timedelta(days=3), online, paper, stubs, HeadState.FINAL),
    ]


def record(edition: Edition, commitments: Sequence[str], moments: Iterable[Moment]) -> None:
    """Let the commitments enter as the heads say, online ones first."""
    leaves = [leaf_hash(bytes.fromhex(commitment)) for commitment in commitments]
    last: Head | None = None
    for then in moments:
        since, size = last.size if last else 0, then.online + then.paper
        places = range(since, size)
        rows = ((edition.pk, place, commitments[place]) for place in places)
        copy_in(Leaf._meta.db_table, ("edition_id", "position", "commitment"), rows)
        last = sealing.sign(
            edition,
            Tree(leaves[:size]),
            last,
            at=then.at,
            online=then.online,
            paper=then.paper,
            stubs=then.stubs,
            state=then.state,
        )
