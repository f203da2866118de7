"""Accountability cases as pages show them: lists by deadline, evidence and thread in words, answers to the public."""

import re
from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core import keyset
from core.day_words import day
from core.keyset import Page
from core.thread import Kind, Node
from evaluations.access.accountability import concerning, visible_cases
from evaluations.models import AccountabilityCase, AccountabilityStep
from evaluations.states import CASE_TRANSITIONS, RUNNING_CASES, CaseState, Ground, Indicator

VOICE_NUMBER = re.compile(r"(?<!\d)\d{4}-\d{6}(?!\d)")
RUNNING, LATE, OVER = "running", "late", "over"
FOLDERS = {RUNNING: gettext_lazy("Running"), LATE: gettext_lazy("Late"), OVER: gettext_lazy("Over")}
BY_DEADLINE, NEWEST_FIRST, ANSWERED_LAST = ("due_at", "pk"), ("-opened_at", "-pk"), ("-answered_at", "-pk")
KINDS: dict[str, Kind] = {
    CaseState.INQUIRY: "step", CaseState.OPENED: "escalated", CaseState.HEARD: "said", CaseState.DECIDED: "closed",
    CaseState.ANSWERED: "answered", CaseState.DROPPED: "declined",
}  # fmt: skip
TO_COME = {
    CaseState.OPENED: gettext_lazy("A case, or dropped with reasons"),
    CaseState.HEARD: gettext_lazy("Hearing"),
    CaseState.DECIDED: gettext_lazy("Decision on what follows"),
    CaseState.ANSWERED: gettext_lazy("Answer to the public"),
}
PUT_AWAY = {
    "declined": gettext_lazy("declined"), "merged": gettext_lazy("merged away"),
    "closed": gettext_lazy("closed without a reply"),
}  # fmt: skip


def page_of_cases(user: Any, *, folder: str, cursor: str | None = None, size: int = 25) -> Page[AccountabilityCase]:
    """The cases this person may read: running or late by deadline, or those that are over; one statement."""
    cases = visible_cases(user).select_related("unit", "officer")
    if folder == OVER:
        return keyset.page(cases.exclude(state__in=RUNNING_CASES), key=NEWEST_FIRST, cursor=cursor, size=size)
    cases = cases.filter(state__in=RUNNING_CASES)
    if folder == LATE:
        cases = cases.filter(due_at__lt=Now())
    return keyset.page(cases, key=BY_DEADLINE, cursor=cursor, size=size)


def about_oneself(user: Any) -> list[AccountabilityCase]:
    """The cases that call this person to account, the newest first; one statement."""
    return list(concerning(user).select_related("unit").order_by("-opened_at", "-pk")[:20])


def detailed(cases: QuerySet[AccountabilityCase]) -> QuerySet[AccountabilityCase]:
    return cases.select_related("unit", "officer__unit", "opened_by").prefetch_related("steps__by")


def public_answers(cursor: str | None = None, size: int = 20) -> Page[AccountabilityCase]:
    """What the public may read: answered cases, the newest answer first; one statement. No officer comes along."""
    answered = AccountabilityCase.objects.filter(state=CaseState.ANSWERED).select_related("unit")
    shown = answered.only(
        "number", "unit__name", "unit__name_en", "unit__code", "ground", "evidence", "outcome", "public_answer",
        "answered_at",
    )  # fmt: skip
    return keyset.page(shown, key=ANSWERED_LAST, cursor=cursor, size=size)


def found(case: AccountabilityCase) -> str:
    """What was found, as the public reads it."""
    n = len(case.evidence.get("rows", []))
    match case.ground:
        case Ground.SIGNAL_TWICE:
            return _("The public rated the work far below comparable ones, twice in a year.")
        case Ground.COACHING:
            return _("People who were asked in a poll had been told what to answer.")
        case Ground.BURIED:
            return _("A complaint was put away by whom it was about.")
        case Ground.LATE_THREE_TIMES:
            return ngettext(
                "%(n)s answer to the public came too late.", "%(n)s answers to the public came too late.", n
            ) % {"n": n}
    return _("The public's ranking was low.")


def evidence_lines(ground: str, rows: Iterable[dict[str, Any]], *, for_concerned: bool = False) -> list[str]:
    """The evidence, a line a row. Whom the case is about reads no number of anybody's voice (P11)."""
    return [_line(ground, row, hide=for_concerned) for row in rows]


def _line(ground: str, row: dict[str, Any], *, hide: bool) -> str:
    match ground:
        case Ground.SIGNAL_TWICE:
            return _("%(wave)s, %(indicator)s: %(points)s points (%(low)s to %(high)s), %(n)s answers") % _with(row)
        case Ground.RANK:
            words = _("%(wave)s, %(indicator)s: place %(rank_low)s to %(rank_high)s of %(peers)s, %(n)s answers")
            return words % _with(row)
        case Ground.COACHING:
            words = _("%(wave)s, week of %(week)s: %(interviews)s interviews flagged, %(upheld)s upheld")
            return words % {**row, "wave": row.get("title") or row["wave"], "week": day(parse_date(row["week"]))}
        case Ground.LATE_THREE_TIMES:
            said = {"due": day(parse_datetime(row["due"])), "replied": day(parse_datetime(row["replied"]))}
            words = _("Due on %(due)s, answered on %(replied)s") % said
        case _:
            words = _("%(what)s on %(day)s by whom it complains of") % {
                "what": PUT_AWAY.get(row["what"], row["what"]),
                "day": day(parse_datetime(row["at"])),
            }
    return words if hide else f"{row['number']} · {words}"


def _with(row: dict[str, Any]) -> dict[str, Any]:
    """Numbers as a person reads them: points with one place, places in a ranking as whole numbers."""
    said = {name: f"{float(row[name]):.1f}" for name in ("points", "low", "high") if row.get(name) is not None}
    said |= {name: f"{float(row[name]):.0f}" for name in ("rank_low", "rank_high") if row.get(name) is not None}
    return {**row, **said, "wave": row.get("title") or row["wave"], "indicator": Indicator(row["indicator"]).label}


def thread(case: AccountabilityCase, *, for_concerned: bool = False) -> list[Node]:
    """Every step, and the one that is promised next; whom it is about reads no number of anybody's voice (P11)."""
    nodes = [_node(step, hide=for_concerned) for step in case.steps.all()]
    if case.state in RUNNING_CASES:
        to = CASE_TRANSITIONS[CaseState(case.state)][0]
        nodes.append(Node(title=str(TO_COME[to]), kind=KINDS[to], done=False, due=case.due_at))
    return nodes


def _node(step: AccountabilityStep, *, hide: bool) -> Node:
    text = VOICE_NUMBER.sub("****", step.text) if hide else step.text
    title = _("The person concerned speaks") if step.is_statement else str(step.get_to_state_display())
    kind: Kind = "said" if step.is_statement else KINDS[step.to_state]
    return Node(title=title, at=step.at, actor=str(step.by.display_name or step.by), text=text, kind=kind)
