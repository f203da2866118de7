"""Votes that were given on days that are over: the roll and the ballots, many rows at once."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, repeat

import numpy as np
from django.db import connection

from accounts.models import User
from annual_projects.models import Edition
from core.copying import copy_in, ignoring
from demo_city.voting import chance as made_up
from demo_city.voting.chance import MadeUp
from demo_city.voting.people import Station
from voting import voters
from voting.models import Ballot, RollEntry, Stubs
from voting.proofs import published
from voting.states import Channel

# Who votes does so today and within the hours, by the database's clock; in the demo people did on days that are over.
# So the guards that ask the clock are passed by, and what else they ask, ``check_invariants`` asks of the rows.
PAST = ("voting.RollEntry:votes_in_time", "voting.RollEntry:entry_carries_a_ballot", "voting.Ballot:ballot_is_valid")


@dataclass(frozen=True)
class Turnout:
    """So many people online and at each station, on any of these days, some known ones among those who voted online."""

    online: int
    paper: Sequence[tuple[Station, int]]
    days: Sequence[date]
    known: Sequence[User]


def vote(edition: Edition, came: Turnout, ballots: Sequence[MadeUp], chance: np.random.Generator) -> list[str]:
    """Everybody's line on the roll, with the ballots given online; return their commitments, in their order."""
    with ignoring(*PAST):
        _put_roll(edition, came, chance)
        commitments = put_ballots(edition, ballots, Channel.ONLINE)
        with connection.cursor() as cursor:  # what is asked at the end of a transaction is asked here
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    return commitments


def _put_roll(edition: Edition, came: Turnout, chance: np.random.Generator) -> None:
    at = list(chain.from_iterable(repeat(station, count) for station, count in came.paper))
    size = came.online + len(at)
    fingerprints = made_up.fingerprints(size, chance)
    for place, person in enumerate(person for person in came.known if person.id_fingerprint):
        fingerprints[place] = voters.on_roll(edition, person.id_fingerprint or "")
    when = chance.integers(len(came.days), size=size)
    rows = (
        (edition.pk, one, Channel.ONLINE if place < came.online else Channel.PAPER, came.days[when[place]])
        for place, one in enumerate(fingerprints)
    )
    copy_in(RollEntry._meta.db_table, ("edition_id", "fingerprint", "channel", "day"), rows)
    on_paper = [came.days[day] for day in when[came.online :]]
    written = Counter(
        (station.unit, (station.first, station.second)[place % 2], day)
        for place, (station, day) in enumerate(zip(at, on_paper, strict=True))
    )
    Stubs.objects.bulk_create(
        Stubs(edition=edition, unit=unit, clerk=clerk, day=day, written=count)
        for (unit, clerk, day), count in written.items()
    )


def put_ballots(edition: Edition, made: Sequence[MadeUp], channel: Channel) -> list[str]:
    """Write ballots and return their commitments, in their order."""
    commitments = [published.commit(one.ballot_id, one.choices, one.nonce) for one in made]
    columns = ("id", "edition_id", "marks", "nonce", "commitment", "channel", "county", "age_band")
    rows = (
        (one.ballot_id, edition.pk, made_up.bits(one), one.nonce, commitment, channel, one.county, one.age_band)
        for one, commitment in zip(made, commitments, strict=True)
    )
    copy_in(Ballot._meta.db_table, columns, rows)
    return commitments
