"""What every page needs to draw its frame: the reader's preferences and the two navigations."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

THEMES = ("auto", "light", "dark")


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a navigation: address, words, icon, and the key its counter has in ``desk_counts``."""

    path: str
    label: str | Promise
    icon: str
    key: str = ""


CITIZEN_NAV = (
    Place("/suggestions/new/", _("Speak up"), "speak"),
    Place("/track/", _("Track"), "track"),
    Place("/suggestions/", _("Public answers"), "board"),
    Place("/officers/", _("My officer"), "officer"),
    Place("/me/", _("Mine"), "me"),
)
DESK_NAV = (
    Place("/desk/", _("Inbox"), "inbox", "inbox"),
    Place("/desk/follow-ups/", _("Follow-ups"), "follow", "follow_ups"),
    Place("/desk/annual/", _("Ten projects"), "project"),
    Place("/desk/voting/", _("Vote"), "vote"),
    Place("/desk/routing/", _("Routing rules"), "route", "routing"),
    Place("/desk/templates/", _("Reply templates"), "template", "templates"),
    Place("/accounts/notifications/failed/", _("Notifications"), "bell", "notifications"),
    Place("/admin/", _("Administration"), "admin"),
)


def current_place(path: str, places: tuple[Place, ...]) -> str:
    """The address of the place a path belongs to: the longest that begins it, or empty."""
    matching = [place.path for place in places if path.startswith(place.path)]
    return max(matching, key=len, default="")


def preferences(request: HttpRequest) -> dict[str, Any]:
    """Context of every page: ``elder``, ``theme``, ``demo`` and both navigations with the current place."""
    theme = request.COOKIES.get("theme", "auto")
    return {
        "elder": request.COOKIES.get("elder") == "1",
        "theme": theme if theme in THEMES else "auto",
        "next_theme": {"auto": "dark", "dark": "light"}.get(theme, "auto"),
        "demo": getattr(settings, "DEMO", False),
        "citizen_nav": CITIZEN_NAV,
        "desk_nav": DESK_NAV,
        "here": current_place(request.path, CITIZEN_NAV + DESK_NAV),
    }
