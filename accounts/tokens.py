"""Keys of partners' programmes: they carry scopes, belong to a named programme, and never act for a person.

A technician proposes one, a second person confirms it and is shown its words, once, to hand them over.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import admission
from accounts.models import TOKEN_LIFE, ApiClient, ApiToken, User
from core import audit, clock, policy, seals
from core.errors import Invalid, NotAllowed, WrongState
from core.said import limit, required


@transaction.atomic
def add_client(name: str, contact: str, *, by: User) -> ApiClient:
    """A partner's programme and the account it goes by: no password, no telephone, no role. Raises: NotAllowed."""
    admission.require_technician(by)
    name = required(name, "name", limit(ApiClient, "name"))
    contact = required(contact, "contact", limit(ApiClient, "contact"))
    shown = name if len(name) <= limit(User, "display_name") else ""  # whole, or not at all
    account = User(username=f"programme-{secrets.token_hex(8)}", display_name=shown)
    account.set_unusable_password()
    account.save()
    client = ApiClient.objects.create(name=name, contact=contact, account=account)
    audit.record("accounts.programme_added", client, by=by)
    return client


@transaction.atomic
def propose(client: ApiClient, *, name: str, scopes: Sequence[str], expires_at: datetime, by: User) -> ApiToken:
    """Ask for a token of a programme. Raises: NotAllowed; Invalid by field."""
    admission.require_technician(by)
    now = clock.now()
    if not now < expires_at <= now + TOKEN_LIFE:
        raise Invalid("expires_at", _("A token ends within a year from today."))
    if not scopes or not set(scopes) <= set(policy.SCOPES):
        raise Invalid("scopes", _("Please choose what it is good for."))
    token = ApiToken.objects.create(
        client=client,
        name=required(name, "name", limit(ApiToken, "name")),
        scopes=sorted(scopes),
        created_at=now,
        expires_at=expires_at,
        proposed_by=by,
    )
    audit.record("accounts.token_proposed", token, by=by, client=client.pk, scopes=token.scopes)
    return token


@transaction.atomic
def confirm(token: ApiToken, *, by: User) -> tuple[ApiToken, str]:
    """The second person agrees; the token and its words, which are shown this once and kept nowhere.

    Raises: NotAllowed, WrongState when it was decided already.
    """
    token = admission.to_decide(token, by=by)
    words = f"plaza_{secrets.token_urlsafe(32)}"
    token.hint, token.fingerprint = words[:12], fingerprint_of(words)
    admission.write_decision(token, by=by, agreed=True, also=["hint", "fingerprint"])
    audit.record("accounts.token_issued", token, by=by, client=token.client_id, scopes=token.scopes)
    return token, words


@transaction.atomic
def refuse(token: ApiToken, *, by: User) -> ApiToken:
    """The second person does not agree. Raises: NotAllowed, WrongState."""
    token = admission.to_decide(token, by=by)
    admission.write_decision(token, by=by, agreed=False)
    audit.record("accounts.token_refused", token, by=by, client=token.client_id)
    return token


def waiting() -> QuerySet[ApiToken]:
    """What the second person has said nothing to, oldest first; one statement."""
    return ApiToken.objects.waiting().select_related("client", "proposed_by").order_by("pk")


@transaction.atomic
def revoke(token: ApiToken, *, by: Any) -> ApiToken:
    """End a token from the next call on; one person is enough. Raises: NotAllowed; WrongState when it was revoked."""
    if not (by.is_staff or policy.can(by, "confirm", "account")):
        raise NotAllowed
    token = ApiToken.objects.select_for_update(of=("self",)).get(pk=token.pk)
    if token.revoked_at:
        raise WrongState(_("This token was revoked already."))
    token.revoked_at = clock.now()
    token.save(update_fields=["revoked_at"])
    audit.record("accounts.token_revoked", token, by=by, client=token.client_id)
    return token


def use(words: str) -> ApiToken | None:
    """The valid token with these words, noted as used today, or None."""
    found = ApiToken.objects.valid().select_related("client__account")
    token = found.filter(fingerprint=fingerprint_of(words)).first()
    today = timezone.localdate()
    if token is not None and token.used_on != today:
        ApiToken.objects.valid().filter(pk=token.pk).update(used_on=today)
    return token


def fingerprint_of(words: str) -> str:
    """What the table keeps of a token's words."""
    return seals.fingerprint(words, purpose="api-token")
