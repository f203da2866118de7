"""A vote is given: the roll and the ballot in one transaction, once, and a receipt that only the voter has."""

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annual_projects.models import Edition
from core import refusals
from core.errors import Invalid
from voting import marks, receipts, voters
from voting.errors import AlreadyVoted, NotEligible
from voting.models import Ballot, Poll
from voting.receipts import Receipt
from voting.states import Channel
from voting.voters import Standing


def cast(
    poll: Poll,
    *,
    voter: Any,
    choices: Sequence[int],
    ticket: str,
    county: str = "",
    age_band: int | None = None,
) -> Receipt:
    """Give a vote online. The same form again gives the same receipt; nothing links roll and ballot (P4, P5).

    Raises: StaleForm (forged or foreign ticket), NotEligible, Invalid("choices"), AlreadyVoted, NotOpen.
    """
    edition = poll.edition
    number = receipts.read_ticket(edition, voter, ticket)
    place, fingerprint = voters.standing(edition, voter)
    if place is not Standing.ELIGIBLE:
        raise NotEligible
    receipt = receipts.receipt_for(number, check_choices(poll, choices))
    try:
        _write(poll, fingerprint, receipt, county, age_band)
    except IntegrityError as error:
        return _after_refusal(error, edition, fingerprint, receipt)
    return receipt


def check_choices(poll: Poll, choices: Sequence[int]) -> tuple[int, ...]:
    """The choices, ascending. Raises: Invalid("choices") with what to do about too few, too many, twice or unknown."""
    known = set(marks.unpack(poll.candidates))
    if not known.issuperset(choices):
        raise Invalid("choices", _("One of these is not on the ballot. Please choose again."))
    if len(set(choices)) != len(choices):
        raise Invalid("choices", _("Please choose each project only once."))
    least, most = poll.edition.choose_min, poll.edition.choose_max
    if len(choices) < least:
        missing = least - len(choices)
        raise Invalid(
            "choices", ngettext("Please choose %(n)s more.", "Please choose %(n)s more.", missing) % {"n": missing}
        )
    if len(choices) > most:
        over = len(choices) - most
        raise Invalid("choices", ngettext("Please take away %(n)s.", "Please take away %(n)s.", over) % {"n": over})
    return tuple(sorted(choices))


# One statement is one transaction: both rows or neither, and one answer of the disk for both.
TOGETHER = """
    WITH entry AS (
        INSERT INTO voting_rollentry (edition_id, fingerprint, channel) VALUES (%s, %s, %s)
        RETURNING edition_id, channel
    )
    INSERT INTO voting_ballot (id, edition_id, marks, nonce, commitment, channel, county, age_band)
    SELECT %s, edition_id, %s, %s, %s, channel, %s, %s FROM entry
"""


def _write(poll: Poll, fingerprint: str, receipt: Receipt, county: str, age_band: int | None) -> None:
    entry = (poll.pk, fingerprint, Channel.ONLINE.value)
    ballot = (receipt.ballot_id, receipts.bits(receipt), receipt.nonce, receipt.code, county, age_band)
    alone = connection.get_autocommit()
    with nullcontext() if alone else transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(TOGETHER, (*entry, *ballot))


def _after_refusal(error: IntegrityError, edition: Edition, fingerprint: str, receipt: Receipt) -> Receipt:
    """Why the database refused: a vote that is already there, perhaps this very one, or a rule."""
    entry = voters.entry_of(edition, fingerprint)
    if entry is None:
        with refusals.told():
            raise error
    if Ballot.objects.filter(edition=edition, commitment=receipt.code).exists():
        return receipt
    raise AlreadyVoted(entry.day, entry.channel) from error
