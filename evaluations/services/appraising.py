"""Appraisals: asked for by one person, worked out by a worker, frozen by another person, and made known.

What stands then nobody changes.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit, outbox, policy
from core.errors import NotAllowed
from directory.models import Officer, Unit
from evaluations.errors import AppraisalMovedOn
from evaluations.models import Appeal, Appraisal, AppraisalLine, AppraisalRun, Component, Scheme, Wave
from evaluations.queries.appraisal_files import faults, header_of, line_of
from evaluations.queries.appraisal_inputs import Facts, anybody_asked_about, gather
from evaluations.scoring import appraisal as arithmetic
from evaluations.scoring.appraised import line_hash, run_hash
from evaluations.services.schemes import hold_scheme
from evaluations.services.working import claim, give_up, tell, under_way, waiting
from evaluations.states import AppealState, AppraisalState, WaveState

BATCH = 5_000
TASK = "evaluations.tasks.work_out_appraisals"


@transaction.atomic
def ask_for_appraisals(scheme: Scheme, *, by: Any) -> AppraisalRun:
    """Start working out everybody's appraisal by a locked scheme, under a new number; those before stay as they are.

    Raises: NotAllowed, AppraisalMovedOn for a scheme that is not locked, a year without a poll, or while it is being
    worked out.
    """
    policy.require(by, "work out", "appraisal")
    scheme = hold_scheme(scheme)
    if under_way(scheme.runs.all()).exists():
        raise AppraisalMovedOn(_("The appraisals are being worked out just now. Please wait until that is done."))
    return start(scheme, by=by)


def start(scheme: Scheme, *, by: Any) -> AppraisalRun:
    """The same for a scheme that is held already."""
    if scheme.locked_at is None:
        raise AppraisalMovedOn(_("Somebody else must lock the scheme first."))
    if not anybody_asked_about(scheme):
        raise AppraisalMovedOn(_("No poll of that year stands yet: without the public nobody is appraised."))
    number = (scheme.runs.aggregate(last=Max("number"))["last"] or 0) + 1
    run = AppraisalRun.objects.create(
        scheme=scheme, number=number, version=arithmetic.VERSION, inputs_sha256="", by=by, finished_at=None
    )
    audit.record("appraisals.asked", run, by=by, version=run.version)
    outbox.enqueue_on_commit(TASK, run.pk)
    return run


def run_appraisals(scheme: Scheme, *, by: Any) -> AppraisalRun:
    """Ask for the appraisals and work them out at once. Raises: as ask_for_appraisals."""
    run = ask_for_appraisals(scheme, by=by)
    work_out_appraisals(run.pk)
    run.refresh_from_db()
    return run


def unfinished_appraisals() -> list[int]:
    """The runs that nobody works on: what a sweep finds after a crash."""
    return list(waiting(AppraisalRun.objects.order_by("pk")).values_list("pk", flat=True))


def work_out_appraisals(run_id: int) -> bool:
    """Claim a run and finish it; False when somebody else has it. Safe to call many times."""
    runs = AppraisalRun.objects.filter(pk=run_id)
    if not claim(runs):
        return False
    run = runs.select_related("scheme", "by").get()
    components = list(run.scheme.components.all())
    left_out = cases_left_out(run.scheme)
    found = gather(run.scheme, components, left_out)
    tell(runs, 40)
    parts = parts_of(components)
    try:
        worked = [_work(parts, facts) for facts in found]
    except ValueError as error:
        give_up(runs, error)
        return True
    tell(runs, 60)
    _finish(run, components, worked, not_counted=len(left_out))
    return True


@dataclass(frozen=True)
class Worked:
    """One appraisal before it is written."""

    facts: Facts
    lines: list[arithmetic.Line]
    total: Decimal | None
    salt: str


def parts_of(components: Sequence[Component]) -> list[arithmetic.Component]:
    """What the scheme is made of, as the arithmetic knows it."""
    return [arithmetic.Component(c.key, c.weight, c.is_public) for c in components]


@transaction.atomic
def _finish(run: AppraisalRun, components: Sequence[Component], worked: Sequence[Worked], *, not_counted: int) -> None:
    """Write all of it, unless somebody else has done so meanwhile."""
    still = under_way(AppraisalRun.objects.filter(pk=run.pk))
    if still.select_for_update().first() is None:
        return
    run.not_counted = not_counted
    run.effective_public = arithmetic.effective_public_weight(parts_of(components), _points(worked))
    run.inputs_sha256 = _hash(run, components, worked)
    _write(run, components, worked)
    run.finished_at, run.progress = timezone.now(), 100
    run.save(update_fields=["not_counted", "effective_public", "inputs_sha256", "finished_at", "progress"])
    audit.record("appraisals.worked_out", run, by=run.by, inputs=run.inputs_sha256, count=len(worked))


def cases_left_out(scheme: Scheme) -> list[str]:
    """The numbers of the cases that upheld appeals against this scheme's runs took out, for everybody."""
    upheld = Appeal.objects.filter(appraisal__run__scheme=scheme, state=AppealState.UPHELD)
    return sorted({number for numbers in upheld.values_list("not_counted", flat=True) for number in numbers})


def _work(parts: Sequence[arithmetic.Component], facts: Facts) -> Worked:
    scores = {key: arithmetic.score_of(inputs) for key, inputs in facts.inputs.items()}
    lines, total = arithmetic.lines(parts, scores)
    return Worked(facts, lines, total, secrets.token_hex(16))


def _points(worked: Sequence[Worked]) -> list[dict[str, Decimal]]:
    return [{line.key: line.points for line in one.lines} for one in worked if one.total is not None]


def _hash(run: AppraisalRun, components: Sequence[Component], worked: Sequence[Worked]) -> str:
    badges = dict(Officer.objects.filter(pk__in=_ids(worked, "officer_id")).values_list("pk", "badge_number"))
    codes = dict(Unit.objects.filter(pk__in=_ids(worked, "unit_id")).values_list("pk", "code"))
    hashes = []
    for one in worked:
        whom, unit = one.facts.whom, codes[one.facts.whom.unit_id]
        subject = badges[whom.officer_id] if whom.officer_id else unit
        hashes.append(line_hash(line_of(subject, unit, one.salt, one.facts.inputs, one.facts.missing)))
    return run_hash(header_of(run, components), hashes)


def _ids(worked: Sequence[Worked], name: str) -> set[int]:
    return {pk for one in worked if (pk := getattr(one.facts.whom, name)) is not None}


def _write(run: AppraisalRun, components: Sequence[Component], worked: Sequence[Worked]) -> None:
    rows = [
        Appraisal(
            run=run, officer_id=one.facts.whom.officer_id, unit_id=one.facts.whom.unit_id, total=one.total,
            missing=one.facts.missing, salt=one.salt,
        )
        for one in worked
    ]  # fmt: skip
    Appraisal.objects.bulk_create(rows, batch_size=BATCH)
    by_key = {component.key: component for component in components}
    AppraisalLine.objects.bulk_create(
        (
            AppraisalLine(
                appraisal=row, component=by_key[line.key], score=line.score, points=line.points,
                inputs=one.facts.inputs[line.key],
            )
            for row, one in zip(rows, worked, strict=True)
            for line in one.lines
        ),
        batch_size=BATCH,
    )  # fmt: skip


def hold_run(run: AppraisalRun, state: AppraisalState) -> AppraisalRun:
    """The run as it is now, with its scheme held. Raises: AppraisalMovedOn unless it is the newest and in the state."""
    scheme = hold_scheme(run.scheme)
    run = AppraisalRun.objects.select_for_update().get(pk=run.pk)
    run.scheme = scheme
    if run.state != state:
        raise AppraisalMovedOn
    if scheme.runs.filter(number__gt=run.number).exists():
        raise AppraisalMovedOn(_("There is a newer run of this scheme; please take that one."))
    return run


@transaction.atomic
def freeze_appraisals(run: AppraisalRun, *, by: Any) -> AppraisalRun:
    """From now on the figures stand; whoever worked them out does not freeze them.

    Raises: NotAllowed, AppraisalMovedOn also when the figures do not come out again from their inputs.
    """
    policy.require(by, "freeze", "appraisal")
    run = hold_run(run, AppraisalState.DRAFT)
    if run.by_id == by.pk:
        raise NotAllowed(_("You worked these appraisals out; somebody else must freeze them."))
    if run.finished_at is None:
        raise AppraisalMovedOn(_("These appraisals are not worked out yet."))
    if any(faults(run)):
        raise AppraisalMovedOn(_("The figures are not as they were worked out. Please work them out again."))
    run.state, run.frozen_by = AppraisalState.FROZEN, by
    run.save(update_fields=["state", "frozen_by"])
    audit.record("appraisals.frozen", run, by=by, inputs=run.inputs_sha256)
    return run


@transaction.atomic
def publish_appraisals(run: AppraisalRun, *, by: Any) -> AppraisalRun:
    """Make a frozen run known to those it is about; it is the current one from now on.

    Raises: NotAllowed, AppraisalMovedOn also while a poll it stands on is not published.
    """
    policy.require(by, "publish", "appraisal")
    run = hold_run(run, AppraisalState.FROZEN)
    if unpublished_waves(run):
        raise AppraisalMovedOn(_("First publish the polls on which these appraisals stand."))
    run.scheme.runs.filter(is_current=True).update(is_current=False)
    run.state, run.published_at, run.is_current = AppraisalState.PUBLISHED, timezone.now(), True
    run.save(update_fields=["state", "published_at", "is_current"])
    audit.record("appraisals.published", run, by=by, inputs=run.inputs_sha256)
    outbox.emit("evaluations.appraisals_published", run=run.pk)
    return run


def unpublished_waves(run: AppraisalRun) -> bool:
    """Whether anybody's line stands on a poll that is not published yet."""
    lines = AppraisalLine.objects.filter(appraisal__run=run, component__is_public=True)
    codes = lines.order_by().values_list("inputs__wave", flat=True).distinct()
    return Wave.objects.filter(code__in=list(codes)).exclude(state=WaveState.PUBLISHED).exists()
