"""The files of a run of appraisals, from the rows that are kept (P8): for the auditor, and for each their own part."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db.models import Prefetch

from evaluations.models import Appraisal, AppraisalLine, AppraisalRun, Component
from evaluations.scoring import appraisal
from evaluations.scoring.appraised import Outcome, canonical, inputs_file, line_hash, results_file, run_hash


def header_of(run: AppraisalRun, components: Iterable[Component]) -> str:
    """The first line: what was appraised, by which weights."""
    scheme = run.scheme
    parts = [{"key": c.key, "weight": c.weight, "public": c.is_public} for c in components]
    return canonical(
        {
            "about": scheme.about, "components": parts, "formula": run.version, "not_counted": run.not_counted,
            "role": scheme.role, "run": run.number, "year": scheme.year,
        }
    )  # fmt: skip


def line_of(subject: str, unit: str, salt: str, inputs: dict[str, Any], missing: dict[str, str]) -> str:
    """The line of one who is appraised."""
    return canonical({"inputs": inputs, "missing": missing, "salt": salt, "subject": subject, "unit": unit})


def subject_of(one: Appraisal) -> str:
    """The badge of an officer, the code of a unit."""
    return one.officer.badge_number if one.officer else one.unit.code


def appraisals_of(run: AppraisalRun) -> list[Appraisal]:
    """All of a run with their lines in the order of the scheme; two statements."""
    lines = AppraisalLine.objects.select_related("component").order_by("component__order", "component__key")
    rows = run.appraisals.select_related("officer", "unit").order_by("pk")
    return list(rows.prefetch_related(Prefetch("lines", lines)))


def stored_line(one: Appraisal) -> str:
    """The line as its rows say now."""
    inputs = {line.component.key: line.inputs for line in one.lines.all()}
    return line_of(subject_of(one), one.unit.code, one.salt, inputs, one.missing)


def stored_hash(run: AppraisalRun, appraisals: Sequence[Appraisal]) -> str:
    """The hash of the run as its rows say now; one statement."""
    return run_hash(header_of(run, run.scheme.components.all()), (line_hash(stored_line(one)) for one in appraisals))


def outcome_of(one: Appraisal) -> Outcome:
    """What stands in the rows."""
    lines = [(line.component.key, line.score, line.points) for line in one.lines.all()]
    return Outcome(subject_of(one), one.unit.code, lines, one.total)


def faults(run: AppraisalRun) -> Iterator[str]:
    """What of a run is not what the formula makes of its inputs; three statements.

    Nothing is said of a run that another version of the formula worked out: its own release recomputes it.
    """
    if run.version != appraisal.VERSION:
        return
    rows = appraisals_of(run)
    if stored_hash(run, rows) != run.inputs_sha256:
        yield f"{run}: inputs"
    parts = [appraisal.Component(c.key, c.weight, c.is_public) for c in run.scheme.components.all()]
    points = []
    for row in rows:
        try:
            lines, total = appraisal.lines(
                parts, {p.component.key: appraisal.score_of(p.inputs) for p in row.lines.all()}
            )
        except (ValueError, KeyError, ArithmeticError) as error:
            yield f"{run}: {row.pk}: {error}"
            continue
        stored = {line.component.key: (line.score, line.points) for line in row.lines.all()}
        if total != row.total or {line.key: (line.score, line.points) for line in lines} != stored:
            yield f"{run}: {row.pk}"
        if total is not None:
            points.append({line.key: line.points for line in lines})
    if appraisal.effective_public_weight(parts, points) != run.effective_public:
        yield f"{run}: what the public decides"


def files(run: AppraisalRun, only: Appraisal | None = None) -> dict[str, bytes]:
    """``inputs.jsonl`` and ``results.csv`` of a run; with ``only`` one's own part, of the others the hashes."""
    everybody = appraisals_of(run)
    shown = [one for one in everybody if only is None or one.pk == only.pk]
    hidden = [line_hash(stored_line(one)) for one in everybody if only is not None and one.pk != only.pk]
    header = header_of(run, run.scheme.components.all())
    results = results_file(
        map(outcome_of, shown), run.inputs_sha256, run.effective_public, whole=only is None
    )  # fmt: skip
    return {"inputs.jsonl": inputs_file(header, map(stored_line, shown), hidden), "results.csv": results}
