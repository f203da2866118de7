"""What the public may read of a case: with consent, naming nobody, and with numbers of people masked."""

import re
from typing import Any

from django.contrib.postgres.search import SearchVector
from django.db import transaction
from django.db.models import Value
from django.utils.translation import gettext as _

from core import clock, text
from core.errors import Invalid
from suggestions import access
from suggestions.models import Suggestion
from suggestions.services import moves
from suggestions.states import StepKind, Who

LONG_NUMBER = re.compile(r"(?<!\d)\d{6,18}[\dXx]?(?!\d)")


def redact(words: str) -> str:
    """The text with telephone, ID, card and plate-like long numbers made unreadable."""
    return LONG_NUMBER.sub(lambda found: "*" * len(found.group()), text.ascii_digits(words))


def show(case: Suggestion, *, title: str = "", body: str = "") -> dict[str, Any]:
    """The fields that make a locked case public."""
    public_title, public_body = redact(title or case.title), redact(body or case.body)
    document = text.search_document(f"{public_title} {public_body}")
    return {
        "published_at": clock.now(),
        "public_title": public_title[:60],
        "public_body": public_body,
        "search": SearchVector(Value(document), config="simple"),
    }


def may_be_public(case: Suggestion) -> bool:
    """Consent was given and nobody is named."""
    return case.publish and not case.subjects.exists()


@transaction.atomic
def publish(case: Suggestion, *, by: Any, title: str = "", body: str = "") -> Suggestion:
    """Show a case on the public board, in words the triage desk may have edited.

    Raises: NotAllowed; Invalid without consent or when somebody is named in the case.
    """
    case = moves.lock(case)
    access.require(by, "triage", case)
    if not may_be_public(case):
        raise Invalid("body", _("This case may not be published: the citizen did not agree, or somebody is named."))
    Suggestion.objects.filter(pk=case.pk).update(**show(case, title=title, body=body))
    moves.step(case, StepKind.PUBLISHED, who=Who.TRIAGE, by=by)
    case.refresh_from_db()
    return case


@transaction.atomic
def unpublish(case: Suggestion, *, by: Any, reason: str) -> Suggestion:
    """Take a case off the public board again."""
    case = moves.lock(case)
    access.require(by, "triage", case)
    hide(case)
    moves.step(case, StepKind.UNPUBLISHED, who=Who.TRIAGE, by=by, text=reason, public=False)
    return case


def hide(case: Suggestion) -> None:
    """Nothing of the case is public any more."""
    case.published_at, case.public_title, case.public_body, case.search = None, "", "", None
    case.save(update_fields=["published_at", "public_title", "public_body", "search"])
