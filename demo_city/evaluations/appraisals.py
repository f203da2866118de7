"""Two years of appraisals of community officers and stations: one appeal rejected, one upheld, one still open."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pgtrigger
from django.db.models import F

from accounts.models import User
from core import calendar
from core.policy import Role
from core.workdays import SHANGHAI
from demo_city.context import Context, Loaded
from demo_city.directory import SHOWN_STATION
from evaluations import services
from evaluations.models import Appeal, Appraisal, AppraisalRun, Scheme, Wave
from evaluations.services import SchemePlan
from evaluations.services.appeals import DECIDE_DAYS
from evaluations.states import WaveKind, WaveState
from suggestions.models import Suggestion

HOUSE = {"above_on_time": 2900, "above_post_reply": 2000}
FIRST = {"satisfaction": 3100, "familiarity": 2000} | HOUSE
SECOND = {"satisfaction": 3100, "attitude": 2000} | HOUSE
REJECTED = "熟悉率这一项我觉得偏低，辖区里很多人都认识我，请再核对一次。"
REJECTED_WHY = (
    "已核对：问卷由第三方机构抽样，受访人来自您的辖区，计算无误。熟悉率已扣除受访人“认识”虚构姓名的比例，所有人都一样。"
)
UPHELD = "有一件超期的，先派到了别的单位，转到我这里时只剩一天，请核实。"
UPHELD_WHY = "已核实：该件先派错了单位，超期不是您的责任，不再计入。全部人员已重新计算，新的得分另行公布。"
STILL_OPEN = "服务态度的问卷里，有一部分是在我休假期间办的件，请核对。"


def load(context: Context) -> Loaded:
    """The two years before the newest poll, once; the second time it finds them."""
    years = list(
        Wave.objects.filter(is_demo=True, kind=WaveKind.POPULATION, state=WaveState.PUBLISHED)
        .order_by("year").values_list("year", flat=True)
    )[:2]  # fmt: skip
    if len(years) == 2 and not Scheme.objects.filter(year__in=years).exists():
        context.say("appraisals")
        Year(context, years[0], FIRST).tell_the_first()
        Year(context, years[1], SECOND).tell_the_second()
    shown = Appraisal.objects.filter(run__is_current=True, officer__isnull=False, unit__code=SHOWN_STATION)
    mine = shown.filter(total__isnull=False).order_by("-run__scheme__year", "officer__badge_number").first()
    waiting = Appeal.objects.filter(state="open").order_by("pk").first()
    return {
        "objects": {"appraisal": mine.pk if mine else None, "appeal": waiting.pk if waiting else None},
        "counts": {"appraisal_runs": AppraisalRun.objects.count(), "appraisals": Appraisal.objects.count()},
    }


class Year:
    """Tells one year through the services, then sets the stamps to when it would have been."""

    def __init__(self, context: Context, year: int, weights: dict[str, int]) -> None:
        self.context, self.year = context, year
        admins = User.objects.filter(memberships__role=Role.ADMIN).distinct().order_by("pk")
        self.admin, self.second = admins[:2]
        _when(Wave.objects.filter(year=year, state=WaveState.PUBLISHED), published_at=self._at(year, 12, 20))
        self.officers = self._scheme("officer", "community_officer", "社区民警考评", weights)
        self.units = self._scheme("unit", "", "派出所考评", SECOND)

    def _at(self, year: int, month: int, day: int) -> datetime:
        return datetime.combine(date(year, month, day), time(10), tzinfo=SHANGHAI)

    def _scheme(self, about: str, role: str, title: str, weights: dict[str, int]) -> Scheme:
        plan = SchemePlan(self.year, about, title, weights, role)
        scheme = services.propose_scheme(plan, by=self.admin)
        scheme = services.lock_scheme(scheme, by=self.second)
        _when(Scheme.objects.filter(pk=scheme.pk), locked_at=self._at(self.year, 3, 15))
        return scheme

    def _made_known(self, run: AppraisalRun, at: datetime) -> AppraisalRun:
        """Frozen by whoever did not work it out, and made known."""
        other = self.second if run.by_id == self.admin.pk else self.admin
        run = services.publish_appraisals(services.freeze_appraisals(run, by=other), by=other)
        then = at - timedelta(days=3)
        _when(AppraisalRun.objects.filter(pk=run.pk), at=then, finished_at=then, published_at=at)
        return run

    def _appeal(self, one: Appraisal, text: str) -> Appeal:
        return services.appeal(one, text=text, by=one.officer.user if one.officer else self.admin)

    def tell_the_first(self) -> None:
        """Everything is over: one appeal was rejected, one upheld, and all worked out again."""
        january = self._at(self.year + 1, 1, 15)
        for scheme in (self.units, self.officers):
            run = services.freeze_appraisals(services.run_appraisals(scheme, by=self.admin), by=self.second)
            run = services.publish_appraisals(run, by=self.second)
        if run.appraisals.filter(total__isnull=False, officer__user__isnull=False).count() < 2:
            return  # in a small city nobody is known well enough to appeal
        first, appellant, late = self._appellants(run)
        rejected, upheld = self._appeal(first, REJECTED), self._appeal(appellant, UPHELD)
        services.decide_appeal(rejected, uphold=False, reasons=REJECTED_WHY, by=self.second)
        numbers = [late.number] if late else []
        services.decide_appeal(upheld, uphold=True, reasons=UPHELD_WHY, by=self.second, not_counted=numbers)
        again = self.officers.runs.order_by("-number")[0]
        services.work_out_appraisals(again.pk)
        self._made_known(again, january + timedelta(days=26))
        first_runs = AppraisalRun.objects.filter(scheme__year=self.year, number=1)
        then = january - timedelta(days=3)
        _when(first_runs, at=then, finished_at=then, published_at=january)
        for made, day in ((rejected, 4), (upheld, 5)):
            _told(made, january + timedelta(days=day), decided=january + timedelta(days=21))

    def tell_the_second(self) -> None:
        """Just made known: one has appealed, the others still may."""
        now = self.context.now
        runs = [services.run_appraisals(scheme, by=self.admin) for scheme in (self.units, self.officers)]
        for run in runs:
            self._made_known(run, now - timedelta(days=5))
        complete = runs[1].appraisals.filter(total__isnull=False, officer__user__isnull=False)
        one = complete.exclude(unit__code=SHOWN_STATION).select_related("officer__user").order_by("pk").first()
        if one is not None:
            _told(self._appeal(one, STILL_OPEN), now - timedelta(days=3))

    def _appellants(self, run: AppraisalRun) -> tuple[Appraisal, Appraisal, Suggestion | None]:
        """Two who have a total, the second of them with a case of that year that was late, if there is one."""
        rows = run.appraisals.filter(total__isnull=False, officer__user__isnull=False)
        complete = list(rows.select_related("officer__user").order_by("pk"))
        late = self._late([one.officer_id for one in complete])
        chosen = next((one for case in late for one in complete if one.officer_id == case.handler_id), complete[1])
        case = next((case for case in late if case.handler_id == chosen.officer_id), None)
        return next(one for one in complete if one != chosen), chosen, case

    def _late(self, officers: list[Any]) -> list[Suggestion]:
        found = Suggestion.objects.filter(handler__in=officers, due_at__year=self.year, state="closed")
        return list(found.filter(replied_at__gt=F("due_at")).order_by("pk"))


def _when(rows: Any, **stamps: datetime) -> None:
    """Set the stamps of rows that are told of a time gone by, whatever stands already."""
    with pgtrigger.ignore("evaluations.Scheme:locked_scheme_stands", "evaluations.Appeal:decided_appeal_stands"):
        rows.update(**stamps)


def _told(made: Appeal, at: datetime, decided: datetime | None = None) -> None:
    stamps = {"at": at, "due_at": calendar.add_workdays(at, DECIDE_DAYS)}
    _when(Appeal.objects.filter(pk=made.pk), **stamps | ({"decided_at": decided} if decided else {}))
