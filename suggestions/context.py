"""What the frame of the desk tells its reader: who they are here, and what waits for them."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from core import policy
from suggestions.queries import desk


def frame(request: HttpRequest) -> dict[str, Any]:
    """``desk_counts`` and ``desk_post``, each found out when a page of the desk first asks for it."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return {
        "desk_counts": SimpleLazyObject(lambda: desk.counters(user)),
        "desk_post": SimpleLazyObject(lambda: _post(user)),
    }


def _post(user: Any) -> str:
    """Role and unit of the newest membership in force, in words."""
    membership = next(iter(policy.memberships_of(user)), None)
    if membership is None:
        return ""
    role, unit = str(membership.get_role_display()), membership.unit.local_name if membership.unit else ""
    return role if unit in ("", role) else f"{role} · {unit}"
