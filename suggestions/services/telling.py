"""Who is told what: the citizen about every public step, staff about what waits for them.

Texts leave the house by SMS, so they hold the case number and nothing else about anybody. What the case is about is
told inside the portal alone, and to its own citizen alone.
"""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.notifications import in_lines, notify
from core import seals
from core.policy import Role
from directory.models import Membership, Unit
from suggestions.models import Identity, Suggestion

Words = str | Promise


def citizen(
    case: Suggestion,
    *,
    key: str,
    subject: Words,
    body: Words = "",
    question: str = "",
    link: str = "",
    office: Unit | None = None,
) -> None:
    """Tell the citizen, if they left a way to be told; ``%(number)s`` in the texts becomes the case number, and
    ``%(office)s`` the name of the unit that did it.

    In the portal the title of their case stands before the text, and the ``question`` that is asked.
    ``link`` is where to read more, the page of the case unless another one is named.
    """
    identity = Identity.objects.select_related("user").filter(pk=case.pk).first()
    if identity is None or not (identity.user or identity.phone_sealed):
        return
    language = identity.user.language if identity.user else settings.LANGUAGE_CODE
    with translation.override(language):
        words = {"number": case.number, "office": office.local_name if office else ""}
        notify(
            user=identity.user,
            phone=_phone_without_account(identity),
            subject=str(subject) % words,
            body=str(body) % words,
            inside=in_the_portal(case.title, question),
            link=link or f"/track/{case.number}/",
            dedupe_key=f"case:{case.pk}:{key}",
        )


def in_the_portal(title: str, question: str = "") -> str:
    """What a citizen reads of their own case above a text that may also leave the house."""
    return in_lines(title, question)


def _phone_without_account(identity: Identity) -> str | None:
    """The number that was left with the case; an account has its own."""
    if identity.user or identity.phone_sealed is None:
        return None
    return seals.unseal(identity.phone_sealed, context=f"phone:{identity.pk}")


def citizen_and_members(case: Suggestion, *, key: str, subject: Words, body: Words) -> None:
    """Tell the citizen of this case and of every case merged into it."""
    for one in [case, *case.members.all()]:
        citizen(one, key=key, subject=subject, body=body)


def staff(users: Iterable[Any], case: Suggestion, *, key: str, subject: Words, inside: str = "") -> int:
    """Tell members of staff in the portal; whoever may not see the case is left out. Returns how many were told."""
    told = 0
    for user in users:
        if not Suggestion.objects.visible_to(user).filter(pk=case.pk).exists():
            continue
        with translation.override(user.language):
            words = {"number": case.number}
            notify(
                user=user,
                subject=str(subject) % words,
                inside=inside,
                link=case.get_absolute_url(),
                dedupe_key=f"case:{case.pk}:{key}",
                channels=("site",),
            )
        told += 1
    return told


def members(role: Role, unit: Unit | None = None) -> QuerySet[User]:
    """The people who hold ``role`` now, in ``unit`` if one is given."""
    holding = Membership.objects.current().filter(role=role)
    if unit is not None:
        holding = holding.filter(unit=unit)
    return User.objects.filter(pk__in=holding.values("user"), is_active=True)


def handlers(case: Suggestion) -> Iterable[User]:
    """The handler, or everybody who handles cases in the responsible unit; where the triage desk sits, its people."""
    if case.handler is not None and case.handler.user is not None:
        return [case.handler.user]
    return members(Role.OFFICER, case.unit) | members(Role.TRIAGE, case.unit)


def leaders(case: Suggestion) -> Iterable[User]:
    return members(Role.LEADER, case.unit)


def triage_desk(case: Suggestion) -> Iterable[User]:
    return members(Role.TRIAGE)


def inspectorate(case: Suggestion) -> Iterable[User]:
    """The leaders of every inspectorate above the responsible unit."""
    above = Q(function=Unit.Function.INSPECTORATE, parent__path__in=case.unit.commanding_paths)
    holding = Membership.objects.current().filter(role=Role.LEADER, unit__in=Unit.objects.filter(above))
    return User.objects.filter(pk__in=holding.values("user"), is_active=True)


RECEIVED = _("Received: %(number)s")
ANSWERED = _("Answered: %(number)s")
ANSWERED_BODY = _("We have answered what you told us (%(number)s). Please read it and tell us what you think.")
ACCEPTED = _("Accepted: %(number)s")
ACCEPTED_BODY = _("We have accepted what you told us (%(number)s). The page of your case shows by when we answer.")
DECLINED = _("Not accepted: %(number)s")
DECLINED_BODY = _("We could not accept %(number)s. The page of your case says why and what you can do.")
ASKED = _("A question about %(number)s")
ASKED_BODY = _("To go on with %(number)s we need something from you. Please open the page of your case.")
REOPENED = _("Taken up again: %(number)s")
ON_ITS_OWN = _("Handled by itself again: %(number)s")
ON_ITS_OWN_BODY = _("%(number)s does not follow another case any more. Its page shows what is promised to you.")
REOPENED_BODY = _("%(number)s is being worked on again. The page of your case shows by when we answer.")
LATER = _("More time for %(number)s")
LATER_BODY = _("%(number)s needs more time. The page of your case shows the new date and the reason.")
OPENED_IDENTITY = _("%(office)s opened your name for %(number)s")
OPENED_IDENTITY_BODY = _("The page of your case %(number)s shows when it was opened and for what reason.")
NEW_FOR_YOU = _("New for your unit: %(number)s")
TO_SIGN = _("A reply waits for your signature: %(number)s")
DRAFT_RETURNED = _("Your draft was returned: %(number)s")
EXTENSION_ASKED = _("More time is asked for: %(number)s")
EXTENSION_GRANTED = _("You have more time: %(number)s")
EXTENSION_REFUSED = _("There is no more time: %(number)s")
WORDS_TO_READ = _("Read first whether this accuses the police: %(number)s")
BAD_RATING = _("The citizen is dissatisfied: %(number)s")
REMINDER = {
    "half": _("Half of the time has passed: %(number)s"),
    "most": _("Time is running out: %(number)s"),
    "due": _("The deadline is today: %(number)s"),
    "overdue": _("Overdue: %(number)s"),
}
