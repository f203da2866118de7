"""What every page needs to draw its frame: the reader's preferences and the two navigations."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from core import policy

THEMES = ("auto", "light", "dark")


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a navigation: address, words, icon, and the key its counter has in ``desk_counts``.

    ``needs``: (object, action) pairs of the policy table, one of which opens it; a place without any is everybody's.
    """

    path: str
    label: str | Promise
    icon: str
    key: str = ""
    needs: tuple[tuple[str, str], ...] = ()
    for_technicians: bool = False

    def opens_to(self, user: Any) -> bool:
        """Whether this person finds the place open."""
        if self.for_technicians:
            return bool(user.is_staff)
        return not self.needs or any(policy.can(user, action, name) for name, action in self.needs)


CITIZEN_NAV = (
    Place("/suggestions/new/", _("Speak up"), "speak"),
    Place("/track/", _("Track"), "track"),
    Place("/suggestions/", _("Public answers"), "board"),
    Place("/officers/", _("My officer"), "officer"),
    Place("/me/", _("Mine"), "me"),
)
EXTENDS = (("suggestion", "approve extension"), ("suggestion", "approve extension again"))
DESK_NAV = (
    Place("/desk/", _("Inbox"), "inbox", "inbox", (("page", "desk"),)),
    Place("/desk/intake/", _("Enter a voice"), "speak", needs=(("suggestion", "intake"),)),
    Place("/desk/follow-ups/", _("Follow-ups"), "follow", "follow_ups", (("suggestion", "follow up"),)),
    Place("/desk/extensions/", _("More time"), "clock", "extensions", EXTENDS),
    Place("/desk/identity/", _("Identity requests"), "lock", "openings", (("identity", "approve"),)),
    Place("/desk/annual/", _("Ten projects"), "project", needs=(("edition", "inspect"),)),
    Place("/desk/voting/", _("Vote"), "vote", needs=(("count", "watch"),)),
    Place("/desk/evaluations/", _("Polls"), "chart", needs=(("wave", "read"),)),
    Place("/desk/evaluations/promotions/", _("Promotion gate"), "officer", needs=(("promotion", "read"),)),
    Place("/desk/evaluations/accountability/", _("Called to account"), "flag", needs=(("accountability", "read"),)),
    Place("/desk/evaluations/appraisals/", _("Appraisals"), "star", needs=(("appraisal", "read"),)),
    Place("/desk/rules/", _("Routing rules"), "route", needs=(("routing", "edit"),)),
    Place("/desk/templates/", _("Reply templates"), "template", needs=(("template", "edit"),)),
    Place("/desk/people/", _("Accounts and keys"), "lock", "second", (("account", "confirm"),)),
    Place("/desk/audit/", _("Audit ledger"), "search", needs=(("audit", "read"),)),
    Place(
        "/accounts/notifications/failed/", _("Notifications"), "bell", "notifications", (("notification", "failures"),)
    ),
    Place("/admin/", _("Administration"), "admin", for_technicians=True),
)


def current_place(path: str, places: tuple[Place, ...]) -> str:
    """The address of the place a path belongs to: the longest that begins it, or empty."""
    matching = [place.path for place in places if path.startswith(place.path)]
    return max(matching, key=len, default="")


def open_places(request: HttpRequest) -> list[Place]:
    """The places of the desk that are open to the reader; nobody signed in, none."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return []
    return [place for place in DESK_NAV if place.opens_to(user)]


def preferences(request: HttpRequest) -> dict[str, Any]:
    """Context of every page: ``elder``, ``theme``, ``demo`` and both navigations with the current place."""
    theme = request.COOKIES.get("theme", "auto")
    return {
        "elder": request.COOKIES.get("elder") == "1",
        "theme": theme if theme in THEMES else "auto",
        "next_theme": {"auto": "dark", "dark": "light"}.get(theme, "auto"),
        "demo": getattr(settings, "DEMO", False),
        "citizen_nav": CITIZEN_NAV,
        "desk_nav": SimpleLazyObject(lambda: open_places(request)),
        "here": current_place(request.path, CITIZEN_NAV + DESK_NAV),
    }
