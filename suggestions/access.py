"""Whether a member of staff may do something to this case now: the policy table, applied to one row."""

from typing import Any

from django.db.models import Q, QuerySet

from core import policy
from core.errors import NotAllowed
from core.policy import Role, Scope
from directory.models import Unit
from directory.queries import led_by, units_of
from suggestions.models import Suggestion
from suggestions.states import Who

ACTS_AS = {Who.TRIAGE: Role.TRIAGE, Who.OFFICER: Role.OFFICER, Who.LEADER: Role.LEADER}


def reaches(user: Any, action: str, case: Suggestion) -> bool:
    """Whether the policy lets ``user`` do ``action`` to ``case``; conflicts are not looked at here."""
    reach = policy.scopes(user, action, "suggestion")
    if reach & {Scope.ALL, Scope.CLERK, Scope.COUNTS, Scope.SAMPLE, Scope.SECOND}:
        return True
    if Scope.ASSIGNED in reach and _is_assigned(user, case):
        return True
    if reach & {Scope.SUBTREE, Scope.NOT_OWN}:
        return any(case.unit.is_under(unit) for unit in policy.units_with(user, Role.LEADER))
    return False


def _is_assigned(user: Any, case: Suggestion) -> bool:
    own = {unit.pk for unit in policy.units_with(user, Role.OFFICER)}
    return case.unit_id in own or any(helper.unit_id in own for helper in case.co_handlings.all())


def office_of(user: Any, who: Who, case: Suggestion) -> Unit | None:
    """The unit of the role in which ``user`` acts on the case now: what they do is done, and told, in its name.

    Of several units the one that has the case, or the nearest above it, or one that helps. The public-work
    administrators without a unit sit where the triage desk does; None for an auditor.
    """
    held = [one for one in policy.memberships_of(user) if one.unit is not None]
    units = [one.unit for one in held if one.role == ACTS_AS.get(who)] or [one.unit for one in held]
    if len(units) > 1:
        helping = {helper.unit_id for helper in case.co_handlings.all()}
        units.sort(key=lambda unit: (case.unit.is_under(unit), unit.pk in helping, len(unit.path)), reverse=True)
    if not units and Role.ADMIN in policy.roles_of(user):
        return units_of(Role.TRIAGE).order_by("path").first()
    return units[0] if units else None


def passes_on_to(user: Any) -> QuerySet[Unit]:
    """The units that ``user`` may give a case to: any for the triage desk; for a leader their own units, and the triage
    desk with what is not theirs to answer."""
    if Scope.ALL in policy.scopes(user, "assign", "suggestion"):
        return Unit.objects.active()
    return Unit.objects.active().filter(led_by(user) | Q(pk__in=units_of(Role.TRIAGE)))


def reads_about_whom(user: Any) -> bool:
    """Whether the user reads the citizen's own words about whom it is: the triage desk and the inspectorates. They may
    name somebody of a unit that handles the case once it was found to be no complaint."""
    units = (member.unit for member in policy.memberships_of(user))
    inspects = any(unit is not None and unit.function == Unit.Function.INSPECTORATE for unit in units)
    return inspects or policy.can(user, "triage", "suggestion")


def may_edit_template(user: Any, unit: Unit | None) -> bool:
    """Whether the saved texts of ``unit``, or those of the whole city (None), are this person's to change."""
    reach = policy.scopes(user, "edit", "template")
    if unit is None:
        return Scope.ALL in reach
    return Scope.SUBTREE in reach and unit in policy.units_with(user, Role.LEADER)


def require(user: Any, action: str, case: Suggestion) -> None:
    """Raises :class:`NotAllowed` unless ``user`` sees the case and may do ``action`` to it."""
    if not reaches(user, action, case):
        raise NotAllowed
    visible = Suggestion.objects.without_conflict(user)
    if not visible.filter(pk=case.pk).exists():
        raise NotAllowed
