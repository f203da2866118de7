"""The end of a vote: the last head, the rows shuffled for good, the tie secret told, and the result published."""

import hashlib
import json
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core import audit, clock, outbox, policy, refusals
from core.errors import WrongState
from core.locks import locked
from voting.models import Poll
from voting.queries import results
from voting.services import preparing, rewriting, sealing, sheets
from voting.states import HeadState


@transaction.atomic
def close(poll: Poll, *, by: Any) -> Poll:
    """Complete the count: nothing can be added afterwards, and everybody can count what there is.

    Raises: NotAllowed; WrongState before voting has ended, with a batch open, a sheet unaccounted for, or a ballot of
    nobody.
    """
    policy.require(by, "close", "count")
    poll = _lock(poll)
    sheets.require_open(poll)
    if clock.now() < poll.edition.voting_closes:
        raise WrongState(_("Voting has not ended yet."))
    with refusals.told():
        sealing.end_voting(poll)
        sealing.hold(poll)
        rewriting.rewrite()  # holds both tables to the end: nothing comes in between
        sealing.add(poll, sealing.waiting(poll), HeadState.FINAL)
        poll.closed_by, poll.closed_at = by, clock.now()
        poll.save(update_fields=["closed_by", "closed_at"])
    poll.edition.tie_secret = preparing.tie_secret(poll)
    poll.edition.save(update_fields=["tie_secret"])
    audit.record("voting.closed", poll, by=by, **end_of(poll))
    return poll


@transaction.atomic
def publish(poll: Poll, *, by: Any) -> Poll:
    """Publish the result, the ballots and the tie secret.

    Raises: NotAllowed; WrongState before the count is complete, or when it was done before.
    """
    policy.require(by, "publish", "count")
    poll = _lock(poll)
    if poll.closed_at is None:
        raise WrongState(_("The count is not complete yet."))
    if poll.published_at is not None:
        raise WrongState(_("The result is already published."))
    poll.result = results.recount(poll)
    poll.published_by, poll.published_at = by, clock.now()
    poll.save(update_fields=["result", "published_by", "published_at"])
    audit.record("voting.published", poll, by=by, **end_of(poll))
    outbox.emit("voting.result_published", edition=poll.pk, **_in_order(poll))
    return poll


def end_of(poll: Poll) -> dict[str, Any]:
    """What the ledger remembers of a vote that is over: the last head of its tree, and the published bytes."""
    head = sealing.last_head(poll)
    told = {"head": head.seq, "root": head.root, "size": head.size} if head else {}
    return told | ({"result": hashlib.sha256(poll.result.encode()).hexdigest()} if poll.result else {})


def _in_order(poll: Poll) -> dict[str, list[int]]:
    """The winners' candidate ids, first place first, and their votes: what becomes the projects of the year."""
    lines = [line for line in json.loads(poll.result)["candidates"] if line["won"]]
    ids = dict(poll.edition.candidates.on_the_ballot().values_list("number", "pk"))
    return {"ranked": [ids[line["number"]] for line in lines], "votes": [line["votes"] for line in lines]}


def _lock(poll: Poll) -> Poll:
    return locked(Poll.objects.select_related("edition"), poll.pk)
