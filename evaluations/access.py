"""Which waves and whose figures somebody sees: the policy table, applied to rows."""

from typing import Any

from django.db.models import Q, QuerySet

from core import policy
from core.errors import NotAllowed
from core.policy import Role, Scope
from directory.models import Officer
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


def visible_officers(user: Any) -> QuerySet[Officer]:
    """Whose own figures the user sees: all, those of the units the user leads, and always one's own; else nobody's."""
    reach = policy.scopes(user, "read", "figures of an officer")
    if Scope.ALL in reach:
        return Officer.objects.all()
    if not reach:
        return Officer.objects.none()
    mine = Q(user=user)
    if Scope.SUBTREE in reach:
        for unit in policy.units_with(user, Role.LEADER):
            mine |= Q(unit__path__startswith=unit.path)
    return Officer.objects.filter(mine)
