"""Whether somebody may work on this project now: the policy table, applied to one row."""

from typing import Any

from annual_projects.models import Milestone, Project
from core import policy
from core.errors import NotAllowed
from core.policy import Role, Scope
from directory.models import Unit


def reports_for(user: Any, units: set[Unit | None]) -> bool:
    """Whether the policy lets the user report on something these units answer for."""
    reach = policy.scopes(user, "report", "project")
    if Scope.ALL in reach:
        return True
    if Scope.ASSIGNED in reach and units.intersection(policy.units_with(user, Role.OFFICER)):
        return True
    leads = policy.units_with(user, Role.LEADER) if Scope.SUBTREE in reach else []
    return any(unit.is_under(lead) for unit in units if unit for lead in leads)


def may_report(user: Any, project: Project) -> bool:
    """The lead unit, every unit with a milestone in the project, and the public-work admin."""
    return reports_for(user, {project.candidate.lead_unit, *(step.unit for step in project.milestones.all())})


def may_settle(user: Any, step: Milestone) -> bool:
    """Whoever answers for the milestone, or leads the project."""
    return reports_for(user, {step.unit, step.project.candidate.lead_unit})


def require(allowed: bool) -> None:
    """Raises :class:`NotAllowed` unless allowed."""
    if not allowed:
        raise NotAllowed
