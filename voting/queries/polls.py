"""Where a vote stands, and where one person stands in it."""

from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from annual_projects.models import Candidate, Edition
from annual_projects.queries.editions import visible_editions
from annual_projects.states import Phase
from voting import voters
from voting.models import Poll, RollEntry
from voting.voters import Standing


class Stage(Enum):
    """Where a vote stands."""

    BEFORE = "before"
    OPEN = "open"
    COUNTING = "counting"
    PUBLISHED = "published"


def stage(edition: Edition, poll: Poll | None) -> Stage:
    """Where the vote of an edition stands now."""
    if poll is not None and poll.published_at is not None:
        return Stage.PUBLISHED
    now = timezone.now()
    if poll is None or now < edition.voting_opens:
        return Stage.BEFORE
    if now >= edition.voting_closes:
        return Stage.COUNTING
    return Stage.OPEN if edition.phase == Phase.VOTING else Stage.BEFORE


def poll_of(year: int, user: Any) -> Poll | None:
    """The vote of a year the user may see, with its edition; one statement."""
    return Poll.objects.select_related("edition").filter(edition__in=visible_editions(user), edition__year=year).first()


def decided() -> QuerySet[Poll]:
    """The votes whose result is published, with their editions."""
    return Poll.objects.filter(published_at__isnull=False).select_related("edition")


_fixed: dict[int, Poll] = {}


def fixed(year: int) -> Poll | None:
    """The vote of a year as it was fixed before it opened, read once a process: the database lets none of it change.

    Where it stands now is not to be read off it; the database itself refuses what comes at the wrong time.
    """
    if year not in _fixed:
        poll = Poll.objects.select_related("edition").filter(edition__year=year).first()
        if poll is None:
            return None
        _fixed[year] = poll
    return _fixed[year]


def forget(year: int) -> None:
    """Read the vote of a year anew the next time."""
    _fixed.pop(year, None)


@dataclass(frozen=True)
class Place:
    """Where a person stands in a vote: whether they may give one, or have given it, on which day and how."""

    standing: Standing
    entry: RollEntry | None

    @property
    def may_vote(self) -> bool:
        return self.standing is Standing.ELIGIBLE and self.entry is None


def place(edition: Edition, user: Any) -> Place:
    """Where the person stands; at most two statements."""
    standing, fingerprint = voters.standing(edition, user)
    return Place(standing, voters.entry_of(edition, fingerprint) if fingerprint else None)


def taken_part(user: Any) -> list[RollEntry]:
    """The votes a person took part in, newest first: the edition, the day and the channel, never what was chosen."""
    bases = [(edition, voters.base_of(edition, user)) for edition in Edition.objects.filter(poll__isnull=False)]
    fingerprints = [voters.on_roll(edition, base) for edition, base in bases if base]
    entries = RollEntry.objects.filter(fingerprint__in=fingerprints).select_related("edition")
    return list(entries.order_by("-edition__year"))


def candidates(poll: Poll) -> QuerySet[Candidate]:
    """The candidates with who would carry them out; one statement."""
    return poll.edition.candidates.on_the_ballot().select_related("lead_unit")
