"""What the public may read of a case: with consent, naming nobody, and with numbers of people masked."""

from collections.abc import Collection, Iterable
from typing import Any

from django.contrib.postgres.search import SearchVector
from django.db import transaction
from django.db.models import Case, Value, When
from django.utils.translation import gettext as _

from core import clock, text
from core.errors import Invalid, WrongState
from core.said import said
from directory.models import Area
from suggestions import access, limits, states
from suggestions.models import Attachment, Suggestion
from suggestions.redaction import neutral
from suggestions.services import moves
from suggestions.states import StepKind, Who


def show(case: Suggestion, *, title: str = "", body: str = "") -> dict[str, Any]:
    """The fields that make a locked case public."""
    public_title, public_body = neutral(title or case.title), neutral(body or case.body)
    return {
        "published_at": clock.now(),
        "public_title": public_title[:60],
        "public_body": public_body,
        "search": _index(case, public_title, public_body),
    }


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
    title: str = "",
    body: str = "",
    pictures: Collection[Attachment] | None = None,
    seen: int | None = None,
) -> Suggestion:
    """Show a case on the public board, in words the triage desk may have edited, with the ``pictures`` it chose.

    Raises: NotAllowed, WrongState, Stale; Invalid without consent or when somebody is named in the case.
    """
    case = moves.lock(case, seen=seen)
    access.require(by, "triage", case)
    if case.state not in states.PUBLISHABLE:
        raise WrongState
    if not may_be_public(case):
        raise Invalid("body", _("This case may not be published: the citizen did not agree, or somebody is named."))
    Suggestion.objects.filter(pk=case.pk).update(**show(case, title=title, body=body))
    if pictures is not None:
        chosen = [picture.pk for picture in pictures]
        case.attachments.update(is_public=Case(When(pk__in=chosen, then=True), default=False))
    moves.step(case, StepKind.PUBLISHED, who=Who.TRIAGE, by=by)
    case.refresh_from_db()
    return case


@transaction.atomic
def unpublish(case: Suggestion, *, by: Any, reason: str, seen: int | None = None) -> Suggestion:
    """Take a case off the public board again. Raises: NotAllowed, Stale, WrongState when it is not there."""
    case = moves.lock(case, seen=seen)
    access.require(by, "triage", case)
    if case.published_at is None:
        raise WrongState
    words = said(reason, "reason", limits.REASON)
    hide(case)
    moves.step(case, StepKind.UNPUBLISHED, who=Who.TRIAGE, by=by, text=words, public=False)
    return case


def hide(case: Suggestion) -> None:
    """Nothing of the case is public any more."""
    case.published_at, case.public_title, case.public_body, case.search = None, "", "", None
    case.save(update_fields=["published_at", "public_title", "public_body", "search"])
