"""What became of a chosen project: steps, rules, people served by month, reports, the end, and its ratings."""

from datetime import date, datetime, timedelta
from random import Random
from typing import Any, Protocol

from accounts.models import User
from annual_projects.models import (
    BeneficiaryCount,
    Measure,
    Milestone,
    MilestoneReminder,
    ProgressReport,
    Project,
    ProjectRating,
)
from annual_projects.states import MilestoneState, ProjectState, ReminderKind
from demo_city.annual_projects import story
from demo_city.annual_projects.story import Piece
from directory.models import Unit

DUE_DAY = 25  # of the month a step is promised for
RATERS = (24, 38)
WEEK = timedelta(days=7)


class Stage(Protocol):
    """What the story needs to know of the demo city."""

    now: datetime
    today: date
    rng: Random
    first: User
    citizens: list[User]

    def unit(self, code: str) -> Unit: ...


def deliver(stage: Stage, project: Project, piece: Piece) -> None:
    """Everything the files say of one project, as far as its days have come."""
    year = project.edition.year
    steps = _take_steps(stage, project, piece)
    if not _is_over(stage, project):
        for step in steps:
            _remind(stage, step)
    for said in piece.measures:
        title, number, day, summary = said.split("|")
        issued = story.day_in(year, day)
        if issued <= stage.today:
            _measure(stage, project, title, number.replace("{y}", str(year)), issued, summary)
    for said in piece.served:
        _serve(stage, project, *said.split("|"))
    for said in piece.reports:
        _report(stage, project, piece, said)
    _settle(project, piece, steps)


def _is_over(stage: Stage, project: Project) -> bool:
    return project.edition.year < stage.today.year


def _take_steps(stage: Stage, project: Project, piece: Piece) -> list[Milestone]:
    """All steps as they were promised, and then those that were done."""
    steps = []
    for said in piece.steps:
        month, title = said.split("|")
        due = date(project.edition.year, int(month), DUE_DAY)
        steps.append(Milestone(project=project, title=title, unit=stage.unit(piece.lead), due_on=due, first_due_on=due))
    Milestone.objects.bulk_create(steps)
    done = [step for number, step in enumerate(steps, start=1) if _is_done(stage, step, piece, number)]
    for step in done:
        step.state, step.settled_by = MilestoneState.DONE, stage.first
        step.settled_on = step.due_on - timedelta(days=stage.rng.randint(0, 9))
    Milestone.objects.bulk_update(done, ["state", "settled_by", "settled_on"])
    return steps


def _is_done(stage: Stage, step: Milestone, piece: Piece, number: int) -> bool:
    if _is_over(stage, step.project):
        return not (piece.failed and number == len(piece.steps))
    return step.due_on < stage.today and not (piece.late and number >= piece.late)


def _remind(stage: Stage, step: Milestone) -> None:
    """For a step that is open: the reminders that went out, and the one to come."""
    if step.state != MilestoneState.OPEN:
        return
    dues = [(ReminderKind.SOON, step.due_on - WEEK), (ReminderKind.DUE, step.due_on)]
    late = step.due_on + timedelta(days=1)
    while story.at(late) <= stage.now:
        dues.append((ReminderKind.OVERDUE, late))
        late += WEEK
    dues.append((ReminderKind.OVERDUE, late))
    rows = []
    for kind, day in dues:
        due = story.at(day)
        sent = due if due <= stage.now else None
        rows.append(MilestoneReminder(milestone=step, kind=kind, due_at=due, sent_at=sent))
    MilestoneReminder.objects.bulk_create(rows)


def _measure(stage: Stage, project: Project, title: str, number: str, issued: date, summary: str) -> None:
    Measure.objects.create(
        project=project,
        title=title,
        document_number=number,
        issued_on=issued,
        summary=summary,
        recorded_by=stage.first,
    )


def _serve(stage: Stage, project: Project, definition: str, source: str, total: str) -> None:
    year = project.edition.year
    months = 12 if year < stage.today.year else max(stage.today.month - 1, 1)
    numbers = story.spread(stage.rng, int(total), months)
    BeneficiaryCount.objects.bulk_create(
        BeneficiaryCount(
            project=project,
            month=date(year, month, 1),
            definition=definition,
            source=source,
            number=number,
            recorded_by=stage.first,
            at=story.at(date(year, month, 28)),
        )
        for month, number in enumerate(numbers, start=1)
    )


def _report(stage: Stage, project: Project, piece: Piece, said: str) -> None:
    day, words = said.split("|", 1)
    moment = story.at(story.day_in(project.edition.year, day), 10, 30)
    if moment <= stage.now:
        unit = stage.unit(piece.lead)
        ProgressReport.objects.create(project=project, text=words, unit=unit, reported_by=stage.first, at=moment)


def _settle(project: Project, piece: Piece, steps: list[Milestone]) -> None:
    """Where it stands: planned, under way, delivered, or not delivered and why."""
    done = [step for step in steps if step.state == MilestoneState.DONE]
    if done:
        _move(project, ProjectState.UNDERWAY)
    achieved = piece.settled if piece.settled is not None else piece.achieved
    if achieved is not None and (piece.failed or len(done) == len(steps)):
        _move(
            project,
            ProjectState.NOT_DELIVERED if piece.failed else ProjectState.DELIVERED,
            closed_at=story.at(max(step.settled_on for step in done if step.settled_on) + timedelta(days=3), 15),
            achieved=achieved,
            closing_words=piece.closing,
        )


def _move(project: Project, state: ProjectState, **changes: Any) -> None:
    Project.objects.filter(pk=project.pk).update(state=state, **changes)


def rate(stage: Stage, project: Project, piece: Piece) -> None:
    """Verified citizens rate it in December; most are near the score."""
    if not piece.score:
        return
    verified = [person for person in stage.citizens if person.is_verified]
    raters = stage.rng.sample(verified, min(stage.rng.randint(*RATERS), len(verified)))
    ProjectRating.objects.bulk_create(
        ProjectRating(
            project=project,
            user=person,
            level=max(1, min(5, round(stage.rng.gauss(piece.score, 0.55)))),
            at=project.edition.judged_from + timedelta(hours=stage.rng.randint(1, 24 * 25)),
        )
        for person in raters
    )
