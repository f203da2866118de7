"""What every page may ask about the reader's inbox, at the price of one statement and only when it asks."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts import queries


def inbox(request: HttpRequest) -> dict[str, Any]:
    """``unread_notifications``: a number, counted when a template first looks at it."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"unread_notifications": 0}
    return {"unread_notifications": SimpleLazyObject(lambda: queries.unread_count(user))}
