"""Recovered losses by the year of the case, and what others assessed: reads of one statement each."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection
from django.db.models import QuerySet

from core.small_cells import K
from evaluations.models import ExternalAssessment
from evaluations.scoring.recovery import Recovery

BY_YEAR = """
    SELECT year, count(*), sum(loss), sum(recovered),
           count(*) FILTER (WHERE suspect_found), count(*) FILTER (WHERE suspect_found AND recovered > 0), max(as_of)
    FROM (
        SELECT DISTINCT ON (c.number) c.year, c.loss, c.recovered, c.suspect_found, s.as_of
        FROM evaluations_propertycrime c JOIN evaluations_propertyimport s ON s.id = c.source_id
        ORDER BY c.number, s.as_of DESC, s.id DESC
    ) newest
    GROUP BY year ORDER BY year
"""


@dataclass(frozen=True)
class YearOfRecovery:
    """The property cases of one year as the newest files tell them; hidden when they are fewer than ten (P14)."""

    year: int
    recovery: Recovery
    as_of: date

    @property
    def is_shown(self) -> bool:
        return self.recovery.cases >= K


def recovery_by_year() -> list[YearOfRecovery]:
    """Every year with property cases, the earliest first; one statement. Each case counts as last told."""
    with connection.cursor() as cursor:
        cursor.execute(BY_YEAR)
        return [_year(*row) for row in cursor.fetchall()]


def _year(
    year: int, cases: int, loss: Decimal, recovered: Decimal, usual: int, huzhou: int, as_of: date
) -> YearOfRecovery:
    counted = Recovery(cases, loss, recovered, usual / cases, huzhou / cases, recovered / loss)
    return YearOfRecovery(year, counted, as_of)


def assessments() -> QuerySet[ExternalAssessment]:
    """What others found, the newest year first; one statement."""
    return ExternalAssessment.objects.order_by("-year", "body", "-indicator")
