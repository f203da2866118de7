"""What the public may read of a case: with consent, naming nobody, in words that somebody has read for that (P23).

Nothing publishes by itself. What the citizen agreed to show waits in a folder of the desk (``queries.publishing``);
there its title, its words and every answer are read, and shown or kept back.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.contrib.postgres.search import SearchVector
from django.db import transaction
from django.db.models import Case, Value, When
from django.utils.translation import gettext as _

from core import clock, text
from core.errors import Invalid, WrongState
from core.said import limit, required, said
from directory.models import Area
from suggestions import access, limits, states
from suggestions.models import Attachment, Reply, Suggestion
from suggestions.redaction import Known, without_known
from suggestions.services import knowing, moves
from suggestions.states import ReplyState, StepKind, Who


def _index(case: Suggestion, public_title: str, public_body: str) -> SearchVector:
    places = Area.objects.filter(code__in=case.area.lineage_codes).values_list("name", flat=True) if case.area else []
    answers = case.replies.filter(published_at__isnull=False).values_list("public_text", flat=True)
    return SearchVector(Value(searchable(public_title, public_body, [*places, *answers])), config="simple")


def searchable(public_title: str, public_body: str, more: Iterable[str]) -> str:
    """The words by which a public case is found: its own, the names of where it is, and the published answers."""
    return text.search_document("\n".join([public_title, public_body, *more]))


def index_anew(case: Suggestion) -> None:
    """A public case is found by the place it has now, and by the answers that are published."""
    if case.published_at:
        words = _index(case, case.public_title, case.public_body)
        Suggestion.objects.filter(pk=case.pk).update(search=words)


def may_be_public(case: Suggestion) -> bool:
    """Consent was given and nobody is named."""
    return case.publish and not case.complains


@transaction.atomic
def publish(
    case: Suggestion,
    *,
    by: Any,
    title: str,
    body: str,
    answers: Mapping[int, str] | None = None,
    pictures: Collection[Attachment] | None = None,
    reason: str = "",
    seen: int | None = None,
) -> Suggestion:
    """Show a case on the public board in words that ``by`` has read, with the ``pictures`` that were chosen.

    ``answers``: by the key of a signed reply, the words it is shown in; empty words keep it back, for the ``reason``. A
    reply that is not in it is as it was: not shown, if it never was. What the sealed record knows is made unreadable.
    Raises: NotAllowed, WrongState, Stale; Invalid without consent, when somebody is named in the case, without words.
    """
    case = moves.lock(case, seen=seen)
    _require(case, by)
    known, anew = knowing.known(case), case.published_at is None
    words = {
        name: without_known(required(typed, name, limit(Suggestion, f"public_{name}")), known)
        for name, typed in (("title", title), ("body", body))
    }
    kept_back = _show_answers(case, answers or {}, known, by=by)
    _show(case, words["title"], words["body"], by=by)  # found by the published answers too
    if kept_back:
        moves.step(case, StepKind.KEPT_BACK, who=Who.TRIAGE, by=by, text=_why(reason), public=False)
    if pictures is not None:
        chosen = [picture.pk for picture in pictures]
        case.attachments.update(is_public=Case(When(pk__in=chosen, then=True), default=False))
    moves.step(case, StepKind.PUBLISHED, who=Who.TRIAGE, by=by, public=anew)
    case.refresh_from_db()
    return case


def _require(case: Suggestion, by: Any) -> None:
    access.require(by, "triage", case)
    if case.state not in states.PUBLISHABLE:
        raise WrongState
    if not may_be_public(case):
        raise Invalid("body", _("This case may not be published: the citizen did not agree, or somebody is named."))


def _why(reason: str) -> str:
    return required(reason, "reason", limits.REASON)


def _show(case: Suggestion, title: str, body: str, *, by: Any) -> None:
    now = clock.now()
    Suggestion.objects.filter(pk=case.pk).update(
        published_at=case.published_at or now,
        public_read_by=by,
        public_read_at=now,
        public_title=title,
        public_body=body,
        search=_index(case, title, body),
    )


def _show_answers(case: Suggestion, answers: Mapping[int, str], known: Known, *, by: Any) -> int:
    """Show or keep back each of the signed replies named; returns how many are kept back. Raises: Invalid."""
    signed = {reply.pk: reply for reply in case.replies.filter(state=ReplyState.SIGNED)}
    if not answers.keys() <= signed.keys():
        raise Invalid("answers", _("This is no signed answer of the case."))
    kept_back = 0
    longest = limit(Reply, "public_text")
    for pk, typed in answers.items():
        reply, now, words = signed[pk], clock.now(), without_known(said(typed, "answers", longest), known)
        reply.public_read_by, reply.public_read_at = by, now
        reply.published_at = (reply.published_at or now) if words else None
        reply.public_text = words or reply.public_text
        reply.save(update_fields=["public_text", "published_at", "public_read_by", "public_read_at"])
        kept_back += not words
    return kept_back


@transaction.atomic
def keep_back(case: Suggestion, *, by: Any, reason: str, seen: int | None = None) -> Suggestion:
    """Do not show what waits to be published: the case with its answers or, where it is shown already, its new answers.

    Raises: NotAllowed, Stale, WrongState when nothing waits, Invalid without a reason.
    """
    case = moves.lock(case, seen=seen)
    _require(case, by)
    reason, now = _why(reason), clock.now()
    kept = Reply.objects.unread().filter(suggestion=case).update(public_read_by=by, public_read_at=now)
    if case.published_at is None and case.public_read_at is None:
        case.public_read_by, case.public_read_at = by, now
        case.save(update_fields=["public_read_by", "public_read_at"])
    elif not kept:
        raise WrongState(_("Nothing of this case waits to be published."))
    moves.step(case, StepKind.KEPT_BACK, who=Who.TRIAGE, by=by, text=reason, public=False)
    return case


@transaction.atomic
def unpublish(case: Suggestion, *, by: Any, reason: str, seen: int | None = None) -> Suggestion:
    """Take a case off the public board again. Raises: NotAllowed, Stale, WrongState when it is not there."""
    case = moves.lock(case, seen=seen)
    access.require(by, "triage", case)
    if case.published_at is None:
        raise WrongState
    words = said(reason, "reason", limits.REASON)
    hide(case, kept_back_by=by)
    moves.step(case, StepKind.UNPUBLISHED, who=Who.TRIAGE, by=by, text=words, public=False)
    return case


def hide(case: Suggestion, *, kept_back_by: Any = None) -> None:
    """Nothing of the case is public any more; it waits to be read again, unless somebody keeps it back."""
    now = clock.now() if kept_back_by else None
    case.published_at, case.public_title, case.public_body, case.search = None, "", "", None
    case.public_read_by, case.public_read_at = kept_back_by, now
    fields = ["published_at", "public_title", "public_body", "search", "public_read_by", "public_read_at"]
    case.save(update_fields=fields)
    shown = case.replies.filter(published_at__isnull=False)
    shown.update(published_at=None, public_read_by=kept_back_by, public_read_at=now)
