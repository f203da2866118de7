"""Which waves, whose figures and which appraisals somebody sees: the policy table, applied to rows."""

from typing import Any

from django.db.models import Q, QuerySet

from core import policy
from core.errors import NotAllowed
from core.policy import Role, Scope
from directory.models import Officer
from directory.queries import led_by
from evaluations.models import Appraisal, Wave
from evaluations.states import AppraisalState


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
        mine |= led_by(user, "unit")
    return Officer.objects.filter(mine)


def visible_appraisals(user: Any, action: str = "read") -> QuerySet[Appraisal]:
    """All for who reaches all; of what is published one's own, and those of the units one leads without one's own."""
    reach = policy.scopes(user, action, "appraisal")
    if reach & {Scope.ALL, Scope.SECOND}:
        return Appraisal.objects.all()
    wanted = Q(pk=None)
    if Scope.NOT_OWN in reach:
        wanted |= led_by(user, "unit") & ~_own(user)
    if Scope.OWN in reach:
        wanted |= _own(user)
    return Appraisal.objects.filter(wanted, run__state=AppraisalState.PUBLISHED)


def readable_appraisals(user: Any) -> QuerySet[Appraisal]:
    """What somebody may open: what they see by their office, and their own."""
    return visible_appraisals(user, "read") | visible_appraisals(user, "own")


def _own(user: Any) -> Q:
    """One's own: the officer's, and that of a unit for who leads it."""
    led = [unit.pk for unit in policy.units_with(user, Role.LEADER)]
    return Q(officer__isnull=False, officer__user=user.pk) | Q(officer__isnull=True, unit__in=led)
