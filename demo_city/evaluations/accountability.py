"""What followed from two years of appraisals: gates, one promotion, and three who were called to account.

Everything is done by the services on what the rows prove; then the stamps are set to when it would have been.
"""

from datetime import datetime, timedelta
from typing import Any

import pgtrigger
from django.db.models import Count, F, Q
from django.db.models.functions import ExtractYear

from accounts.models import User
from core import audit, calendar
from core.policy import Role
from core.workdays import LAST_SECOND, SHANGHAI
from demo_city.context import Context, Loaded
from demo_city.directory import SHOWN_STATION
from directory.models import Membership, Officer
from evaluations import services
from evaluations.models import AccountabilityCase, AccountabilityStep, Gate, PromotionDecision, Scheme, Score
from evaluations.queries import findings, gates
from evaluations.queries.findings import Finding
from evaluations.states import CASE_DAYS, CaseState, Ground, Indicator, WaveState
from suggestions.kept import CASE
from suggestions.models import Step, Suggestion

INSPECTORATE = "huzhou-inspectorate"
POST = "警务站站长"
WAIVED = (
    "evaluations.AccountabilityStep:never_changed",
    "evaluations.AccountabilityCase:ended_case_stands",
    "evaluations.AccountabilityCase:evidence_stands",
)
RANK_WHY = "排名靠后，先了解情况。"
RANK_DROPPED = "名次区间很宽，问卷也不多。没有查到超期、压件或打招呼的事，不予追究。"
LATE_WHY = "几件答复都过了期限，没有申请延期，记录清楚。"
LATE_HEARD = "本人到场，承认手头工作多，没有及时答复，也没有申请延期。"
LATE_OUTCOME = "责令书面检查，取消当年评优；所在单位改为每天早上清点快到期的件。"
LATE_ANSWER = "群众反映的几件事，我们答复晚了，让大家久等，向大家道歉。责任已经追究，单位已改为每天清点快到期的件。"
HEARING_WHY = "记录清楚，需要当面听取说明。"
HEARING_SIDE = "那段时间我借调到别的专班，件没有及时转给同事。我愿意当面说明。"


def load(context: Context) -> Loaded:
    """Gates, the promotion and the cases, once; the second time they are found."""
    services.record_missing_gates()
    if not AccountabilityCase.objects.exists():
        context.say("promotion gate and accountability")
        _promote(context)
        Inspector(context).tell()
    answered = AccountabilityCase.objects.filter(state=CaseState.ANSWERED).order_by("pk").first()
    running = AccountabilityCase.objects.filter(state=CaseState.OPENED).order_by("pk").first()
    return {
        "objects": {
            "accountability_case": running.number if running else None,
            "answered_case": answered.number if answered else None,
        },
        "counts": {
            "gates": Gate.objects.count(),
            "promotions": PromotionDecision.objects.count(),
            "accountability_cases": AccountabilityCase.objects.count(),
        },
    }


def prepare(context: Context) -> None:
    """Three officers of the made-up city answered late three times in a year, told before anybody is appraised.

    Their due dates are drawn before the day they answered; everything else of those voices stays as it was told.
    """
    if Scheme.objects.exists() or AccountabilityCase.objects.exists():
        return
    for officer, year in _often_late()[:3]:
        mine = Suggestion.objects.filter(handler=officer, state="closed", due_at__year=year)
        late = mine.filter(replied_at__gt=F("due_at")).count()
        on_time = mine.filter(_MOVED, replied_at__lte=F("due_at"))
        for case in on_time.order_by("-replied_at", "pk")[: max(0, findings.LATE_TIMES - late)]:
            _make_late(case)


# Whose deadline was moved once already: no rule says any more which day it must be.
_MOVED = Q(replied_at__gt=F("clock_from") + timedelta(days=2)) & Q(
    pk__in=Suggestion.objects.filter(
        Q(extensions__isnull=False) | Q(questions__isnull=False) | Q(reopened_times__gt=0)
    ).values("pk")
)


def _often_late() -> list[tuple[int, int]]:
    """Officers and years with enough of these voices, those who were late most often first."""
    usable = _MOVED | Q(replied_at__gt=F("due_at"))
    answered = Suggestion.objects.filter(usable, state="closed", handler__user__isnull=False).exclude(
        unit__code__in=[SHOWN_STATION, INSPECTORATE]
    )
    by_year = answered.values("handler", year=ExtractYear("due_at", tzinfo=SHANGHAI)).annotate(
        n=Count("pk"), late=Count("pk", filter=Q(replied_at__gt=F("due_at")))
    )
    rows = by_year.filter(n__gte=findings.LATE_TIMES).order_by("-late", "-year", "handler")
    seen: dict[int, int] = {}
    for row in rows[:50]:
        seen.setdefault(row["handler"], row["year"])
    return list(seen.items())


def _make_late(case: Suggestion) -> None:
    before, replied = case.due_at, case.replied_at
    if before is None or replied is None:
        return
    eve = replied.astimezone(SHANGHAI).date() - timedelta(days=1)
    due = datetime.combine(eve, LAST_SECOND, tzinfo=SHANGHAI)
    with pgtrigger.ignore("suggestions.Step:never_changed"):
        Step.objects.filter(suggestion=case, due_at=before).update(due_at=due)
    Suggestion.objects.filter(pk=case.pk).update(due_at=due)
    audit.record("demo.loaded", case, demo=True, kept=CASE.digest(case.pk))


def _promote(context: Context) -> None:
    """A community officer whom the public recognised in the newest year, by the leader of the unit above."""
    leading = Membership.objects.current().filter(role=Role.LEADER)
    passed = gates.in_force().filter(passed=True, officer__unit__parent__in=leading.values("unit"))
    newest = passed.first()
    if newest is None:
        return
    others = passed.filter(year=newest.year).exclude(officer__unit__code=SHOWN_STATION)
    gate = others.select_related("officer__unit").order_by("-public_points", "pk").first() or newest
    leader = leading.filter(unit=gate.officer.unit.parent_id).exclude(user=gate.officer.user).first()
    if leader is not None:
        made = services.promote(gate.officer, year=gate.year, to_position=POST, by=leader.user)
        with pgtrigger.ignore("evaluations.PromotionDecision:never_changed"):
            PromotionDecision.objects.filter(pk=made.pk).update(at=context.now - timedelta(days=2))


class Inspector:
    """Tells three cases as the head of the bureau's inspectorate would have handled them."""

    def __init__(self, context: Context) -> None:
        self.context = context
        leading = Membership.objects.current().filter(role=Role.LEADER, unit__code=INSPECTORATE).order_by("pk")
        self.by: User = leading.select_related("user")[0].user

    def tell(self) -> None:
        offered = findings.offered_to(self.by).findings
        late = [one for one in offered if one.ground == Ground.LATE_THREE_TIMES and one.officer and one.officer.user]
        for one in late[:1]:
            self._answered(one)
        officer = self._low_in_rank([one.officer for one in offered if one.officer])
        if officer is not None:
            self._dropped(officer)
        others = [one for one in offered if one.officer and one.officer.user and one not in late[:1]]
        for one in others[:1]:
            self._in_hearing(one)

    def _answered(self, found: Finding) -> None:
        case = services.open_inquiry(found.key, by=self.by)
        case = services.open_case(case, reasons=LATE_WHY, by=self.by)
        case = services.hear(case, record=LATE_HEARD, by=self.by)
        case = services.decide(case, outcome=LATE_OUTCOME, by=self.by)
        case = services.answer_in_public(case, answer=LATE_ANSWER, by=self.by)
        self._told(case, 48, 41, 33, 20, 16)

    def _in_hearing(self, found: Finding) -> None:
        case = services.open_inquiry(found.key, by=self.by)
        case = services.open_case(case, reasons=HEARING_WHY, by=self.by)
        if case.officer is not None and case.officer.user is not None:
            services.speak(case, statement=HEARING_SIDE, by=case.officer.user)
        self._told(case, 9, 5, 2)

    def _dropped(self, officer: Officer) -> None:
        case = services.open_inquiry_by_rank(officer, facts=RANK_WHY, by=self.by)
        case = services.drop(case, reasons=RANK_DROPPED, by=self.by)
        self._told(case, 30, 22)

    def _low_in_rank(self, others: list[Any]) -> Officer | None:
        """Who stands lowest in the newest published poll and of whom nothing is proven."""
        scores = Score.objects.filter(
            is_shown=True, rank__isnull=False, indicator=Indicator.SATISFACTION, run__is_current=True,
            run__without_flagged=False, run__wave__state=WaveState.PUBLISHED, subject__officer__isnull=False,
        ).exclude(subject__officer__in=others)  # fmt: skip
        lowest = scores.select_related("subject__officer__unit__parent").order_by("-run__wave__ends", "-rank").first()
        return lowest.subject.officer if lowest is not None and lowest.subject is not None else None

    def _told(self, case: AccountabilityCase, *days_ago: int) -> None:
        """Set the stamps of the case and its steps to so many days ago."""
        moments = [self.context.now - timedelta(days=days) for days in days_ago]
        with pgtrigger.ignore(*WAIVED):
            for step, at in zip(case.steps.order_by("pk"), moments, strict=True):
                AccountabilityStep.objects.filter(pk=step.pk).update(at=at)
            AccountabilityCase.objects.filter(pk=case.pk).update(**self._stamps(case, moments))

    def _stamps(self, case: AccountabilityCase, moments: list[datetime]) -> dict[str, datetime]:
        moves = [at for step, at in zip(case.steps.order_by("pk"), moments, strict=True) if not step.is_statement]
        state = CaseState(case.state)
        since = moves[-1] if state in CASE_DAYS else moves[-2]
        days = CASE_DAYS.get(state, CASE_DAYS[CaseState.DECIDED])
        stamps = {"opened_at": moves[0], "due_at": calendar.add_workdays(since, days)}
        return stamps | ({"answered_at": moves[-1]} if state == CaseState.ANSWERED else {})
