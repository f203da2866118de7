"""What this room does when another one reports something."""

from annual_projects.models import Edition
from core.outbox import consumer
from voting import services


@consumer("annual_projects.frozen")
def make_the_vote_ready(*, edition: int, **more: object) -> None:
    """A frozen list is voted on: what decides ties is committed to at once. Told again, nothing changes."""
    services.prepare(Edition.objects.get(pk=edition))
