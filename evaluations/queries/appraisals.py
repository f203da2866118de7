"""What the pages of schemes, appraisals and appeals show; the number of statements is part of the contract."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, DecimalField, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce

from core import keyset
from core.keyset import Page
from evaluations.access.figures import readable_appraisals, visible_appraisals
from evaluations.models import Appeal, Appraisal, AppraisalLine, AppraisalRun, Component, Scheme, Wave
from evaluations.scoring.appraisal import ALARM_BELOW
from evaluations.states import AppealState, AppraisalState

SIZE = 25


def schemes() -> QuerySet[Scheme]:
    """Every scheme with its parts, the newest first; two statements."""
    rows = Scheme.objects.select_related("proposed_by", "locked_by").order_by("-year", "about", "role")
    return rows.prefetch_related("components")


def public_weight(components: Sequence[Component]) -> int:
    """The public's part in basis points."""
    return sum(component.weight for component in components if component.is_public)


def runs() -> QuerySet[AppraisalRun]:
    """Every run with how many are appraised, how many of them have a total and how many appeals wait; one statement."""
    return (
        AppraisalRun.objects.select_related("scheme")
        .annotate(
            people=Count("appraisals", distinct=True),
            complete=Count("appraisals", filter=Q(appraisals__total__isnull=False), distinct=True),
            waiting=Count("appraisals__appeals", filter=Q(appraisals__appeals__state=AppealState.OPEN), distinct=True),
        )
        .order_by("-scheme__year", "scheme__about", "scheme__role", "-number")
    )


def alarm(effective: Decimal | None) -> bool:
    """Whether the public decides less than 51 % of what sets the appraised apart."""
    return effective is not None and effective < ALARM_BELOW


def with_public_points(rows: QuerySet[Appraisal]) -> QuerySet[Appraisal]:
    """``public_points``: the sum of the public's lines; nothing where one of them is missing."""
    lines = AppraisalLine.objects.filter(appraisal=OuterRef("pk"), component__is_public=True)
    told = lines.order_by().values("appraisal")
    parts = Component.objects.filter(scheme=OuterRef("run__scheme"), is_public=True).order_by().values("scheme")
    return rows.annotate(
        public_told=Coalesce(Subquery(told.annotate(n=Count("pk")).values("n")), 0),
        public_parts=Coalesce(Subquery(parts.annotate(n=Count("pk")).values("n")), 0),
        public_points=Case(
            When(public_told=F("public_parts"), then=Subquery(told.annotate(sum=Sum("points")).values("sum"))),
            output_field=DecimalField(),
        ),
    )


def table(
    rows: QuerySet[Appraisal], cursor: str | None, q: str = "", *, key: tuple[str, ...] = ("pk",), size: int = SIZE
) -> Page[Appraisal]:
    """A page of appraisals in the order of badges, with the public's points and the total; one statement."""
    if q:
        rows = rows.filter(
            Q(officer__badge_number__startswith=q) | Q(officer__name__contains=q) | Q(unit__name__contains=q)
        )
    found = with_public_points(rows).select_related("officer", "unit", "run__scheme")
    return keyset.page(found, key=key, cursor=cursor, size=size)


def own(user: Any) -> list[Appraisal]:
    """One's own, and that of the unit one leads: the current ones, the newest first; one statement."""
    rows = with_public_points(visible_appraisals(user, "own").filter(run__is_current=True))
    return list(rows.select_related("officer", "unit", "run__scheme").order_by("-run__scheme__year", "pk")[:20])


def of_my_units(user: Any) -> QuerySet[Appraisal]:
    """The current ones of the units somebody leads, without their own."""
    return visible_appraisals(user, "read").exclude(pk__in=visible_appraisals(user, "own")).filter(run__is_current=True)


@dataclass(frozen=True)
class One:
    """An appraisal with everything its page tells."""

    appraisal: Appraisal
    components: list[Component]
    waves: list[Wave]
    appeals: list[Appeal]
    newer: Appraisal | None
    public_points: Decimal | None


def waves_of(inputs: Mapping[str, Any]) -> list[str]:
    """The codes of the polls that a line stands on, the newest first; none of a figure of the house."""
    return inputs.get("waves") or ([inputs["wave"]] if "wave" in inputs else [])


def one(user: Any, pk: int) -> One | None:
    """The appraisal if the user may open it; six statements."""
    lines = AppraisalLine.objects.select_related("component")
    rows = with_public_points(readable_appraisals(user)).select_related("run__scheme", "officer__unit", "unit")
    found = rows.prefetch_related(Prefetch("lines", lines), "appeals").filter(pk=pk).first()
    if found is None:
        return None
    components = list(found.run.scheme.components.all())
    codes = {code for line in found.lines.all() for code in waves_of(line.inputs)}
    waves = list(Wave.objects.filter(code__in=codes).select_related("pollster").order_by("published_at"))
    newer = (
        readable_appraisals(user)
        .filter(
            officer=found.officer, unit__isnull=False, run__scheme=found.run.scheme, run__number__gt=found.run.number
        )
        .filter(Q(officer__isnull=False) | Q(unit=found.unit))
        .filter(run__state=AppraisalState.PUBLISHED)
        .select_related("run")
        .order_by("-run__number")
        .first()
    )
    appeals = sorted(found.appeals.all(), key=lambda made: made.at)
    return One(found, components, waves, appeals, newer, getattr(found, "public_points", None))


def appeals(state: str, cursor: str | None, size: int = SIZE) -> Page[Appeal]:
    """A page of appeals: those that wait by deadline, those decided the latest first; one statement."""
    rows = Appeal.objects.select_related("appraisal__run__scheme", "appraisal__officer", "appraisal__unit")
    if state == AppealState.OPEN:
        return keyset.page(rows.filter(state=state), key=("due_at", "pk"), cursor=cursor, size=size)
    return keyset.page(rows.exclude(state=AppealState.OPEN), key=("-decided_at", "-pk"), cursor=cursor, size=size)
