"""What every service is made of: lock the row, move it by its table, write it in the ledger."""

from typing import Any

from django.utils.translation import gettext as _

from annual_projects import states
from annual_projects.errors import Frozen, NotNow
from annual_projects.models import Candidate, Edition, Milestone, Project
from annual_projects.states import BEFORE_FREEZE, CANDIDATES, MILESTONES, PROJECTS, Who
from core import audit, outbox
from core.errors import Text
from core.locks import locked
from core.said import required


def lock_edition(edition: Edition) -> Edition:
    """The row, locked and read anew; rows that point at it (ballots, candidates) may be written meanwhile."""
    return Edition.objects.select_for_update(no_key=True).get(pk=edition.pk)


def lock_open_list(edition: Edition) -> Edition:
    """The edition, locked, while its list may still change. Raises: Frozen."""
    edition = lock_edition(edition)
    if edition.is_frozen or edition.phase not in BEFORE_FREEZE:
        raise Frozen
    return edition


def lock_candidate(candidate: Candidate) -> Candidate:
    """The candidate and its edition, locked in that order, while the list may still change. Raises: Frozen."""
    edition = lock_open_list(candidate.edition)
    shown = Candidate.objects.select_related("lead_unit", "category", "area")
    row = locked(shown, candidate.pk, no_key=True)
    row.edition = edition
    return row


def lock_project(project: Project) -> Project:
    """The row, locked and read anew with its candidate and edition."""
    return locked(Project.objects.select_related("edition", "candidate__lead_unit"), project.pk, no_key=True)


def lock_milestone(step: Milestone) -> Milestone:
    """The milestone, locked after its project."""
    project = lock_project(step.project)
    row = locked(Milestone.objects.select_related("unit"), step.pk)
    row.project = project
    return row


TABLES = {Candidate: CANDIDATES, Project: PROJECTS, Milestone: MILESTONES}


def move(row: Any, to: str, *, who: Who, by: Any = None, reason: str = "", **changes: Any) -> None:
    """Change the state of a locked row by its table, with the fields that change along, and write the audit entry.

    Raises: NotNow when the table does not let ``who`` do that.
    """
    if not states.may(TABLES[type(row)], row.state, to, who):
        raise NotNow
    start, row.state = row.state, to
    for field, value in changes.items():
        setattr(row, field, value)
    row.save(update_fields=["state", *changes])
    audit.record(f"{row._meta.model_name}.{to}", row, by=by, reason=reason, start=start)
    outbox.emit(f"annual_projects.{row._meta.model_name}_moved", pk=row.pk, start=str(start), to=str(to))


def words(value: str, field: str, longest: int, message: Text | None = None) -> str:
    """The cleaned text. Raises: Invalid(field) when nothing is left of it, or it is longer than that."""
    return required(value, field, longest, message or _("Please write something here."))
