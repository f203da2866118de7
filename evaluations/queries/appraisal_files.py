"""The files of a run of appraisals, from the rows that are kept (P8): for the auditor, and for each their own part."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Prefetch

from evaluations.models import Appraisal, AppraisalLine, AppraisalRun, Component
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


def subject_of(appraisal: Appraisal) -> str:
    """The badge of an officer, the code of a unit."""
    return appraisal.officer.badge_number if appraisal.officer else appraisal.unit.code


def appraisals_of(run: AppraisalRun) -> list[Appraisal]:
    """All of a run with their lines in the order of the scheme; two statements."""
    lines = AppraisalLine.objects.select_related("component").order_by("component__order", "component__key")
    rows = run.appraisals.select_related("officer", "unit").order_by("pk")
    return list(rows.prefetch_related(Prefetch("lines", lines)))


def stored_line(appraisal: Appraisal) -> str:
    """The line as its rows say now."""
    inputs = {line.component.key: line.inputs for line in appraisal.lines.all()}
    return line_of(subject_of(appraisal), appraisal.unit.code, appraisal.salt, inputs, appraisal.missing)


def stored_hash(run: AppraisalRun, appraisals: Sequence[Appraisal]) -> str:
    """The hash of the run as its rows say now; one statement."""
    return run_hash(header_of(run, run.scheme.components.all()), (line_hash(stored_line(one)) for one in appraisals))


def outcome_of(appraisal: Appraisal) -> Outcome:
    """What stands in the rows."""
    lines = [(line.component.key, line.score, line.points) for line in appraisal.lines.all()]
    return Outcome(subject_of(appraisal), appraisal.unit.code, lines, appraisal.total)


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
