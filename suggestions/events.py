"""What this room does when another one reports something."""

from core.outbox import consumer
from suggestions.models import Identity


@consumer("accounts.erased")
def forget_the_person(*, user_id: int) -> None:
    """The cases stay in the records; who said them is gone for good."""
    theirs = Identity.objects.filter(user_id=user_id)
    theirs.update(user=None, name_sealed=None, phone_sealed=None, phone_tail_mac="")
