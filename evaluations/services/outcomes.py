"""What stands beside the polls: property cases as they stood on a day, and what others assessed; never pooled."""

from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit, policy
from core.copying import copy_in
from core.errors import Invalid
from evaluations.errors import ImportRefused, Problem
from evaluations.importing.property_cases import FIRST_YEAR, Case, check
from evaluations.importing.reading import rows
from evaluations.importing.signing import sha256
from evaluations.models import ExternalAssessment, PropertyCrime, PropertyImport

COLUMNS = ("number", "year", "unit_id", "loss", "recovered", "suspect_found")


@dataclass(frozen=True)
class TakenCases:
    """What became of a file: ``source`` is None for a trial, ``again`` means that it was taken before."""

    sha256: str
    cases: int
    source: PropertyImport | None = None
    again: bool = False


def import_property_cases(content: bytes, *, as_of: date, by: Any, dry_run: bool = False) -> TakenCases:
    """Take a file of property cases as they stood on ``as_of``, whole or not at all, the same file once (P7).

    A case that stands in several files counts as the newest of them tells it. ``by`` is None for the command line.
    Raises: NotAllowed, Invalid for a day to come, ImportRefused with every fault of the file.
    """
    if by is not None:
        policy.require(by, "record", "outcome")
    if as_of > timezone.localdate():
        raise Invalid("as_of", _("This day is still to come."))
    digest = sha256(content)
    before = PropertyImport.objects.filter(sha256=digest).first()
    if before is not None:
        return _taken_before(before, as_of)
    problems: list[Problem] = []
    cases = check(rows(content, problems), as_of, problems)
    if problems:
        raise ImportRefused(sorted(problems, key=lambda p: (p.sheet, p.line, p.column)))
    if dry_run:
        return TakenCases(digest, len(cases))
    return _keep(PropertyImport(sha256=digest, as_of=as_of, rows_count=len(cases), by=by), cases)


def _taken_before(source: PropertyImport, as_of: date) -> TakenCases:
    if source.as_of != as_of:
        words = _("This file was taken already, as of another day.")
        raise ImportRefused([Problem("", 0, "as_of", "other-day", words, source.as_of.isoformat())])
    return TakenCases(source.sha256, source.rows_count, source, again=True)


@transaction.atomic
def _keep(wanted: PropertyImport, cases: list[Case]) -> TakenCases:
    """One transaction; of two who hand in the same file at once the second finds the first's."""
    values = {"as_of": wanted.as_of, "rows_count": wanted.rows_count, "by": wanted.by}
    source, is_new = PropertyImport.objects.get_or_create(sha256=wanted.sha256, defaults=values)
    if not is_new:
        return _taken_before(source, wanted.as_of)
    copy_in(
        PropertyCrime._meta.db_table,
        ("source_id", *COLUMNS),
        ((source.pk, *(getattr(case, name) for name in COLUMNS)) for case in cases),
    )
    audit.record(
        "property_cases.taken", source, by=source.by, sha256=source.sha256, n=len(cases), as_of=str(source.as_of)
    )
    return TakenCases(source.sha256, len(cases), source)


@dataclass(frozen=True)
class Assessment:
    """What somebody else found, in percent, and where that can be read."""

    year: int
    body: str
    indicator: str
    value: Decimal
    source: str
    body_en: str = ""
    indicator_en: str = ""


@transaction.atomic
def record_assessment(assessment: Assessment, *, by: Any) -> ExternalAssessment:
    """Write down what somebody else assessed, once a year, body and indicator; ``by`` is None for the command line.

    Raises: NotAllowed, Invalid by field.
    """
    if by is not None:
        policy.require(by, "record", "outcome")
    _require_sound(assessment)
    key = {"year": assessment.year, "body": assessment.body, "indicator": assessment.indicator}
    made, is_new = ExternalAssessment.objects.get_or_create(**key, defaults=asdict(assessment))
    if not is_new:
        raise Invalid("indicator", _("This assessment is recorded already."))
    audit.record("assessment.recorded", made, by=by, year=made.year, indicator=made.indicator, value=str(made.value))
    return made


def _require_sound(assessment: Assessment) -> None:
    if not FIRST_YEAR <= assessment.year <= timezone.localdate().year:
        raise Invalid("year", _("Which year was assessed?"))
    if not 0 <= assessment.value <= 100 or assessment.value != round(assessment.value, 2):
        raise Invalid("value", _("A percentage from 0 to 100 with at most two places."))
    for name, longest in (("body", 80), ("indicator", 60), ("source", 200)):
        if not 0 < len(getattr(assessment, name).strip()) <= longest:
            raise Invalid(name, _("Please fill this in, in at most %(n)s characters.") % {"n": longest})
