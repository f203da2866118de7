"""What must hold of who may do what, asked of the rows themselves."""

from collections.abc import Iterable

from django.db.models import CharField, Exists, OuterRef, Q
from django.db.models.functions import Cast

from accounts.models import AccountRequest, User
from core.models import AuditEntry
from core.promises import promise
from directory.models import Membership


def _on_the_ledger(action: str, kind: str) -> Exists:
    pk = Cast(OuterRef("pk"), CharField())
    return Exists(AuditEntry.objects.filter(action=action, object_type=kind, object_id=pk))


@promise("P24")
def who_was_appointed_is_on_the_ledger() -> Iterable[object]:
    """Every role that nobody proposed was given from the shell, which is on the ledger; made-up people aside."""
    given = Membership.objects.current().filter(proposed_by=None, user__is_demo=False)
    return (
        f"membership {pk}"
        for pk in given.exclude(_on_the_ledger("membership.appointed", "directory.membership")).values_list(
            "pk", flat=True
        )
    )


@promise("P24")
def technicians_were_made_by_two() -> Iterable[object]:
    """Every technician was confirmed by a second person or appointed from the shell; made-up people aside."""
    confirmed = AccountRequest.objects.filter(
        user=OuterRef("pk"), kind=AccountRequest.Kind.TECHNICIAN, confirmed_at__isnull=False
    )
    flagged = User.objects.filter(Q(is_staff=True) | Q(is_superuser=True), is_demo=False, is_active=True)
    alone = flagged.exclude(Exists(confirmed)).exclude(_on_the_ledger("account.appointed", "accounts.user"))
    return (f"account {pk}" for pk in alone.values_list("pk", flat=True))
