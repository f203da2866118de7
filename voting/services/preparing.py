"""Before the first vote: what decides ties is committed to, and the ballot is fixed as the frozen list says."""

import secrets

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from annual_projects.models import Edition
from core import audit, seals
from core.errors import WrongState
from voting import marks, tally
from voting.models import Poll


@transaction.atomic
def prepare(edition: Edition) -> Poll:
    """Make the vote of a frozen edition ready; again changes nothing.

    Raises: WrongState while the list of candidates is not frozen, or when voting should have opened already.
    """
    edition = Edition.objects.select_for_update().get(pk=edition.pk)
    known = Poll.objects.filter(edition=edition).first()
    if known is not None:
        return known
    if not edition.is_frozen:
        raise WrongState(_("The list of candidates is not frozen yet."))
    secret = secrets.token_hex(32)
    numbers = [candidate.number or 0 for candidate in edition.candidates.on_the_ballot()]
    poll = Poll.objects.create(
        edition=edition,
        candidates=marks.pack(numbers),
        tie_secret_sealed=seals.seal(secret, context=f"tie-secret:{edition.year}"),
    )
    edition.tie_commitment = tally.commitment(secret)
    edition.save(update_fields=["tie_commitment"])
    audit.record("voting.prepared", poll, commitment=edition.tie_commitment)
    return poll


def prepare_due() -> int:
    """Make every frozen edition ready whose vote is still to come; return how many."""
    waiting = Edition.objects.filter(frozen_at__isnull=False, poll=None, voting_opens__gt=Now())
    return sum(prepare(edition) is not None for edition in waiting)


def tie_secret(poll: Poll) -> str:
    """What decides ties; told to nobody before the count is complete."""
    return seals.unseal(poll.tie_secret_sealed, context=f"tie-secret:{poll.edition.year}")
