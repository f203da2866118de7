"""Which waves somebody sees: the policy table, applied to rows."""

from typing import Any

from django.db.models import QuerySet

from core import policy
from core.errors import NotAllowed
from core.policy import Scope
from evaluations.models import Wave


def visible_waves(user: Any, action: str = "read") -> QuerySet[Wave]:
    """All waves for who reaches all, a pollster's own for its people, none for anybody else."""
    reach = policy.scopes(user, action, "wave")
    if Scope.ALL in reach:
        return Wave.objects.all()
    if Scope.OWN in reach:
        return Wave.objects.filter(pollster__in=user.pollsters.filter(is_active=True))
    return Wave.objects.none()


def require_for(user: Any, action: str, wave: Wave) -> None:
    """Raises: NotAllowed unless the user may do this with this wave."""
    if not visible_waves(user, action).filter(pk=wave.pk).exists():
        raise NotAllowed
