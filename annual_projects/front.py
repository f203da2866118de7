"""What the front door says of the year's ten: ideas are collected, or this year's ten are being carried out."""

from django.utils.translation import gettext as _

from annual_projects.models import Edition
from annual_projects.states import Phase
from core.front import OnNow


def on_now() -> list[OnNow]:
    """The editions that take ideas or are carried out, newest first; one statement."""
    editions = Edition.objects.shown().filter(phase__in=[Phase.COLLECTING, Phase.DELIVERING]).order_by("-year")
    return [_collecting(one) if one.phase == Phase.COLLECTING else _delivering(one) for one in editions]


def _collecting(edition: Edition) -> OnNow:
    return OnNow(
        _("What should the police do next year?"),
        _("Propose one of the ten projects of %(year)d") % {"year": edition.year},
        edition.get_absolute_url(),
        icon="project",
        until=edition.reviewing_from,
    )


def _delivering(edition: Edition) -> OnNow:
    return OnNow(
        _("The ten projects of %(year)d") % {"year": edition.year},
        _("You chose them. See how far they are"),
        edition.get_absolute_url(),
        icon="project",
    )
