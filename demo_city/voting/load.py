"""Votes of the demo city: past years with their results, the one that delivers now with 45,000 ballots, as Huzhou had;
this year's half way through.

The editions are those of the room below, told up to the vote; with its result each goes on there. The guards of the
database watch, but for those that ask the clock: ``given.PAST`` and ``COMMITTED_BEFORE``.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from annual_projects.models import Edition, Project
from annual_projects.states import Phase
from core import audit, seals
from core.copying import ignoring
from core.workdays import SHANGHAI
from demo_city.accounts import citizens
from demo_city.annual_projects.load import begin, carry_out, chosen
from demo_city.voting import chance as made_up
from demo_city.voting import given, tree
from demo_city.voting.chance import MadeUp
from demo_city.voting.given import Turnout
from demo_city.voting.paper import Paper
from demo_city.voting.people import People, Station, people
from voting import marks, tally
from voting.models import Ballot, Poll, RollEntry
from voting.queries import results
from voting.services import closing, preparing
from voting.states import Channel

DELIVERING, EARLIER, SO_FAR = 45_000, 6_000, 3_600
PAPER_SHARE = 0.16
HEADS = 24
WAITING = 34  # ballots of the open vote that wait for their batch
ABSENT = 30  # demo citizens who have not voted in the open vote, so that a visitor can

# What decides ties is committed to before voting opens, by the database's clock; here voting opened days or years ago.
COMMITTED_BEFORE = "annual_projects.Edition:tie_rule_is_set_beforehand"


def load(context: Any) -> dict[str, Any]:
    """Every vote of the demo's editions, once; ``context`` has ``now``, ``today``, ``seed`` and ``say``."""
    for edition in Edition.objects.filter(is_demo=True, frozen_at__isnull=False, poll=None).order_by("year"):
        context.say(f"the vote of {edition.year}")
        _write(edition, context)
    newest = Edition.objects.filter(is_demo=True, poll__isnull=False).order_by("-year").first()
    decided = Poll.objects.filter(published_at__isnull=False).order_by("-edition__year").first()
    under_way = Edition.objects.filter(is_demo=True, phase=Phase.DELIVERING).order_by("-year").first()
    return {
        "accounts": [],
        "objects": {
            "vote": newest.year if newest else None,
            "result": decided.edition.year if decided else None,
            "delivering_edition": under_way.year if under_way else None,
            "project": "household-one-trip",
        },
        "counts": {
            "votes": Poll.objects.count(),
            "ballots": Ballot.objects.count(),
            "voters": RollEntry.objects.count(),
            "projects": Project.objects.count(),
        },
    }


def _write(edition: Edition, context: Any) -> None:
    chance, who = np.random.default_rng([context.seed, edition.year]), people(own=context.objects.get("unit", ""))
    poll = _prepared(edition, secret=chance.bytes(32).hex())
    if edition.voting_closes > context.now:
        _half_way(poll, who, chance, context.now)
    else:
        _decided(poll, who, chance, context)
    over = closing.end_of(poll) if poll.published_at else {}
    audit.record("voting.demo_loaded", poll, by=who.admin, **over)


def _prepared(edition: Edition, *, secret: str) -> Poll:
    poll = Poll.objects.create(
        edition=edition,
        candidates=marks.pack([one.number or 0 for one in edition.candidates.on_the_ballot()]),
        tie_secret_sealed=seals.seal(secret, context=f"tie-secret:{edition.year}"),
    )
    edition.tie_commitment = tally.commitment(secret)
    with ignoring(COMMITTED_BEFORE):
        edition.save(update_fields=["tie_commitment"])
    return poll


# --- a vote that is decided ---------------------------------------------------------------------------------------


def _decided(poll: Poll, who: People, chance: np.random.Generator, context: Any) -> None:
    edition = poll.edition
    size = DELIVERING if edition.year == context.today.year else EARLIER
    paper = int(size * PAPER_SHARE)
    winners = {one.pk: one.number or 0 for one in chosen(edition, context)}
    ballots = _ballots(poll, list(winners.values()), size, chance)
    given_out = _count_paper(poll, who, ballots[:paper])
    stubs = sum(count for _station, count in given_out)
    came = Turnout(size - paper, given_out, _days(edition, edition.voting_closes), citizens())
    commitments = given.vote(edition, came, ballots[paper:], chance)
    begin(edition, Phase.RESULT)
    commitments += given.put_ballots(edition, ballots[:paper], Channel.PAPER)
    online = size - paper
    tree.record(
        edition,
        commitments,
        [
            *tree.while_open(edition, online=online, stubs=stubs, until=edition.voting_closes, heads=HEADS),
            *tree.at_the_end(edition, online=online, paper=paper, stubs=stubs),
        ],
    )
    published = _publish(poll, who)
    votes = results.tally_of(poll)[1]
    carry_out(edition, {pk: votes[number] for pk, number in winners.items()}, context, since=published)


def _ballots(poll: Poll, won: list[int], size: int, chance: np.random.Generator) -> list[MadeUp]:
    """Ballots that come out in the order of the story, where it names winners."""
    others = [number for number in marks.unpack(poll.candidates) if number not in set(won)]
    order = won + others if won else [int(number) for number in chance.permutation(others)]
    choices = made_up.taste(order, ballots=size, choose=poll.edition.choose_max, chance=chance)
    return made_up.ballots(choices, chance)


def _count_paper(poll: Poll, who: People, ballots: list[MadeUp]) -> list[tuple[Station, int]]:
    """Sheets and closed batches for these ballots and some that did not count; return how many came to each station.

    The ballots are told to come from the station's county.
    """
    written, given_out = Paper(poll, who), []
    share = -(-len(ballots) // len(who.stations))
    for place, station in enumerate(who.stations):
        part = slice(place * share, (place + 1) * share)
        mine = ballots[part]
        bad = len(mine) // 120
        written.closed(station, [made_up.bits(one) for one in mine], faulty=bad)
        written.left_over(station, spoiled=len(mine) // 90, unreturned=len(mine) // 30)
        ballots[part] = _from(station, mine)
        given_out.append((station, len(mine) + bad))
    written.write()
    return given_out


def _from(station: Station, ballots: list[MadeUp]) -> list[MadeUp]:
    return [replace(one, county=station.county, age_band=None) for one in ballots]


def _days(edition: Edition, until: datetime) -> list[date]:
    first, last = (moment.astimezone(SHANGHAI).date() for moment in (edition.voting_opens, until))
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _publish(poll: Poll, who: People) -> datetime:
    """The count is completed, the tie secret told, the result published, each on its day; the last one is returned."""
    edition = poll.edition
    poll.closed_by, poll.closed_at = who.admin, edition.voting_closes + timedelta(days=3)
    poll.save(update_fields=["closed_by", "closed_at"])
    edition.tie_secret = preparing.tie_secret(poll)
    edition.save(update_fields=["tie_secret"])
    poll.result = results.recount(poll)
    poll.published_by, poll.published_at = who.admin, edition.voting_closes + timedelta(days=4)
    poll.save(update_fields=["result", "published_by", "published_at"])
    return poll.published_at


# --- the vote that goes on ----------------------------------------------------------------------------------------


def _half_way(poll: Poll, who: People, chance: np.random.Generator, now: datetime) -> None:
    """Some thousand votes online, and paper in every state a clerk may meet it in."""
    edition = poll.edition
    made = _ballots(poll, [], SO_FAR + 130, chance)
    online, counted, compared, begun = made[:SO_FAR], made[SO_FAR:-70], made[-70:-30], made[-30:-12]
    written, stations = Paper(poll, who), who.stations
    written.keying(stations[0], [made_up.bits(one) for one in begun], declared=30)
    written.comparing(stations[1 % len(stations)], [made_up.bits(one) for one in compared])
    written.closed(stations[2 % len(stations)], [made_up.bits(one) for one in counted], faulty=0)
    for station in stations:
        written.left_over(station, spoiled=2, issued=60)
    written.write()
    places = [stations[place % len(stations)] for place in range(3)]
    given_out = list(zip(places, (30, len(compared), len(counted)), strict=True))
    stubs = sum(count for _station, count in given_out)
    voted = [person for person in citizens() if person.id_fingerprint][ABSENT:]
    sealed = given.vote(edition, Turnout(SO_FAR, given_out, _days(edition, now), voted), online, chance)[:-WAITING]
    given.put_ballots(edition, _from(stations[2 % len(stations)], counted), Channel.PAPER)
    tree.record(edition, sealed, tree.while_open(edition, online=len(sealed), stubs=stubs, until=now, heads=12))
