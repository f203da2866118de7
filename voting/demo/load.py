"""Votes of the demo city, written in sets past the triggers, as history is, and keeping every promise all the same.

The editions are those of the room below. Past ones get a result in the order of their projects, the one that delivers
now with 45,000 ballots, as Huzhou had; the open one is half way through.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pgtrigger
from django.db import transaction

from accounts.demo import citizens
from accounts.models import User
from annual_projects.demo.load import record_votes
from annual_projects.models import Edition
from annual_projects.states import WITH_PROJECTS, Phase
from core import audit, seals
from core.workdays import SHANGHAI
from voting import marks, tally, voters
from voting.demo import chance as made_up
from voting.demo.copying import look_at_constraints_now, put_ballots, put_leaves, put_roll
from voting.demo.paper import Paper
from voting.demo.people import People, people, stations
from voting.models import Ballot, Head, Poll, RollEntry
from voting.proofs import published, signing
from voting.proofs.merkle import Tree, leaf_hash
from voting.proofs.published import HeadText
from voting.queries import results
from voting.states import Channel, HeadState

DELIVERING, EARLIER, SO_FAR = 45_000, 6_000, 3_600
PAPER_SHARE = 0.16
HEADS = 24
WAITING = 34  # ballots of the open vote that wait for their batch
ABSENT = 30  # demo citizens who have not voted in the open vote, so that a visitor can


def load(context: Any) -> dict[str, Any]:
    """Every vote of the demo's editions, once; ``context`` has ``now``, ``today``, ``seed`` and ``say``."""
    editions = Edition.objects.filter(is_demo=True, frozen_at__isnull=False, poll=None).order_by("year")
    with pgtrigger.ignore(), transaction.atomic():
        for edition in editions:
            context.say(f"the vote of {edition.year}")
            _write(edition, context)
        look_at_constraints_now()  # while the triggers are passed by: they ask for the hour of the day
    newest = Edition.objects.filter(is_demo=True, poll__isnull=False).order_by("-year").first()
    decided = Poll.objects.filter(published_at__isnull=False).order_by("-edition__year").first()
    return {
        "accounts": [],
        "objects": {
            "vote": newest.year if newest else None,
            "result": decided.edition.year if decided else None,
        },
        "counts": {
            "votes": Poll.objects.count(),
            "ballots": Ballot.objects.count(),
            "voters": RollEntry.objects.count(),
        },
    }


def _write(edition: Edition, context: Any) -> None:
    chance = np.random.default_rng([context.seed, edition.year])
    who, secret = people(), chance.bytes(32).hex()
    poll = Poll.objects.create(
        edition=edition,
        candidates=marks.pack([one.number or 0 for one in edition.candidates.on_the_ballot()]),
        tie_secret_sealed=seals.seal(secret, context=f"tie-secret:{edition.year}"),
    )
    edition.tie_commitment = tally.commitment(secret)
    if edition.phase in WITH_PROJECTS:
        edition.tie_secret = secret
    edition.save(update_fields=["tie_commitment", "tie_secret"])
    if edition.phase == Phase.VOTING:
        _half_way(poll, who, chance, context.now)
    elif edition.phase in WITH_PROJECTS:
        _decided(poll, who, chance)
    audit.record("voting.demo_loaded", poll, by=who.admin)


# --- a vote that is decided ---------------------------------------------------------------------------------------


def _decided(poll: Poll, who: People, chance: np.random.Generator) -> None:
    edition = poll.edition
    size = DELIVERING if edition.phase == Phase.DELIVERING else EARLIER
    paper = int(size * PAPER_SHARE)
    ballots = _ballots(poll, size, chance)
    days = _days(edition, edition.voting_closes)
    faulty = _count_paper(poll, who, ballots[:paper])
    _enter(poll, chance, online=size - paper, paper=paper + faulty, days=days, known=citizens())
    on_paper = put_ballots(edition.pk, ballots[:paper], Channel.PAPER)
    online = put_ballots(edition.pk, ballots[paper:], Channel.ONLINE)
    _heads(poll, online, on_paper, stubs=paper + faulty, until=edition.voting_closes, final=True)
    poll.closed_by, poll.closed_at = who.admin, edition.voting_closes + timedelta(days=3)
    poll.result = results.recount(poll)
    poll.published_by, poll.published_at = who.admin, edition.voting_closes + timedelta(days=4)
    poll.save()
    _tell_the_projects(poll)


def _ballots(poll: Poll, size: int, chance: np.random.Generator) -> list[made_up.MadeUp]:
    """Ballots that come out in the order of the projects, where there are projects."""
    edition = poll.edition
    won = list(edition.projects.order_by("rank").values_list("candidate__number", flat=True))
    others = [number for number in marks.unpack(poll.candidates) if number not in set(won)]
    order = [number or 0 for number in won] + others if won else [int(number) for number in chance.permutation(others)]
    choices = made_up.taste(order, ballots=size, choose=edition.choose_max, chance=chance)
    return made_up.ballots(choices, chance)


def _count_paper(poll: Poll, who: People, ballots: list[made_up.MadeUp]) -> int:
    """Sheets and closed batches for these ballots, station by station; return how many sheets did not count."""
    written, faulty = Paper(poll, who), 0
    units = stations()
    share = -(-len(ballots) // len(units))
    for place, unit in enumerate(units):
        part = slice(place * share, (place + 1) * share)
        mine = ballots[part]
        bad = len(mine) // 120
        written.closed(unit, [made_up.bits(one) for one in mine], faulty=bad)
        written.left_over(unit, spoiled=len(mine) // 90, unreturned=len(mine) // 30)
        county = unit.area.county_code if unit.area else ""
        ballots[part] = [replace(one, county=county, age_band=None) for one in mine]
        faulty += bad
    written.write()
    return faulty


def _enter(
    poll: Poll, chance: np.random.Generator, *, online: int, paper: int, days: list[date], known: Sequence[User]
) -> None:
    """The roll: so many people on these days, the demo's own citizens among them."""
    fingerprints = made_up.fingerprints(online + paper, chance)
    for place, person in enumerate(person for person in known if person.id_fingerprint):
        fingerprints[place] = voters.on_roll(poll.edition, person.id_fingerprint or "")
    channels = [Channel.ONLINE] * online + [Channel.PAPER] * paper
    when = chance.integers(len(days), size=online + paper)
    rows = ((one, channels[place].value, days[when[place]]) for place, one in enumerate(fingerprints))
    put_roll(poll.edition.pk, rows)


def _days(edition: Edition, until: datetime) -> list[date]:
    first, last = (moment.astimezone(SHANGHAI).date() for moment in (edition.voting_opens, until))
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _tell_the_projects(poll: Poll) -> None:
    """The projects of the room below say how many voted for them."""
    _ballots_cast, votes = results.tally_of(poll)
    ids = dict(poll.edition.candidates.on_the_ballot().values_list("number", "pk"))
    record_votes(poll.edition, {ids[number]: count for number, count in votes.items()})


# --- the tree -----------------------------------------------------------------------------------------------------


def _heads(
    poll: Poll, online: list[str], paper: list[str], *, stubs: int, until: datetime, final: bool, heads: int = HEADS
) -> None:
    """The commitments in their places and heads over them, from the opening on."""
    edition = poll.edition
    commitments = [*online, *paper]
    put_leaves(edition.pk, commitments)
    leaves = [leaf_hash(bytes.fromhex(commitment)) for commitment in commitments]
    step = (until - edition.voting_opens) / (heads + 1)
    steps = [
        (edition.voting_opens + step * n, len(online) * n // heads, 0, HeadState.OPEN) for n in range(1, heads + 1)
    ]
    if final:
        _at, size, _paper, _state = steps.pop()
        steps.append((until + timedelta(minutes=1), size, 0, HeadState.COUNTING))
        steps.append((until + timedelta(days=3), len(online), len(paper), HeadState.FINAL))
    last: HeadText | None = None
    for at, cast, counted, state in steps:
        tree = Tree(leaves[: cast + counted])
        given = stubs if state != HeadState.OPEN else max(stubs * cast // max(len(online), 1), counted)
        last = _head(edition, tree, last, at=at, online=cast, paper=counted, stubs=given, state=state)


def _head(
    edition: Edition,
    tree: Tree,
    last: HeadText | None,
    *,
    at: datetime,
    online: int,
    paper: int,
    stubs: int,
    state: str,
) -> HeadText:
    at = at.replace(microsecond=0)
    text = HeadText(
        edition=edition.year,
        seq=last.seq + 1 if last else 1,
        at=published.moment(at),
        size=tree.size,
        online=online,
        paper=paper,
        stubs=stubs,
        root=tree.root.hex(),
        previous=last.digest if last else published.GENESIS,
        state=str(state),
    )
    consistency = [step.hex() for step in tree.consistency_path(last.size)] if last else []
    Head.objects.create(
        edition=edition,
        seq=text.seq,
        at=at,
        size=tree.size,
        online=online,
        paper=paper,
        stubs=stubs,
        root=text.root,
        previous=text.previous,
        state=state,
        signature=signing.sign(text.text),
        consistency=consistency,
    )
    return text


# --- the vote that goes on ----------------------------------------------------------------------------------------


def _half_way(poll: Poll, who: People, chance: np.random.Generator, now: datetime) -> None:
    """Some thousand votes online, and paper in every state a clerk may meet it in."""
    edition = poll.edition
    made = _ballots(poll, SO_FAR + 130, chance)
    online, counted, compared, begun = made[:SO_FAR], made[SO_FAR:-70], made[-70:-30], made[-30:-12]
    written, units = Paper(poll, who), stations()
    written.closed(units[0], [made_up.bits(one) for one in counted], faulty=0)
    written.comparing(units[1 % len(units)], [made_up.bits(one) for one in compared])
    written.keying(units[2 % len(units)], [made_up.bits(one) for one in begun], declared=30)
    for unit in units:
        written.left_over(unit, spoiled=2, issued=60)
    written.write()
    county = units[0].area.county_code if units[0].area else ""
    counted = [replace(one, county=county, age_band=None) for one in counted]
    voted = [person for person in citizens() if person.id_fingerprint][ABSENT:]
    stubs = len(counted) + len(compared) + 30
    _enter(poll, chance, online=SO_FAR, paper=stubs, days=_days(edition, now), known=voted)
    sealed = put_ballots(edition.pk, online, Channel.ONLINE)[:-WAITING]
    put_ballots(edition.pk, counted, Channel.PAPER)
    _heads(poll, sealed, [], stubs=stubs, until=now, final=False, heads=12)
