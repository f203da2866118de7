"""What a case's sealed record knows of people, compared with words that others are to read.

**No opening.** An opening (``services.identity``) shows a person who spoke: it needs a reason, is logged first and told
to the citizen. Here a machine compares: the sealed values are held in memory for one call and are neither returned,
stored nor shown. What comes out is a place in words that lie before the reader already. So the ledger has no entry.

**No oracle.** Whoever could put names into a text and see which of them is marked would read the record by guessing.
So nobody who handles or signs is shown these marks: their words are only cleaned of them, after they have signed. At
the desk that publishes, they are shown on words that others wrote; and a refusal of one's own words is on the ledger.
"""

from core import seals, text
from suggestions.models import Identity, Suggestion
from suggestions.redaction import Known, neutral, without_known


def known(case: Suggestion) -> Known:
    """Name and telephone of whoever spoke, as left with the case or with the account; one statement."""
    identity = Identity.objects.select_related("user").filter(pk=case.pk).first()
    return Known() if identity is None else of(identity)


def of(identity: Identity) -> Known:
    """What one sealed record knows; its ``user`` is read with it."""
    pk, user = identity.pk, identity.user
    names = [seals.unseal(identity.name_sealed, context=f"name:{pk}") if identity.name_sealed else ""]
    phones = [seals.unseal(identity.phone_sealed, context=f"phone:{pk}") if identity.phone_sealed else ""]
    if user is not None:
        names, phones = [*names, user.display_name], [*phones, user.phone]
    return Known(tuple(filter(None, names)), tuple(str(phone) for phone in phones if phone))


def wording(case: Suggestion, answer: str, wanted: str = "") -> str:
    """An answer for others than who asked: as ``wanted``, or as proposed; never with what the sealed record knows."""
    wanted = text.clean(wanted)
    return without_known(wanted, known(case)) if wanted else neutral(answer, known(case))
