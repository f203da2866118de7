"""Every change to an edition, a candidate or a project, one function a verb."""

from annual_projects.services.candidates import (
    Description,
    Verdict,
    candidate_from_demand,
    describe,
    merge,
    review,
    take_up,
    withdraw,
)
from annual_projects.services.delivering import (
    add_milestone,
    drop_milestone,
    finish_milestone,
    move_milestone,
    open_projects,
    settle_project,
)
from annual_projects.services.editions import Plan, advance, advance_phases, change_edition, create_edition
from annual_projects.services.freezing import confirm_freeze, digest, propose_freeze, recall_freeze
from annual_projects.services.nominating import Idea, join, nominate, take_back
from annual_projects.services.reminding import send_milestone_reminders
from annual_projects.services.reporting import (
    count_beneficiaries,
    hide_report,
    issue_measure,
    rate_project,
    report_progress,
)
from annual_projects.services.telling import tell_voices

__all__ = [
    "Description",
    "Idea",
    "Plan",
    "Verdict",
    "add_milestone",
    "advance",
    "advance_phases",
    "candidate_from_demand",
    "change_edition",
    "confirm_freeze",
    "count_beneficiaries",
    "create_edition",
    "describe",
    "digest",
    "drop_milestone",
    "finish_milestone",
    "hide_report",
    "issue_measure",
    "join",
    "merge",
    "move_milestone",
    "nominate",
    "open_projects",
    "propose_freeze",
    "rate_project",
    "recall_freeze",
    "report_progress",
    "review",
    "send_milestone_reminders",
    "settle_project",
    "take_back",
    "take_up",
    "tell_voices",
    "withdraw",
]
