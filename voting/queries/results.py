"""The count: a query over the ballots, never a counter, and nobody's before the count is complete."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.errors import NotAllowed
from voting import marks, tally
from voting.models import Ballot, Head, Poll, RollEntry
from voting.proofs import published, signing
from voting.states import Channel, Fault, HeadState


class NotCounted(NotAllowed):
    """Asked for a tally before the count is complete."""

    code = "not-counted"
    default = _("The count is not complete. Until then nobody sees it.")


def tally_of(poll: Poll) -> tuple[int, dict[int, int]]:
    """How many ballots, and votes by candidate number; one statement over the rows.

    Raises: NotCounted before the count is complete.
    """
    if poll.closed_at is None:
        raise NotCounted
    numbers = marks.unpack(poll.candidates)
    sums = ", ".join(f"count(*) FILTER (WHERE marks & {1 << (number - 1)} <> 0)" for number in numbers)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*), {sums} FROM voting_ballot WHERE edition_id = %s", [poll.pk])  # noqa: S608  numbers
        ballots, *votes = cursor.fetchone()
    return ballots, dict(zip(numbers, votes, strict=True))


def recount(poll: Poll) -> str:
    """The result from the rows: the bytes of ``result.json``. Raises: NotCounted."""
    ballots, votes = tally_of(poll)
    final = Head.objects.get(edition_id=poll.pk, state=HeadState.FINAL)
    return published.result_text(
        rules(poll), votes=votes, ballots=ballots, secret=poll.edition.tie_secret, root=final.root
    )


def rules(poll: Poll) -> dict[str, Any]:
    """``rules.json``: what was fixed before voting opened and, once the count is complete, the tie secret."""
    edition = poll.edition
    candidates = edition.candidates.on_the_ballot().values("number", "slug", "title")
    fixed = {
        "edition": edition.year,
        "rule": tally.RULE,
        "candidates": list(candidates),
        "choose_min": edition.choose_min,
        "choose_max": edition.choose_max,
        "winners": edition.winners,
        "opens": published.moment(edition.voting_opens),
        "closes": published.moment(edition.voting_closes),
        "tie_commitment": edition.tie_commitment,
        "public_key": signing.public_key(),
    }
    return fixed | ({"tie_secret": edition.tie_secret} if edition.tie_secret else {})


@dataclass(frozen=True)
class Paper:
    """What became of the paper: ballots given to people, those counted, and those that came back and do not count."""

    given: int
    counted: int
    invalid: Sequence[tuple[str | Promise, int]]  # by reason, most first

    @property
    def missing(self) -> int:
        """People who were given a ballot that never came back."""
        return self.given - self.counted - sum(count for _why, count in self.invalid)


def paper(poll: Poll) -> Paper:
    """The balance of the paper; three statements."""
    given = RollEntry.objects.filter(edition_id=poll.pk, channel=Channel.PAPER).count()
    counted = Ballot.objects.filter(edition_id=poll.pk, channel=Channel.PAPER).count()
    with connection.cursor() as cursor:
        cursor.execute(INVALID, [poll.pk])
        invalid = [(Fault(fault).label, count) for fault, count in cursor.fetchall()]
    return Paper(given, counted, invalid)


INVALID = """
    SELECT fault, count(*) FROM (
        SELECT DISTINCT ON (k.sheet_id) k.fault
        FROM voting_keyedsheet k JOIN voting_paperbatch b ON b.id = k.batch_id
        WHERE b.edition_id = %s AND b.state = 'closed' ORDER BY k.sheet_id, k.reading DESC
    ) final WHERE fault <> '' GROUP BY fault ORDER BY 2 DESC, 1
"""
