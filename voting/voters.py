"""Who votes: the rule of an edition applied to a person, and the fingerprint under which they stand on its roll.

A fingerprint on the roll is a keyed digest of the year and of the person's ID number's (or phone's) own fingerprint: it
finds the same person again in the same year by any channel, and without the key nobody else.
"""

from enum import Enum
from typing import Any

from accounts import identity, phones
from annual_projects.models import Edition
from annual_projects.states import Voters
from core import seals
from core.errors import Invalid
from voting.models import EligibleVoter, RollEntry


class Standing(Enum):
    """Whether somebody may vote in an edition, and if not yet, what is missing."""

    ELIGIBLE = "eligible"
    NEEDS_IDENTITY = "needs_identity"
    NEEDS_PHONE = "needs_phone"
    NOT_ON_ROLL = "not_on_roll"


def standing(edition: Edition, user: Any) -> tuple[Standing, str]:
    """Where the person stands, and their fingerprint on this edition's roll ("" unless eligible); at most one query."""
    base, by_phone = base_of(edition, user), edition.who_may_vote == Voters.PHONE
    if not base or (by_phone and not user.phone_verified_at):
        return Standing.NEEDS_PHONE if by_phone else Standing.NEEDS_IDENTITY, ""
    if not is_eligible(edition, base):
        return Standing.NOT_ON_ROLL, ""
    return Standing.ELIGIBLE, on_roll(edition, base)


def base_of(edition: Edition, user: Any) -> str:
    """What an edition knows the person by: the fingerprint of their ID number, or of their phone; "" without one."""
    return (user.phone_fingerprint if edition.who_may_vote == Voters.PHONE else user.id_fingerprint) or ""


def is_eligible(edition: Edition, base: str) -> bool:
    """Whether the rule of the edition lets the bearer of this ID number (or phone) vote."""
    if edition.who_may_vote != Voters.ROLL:
        return True
    return EligibleVoter.objects.filter(edition=edition, fingerprint=base).exists()


def on_roll(edition: Edition, base: str) -> str:
    """The fingerprint of a person on the roll of one edition."""
    return seals.fingerprint(f"{edition.year}:{base}", purpose="voter")


def read_stub(edition: Edition, typed: str) -> str:
    """The base fingerprint of what stands on a paper stub: an ID number, or a phone where the edition goes by phones.

    Raises: Invalid("voter") when it is mistyped.
    """
    try:
        if edition.who_may_vote == Voters.PHONE:
            return phones.phone_fingerprint(phones.normalise(typed))
        return identity.read(typed).fingerprint
    except Invalid as error:
        raise Invalid("voter", error.message) from error


def entry_of(edition: Edition, fingerprint: str) -> RollEntry | None:
    """The entry of a person on the roll: that they voted, on which day and by which channel."""
    return RollEntry.objects.filter(edition=edition, fingerprint=fingerprint).first()
