"""What a case's sealed record knows of people, compared with words that others are to read.

**No opening.** An opening (``services.identity``) shows a person who spoke: it needs a reason, is logged first and told
to the citizen. Here a machine compares: the sealed values are held in memory for one call and are neither returned,
stored nor shown. What comes out is a place in words that lie before the reader already. So the ledger has no entry.

**No oracle.** Whoever could put names into a text and see which of them is marked would read the record by guessing.
So nobody who handles or signs is shown these marks: their words are only cleaned of them, once they are signed. At the
desk that publishes they are shown on words that others wrote; and of its own words they are taken out as they are
published, so that whoever guesses leaves every guess on the ledger and on the public board.
"""

from django.db.models import Q

from core import seals
from core.said import limit, said
from suggestions.models import Identity, Reply, Suggestion
from suggestions.redaction import Known, neutral, without_known


def known(case: Suggestion) -> Known:
    """Names and telephones of whoever spoke, here or in a case that follows this one; one statement."""
    spoke = Identity.objects.filter(Q(pk=case.pk) | Q(suggestion__merged_into=case)).select_related("user")
    found = [of(identity) for identity in spoke]
    names, phones = ({value for one in found for value in getattr(one, kind)} for kind in ("names", "phones"))
    return Known(tuple(sorted(names)), tuple(sorted(phones)))


def of(identity: Identity) -> Known:
    """What one sealed record knows, as left with the case or with the account; its ``user`` is read with it."""
    pk, user = identity.pk, identity.user
    names = [seals.unseal(identity.name_sealed, context=f"name:{pk}") if identity.name_sealed else ""]
    phones = [seals.unseal(identity.phone_sealed, context=f"phone:{pk}") if identity.phone_sealed else ""]
    if user is not None:
        names, phones = [*names, user.display_name], [*phones, user.phone]
    return Known(tuple(filter(None, names)), tuple(str(phone) for phone in phones if phone))


def wording(case: Suggestion, answer: str, wanted: str = "") -> str:
    """An answer for others than who asked: as ``wanted``, or as proposed; never with what the sealed record knows."""
    wanted = said(wanted, "public_text", limit(Reply, "public_text"))
    return without_known(wanted, known(case)) if wanted else neutral(answer, known(case))
