"""The appraised says what is wrong; somebody else decides with reasons, and what was right is worked out again."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.notifications import notify
from core import audit, calendar, outbox, policy
from core.errors import Invalid, NotAllowed
from core.locks import locked
from core.text import ascii_digits, clean
from evaluations.access.figures import visible_appraisals
from evaluations.errors import AppraisalMovedOn
from evaluations.models import Appeal, Appraisal, AppraisalRun
from evaluations.services.appraising import start
from evaluations.services.schemes import hold_scheme
from evaluations.states import AppealState, AppraisalState
from suggestions.models import Suggestion

APPEAL_DAYS = 10  # working days after an appraisal was made known
DECIDE_DAYS = 15  # working days after an appeal
LONGEST = 2_000


def appeal_until(run: AppraisalRun) -> datetime | None:
    """Until when the appraised may appeal; None while the run is not made known."""
    return calendar.add_workdays(run.published_at, APPEAL_DAYS) if run.published_at else None


@transaction.atomic
def appeal(appraisal: Appraisal, *, text: str, by: Any) -> Appeal:
    """Say what is wrong with one's own appraisal.

    Raises: NotAllowed for anybody but the appraised, Invalid, AppraisalMovedOn after the term or a second time.
    """
    if not visible_appraisals(by, "appeal").filter(pk=appraisal.pk).exists():
        raise NotAllowed(_("Only the appraised appeals."))
    appraisal = locked(Appraisal.objects.select_related("run"), appraisal.pk)
    words = clean(text)
    if not words:
        raise Invalid("text", _("Please say what is wrong."))
    if len(words) > LONGEST:
        raise Invalid("text", _("At most %(n)s characters.") % {"n": LONGEST})
    if not appraisal.run.is_current:
        raise AppraisalMovedOn(_("This was worked out again later. Please appeal against the new figures."))
    if appraisal.appeals.exists():
        raise AppraisalMovedOn(_("You have appealed against this appraisal already."))
    now, until = timezone.now(), appeal_until(appraisal.run)
    if until is None or now > until:
        raise AppraisalMovedOn(_("The term for an appeal is over."))
    due = calendar.add_workdays(now, DECIDE_DAYS)
    made = Appeal.objects.create(appraisal=appraisal, text=words, by=by, at=now, due_at=due)
    audit.record("appeal.made", made, by=by, appraisal=appraisal.pk)
    return made


@transaction.atomic
def decide_appeal(made: Appeal, *, uphold: bool, reasons: str, by: Any, not_counted: Sequence[str] = ()) -> Appeal:
    """Answer an appeal; upheld, everybody's appraisal is worked out again under a new number.

    ``not_counted``: numbers of cases that no longer count. Decided by neither the appraised nor who worked it out.
    Raises: NotAllowed, Invalid by field, AppraisalMovedOn.
    """
    policy.require(by, "decide", "appraisal")
    scheme = hold_scheme(made.appraisal.run.scheme)
    made = locked(Appeal.objects.select_related("appraisal__run", "by"), made.pk)
    if made.state != AppealState.OPEN:
        raise AppraisalMovedOn(_("Somebody has decided this already."))
    require_another(made, by)
    words, numbers = clean(reasons), sorted({clean(ascii_digits(number)) for number in not_counted} - {""})
    if not words:
        raise Invalid("reasons", _("Please say why."))
    if len(words) > LONGEST:
        raise Invalid("reasons", _("At most %(n)s characters.") % {"n": LONGEST})
    _check_numbers(made.appraisal, numbers, uphold)
    made.state = AppealState.UPHELD if uphold else AppealState.REJECTED
    made.decided_by, made.decided_at, made.reasons, made.not_counted = by, timezone.now(), words, numbers
    made.save(update_fields=["state", "decided_by", "decided_at", "reasons", "not_counted"])
    audit.record("appeal.decided", made, by=by, state=made.state, not_counted=numbers)
    if uphold:
        start(scheme, by=by)
    outbox.emit("evaluations.appeal_decided", appeal=made.pk)
    notify(
        user=made.by,
        subject=gettext_lazy("Your appeal was answered"),
        body=gettext_lazy("Please read the decision and its reasons."),
        link=made.appraisal.get_absolute_url(),
        dedupe_key=f"appeal:{made.pk}:decided",
        channels=("site",),
    )
    return made


def require_another(made: Appeal, by: Any) -> None:
    """Raises: NotAllowed for who appealed, who is appraised, and who worked the appraisal out."""
    appraised = visible_appraisals(by, "own").filter(pk=made.appraisal_id).exists()
    if made.by_id == by.pk or appraised:
        raise NotAllowed(_("Nobody decides their own appeal."))
    if made.appraisal.run.by_id == by.pk:
        raise NotAllowed(_("You worked this appraisal out; somebody else must decide."))


def _check_numbers(appraisal: Appraisal, numbers: Sequence[str], uphold: bool) -> None:
    """Raises: Invalid unless these are cases of the appraised, of an appeal that is upheld."""
    if not numbers:
        return
    if not uphold:
        raise Invalid("not_counted", _("Cases are left out only where the appeal is upheld."))
    theirs = Q(handler=appraisal.officer_id) if appraisal.officer_id else Q(unit=appraisal.unit_id)
    known = set(Suggestion.objects.filter(theirs, number__in=numbers).values_list("number", flat=True))
    for number in numbers:
        if number not in known:
            raise Invalid("not_counted", _("%(number)s is not a case of the appraised.") % {"number": number})


def is_open_to(appraisal: Appraisal, until: datetime | None) -> bool:
    """Whether an appeal can still be made; ``appeals`` of the appraisal are at hand."""
    holds = appraisal.run.state == AppraisalState.PUBLISHED and appraisal.run.is_current and until is not None
    return holds and not list(appraisal.appeals.all()) and timezone.now() <= (until or timezone.now())
