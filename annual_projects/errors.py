"""What may go wrong between the first idea and the last milestone, in words a person can act on."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError, WrongState


class Frozen(DomainError):
    """The list of candidates stands; nothing about it changes any more."""

    code = "frozen"
    default = _("The list of candidates is frozen and cannot change any more.")


class NotYet(WrongState):
    """It is too early: the timetable names a later hour."""

    code = "not-yet"
    default = _("It is too early for this: the timetable names a later time.")


class NotNow(WrongState):
    """The edition, candidate or project is not in a state in which this can be done."""

    default = _("This cannot be done now: it has moved on meanwhile. Please look at the page again.")
