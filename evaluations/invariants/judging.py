"""What must hold of promotions and of who is called to account, asked of the rows themselves."""

from collections.abc import Iterable

from django.db import connection
from django.db.models import F, OuterRef, Q, Subquery

from core.promises import promise
from evaluations.models import AccountabilityCase, AccountabilityStep, AppraisalRun, Gate, PromotionDecision
from evaluations.models.accountability_triggers import self_handled
from evaluations.queries import findings
from evaluations.services.promoting import gates_from_lines
from evaluations.states import AppraisalState, CaseState, Ground


@promise("P10")
def gates_are_what_the_appraisals_say() -> Iterable[object]:
    """Every gate of a published appraisal is what its frozen lines make of it."""
    runs = AppraisalRun.objects.filter(gates__isnull=False).select_related("scheme").distinct()
    for run in runs.order_by("pk"):
        made = {gate.officer_id: (gate.public_points, gate.passed) for gate in gates_from_lines(run)}
        for gate in run.gates.order_by("officer_id"):
            if (gate.public_points, gate.passed) != made.get(gate.officer_id) or run.state != AppraisalState.PUBLISHED:
                yield f"gate {gate.pk}"


@promise("P10")
def promoted_with_recognition() -> Iterable[object]:
    """Every promotion stands on a passed gate of the same officer and year, and nobody decided on their own."""
    sound = Gate.objects.filter(passed=True, officer=OuterRef("officer"), year=OuterRef("year"), pk=OuterRef("gate"))
    decisions = PromotionDecision.objects.annotate(sound=Subquery(sound.values("pk")[:1]))
    return decisions.filter(Q(sound=None) | Q(by=F("officer__user"))).order_by("pk").values_list("pk", flat=True)


@promise("P3")
def nobody_handled_their_own() -> Iterable[object]:
    """No step of an accountability case was taken by whom it is about or who worked in or under that unit then."""
    with connection.cursor() as cursor:
        cursor.execute(self_handled())
        return [number for (number,) in cursor.fetchall()]


@promise("P14")
def no_case_on_a_rank_alone() -> Iterable[object]:
    """Every case beyond an inquiry stands on a ground that is more than a rank, with the evidence stored."""
    beyond = AccountabilityCase.objects.exclude(state__in=[CaseState.INQUIRY, CaseState.DROPPED])
    bare = beyond.filter(Q(ground=Ground.RANK) | Q(finding="") | Q(evidence__rows__isnull=True) | Q(evidence__rows=[]))
    return bare.order_by("pk").values_list("number", flat=True)


@promise("P14")
def evidence_is_in_the_rows() -> Iterable[object]:
    """What a running case stands on is proven by the rows themselves."""
    running = AccountabilityCase.objects.filter(state__in=[CaseState.OPENED, CaseState.HEARD, CaseState.DECIDED])
    keys = dict(running.order_by("pk").values_list("finding", "number"))
    proven = {found.key for found in findings.look_up(*keys)}
    return [number for key, number in keys.items() if key not in proven]


@promise("P14")
def cases_are_where_their_last_step_led() -> Iterable[object]:
    """Every accountability case is in the state its last step led to: none was moved without a word."""
    last = AccountabilityStep.objects.filter(case=OuterRef("pk")).order_by("-at", "-pk").values("to_state")[:1]
    cases = AccountabilityCase.objects.annotate(led=Subquery(last))
    return cases.exclude(state=F("led"), led__isnull=False).order_by("pk").values_list("number", flat=True)
