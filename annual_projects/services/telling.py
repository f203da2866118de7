"""What became of it, told to everybody whose voice stood behind it: a row first, then a sweep that can stop and go on.

Texts name the project and the case number, nothing about anybody.
"""

from django.db import transaction
from django.db.models import QuerySet
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from annual_projects.models import Candidate, CandidateVoice, Project, Telling
from annual_projects.states import ProjectState, Told
from core import clock, outbox
from core.errors import Text
from core.locks import Lock, take_if_free
from suggestions.services import telling

AT_ONCE = 100  # voices in one transaction

CANDIDATE = _("Your words have become a candidate: %(title)s")
CANDIDATE_BODY = _(
    "What you told us (%(number)s) stands with others behind a candidate for the ten projects of %(year)s."
)
CHOSEN = _("Chosen by the public: %(title)s")
CHOSEN_BODY = _(
    "What you told us (%(number)s) is one of the ten projects of %(year)s now. You can follow what is done."
)
NOT_CHOSEN = _("Not chosen this time: %(title)s")
NOT_CHOSEN_BODY = _("What you told us (%(number)s) was on the ballot for %(year)s, but others got more votes.")
DELIVERED = _("Delivered: %(title)s")
DELIVERED_BODY = _(
    "What you told us (%(number)s) has changed something. The page of the project for %(year)s shows what."
)
NOT_DELIVERED = _("Not delivered: %(title)s")
NOT_DELIVERED_BODY = _("The project of %(year)s that you asked for (%(number)s) was not delivered. Its page says why.")


def later(candidates: QuerySet[Candidate], kind: Told) -> None:
    """Note in this transaction that everybody behind these candidates is to be told."""
    tellings = [Telling(candidate=candidate, kind=kind) for candidate in candidates]
    Telling.objects.bulk_create(tellings, ignore_conflicts=True)
    outbox.enqueue_on_commit("annual_projects.tasks.tell_voices")


def tell_voices(batch: int = 2_000) -> int:
    """Tell up to ``batch`` voices what became of them, a hundred a transaction; returns how many were told.

    Stopped anywhere it goes on where it was; nobody is told twice (the notification's key is unique).
    """
    told = 0
    while told < batch:
        some = _tell_some()
        if some is None:
            break
        told += some
    return told


@transaction.atomic
def _tell_some() -> int | None:
    """The next voices of the oldest telling; None when nothing is to be told or another sweep runs."""
    if not take_if_free(Lock.TELLING_VOICES):
        return None
    pending = Telling.objects.select_for_update(skip_locked=True).filter(done_at=None)
    row = pending.order_by("created_at", "pk").first()
    if row is None:
        return None
    voices = CandidateVoice.objects.filter(candidate=row.candidate, pk__gt=row.told_to)
    some = list(voices.select_related("suggestion").order_by("pk")[:AT_ONCE])
    (subject, body), link = words(row), page(row)
    for voice in some:
        key = f"annual:{row.candidate_id}:{row.kind}"
        telling.citizen(voice.suggestion, key=key, subject=subject, body=body, link=link)
    row.told_to = some[-1].pk if some else row.told_to
    row.done_at = clock.now() if len(some) < AT_ONCE else None
    row.save(update_fields=["told_to", "done_at"])
    return len(some)


def _fill(template: Text, title: str, year: int) -> str:
    """Everything but the number of the case, which is filled in for each."""
    return str(template) % {"title": title.replace("%", "%%"), "year": year, "number": "%(number)s"}


filled = lazy(_fill, str)


def words(row: Telling) -> tuple[Text, Text]:
    """Heading and text of a telling."""
    project = Project.objects.filter(candidate=row.candidate).first()
    pair: tuple[Text, Text] = CANDIDATE, CANDIDATE_BODY
    if row.kind == Told.RESULT:
        pair = (CHOSEN, CHOSEN_BODY) if project else (NOT_CHOSEN, NOT_CHOSEN_BODY)
    elif row.kind == Told.DELIVERED:
        delivered = project is not None and project.state == ProjectState.DELIVERED
        pair = (DELIVERED, DELIVERED_BODY) if delivered else (NOT_DELIVERED, NOT_DELIVERED_BODY)
    title, year = row.candidate.title, row.candidate.edition.year
    return filled(pair[0], title, year), filled(pair[1], title, year)


def page(row: Telling) -> str:
    """Where to read more: the project's page once there is one."""
    project = Project.objects.select_related("edition", "candidate").filter(candidate=row.candidate).first()
    return (project or row.candidate).get_absolute_url()
