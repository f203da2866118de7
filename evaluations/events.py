"""What this room does when something was made known."""

from django.db.models import QuerySet

from core.outbox import consumer
from evaluations import services
from evaluations.models import AppraisalRun
from evaluations.states import AppraisalState


@consumer("evaluations.appraisals_published")
def record_gates(*, run: int) -> None:
    """A published run says of every officer whether the public recognises them; one replaced meanwhile says nothing."""
    for known in _in_force(run):
        services.record_gates(known)


@consumer("evaluations.appraisals_published")
def tell_the_appraised(*, run: int) -> None:
    """The term for an appeal runs from now on, so everybody concerned is told now."""
    for known in _in_force(run):
        services.tell_the_appraised(known)


@consumer("evaluations.wave_published")
def keep_open_files(*, wave: int) -> None:
    """The files are worked out once, before anybody asks for them."""
    services.keep_open_files(wave)


def _in_force(run: int) -> QuerySet[AppraisalRun]:
    return AppraisalRun.objects.filter(pk=run, is_current=True, state=AppraisalState.PUBLISHED)
