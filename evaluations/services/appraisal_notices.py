"""The appraised are told that their appraisal was made known, and that they may say what is wrong with it."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.notifications import notify
from core.policy import Role
from directory.models import Membership
from evaluations.models import Appraisal, AppraisalRun

SUBJECT = _("Your appraisal was made known")
BODY = _("Please read how it came about. If something is wrong, you may appeal within ten working days.")


def tell_the_appraised(run: AppraisalRun) -> int:
    """Tell every officer of the run, and who leads a unit of it, once; returns how many were told."""
    told = 0
    for appraisal, user in _concerned(run):
        notify(
            user=user,
            subject=SUBJECT,
            body=BODY,
            link=appraisal.get_absolute_url(),
            dedupe_key=f"appraisal:{appraisal.pk}:published:{user.pk}",
            channels=("site",),
        )
        told += 1
    return told


def _concerned(run: AppraisalRun) -> Iterator[tuple[Appraisal, User]]:
    """Each appraisal with whom it is about; three statements."""
    appraisals = list(run.appraisals.select_related("officer__user"))
    leading = Membership.objects.current().filter(role=Role.LEADER, unit__appraisals__run=run).select_related("user")
    leaders: dict[int | None, list[User]] = {}
    for membership in leading.distinct():
        leaders.setdefault(membership.unit_id, []).append(membership.user)
    for appraisal in appraisals:
        if appraisal.officer is None:
            yield from ((appraisal, user) for user in leaders.get(appraisal.unit_id, []))
        elif appraisal.officer.user is not None:
            yield appraisal, appraisal.officer.user
