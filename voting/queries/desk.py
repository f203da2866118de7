"""What the desk reads: what is still to be done, the roll, the result before it is published."""

import json
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from annual_projects.models import Edition
from annual_projects.states import Voters
from voting.models import EligibleVoter, PaperBatch, PaperSheet, Poll, Stubs
from voting.queries import results
from voting.states import BatchState, SheetState


@dataclass(frozen=True)
class ToDo:
    """What stands between a vote and the completion of its count."""

    open_batches: int
    open_sheets: int

    @property
    def is_balanced(self) -> bool:
        return not self.open_batches and not self.open_sheets


def todo(poll: Poll) -> ToDo:
    """Batches that are open and sheets nobody has accounted for; two statements."""
    batches = PaperBatch.objects.filter(edition_id=poll.pk).exclude(state=BatchState.CLOSED)
    sheets = PaperSheet.objects.filter(edition_id=poll.pk, state=SheetState.ISSUED)
    return ToDo(batches.count(), sheets.count())


def preview(poll: Poll) -> dict[str, Any]:
    """The result as it would be published. Raises: NotCounted."""
    return json.loads(results.recount(poll))


def stubs(edition: Edition) -> QuerySet[Stubs]:
    """How many stubs each clerk wrote, by unit and day, the newest first; one statement."""
    return Stubs.objects.filter(edition=edition).select_related("unit", "clerk").order_by("-day", "unit", "clerk")


def roll(edition: Edition) -> dict[str, Any]:
    """How many may vote by an uploaded roll, and the files it came from; two statements."""
    return {
        "by_roll": edition.who_may_vote == Voters.ROLL,
        "eligible": EligibleVoter.objects.filter(edition=edition).count(),
        "imports": list(edition.roll_imports.select_related("imported_by")[:20]),
    }
