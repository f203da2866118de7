"""Opening a sealed identity: with a reason, logged before it is shown, and the citizen sees that it happened (P11)."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core import audit, clock, policy, seals
from core.errors import Invalid, NotAllowed, WrongState
from core.locks import locked
from core.said import limit, required
from directory.models import Unit
from suggestions import access
from suggestions.kept import OPENING
from suggestions.models import Identity, IdentityOpening, Suggestion
from suggestions.services import moves, telling
from suggestions.states import StepKind, Who

SHORTEST_REASON = 10


@dataclass(frozen=True)
class OpenedIdentity:
    """What is shown, once; never stored, logged or passed on."""

    name: str
    phone: str


def _require(by: Any, action: str, case: Suggestion) -> None:
    policy.require(by, action, "identity")
    if not Suggestion.objects.without_conflict(by).filter(pk=case.pk).exists():
        raise NotAllowed


def _record(act: str, opening: IdentityOpening, *, by: Any, reason: str = "") -> None:
    """Write it on the ledger, with the digest of how the request is now."""
    kept = OPENING.digest(opening.pk)
    audit.record(f"identity.{act}", opening, by=by, reason=reason, suggestion=opening.suggestion_id, kept=kept)


def _office(by: Any, case: Suggestion) -> Unit:
    """The office in whose name somebody opens. Raises: NotAllowed for who acts for none."""
    office = access.office_of(by, Who.TRIAGE, case)
    if office is None:
        raise NotAllowed
    return office


@transaction.atomic
def request_opening(case: Suggestion, *, by: Any, reason: str) -> IdentityOpening:
    """Ask to see who said it. Where somebody is complained of, a second person must approve first.

    Raises: NotAllowed; Invalid for a thin reason, or when the citizen left nothing to open.
    """
    case = moves.lock(case)
    _require(by, "open", case)
    reason = required(reason, "reason", limit(IdentityOpening, "reason"))
    if len(reason) < SHORTEST_REASON:
        raise Invalid("reason", _("Please give the reason in a full sentence; the citizen will read it."))
    if not Identity.objects.filter(pk=case.pk).exists():
        raise Invalid("reason", _("This voice is anonymous: there is nothing to open."))
    opening = case.openings.create(
        requested_by=by,
        office=_office(by, case),
        reason=reason,
        needs_second=case.complains,
        requested_at=clock.now(),
    )
    _record("requested", opening, by=by, reason=reason)
    return opening


@transaction.atomic
def approve_opening(opening: IdentityOpening, *, by: Any) -> IdentityOpening:
    """The second person agrees. Raises: NotAllowed for one's own request, WrongState when it was decided already."""
    opening = _to_decide(opening, by=by)
    opening.approved_by, opening.approved_at = by, clock.now()
    opening.save(update_fields=["approved_by", "approved_at"])
    _record("approved", opening, by=by)
    return opening


@transaction.atomic
def refuse_opening(opening: IdentityOpening, *, by: Any, reason: str) -> IdentityOpening:
    """The second person does not agree, and says why; whoever asked may ask again with a better reason.

    Raises: NotAllowed for one's own request, WrongState when it was decided already, Invalid without words.
    """
    opening = _to_decide(opening, by=by)
    opening.refused_because = required(reason, "reason", limit(IdentityOpening, "refused_because"))
    opening.refused_by, opening.refused_at = by, clock.now()
    opening.save(update_fields=["refused_by", "refused_at", "refused_because"])
    _record("refused", opening, by=by, reason=opening.refused_because)
    return opening


def _to_decide(opening: IdentityOpening, *, by: Any) -> IdentityOpening:
    """The locked request, if ``by`` is a second person who may decide it."""
    opening = locked(IdentityOpening.objects.select_related("suggestion"), opening.pk)
    _require(by, "approve", opening.suggestion)
    if opening.requested_by_id == by.pk:
        raise NotAllowed(_("Somebody else must approve this."))
    if opening.approved_at or opening.refused_at:
        raise WrongState(_("This was decided already."))
    return opening


def open_identity(opening: IdentityOpening, *, by: Any) -> OpenedIdentity:
    """Show it, once: the opening is committed to the log and to the citizen's page before anything is unsealed.

    Raises: NotAllowed for anybody but who asked, or before the second approval; WrongState the second time.
    """
    _log_opening(opening, by=by)
    identity = Identity.objects.select_related("user").get(pk=opening.suggestion_id)
    case = identity.pk
    name = seals.unseal(identity.name_sealed, context=f"name:{case}") if identity.name_sealed else ""
    phone = seals.unseal(identity.phone_sealed, context=f"phone:{case}") if identity.phone_sealed else ""
    if identity.user:
        name, phone = name or identity.user.display_name, phone or identity.user.phone
    return OpenedIdentity(name, phone)


@transaction.atomic(durable=True)
def _log_opening(opening: IdentityOpening, *, by: Any) -> None:
    """Durable: its own transaction, committed before the caller unseals anything."""
    opening = locked(IdentityOpening.objects.select_related("suggestion__unit"), opening.pk)
    _require(by, "open", opening.suggestion)
    if opening.requested_by_id != by.pk:
        raise NotAllowed
    if opening.opened_at:
        raise WrongState(_("This was opened already. Ask again if you must."))
    if opening.refused_at:
        raise WrongState(_("The second person did not agree."))
    named = opening.needs_second or opening.suggestion.complains  # somebody may have been named meanwhile
    if named and not opening.approved_at:
        raise NotAllowed(_("A second person must approve this first."))
    opening.opened_at, opening.office = clock.now(), _office(by, opening.suggestion)
    opening.save(update_fields=["opened_at", "office"])
    _record("opened", opening, by=by, reason=opening.reason)
    case = opening.suggestion
    step = moves.step(case, StepKind.IDENTITY_OPENED, who=Who.TRIAGE, by=by, text=opening.reason)
    telling.citizen(
        case,
        key=f"opened:{opening.pk}",
        subject=telling.OPENED_IDENTITY,
        body=telling.OPENED_IDENTITY_BODY,
        office=step.unit,
    )
