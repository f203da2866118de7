"""What must hold between polls, appraisals and promotions and the ledger: each counts the other."""

from collections.abc import Iterable

from django.db import connection

from core.promises import promise
from evaluations.kept import WAVE
from evaluations.models import Wave
from evaluations.states import WaveState

FROZEN = (WaveState.FROZEN, WaveState.PUBLISHED)


def _rows(sql: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


@promise("P12")
def answers_are_those_that_were_frozen() -> Iterable[object]:
    """Every interview, answer and flag of a frozen wave is as the act on the ledger that froze it left it."""
    unknown = Wave.objects.filter(pk__in=list(WAVE.unknown()), state__in=FROZEN)
    changed = Wave.objects.filter(pk__in=list(WAVE.changed()))
    return (unknown | changed).order_by("code").values_list("code", flat=True)


@promise("P12")
def appraisals_are_those_that_were_frozen() -> Iterable[object]:
    """The inputs of every frozen run of appraisals have the hash with which they were frozen on the ledger."""
    return _rows("""
        SELECT r.id FROM evaluations_appraisalrun r WHERE r.state <> 'draft' AND NOT EXISTS (
            SELECT 1 FROM core_auditentry e
            WHERE e.object_type = 'evaluations.appraisalrun' AND e.object_id = r.id::text
              AND e.action = 'appraisals.frozen' AND e.data ->> 'inputs' = r.inputs_sha256)
        ORDER BY r.id
    """)


@promise("P12")
def promotions_are_on_the_ledger() -> Iterable[object]:
    """Every promotion was decided by an act on the ledger, and every decision that the ledger has is there."""
    return _rows("""
        SELECT COALESCE(d.id::text, e.decision), d.id IS NULL FROM evaluations_promotiondecision d
        FULL JOIN (SELECT data ->> 'decision' AS decision, object_id FROM core_auditentry
                   WHERE action = 'officer.promoted') e ON e.decision = d.id::text AND e.object_id = d.officer_id::text
        WHERE d.id IS NULL OR e.decision IS NULL
        ORDER BY 1
    """)
