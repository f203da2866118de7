"""An answer: one officer drafts it, a leader signs it, everybody whose voice it answers is told."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core import clock, outbox
from core.errors import Invalid, NotAllowed, WrongState
from core.said import limit, required
from suggestions import access
from suggestions.models import Reply, Suggestion
from suggestions.services import knowing, moves, telling
from suggestions.states import ReplyState, State, StepKind, Who

SHORTEST_REPLY = 10


@transaction.atomic
def draft_reply(case: Suggestion, *, by: Any, text: str, seen: int | None = None) -> Reply:
    """Write, or rewrite, the draft of the answer and lay it before the leader.

    Raises: NotAllowed, WrongState unless the case is assigned, Stale, Invalid for a text that says nothing.
    """
    case = moves.lock(case, seen=seen)
    access.require(by, "draft", case)
    if case.state != State.ASSIGNED:
        raise WrongState
    text = _long_enough(text)
    draft = case.replies.filter(state=ReplyState.DRAFT).first()
    if draft is None:
        draft = Reply(suggestion=case)
    draft.text, draft.drafted_by, draft.drafted_at, draft.unit = text, by, clock.now(), case.unit
    draft.save()
    moves.step(case, StepKind.DRAFTED, who=Who.OFFICER, by=by, public=False)
    key = f"sign:{draft.pk}:{case.steps.count()}"
    telling.staff(telling.leaders(case), case, key=key, subject=telling.TO_SIGN)
    return draft


def _long_enough(text: str) -> str:
    cleaned = required(text, "text", limit(Reply, "text"))
    if len(cleaned) < SHORTEST_REPLY:
        raise Invalid("text", _("Please answer in full sentences."))
    return cleaned


def draft_of(case: Suggestion) -> Reply:
    """The draft that waits for a signature. Raises: WrongState when there is none."""
    draft = case.replies.filter(state=ReplyState.DRAFT).select_related("drafted_by").first()
    if draft is None:
        raise WrongState(_("No draft waits for a signature."))
    return draft


@transaction.atomic
def return_draft(case: Suggestion, *, by: Any, reason: str, seen: int | None = None) -> Reply:
    """Send a draft back to its author, saying what is missing."""
    case = moves.lock(case, seen=seen)
    access.require(by, "sign", case)
    draft = draft_of(case)
    reason = required(reason, "reason", limit(Reply, "returned_because"))
    draft.state, draft.returned_because = ReplyState.RETURNED, reason
    draft.save(update_fields=["state", "returned_because"])
    moves.step(case, StepKind.RETURNED, who=Who.LEADER, by=by, text=draft.returned_because, public=False)
    telling.staff([draft.drafted_by], case, key=f"returned:{draft.pk}", subject=telling.DRAFT_RETURNED)
    return draft


@transaction.atomic
def sign_reply(
    case: Suggestion, *, by: Any, text: str | None = None, public_text: str = "", seen: int | None = None
) -> Reply:
    """Sign the draft, perhaps with better words: it becomes the answer and the citizen's time to confirm begins.

    ``public_text`` says the same to others than the citizen; without it, what is proposed. It is not shown yet.

    Raises: NotAllowed for one's own draft, WrongState without a draft or an assigned case, Stale.
    """
    case = moves.lock(case, seen=seen)
    access.require(by, "sign", case)
    reply = draft_of(case)
    if reply.drafted_by_id == by.pk:
        raise NotAllowed(_("Nobody signs their own draft: ask another leader."))
    now = clock.now()
    if text is not None:
        reply.text = _long_enough(text)
    reply.public_text = knowing.wording(case, reply.text, public_text)
    reply.state, reply.signed_by, reply.signed_at = ReplyState.SIGNED, by, now
    reply.save()
    moves.stop_reminders(case, at=now)
    moves.move(case, State.REPLIED, who=Who.LEADER, replied_at=now)
    moves.step(case, StepKind.REPLIED, who=Who.LEADER, by=by, text=reply.text, from_state=State.ASSIGNED)
    outbox.emit("suggestions.replied", suggestion=case.pk, reply=reply.pk)
    telling.citizen_and_members(case, key=f"replied:{reply.pk}", subject=telling.ANSWERED, body=telling.ANSWERED_BODY)
    return reply
