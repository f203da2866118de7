"""What takes two: accounts, roles and keys that a technician proposed, to be agreed to by a second person or not."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from accounts import admission, tokens
from accounts.models import AccountRequest, ApiToken, User
from directory import services
from directory.models import Membership, Posting


@dataclass(frozen=True)
class Waiting:
    """One thing that waits for the second person, in the words of the page; ``mine``: somebody else must decide it."""

    kind: str
    pk: int
    title: str
    person: str
    details: tuple[str, ...]
    proposed_by: User | None
    proposed_at: datetime
    mine: bool


def _account(row: AccountRequest) -> tuple[str, str, tuple[str, ...]]:
    phone = (_("New number, compare it with the person: %(phone)s") % {"phone": row.phone},) if row.phone else ()
    return str(row.get_kind_display()), _person(row.user), (row.reason, *phone)


def _role(row: Membership) -> tuple[str, str, tuple[str, ...]]:
    until = f"{row.starts:%Y-%m-%d} – {row.ends:%Y-%m-%d}" if row.ends else f"{row.starts:%Y-%m-%d} –"
    return _("Role: %(role)s") % {"role": row}, _person(row.user), (until,)


def _token(row: ApiToken) -> tuple[str, str, tuple[str, ...]]:
    until = _("valid until %(until)s") % {"until": f"{row.expires_at:%Y-%m-%d}"}
    return _("Key: %(what)s") % {"what": row.name}, f"{row.client} · {row.client.contact}", (*row.scopes, until)


def _post(row: Posting) -> tuple[str, str, tuple[str, ...]]:
    account = _person(row.user) if row.user else _("nobody")
    now = _("serves now in %(unit)s") % {"unit": row.officer.unit}
    signs_in = _("will sign in as: %(account)s") % {"account": account}
    return _("Post: %(unit)s") % {"unit": row.unit}, str(row.officer), (now, signs_in)


def _person(user: User) -> str:
    return f"{user.display_name} {user.username}".strip()


@dataclass(frozen=True)
class Kind:
    """A sort of thing that takes two: how it is found, said and decided."""

    model: type[Model]
    waiting: Callable[[], QuerySet[Any]]
    words: Callable[[Any], tuple[str, str, tuple[str, ...]]]
    confirm: Callable[..., Any]
    refuse: Callable[..., Any]


def _roles() -> QuerySet[Membership]:
    return Membership.objects.waiting().select_related("user", "unit", "proposed_by").order_by("pk")


def _posts() -> QuerySet[Posting]:
    return Posting.objects.waiting().select_related("officer__unit", "unit", "user", "proposed_by").order_by("pk")


KINDS = {
    "account": Kind(AccountRequest, admission.waiting, _account, admission.confirm, admission.refuse),
    "role": Kind(Membership, _roles, _role, services.confirm_membership, services.refuse_membership),
    "post": Kind(Posting, _posts, _post, services.confirm_posting, services.refuse_posting),
    "key": Kind(ApiToken, tokens.waiting, _token, tokens.confirm, tokens.refuse),
}


def takes_two(name: str, kind: Kind) -> None:
    """Put a sort of thing of a higher room on the page of the second person."""
    KINDS[name] = kind


def decidable_by(user: Any) -> list[QuerySet[Any]]:
    """What waits and is neither proposed by this person nor about them, a queryset for each sort; for the counter."""
    found = []
    for kind in KINDS.values():
        rows = kind.waiting().exclude(proposed_by=user)
        found.append(rows.exclude(user=user) if hasattr(kind.model, "user") else rows)
    return found


def waiting_for(user: Any) -> list[Waiting]:
    """All that waits, oldest first by sort; one statement for each sort."""
    found = []
    for name, kind in KINDS.items():
        for row in kind.waiting():
            title, person, details = kind.words(row)
            mine = user.pk in (row.proposed_by_id, getattr(row, "user_id", None))
            found.append(Waiting(name, row.pk, title, person, details, row.proposed_by, row.proposed_at, mine))
    return found
