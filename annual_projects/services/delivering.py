"""The ten after the vote: opened from the result, planned in steps, reported on, and settled at the end."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from annual_projects import access
from annual_projects.errors import NotNow
from annual_projects.models import Edition, Milestone, Project
from annual_projects.services import moves, reminding, telling
from annual_projects.states import CandidateState, MilestoneState, Phase, ProjectState, Told, Who
from core import audit, clock, outbox, policy
from core.errors import Invalid
from core.said import limit, said
from directory.models import Unit


@transaction.atomic
def open_projects(
    edition: Edition, ranked: Sequence[int], *, votes: Mapping[int, int] | None = None, by: Any = None
) -> list[Project]:
    """Make the winners projects: ``ranked`` are their candidate ids, first place first; ``votes`` as published.

    Called when the result is published; called again with the same result it changes nothing.
    Raises: NotNow outside the counting, or when another result was recorded; Invalid for a wrong list.
    """
    edition = moves.lock_edition(edition)
    known = list(edition.projects.order_by("rank").values_list("candidate_id", flat=True))
    if known:
        if known != list(ranked):
            raise NotNow(_("Another result has been recorded already."))
        return list(edition.projects.all())
    if edition.phase != Phase.RESULT:
        raise NotNow
    listed = set(edition.candidates.filter(state=CandidateState.ACCEPTED).values_list("pk", flat=True))
    if len(ranked) != edition.winners or len(set(ranked)) != len(ranked) or not set(ranked) <= listed:
        raise Invalid("ranked", _("A result names as many different candidates of the list as there are winners."))
    counted = votes or {}
    made = [
        Project.objects.create(edition=edition, candidate_id=pk, rank=rank, votes=counted.get(pk))
        for rank, pk in enumerate(ranked, start=1)
    ]
    audit.record("edition.projects_opened", edition, by=by, candidates=list(ranked))
    outbox.emit("annual_projects.projects_opened", edition=edition.pk, year=edition.year)
    telling.later(edition.candidates.filter(state=CandidateState.ACCEPTED), Told.RESULT)
    return made


@transaction.atomic
def add_milestone(project: Project, *, by: Any, title: str, unit: Unit, due_on: date) -> Milestone:
    """Promise a step by a date. Raises: NotAllowed, NotNow for a settled project, Invalid by field."""
    project = moves.lock_project(project)
    access.require(access.may_report(by, project))
    if project.is_settled:
        raise NotNow
    title = moves.words(title, "title", limit(Milestone, "title"))
    if project.milestones.filter(title=title).exists():
        raise Invalid("title", _("There is a step with this name already."))
    step = project.milestones.create(title=title, unit=unit, due_on=due_on, first_due_on=due_on)
    audit.record("milestone.added", step, by=by, due_on=due_on.isoformat())
    reminding.plan(step)
    return step


@transaction.atomic
def move_milestone(step: Milestone, *, by: Any, due_on: date, reason: str) -> Milestone:
    """Promise another date, and say why; the first one stays visible. Raises: NotAllowed, NotNow, Invalid."""
    policy.require(by, "settle", "project")
    step = moves.lock_milestone(step)
    if step.state != MilestoneState.OPEN:
        raise NotNow
    if due_on == step.due_on:
        raise Invalid("due_on", _("This is the date it has now."))
    reason = moves.words(
        reason, "reason", limit(Milestone, "moved_because"), _("Please give the reason; it is public.")
    )
    step.due_on, step.moved_because = due_on, reason
    step.save(update_fields=["due_on", "moved_because"])
    audit.record("milestone.moved", step, by=by, reason=reason, due_on=due_on.isoformat())
    reminding.plan(step)
    return step


@transaction.atomic
def finish_milestone(step: Milestone, *, by: Any, done_on: date, note: str = "") -> Milestone:
    """A step is done; the first one done begins the project. Raises: NotAllowed, NotNow, Invalid."""
    step = moves.lock_milestone(step)
    access.require(access.may_settle(by, step))
    if done_on > timezone.localdate(clock.now()):
        raise Invalid("done_on", _("This day is still to come."))
    changes = {"settled_on": done_on, "settled_by": by, "note": said(note, "note", limit(Milestone, "note"))}
    moves.move(step, MilestoneState.DONE, who=Who.UNIT, by=by, **changes)
    reminding.stop(step)
    begin(step.project, by=by)
    return step


@transaction.atomic
def drop_milestone(step: Milestone, *, by: Any, reason: str) -> Milestone:
    """A step is not needed any more; why is public. Raises: NotAllowed, NotNow, Invalid."""
    policy.require(by, "settle", "project")
    step = moves.lock_milestone(step)
    reason = moves.words(reason, "reason", limit(Milestone, "note"), _("Please give the reason; it is public."))
    today = timezone.localdate(clock.now())
    moves.move(
        step, MilestoneState.DROPPED, who=Who.ADMIN, by=by, reason=reason, settled_on=today, settled_by=by, note=reason
    )
    reminding.stop(step)
    return step


def begin(project: Project, *, by: Any) -> None:
    """The locked project is under way from its first report or step on."""
    if project.state == ProjectState.PLANNED:
        moves.move(project, ProjectState.UNDERWAY, who=Who.UNIT, by=by)


@transaction.atomic
def settle_project(project: Project, *, by: Any, delivered: bool, achieved: int, words: str) -> Project:
    """Say at the end whether it was delivered, how far the target was reached, and what came of it.

    Everybody whose voice stood behind it is told. Raises: NotAllowed, NotNow, Invalid by field.
    """
    policy.require(by, "settle", "project")
    project = moves.lock_project(project)
    if achieved < 0:
        raise Invalid("achieved", _("Please give a number that is not below zero."))
    longest = limit(Project, "closing_words")
    closing = moves.words(words, "closing_words", longest, _("Please say what came of it; it is public."))
    done = {step.state for step in project.milestones.all()}
    if delivered and (MilestoneState.OPEN in done or MilestoneState.DONE not in done):
        raise NotNow(_("Every step must be done or dropped before the project is delivered."))
    begin(project, by=by)
    to = ProjectState.DELIVERED if delivered else ProjectState.NOT_DELIVERED
    moves.move(project, to, who=Who.ADMIN, by=by, achieved=achieved, closing_words=closing, closed_at=clock.now())
    for step in project.milestones.filter(state=MilestoneState.OPEN):
        reminding.stop(step)
    outbox.emit("annual_projects.settled", project=project.pk, year=project.edition.year, delivered=delivered)
    telling.later(type(project.candidate).objects.filter(pk=project.candidate_id), Told.DELIVERED)
    return project
