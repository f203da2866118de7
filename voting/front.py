"""What the front door and a person's own page say of the vote: that it is open, and that they took part in it."""

from typing import Any

from django.db.models import F
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext as _

from annual_projects.states import Phase
from core.front import OnNow, Own
from voting.models import Poll
from voting.queries.polls import taken_part


def on_now() -> list[OnNow]:
    """The vote that is open; one statement."""
    hours = {"edition__voting_opens__lte": Now(), "edition__voting_closes__gt": Now()}
    polls = Poll.objects.filter(edition__phase=Phase.VOTING, **hours).values_list(
        "edition__year", "edition__choose_max", "edition__voting_closes"
    )
    return [
        OnNow(
            _("Choose the ten projects of %(year)d") % {"year": year},
            _("One vote for everybody: choose %(most)d") % {"most": most},
            reverse("voting:vote", args=[year]),
            until=closes,
        )
        for year, most, closes in polls.order_by(F("edition__year").desc())
    ]


def own(user: Any) -> list[Own]:
    """The votes the person took part in: the day and the channel, never what was chosen; two statements."""
    return [
        Own(
            _("Vote on the ten projects of %(year)d") % {"year": entry.edition.year},
            _("You voted %(channel)s") % {"channel": entry.get_channel_display()},
            entry.edition.get_absolute_url(),
            entry.day,
        )
        for entry in taken_part(user)
    ]


def export(user: Any) -> list[dict[str, Any]]:
    """The same for the person's export."""
    return [
        {"year": entry.edition.year, "channel": entry.channel, "day": entry.day.isoformat()}
        for entry in taken_part(user)
    ]
