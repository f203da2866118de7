"""Nobody is promoted without the public's recognition (P10): the gate is recorded, then it is asked."""

from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from core import audit, outbox, policy
from core.errors import NotAllowed
from core.locks import locked
from core.said import limit, required
from directory.models import Officer
from evaluations.access.accountability import gated_officers
from evaluations.errors import NotRecognised, RunNotMadeKnown
from evaluations.models import Appraisal, AppraisalRun, Gate, PromotionDecision
from evaluations.queries import gates
from evaluations.scoring.recognition import RECOGNISED_FROM, is_recognised, public_points
from evaluations.states import AppraisalState, GateReason

LONGEST_POST = limit(PromotionDecision, "to_position")


@transaction.atomic
def record_gates(run: AppraisalRun, *, by: Any = None) -> int:
    """Write down for every officer of a published, current run whether the public recognises them; return how many.

    ``by`` None is the clock. A second time writes nothing more. Raises: NotAllowed, RunNotMadeKnown.
    """
    if by is not None:
        policy.require(by, "record", "promotion")
    run = locked(AppraisalRun.objects.select_related("scheme"), run.pk)
    if run.state != AppraisalState.PUBLISHED or not run.is_current:
        raise RunNotMadeKnown
    already = set(run.gates.values_list("officer_id", flat=True))
    new = [gate for gate in gates_from_lines(run) if gate.officer_id not in already]
    if new:
        Gate.objects.bulk_create(new)
        passed = sum(gate.passed for gate in new)
        audit.record("gates.recorded", run, by=by, passed=passed, not_passed=len(new) - passed)
    return len(new)


def gates_from_lines(run: AppraisalRun) -> list[Gate]:
    """The gates as the run's lines make them, unsaved; three statements whatever the size."""
    weights = dict(run.scheme.components.filter(is_public=True).values_list("pk", "weight"))
    appraised = dict(run.appraisals.exclude(officer=None).values_list("pk", "officer_id"))
    scores: dict[int, dict[int, Decimal]] = {}
    lines = Appraisal.objects.filter(pk__in=appraised, lines__component__in=weights)
    for pk, component, score in lines.values_list("pk", "lines__component_id", "lines__score"):
        scores.setdefault(pk, {})[component] = score
    found = []
    for pk, officer in sorted(appraised.items()):
        points = public_points([(scores.get(pk, {}).get(part), weight) for part, weight in weights.items()])
        found.append(_gate(run, officer, points))
    return found


def _gate(run: AppraisalRun, officer: Any, points: Decimal | None) -> Gate:
    passed = is_recognised(points)
    why = "" if passed else (GateReason.TOO_FEW if points is None else GateReason.BELOW)
    return Gate(
        officer_id=officer, year=run.scheme.year, run=run, public_points=points,
        threshold=RECOGNISED_FROM, passed=passed, because=why,
    )  # fmt: skip


def record_missing_gates() -> int:
    """Gates of every published run that has none yet: what a crash between the two left over."""
    waiting = AppraisalRun.objects.filter(state=AppraisalState.PUBLISHED, is_current=True, scheme__about="officer")
    return sum(record_gates(run) for run in waiting.filter(gates=None, appraisals__officer__isnull=False).distinct())


@transaction.atomic
def promote(officer: Officer, *, year: int, to_position: str, by: Any) -> PromotionDecision:
    """Decide on a promotion; the decision names the gate it stands on, and stands itself.

    Raises: NotAllowed for oneself or outside one's command, NotRecognised with the sentence that explains why, Invalid
    without a post.
    """
    own = by.officer_or_none
    if own is not None and own.pk == officer.pk:
        raise NotAllowed(_("Nobody promotes themselves."))
    if not gated_officers(by, "decide").filter(pk=officer.pk).exists():
        raise NotAllowed
    to_position = required(to_position, "to_position", LONGEST_POST, _("Please say to which post."))
    gate = _passing_gate(officer, year)
    decision = _decide(officer, gate, to_position, by)
    audit.record("officer.promoted", officer, by=by, decision=decision.pk, year=year, gate=gate.pk)
    outbox.emit("evaluations.officer_promoted", officer=officer.pk, decision=decision.pk)
    return decision


def _passing_gate(officer: Officer, year: int) -> Gate:
    """The gate of the newest year, locked with its run so that nobody replaces it meanwhile."""
    runs = AppraisalRun.objects.filter(gates__officer=officer).order_by("pk")
    list(runs.select_for_update(of=("self",)))
    known = gates.gates_of(officer)
    if not known:
        raise NotRecognised(gates.unexplained())
    gate = next((one for one in known if one.year == year), None)
    if gate is None:
        raise NotRecognised(gates.unexplained(year))
    if not gate.passed:
        raise NotRecognised(gates.explain(gate))
    if known[0].year != year and not known[0].passed:
        raise NotRecognised(_("The newest year counts.") + " " + gates.explain(known[0]))
    return gate


def _decide(officer: Officer, gate: Gate, to_position: str, by: Any) -> PromotionDecision:
    if PromotionDecision.objects.filter(officer=officer, year=gate.year).exists():
        raise _promoted_already(gate.year)
    try:
        with transaction.atomic():
            return PromotionDecision.objects.create(
                officer=officer, year=gate.year, to_position=to_position, gate=gate, by=by
            )
    except IntegrityError as error:
        if "promoted_once_a_year" not in str(error):
            raise
        raise _promoted_already(gate.year) from error


def _promoted_already(year: int) -> NotRecognised:
    return NotRecognised(_("This officer was promoted on the appraisal of %(year)s already.") % {"year": year})
