"""Ballots enter the tree in shuffled batches, and each time a signed head says how many there are."""

import secrets
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from annual_projects.models import Edition
from annual_projects.states import Phase
from core import clock
from core.locks import Lock, take
from voting.heads import as_text, tree_over
from voting.models import Ballot, Head, Leaf, Poll, RollEntry
from voting.proofs import published, signing
from voting.proofs.merkle import Tree
from voting.services import sheets
from voting.states import Channel, HeadState

PAUSE = timedelta(minutes=10)
LEAST = 20


def seal_due() -> int:
    """One turn of the clock for every vote that goes on: seal what is due, and end voting where its hour has come."""
    open_polls = Poll.objects.filter(closed_at=None, edition__voting_opens__lte=Now())
    done = 0
    for poll in open_polls.select_related("edition").order_by("pk"):
        if clock.now() >= poll.edition.voting_closes:
            done += end_voting(poll) is not None
        elif poll.edition.phase == Phase.VOTING:
            done += seal_batch(poll) is not None
    return done


@transaction.atomic
def seal_batch(poll: Poll) -> Head | None:
    """Put the waiting ballots into the tree when ten minutes have passed and there are at least twenty of them."""
    hold(poll)
    last = last_head(poll)
    if last is not None and (last.state != HeadState.OPEN or clock.now() < last.at + PAUSE):
        return None
    batch = waiting(poll)
    return add(poll, batch, HeadState.OPEN) if len(batch) >= LEAST else None


@transaction.atomic
def end_voting(poll: Poll) -> Head | None:
    """The closing head: everything that was cast before the close, whatever its number. Made once, after the close."""
    hold(poll)
    last = last_head(poll)
    if last is not None and last.state != HeadState.OPEN:
        return None
    wait_for_writers()
    sheets.record_stubs(poll)
    return add(poll, waiting(poll), HeadState.COUNTING)


def hold(poll: Poll) -> None:
    """Only one hand at a time adds to the tree of an edition."""
    take(Lock.SEALING_BALLOTS, poll.pk)


def wait_for_writers() -> None:
    """Let votes that are being written finish, so that none is missing from what is sealed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT voting_wait_for_writers()")


def last_head(poll: Poll) -> Head | None:
    """The newest head of an edition."""
    return Head.objects.filter(edition_id=poll.pk).order_by("-seq").first()


def waiting(poll: Poll) -> list[tuple[str, str]]:
    """Ballots that are in no tree yet, as (commitment, channel)."""
    sealed = Leaf.objects.filter(edition_id=poll.pk, commitment=OuterRef("commitment"))
    fresh = Ballot.objects.filter(~Exists(sealed), edition_id=poll.pk)
    return list(fresh.values_list("commitment", "channel"))


def add(poll: Poll, batch: list[tuple[str, str]], state: HeadState) -> Head:
    """Append a batch in random order and sign the new head."""
    secrets.SystemRandom().shuffle(batch)
    last = last_head(poll)
    entries = list(Leaf.objects.filter(edition_id=poll.pk).order_by("position").values_list("commitment", flat=True))
    fresh = [commitment for commitment, _channel in batch]
    Leaf.objects.bulk_create(
        [
            Leaf(edition_id=poll.pk, position=position, commitment=commitment)
            for position, commitment in enumerate(fresh, start=len(entries))
        ],
        batch_size=5_000,
    )
    online = sum(channel == Channel.ONLINE for _commitment, channel in batch)
    stubs = RollEntry.objects.filter(edition_id=poll.pk, channel=Channel.PAPER).count()
    return sign(
        poll.edition,
        tree_over([*entries, *fresh]),
        last,
        at=clock.now(),
        online=(last.online if last else 0) + online,
        paper=(last.paper if last else 0) + len(batch) - online,
        stubs=last.stubs if last and last.state == HeadState.COUNTING else stubs,
        state=state,
    )


def sign(
    edition: Edition, tree: Tree, last: Head | None, *, at: datetime, online: int, paper: int, stubs: int, state: str
) -> Head:
    """The head over a tree that begins with the tree of ``last``, with its signature and the proof that it does."""
    head = Head(
        edition=edition,
        seq=last.seq + 1 if last else 1,
        at=at.replace(microsecond=0),
        size=tree.size,
        online=online,
        paper=paper,
        stubs=stubs,
        root=tree.root.hex(),
        previous=as_text(edition, last).digest if last else published.GENESIS,
        state=str(state),
        consistency=[step.hex() for step in tree.consistency_path(last.size)] if last and last.size else [],
    )
    head.signature = signing.sign(as_text(edition, head).text)
    head.save(force_insert=True)
    return head


def next_seal(poll: Poll) -> datetime | None:
    """When the next batch may be sealed at the earliest; None once only the number of ballots is waited for."""
    last = last_head(poll)
    earliest = last.at + PAUSE if last else poll.edition.voting_opens
    return earliest if earliest > clock.now() else None
