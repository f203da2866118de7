"""What the public reads: all editions, one edition with its candidates or its ten, one candidate with its voices."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Max, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from annual_projects.models import BeneficiaryCount, Candidate, CandidateVoice, Edition, Nomination, Project
from annual_projects.states import CandidateState, MilestoneState, ProjectState
from core import policy
from suggestions.models import Suggestion

MOST_VOICES_SHOWN = 5


def editions(user: Any) -> QuerySet[Edition]:
    """Every edition the user may see, newest first, with how many projects it has and how many are delivered."""
    return visible_editions(user).annotate(
        candidate_count=count_of(
            Candidate.objects.filter(edition=OuterRef("pk"), state=CandidateState.ACCEPTED), "edition"
        ),
        project_count=count_of(Project.objects.filter(edition=OuterRef("pk")), "edition"),
        delivered_count=count_of(
            Project.objects.filter(edition=OuterRef("pk"), state=ProjectState.DELIVERED), "edition"
        ),
    )


def visible_editions(user: Any) -> QuerySet[Edition]:
    """Those that have begun; what is still being planned is for the desk."""
    return Edition.objects.all() if policy.can(user, "inspect", "edition") else Edition.objects.shown()


def count_of(rows: QuerySet[Any], by: str) -> Coalesce:
    """How many rows, as part of another statement; the rows name the outer one in ``by``."""
    counted = rows.order_by().values(by).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


def candidates(edition: Edition) -> QuerySet[Candidate]:
    """The candidates anybody may read, with their evidence and how many voices stand behind each; one statement."""
    voices = CandidateVoice.objects.filter(candidate=OuterRef("pk"))
    return (
        edition.candidates.public()
        .select_related("evidence", "category", "area", "lead_unit")
        .annotate(voice_count=count_of(voices, "candidate"))
        .order_by("number", "pk")
    )


@dataclass(frozen=True)
class Progress:
    """One of the ten, as a line: steps done of all steps, late ones, and the people it served by definition."""

    project: Project
    done: int
    steps: int
    late: int
    served: list[tuple[str, int]]

    @property
    def share(self) -> float:
        """Part of the steps that are done, from 0 to 1."""
        return self.done / self.steps if self.steps else 0.0


def ten(edition: Edition) -> list[Progress]:
    """The projects by place in the result, with their progress; two statements."""
    today = timezone.localdate()
    kept = ~Q(milestones__state=MilestoneState.DROPPED)
    late = Q(milestones__state=MilestoneState.OPEN, milestones__due_on__lt=today)
    projects = (
        edition.projects.select_related("candidate__lead_unit", "candidate__category")
        .annotate(
            done=Count("milestones", filter=Q(milestones__state=MilestoneState.DONE)),
            steps=Count("milestones", filter=kept),
            late=Count("milestones", filter=late),
        )
        .order_by("rank")
    )
    served = _served(BeneficiaryCount.objects.filter(project__edition=edition))
    return [
        Progress(project, project.done, project.steps, project.late, served.get(project.pk, [])) for project in projects
    ]


def _served(counts: QuerySet[BeneficiaryCount]) -> dict[int, list[tuple[str, int]]]:
    """People served by project and definition, the most first; one statement."""
    found: dict[int, list[tuple[str, int]]] = {}
    rows = counts.order_by().values("project", "definition").annotate(people=Sum("number"))
    for row in rows.order_by("-people", "definition"):
        found.setdefault(row["project"], []).append((row["definition"], row["people"]))
    return found


@dataclass(frozen=True)
class Backing:
    """Who stands behind a candidate: how many voices from when to when, the published ones, and who proposed it."""

    voices: int
    first: Any
    last: Any
    published: Sequence[Suggestion]
    more: bool
    nominations: int
    organisations: list[str]


def backing(candidate: Candidate) -> Backing:
    """Three statements. Only counts, and cases that are published anyway; of proposers only organisations are named."""
    voices = Suggestion.objects.filter(candidate_voices__candidate=candidate)
    row = voices.aggregate(n=Count("pk"), first=Min("created_at"), last=Max("created_at"))
    published = voices.published().annotate(n=Count("supporters")).select_related("area")
    shown = list(published.order_by("-n", "-published_at", "-pk")[: MOST_VOICES_SHOWN + 1])
    return Backing(
        voices=row["n"],
        first=row["first"],
        last=row["last"],
        published=shown[:MOST_VOICES_SHOWN],
        more=len(shown) > MOST_VOICES_SHOWN,
        **_proposers(candidate),
    )


def _proposers(candidate: Candidate) -> dict[str, Any]:
    """How many proposed it, or something that was put together with it; one statement."""
    theirs = Q(candidate=candidate) | Q(candidate__merged_into=candidate)
    return Nomination.objects.filter(theirs).aggregate(
        nominations=Count("pk"),
        organisations=ArrayAgg("organisation", filter=~Q(organisation=""), distinct=True, default=[]),
    )


def candidate_for(user: Any, year: int, slug: str) -> Candidate:
    """One candidate with all its page shows. Raises: Candidate.DoesNotExist for one the user may not see."""
    found = Candidate.objects.visible_to(user).filter(edition__in=visible_editions(user))
    return found.select_related(
        "edition", "evidence__topic", "evidence__category", "category", "area", "lead_unit", "merged_into", "project"
    ).get(edition__year=year, slug=slug)


def mine(edition: Edition, user: Any) -> list[Nomination]:
    """What the user proposed this year, with what became of it; one statement."""
    if not user.is_authenticated:
        return []
    theirs = Nomination.objects.filter(user=user, candidate__edition=edition)
    return list(theirs.select_related("candidate__merged_into"))
