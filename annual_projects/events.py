"""What this room does when another one reports something."""

from django.db import connection

from annual_projects.models import Edition
from annual_projects.services import open_projects
from core.outbox import consumer


@consumer("accounts.erased")
def forget_the_person(*, user_id: int) -> None:
    """What was proposed and rated stays; who did it is gone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT annual_projects_forget(%s)", [user_id])


@consumer("voting.result_published")
def open_the_projects(*, edition: int, ranked: list[int], votes: list[int] | None = None, **more: object) -> None:
    """The winners become projects; ``votes`` stand in the order of ``ranked``. Told again, nothing changes."""
    counted = dict(zip(ranked, votes, strict=True)) if votes else None
    open_projects(Edition.objects.get(pk=edition), ranked, votes=counted)
