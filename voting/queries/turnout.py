"""How many have voted, by day, channel and county: public while voting goes on. What they chose is not asked here."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from annual_projects.models import Edition
from annual_projects.states import Voters
from core.small_tables import small_rows
from directory.models import Area
from voting.models import Ballot, EligibleVoter, RollEntry
from voting.states import Channel


@dataclass(frozen=True)
class Day:
    """One day's votes."""

    day: date
    online: int
    paper: int

    @property
    def total(self) -> int:
        return self.online + self.paper


@dataclass(frozen=True)
class Turnout:
    """People who have voted; ``eligible`` is known only where an edition goes by an uploaded roll."""

    days: list[Day]
    eligible: int | None

    @property
    def online(self) -> int:
        return sum(day.online for day in self.days)

    @property
    def paper(self) -> int:
        return sum(day.paper for day in self.days)

    @property
    def total(self) -> int:
        return self.online + self.paper

    @property
    def share(self) -> int | None:
        """In hundredths of a percent of those who may vote."""
        return self.total * 10_000 // self.eligible if self.eligible else None


def turnout(edition: Edition) -> Turnout:
    """Votes by day and channel from the roll; at most two statements."""
    rows = (
        RollEntry.objects.filter(edition=edition)
        .values("day")
        .annotate(
            online=Count("fingerprint", filter=Q(channel=Channel.ONLINE)),
            paper=Count("fingerprint", filter=Q(channel=Channel.PAPER)),
        )
        .order_by("day")
    )
    by_roll = edition.who_may_vote == Voters.ROLL
    eligible = EligibleVoter.objects.filter(edition=edition).count() if by_roll else None
    return Turnout([Day(row["day"], row["online"], row["paper"]) for row in rows], eligible)


@dataclass(frozen=True)
class County:
    """Ballots that say they come from a county; None where there are too few to show."""

    name: str
    ballots: int | None


def by_county(edition: Edition) -> list[County]:
    """Ballots by the county the voter told, or the station of the paper; small ones left out; two statements."""
    counted = Ballot.objects.filter(edition=edition).values_list("county").annotate(n=Count("pk")).order_by("county")
    sizes = dict(counted)
    hidden = small_rows(sizes)
    names = {area.pk: area.local_name for area in Area.objects.filter(pk__in=sizes)}
    return [County(names.get(code, ""), None if code in hidden else n) for code, n in sizes.items()]
