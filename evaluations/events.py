"""What this room does when something was made known."""

from core.outbox import consumer
from evaluations import services
from evaluations.models import AppraisalRun
from evaluations.states import AppraisalState


@consumer("evaluations.appraisals_published")
def record_gates(*, run: int) -> None:
    """A published run says of every officer whether the public recognises them; one replaced meanwhile says nothing."""
    known = AppraisalRun.objects.filter(pk=run, is_current=True, state=AppraisalState.PUBLISHED).first()
    if known is not None:
        services.record_gates(known)
