"""Who is told of an accountability case: the person concerned, and who handles it when it is late.

A notice holds the number and nothing else about anybody; who may not see the case gets none.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.notifications import notify
from core import calendar, clock
from core.errors import Text
from core.locks import Lock, take_if_free
from core.policy import Role
from core.workdays import SHANGHAI
from directory.models import Membership, Unit
from evaluations.access import accountability as accountable
from evaluations.models import AccountabilityCase
from evaluations.states import RUNNING_CASES, CaseState

EVERYBODY_FROM, ADMINS_FROM = 2, 5  # working days late
SAID = {
    CaseState.OPENED: _("You are called to account: %(number)s"),
    CaseState.HEARD: _("Your hearing is written down: %(number)s"),
    CaseState.DECIDED: _("Decided: %(number)s"),
    CaseState.ANSWERED: _("Answered in public: %(number)s"),
    CaseState.DROPPED: _("Nothing follows: %(number)s"),
}
YOUR_SIDE = _("The page of the case says what it is about and by when you can tell your side.")
READ_IT = _("The page of the case says why.")
LATE = _("The deadline has passed: %(number)s")
LATE_BODY = _("Please take the next step, or drop the case with reasons.")
SPOKEN = _("The person concerned has spoken: %(number)s")


def tell_concerned(case: AccountabilityCase) -> int:
    """Tell the officer, or who leads the unit where it alone is concerned; return how many."""
    body = YOUR_SIDE if case.state == CaseState.OPENED else READ_IT
    key = f"concerned:{case.state}"
    return sum(_tell(user, case, key, SAID[CaseState(case.state)], body) for user in concerned(case))


def tell_handler(case: AccountabilityCase) -> int:
    """Tell who opened the case that the person concerned has spoken."""
    key = f"spoken:{case.steps.count()}"
    return sum(_tell(user, case, key, SPOKEN, READ_IT) for user in _who_may([case.opened_by], case))


def concerned(case: AccountabilityCase) -> list[User]:
    """Whom the case calls to account, as they can sign in."""
    if case.officer is not None:
        return [case.officer.user] if case.officer.user else []
    return list(_holding(Membership.objects.current().filter(role=Role.LEADER, unit=case.unit)))


def handlers(case: AccountabilityCase, days_late: int = ADMINS_FROM) -> list[User]:
    """Who opened it; from the second day everybody of the inspectorates above; from the fifth the admins too."""
    wanted: list[User] = [case.opened_by]
    if days_late >= EVERYBODY_FROM:
        above = Q(unit__function=Unit.Function.INSPECTORATE, unit__parent__path__in=case.unit.lineage)
        wanted += _holding(Membership.objects.current().filter(above, role__in=[Role.OFFICER, Role.LEADER]))
    if days_late >= ADMINS_FROM:
        wanted += _holding(Membership.objects.current().filter(role=Role.ADMIN))
    return _who_may(wanted, case)


@transaction.atomic
def remind_late_cases(batch: int = 500) -> int:
    """Each working day tell who handles the cases whose deadline has passed; a second time that day nothing is sent.

    One sweep at a time; there is no upper age. Return how many notices were meant to go out.
    """
    now = clock.now()
    if not calendar.is_workday(timezone.localtime(now, SHANGHAI).date()) or not take_if_free(Lock.LATE_ACCOUNTABILITY):
        return 0
    late = AccountabilityCase.objects.filter(state__in=RUNNING_CASES, due_at__lt=now)
    rows = late.select_related("unit__parent", "opened_by", "officer__user").order_by("due_at", "pk")[:batch]
    return sum(_remind(case, now) for case in rows)


def _remind(case: AccountabilityCase, now: datetime) -> int:
    late = max(1, calendar.workdays_between(case.due_at, now))
    key = f"late:{case.state}:{timezone.localtime(now, SHANGHAI).date()}"
    return sum(_tell(user, case, key, LATE, LATE_BODY) for user in handlers(case, late))


def _who_may(users: Iterable[User], case: AccountabilityCase) -> list[User]:
    """Each once, and only those whose case it is to handle."""
    known = {user.pk: user for user in users if user.is_active}
    return [user for user in known.values() if accountable.handled_cases(user).filter(pk=case.pk).exists()]


def _holding(memberships: Any) -> list[User]:
    return list(User.objects.filter(pk__in=memberships.values("user"), is_active=True).order_by("pk"))


def _tell(user: User, case: AccountabilityCase, key: str, subject: Text, body: Text) -> int:
    with translation.override(user.language):
        notify(
            user=user,
            subject=str(subject) % {"number": case.number},
            body=str(body),
            link=reverse("evaluations:desk_accountability_case", args=[case.number]),
            dedupe_key=f"accountability:{case.pk}:{key}",
            channels=("site",),
        )
    return 1
