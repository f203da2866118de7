"""Why a vote is not taken, in words for the person who wanted to give it."""

from datetime import date

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from core.day_words import day
from core.errors import DomainError, NotAllowed
from voting.states import Channel


class NotOpen(DomainError):
    """It is not the time to vote."""

    code = "not-open"
    default = _("Voting is not open now.")


class NotEligible(NotAllowed):
    """The person is known, but this vote is not theirs."""

    code = "not-eligible"
    default = _("You are not among those who vote this time.")


class AlreadyVoted(DomainError):
    """One person, one vote; says when and how it was given, never what it was."""

    code = "already-voted"

    def __init__(self, on: date, channel: str) -> None:
        self.on, self.channel = on, Channel(channel)
        how = (
            _now("You voted online on %(day)s.")
            if channel == Channel.ONLINE
            else _now("You voted on paper on %(day)s.")
        )
        super().__init__(how % {"day": day(on)} + _now(" Everybody has one vote, and yours counts."))


class StaleForm(DomainError):
    """A form that is not ours, too old, somebody else's, or was sent before with other choices."""

    status = 422
    code = "stale-form"
    default = _("This form can no longer be used. Please choose again.")
