"""One project as anybody may read it: steps, measures, people served by month, reports, and what the public thinks."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Avg, Count, Prefetch, Q, QuerySet
from django.utils import timezone

from annual_projects.models import BeneficiaryCount, Measure, Milestone, ProgressReport, Project
from annual_projects.states import MilestoneState
from suggestions.queries.figures import SATISFIED

FEWEST_RATINGS = 10  # fewer say more about the people than about the project (P14)


@dataclass(frozen=True)
class Served:
    """People counted by one definition: by month, their sum, and where the figures come from."""

    definition: str
    sources: list[str]
    months: list[tuple[date, int]]

    @property
    def people(self) -> int:
        return sum(number for _month, number in self.months)


@dataclass(frozen=True)
class Ratings:
    """What the public thinks; the figures are None while too few have rated."""

    count: int
    average: float | None
    satisfied: float | None


@dataclass(frozen=True)
class Delivery:
    """All a project's page shows besides the project itself."""

    steps: list[Milestone]
    measures: list[Measure]
    served: list[Served]
    reports: list[ProgressReport]
    ratings: Ratings
    today: date

    @property
    def kept(self) -> list[Milestone]:
        """The steps that were not dropped."""
        return [step for step in self.steps if step.state != MilestoneState.DROPPED]

    @property
    def done(self) -> int:
        return sum(step.state == MilestoneState.DONE for step in self.steps)

    @property
    def next_step(self) -> int | None:
        """The key of the first open step."""
        return next((step.pk for step in self.steps if step.state == MilestoneState.OPEN), None)

    @property
    def late(self) -> list[Milestone]:
        """Open steps whose date has passed."""
        return [step for step in self.steps if step.state == MilestoneState.OPEN and step.due_on < self.today]


def project_for(year: int, slug: str) -> Project:
    """One project with its candidate. Raises: Project.DoesNotExist."""
    return Project.objects.select_related(
        "edition", "candidate__edition", "candidate__evidence", "candidate__lead_unit", "candidate__category"
    ).get(edition__year=year, candidate__slug=slug)


def delivery(project: Project, *, hidden: bool = False) -> Delivery:
    """Six statements; ``hidden`` also takes reports that were hidden, for the desk."""
    return Delivery(
        steps=list(project.milestones.select_related("unit")),
        measures=list(project.measures.all()),
        served=served(project.beneficiaries.all()),
        reports=list(_reports(project, hidden)),
        ratings=ratings(project),
        today=timezone.localdate(),
    )


def _reports(project: Project, hidden: bool) -> QuerySet[ProgressReport]:
    reports = project.reports.select_related("unit").prefetch_related(Prefetch("photos"))
    return reports if hidden else reports.filter(hidden_at=None)


def served(counts: QuerySet[BeneficiaryCount]) -> list[Served]:
    """By definition, the most people first; one statement."""
    months: dict[str, list[tuple[date, int]]] = defaultdict(list)
    sources: dict[str, dict[str, None]] = defaultdict(dict)
    for count in counts.order_by("definition", "month"):
        months[count.definition].append((count.month, count.number))
        sources[count.definition][count.source] = None
    found = [Served(definition, list(sources[definition]), by_month) for definition, by_month in months.items()]
    return sorted(found, key=lambda one: -one.people)


def ratings(project: Project) -> Ratings:
    """One statement."""
    row: dict[str, Any] = project.ratings.aggregate(
        count=Count("pk"), average=Avg("level"), satisfied=Count("pk", filter=Q(level__gte=SATISFIED))
    )
    if row["count"] < FEWEST_RATINGS:
        return Ratings(row["count"], None, None)
    return Ratings(row["count"], row["average"], row["satisfied"] / row["count"])
