"""Tickets and receipts. Neither is kept: a ticket lives in the voter's own form, a receipt on their own paper.

A ticket is a random number in a form, signed for one person and one edition. From it the house's key makes the
ballot's id and nonce: whoever sends the same form twice is given the same receipt, and the database, which never sees
the ticket, cannot lead from a person to a ballot.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core import signing

from annual_projects.models import Edition
from core import seals
from voting import marks
from voting.errors import StaleForm
from voting.proofs import published

SALT = "voting.ticket"
LONGEST = 24 * 3600  # seconds a form may stay open
SHORTEST_CODE = 16  # digits that are enough to find a receipt by: 64 bits


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the voter keeps: ``code`` may be shown to anybody, id and nonce open it and are the voter's own."""

    ballot_id: str
    choices: tuple[int, ...]
    nonce: str

    @property
    def code(self) -> str:
        """The commitment: 64 hexadecimal digits."""
        return published.commit(self.ballot_id, self.choices, self.nonce)


def new_ticket(edition: Edition, user: Any) -> str:
    """A ticket for one form of this person in this edition."""
    return signing.dumps([edition.pk, user.pk, secrets.token_hex(16)], salt=SALT)


def read_ticket(edition: Edition, user: Any, ticket: str) -> str:
    """The random number of a ticket. Raises: StaleForm when it is forged, too old, or another person's or edition's."""
    try:
        edition_pk, user_pk, number = signing.loads(ticket, salt=SALT, max_age=LONGEST)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise StaleForm from error
    if (edition_pk, user_pk) != (edition.pk, user.pk):
        raise StaleForm
    return str(number)


def receipt_for(number: str, choices: Iterable[int]) -> Receipt:
    """The receipt that this ticket and these choices give, always the same."""
    digits = seals.fingerprint(number, purpose="ballot-id")
    nonce = seals.fingerprint(number, purpose="ballot-nonce")
    return Receipt(str(UUID(digits[:32], version=4)), tuple(sorted(choices)), nonce)


def new_receipt(choices: Iterable[int]) -> Receipt:
    """A receipt for a ballot on paper, which nobody is given."""
    return receipt_for(secrets.token_hex(16), choices)


def bits(receipt: Receipt) -> int:
    """The choices of a receipt as the database keeps them."""
    return marks.pack(receipt.choices)


def spaced(code: str) -> str:
    """A code in groups of four: 1f3a 9c20 …"""
    return " ".join(code[place : place + 4] for place in range(0, len(code), 4))
