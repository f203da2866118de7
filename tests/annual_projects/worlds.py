"""Editions in any phase, made by the services: candidates are proposed, reviewed and frozen by two admins."""

from datetime import date, timedelta
from itertools import count
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from annual_projects import services
from annual_projects.models import Candidate, Edition, Milestone, Project
from annual_projects.models.edition import STARTS
from annual_projects.services import Description, Idea, Plan, Verdict, freezing
from annual_projects.states import Phase
from core import clock
from tests import factories

_serial = count(1)
PHASES = list(Phase)
TITLES = (
    "户籍迁移一次办成", "路口绿灯时间看人改", "小区停车错峰共享", "电动车上牌进社区", "老人防诈骗上门讲",
    "夜间噪音快速到场", "背街小巷路灯补亮", "文明养犬进小区", "窗口延时到八点", "出境证件邮寄到家",
    "夜巡每晚看得见", "纠纷调解进村口", "护学岗早晚不缺", "失窃财物全力追回", "公布所长电话",
)  # fmt: skip


def plan(phase: str = "collecting", **changes: Any) -> Plan:
    """A timetable in which ``phase`` began yesterday and the next one begins tomorrow."""
    now, here = clock.now(), PHASES.index(Phase(phase))
    starts = {STARTS[each]: now + timedelta(days=index - here - (index <= here)) for index, each in enumerate(PHASES)}
    return Plan(**(starts | {"choose_min": 2, "choose_max": 3, "winners": 3} | changes))


def edition(c: SimpleNamespace, phase: str = "collecting", *, year: int = 2027, n: int = 4, **changes: Any) -> Edition:
    """An edition that the services brought to ``phase``, with ``n`` candidates: three may be chosen, three win."""
    made = services.create_edition(year, plan(phase, **changes), by=c.admin)
    if phase == "collecting":
        return made
    candidates = [candidate(c, made, "accepted") for _ in range(n)]
    services.advance(made)
    if phase == "reviewing":
        return fresh(made)
    freeze(c, made)
    while fresh(made).phase != phase:
        if fresh(made).phase == Phase.RESULT:
            ranked = [one.pk for one in candidates[: made.winners]]
            services.open_projects(made, ranked, votes={pk: 900 - 10 * i for i, pk in enumerate(ranked)})
        if fresh(made).phase == Phase.JUDGED:
            for project in made.projects.all():
                settle(c, project)
        services.advance(made)
    return fresh(made)


def fresh(made: Edition) -> Edition:
    return Edition.objects.get(pk=made.pk)


def candidate(c: SimpleNamespace, where: Edition, state: str = "nominated", **said: Any) -> Candidate:
    """A candidate in ``nominated``, ``under_review``, ``accepted`` or ``rejected``."""
    number = next(_serial)
    title = said.pop("title", f"{TITLES[number % len(TITLES)]}({number})")
    idea = Idea(title=title, text="希望今年就办。", category=c.lights, area=c.wuxing_area)
    user = said.pop("user", None) or factories.citizen()
    made = services.nominate(where, idea, user=user, idempotency_key=f"idea-{number}").candidate
    if state == "nominated":
        return made
    services.take_up(made, by=c.triage)
    services.describe(made, description(c, title=title, **said), by=c.triage)
    if state in ("accepted", "rejected"):
        verdict = Verdict(
            accepted=state == "accepted", reasons="能办,钱和人都有。", cost=200_000, law="《户口登记条例》"
        )
        services.review(made, verdict, by=c.admin)
    return Candidate.objects.get(pk=made.pk)


def description(c: SimpleNamespace, **said: Any) -> Description:
    words = {
        "title": "户籍迁移一次办成",
        "summary": "市内迁户口,只跑一个窗口,当天办完。",
        "outcome": "到12月底,市内迁移只跑一次。",
        "category": c.lights,
        "lead_unit": c.yuehe,
        "target": 80_000,
        "target_unit": "人次",
    }
    return Description(**(words | said))


def freeze(c: SimpleNamespace, made: Edition) -> Edition:
    """Frozen by two admins, as if it had been in good time before the vote."""
    with patch.object(freezing, "PREPARING", timedelta(days=-999)):
        proposed = services.propose_freeze(made, by=c.admin)
        return services.confirm_freeze(made, by=c.admin2, seen=proposed.freeze_digest)


def milestone(c: SimpleNamespace, project: Project, *, days: int = 30, title: str = "") -> Milestone:
    """A step of Yuehe station, due in so many days."""
    due = clock.now().date() + timedelta(days=days)
    title = title or f"第{next(_serial)}步"
    return services.add_milestone(project, by=c.admin, title=title, unit=c.yuehe, due_on=due)


def settle(c: SimpleNamespace, project: Project, *, delivered: bool = True) -> Project:
    services.finish_milestone(milestone(c, project), by=c.admin, done_on=date(2026, 6, 1))
    return services.settle_project(
        project, by=c.admin, delivered=delivered, achieved=82_000, words="市内迁移当天办结,群众少跑一趟。"
    )
