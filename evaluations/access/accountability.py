"""Whose promotion and which accountability cases somebody sees: the policy table, applied to rows.

Whoever a case is about, and who works in the unit it is about or under it, does not see it among the cases: no list, no
count, no notice. The person concerned reads their own case apart, from its opening on (:func:`concerning`).
"""

from typing import Any

from django.db.models import Q, QuerySet

from core import policy
from core.errors import NotAllowed
from core.policy import Role, Scope
from directory.models import Officer, Unit
from directory.queries import led_by, within
from evaluations.models import AccountabilityCase
from evaluations.states import CaseState

NONE = Q(pk=None)


def gated_officers(user: Any, action: str = "read") -> QuerySet[Officer]:
    """The officers whose gate and promotions the user may read (or, with ``decide``, decide on: never themselves)."""
    reach = policy.scopes(user, action, "promotion")
    own = user.officer_or_none
    found = Officer.objects.all()
    if Scope.ALL not in reach:
        wanted = Q(pk=own.pk) if own and reach else NONE
        found = found.filter(wanted | led_by(user, "unit") if Scope.SUBTREE in reach else wanted)
    return found.exclude(pk=own.pk) if own and action == "decide" else found


def units_inspected(user: Any) -> list[Unit]:
    """The tops of what the user's inspectorates inspect: the units that these belong to."""
    mine = policy.units_with(user, Role.OFFICER, Role.LEADER)
    inspectorates = [unit for unit in mine if unit.function == Unit.Function.INSPECTORATE]
    return [unit.parent for unit in inspectorates if unit.parent is not None]


def reach_of(user: Any, action: str) -> list[str] | None:
    """The paths under which the user reads or handles cases; None means everywhere, an empty list nowhere."""
    reach = policy.scopes(user, action, "accountability")
    if Scope.ALL in reach:
        return None
    paths = [unit.path for unit in units_inspected(user)] if Scope.INSPECTED in reach else []
    if Scope.SUBTREE in reach:
        paths += [unit.path for unit in policy.units_with(user, Role.LEADER)]
    return paths


def barred_paths(user: Any) -> list[str]:
    """The units whose cases the user never sees among the others: the own ones and all above them."""
    units = {membership.unit for membership in policy.memberships_of(user) if membership.unit is not None}
    own = user.officer_or_none
    if own:
        units.add(own.unit)
    return sorted({path for unit in units for path in unit.commanding_paths})


def without_conflict(user: Any) -> QuerySet[AccountabilityCase]:
    """All cases but those about the user, the user's own units, or a unit above them."""
    own = user.officer_or_none
    clash = Q(unit__path__in=barred_paths(user)) | (Q(officer=own) if own else NONE)
    return AccountabilityCase.objects.exclude(clash)


def _within(user: Any, paths: list[str] | None) -> QuerySet[AccountabilityCase]:
    cases = without_conflict(user)
    return cases if paths is None else cases.filter(within(paths, "unit"))


def handled_cases(user: Any) -> QuerySet[AccountabilityCase]:
    """The cases that are the user's to handle."""
    return _within(user, reach_of(user, "handle"))


def visible_cases(user: Any) -> QuerySet[AccountabilityCase]:
    """The cases the user may read: those in reach of their command, and those that are theirs to handle."""
    read, handle = reach_of(user, "read"), reach_of(user, "handle")
    return _within(user, None if read is None or handle is None else [*read, *handle])


def may_handle_some(user: Any) -> bool:
    """Whether there are units whose cases would be this person's to handle."""
    return reach_of(user, "handle") != []


def reaches_only_oneself(user: Any) -> bool:
    """Whether this person reads no case but the one that calls them to account."""
    return reach_of(user, "read") == [] and reach_of(user, "handle") == []


def concerning(user: Any) -> QuerySet[AccountabilityCase]:
    """The cases that call this very person to account, from the opening on.

    A case about a unit alone concerns whoever leads that unit now.
    """
    own = user.officer_or_none
    led = policy.units_with(user, Role.LEADER)
    mine = Q(officer=own) if own else NONE
    return AccountabilityCase.objects.filter(mine | Q(officer=None, unit__in=led)).exclude(state=CaseState.INQUIRY)


def require_handler(user: Any, case: AccountabilityCase) -> None:
    """Raises: NotAllowed unless the case is this person's to handle."""
    if not handled_cases(user).filter(pk=case.pk).exists():
        raise NotAllowed
