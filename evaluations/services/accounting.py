"""Calling somebody to account (问责): an inquiry, on proof a case, a hearing, a decision, an answer in public.

Evidence is looked up in the rows, never typed. Nobody handles a case about themselves or a unit they stand under.
"""

from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from core import audit, calendar, clock, outbox, refusals
from core.errors import Invalid, NotAllowed
from core.locks import locked
from core.said import required
from directory.models import Officer
from evaluations.access import accountability as accountable
from evaluations.errors import CaseMovedOn, NoGround
from evaluations.models import AccountabilityCase, Score
from evaluations.queries import findings
from evaluations.queries.findings import Finding
from evaluations.services import case_notices
from evaluations.states import CASE_DAYS, CASE_TRANSITIONS, CaseState, Ground, SubjectKind, WaveState

LONGEST = 2000
SPEAKS_IN = (CaseState.OPENED, CaseState.HEARD)


@transaction.atomic
def open_inquiry(key: str, *, facts: str = "", by: Any) -> AccountabilityCase:
    """Look into a finding that the rows prove. Raises: NotAllowed, NoGround where they do not, Invalid."""
    found = next(iter(findings.look_up(key)), None)
    if found is None:
        raise NoGround(_("The rows do not prove this any more, or never did."))
    return _write(found, facts, by)


@transaction.atomic
def open_inquiry_by_rank(officer: Officer, *, facts: str, by: Any) -> AccountabilityCase:
    """Look into an officer who stands low among the peers; that alone never becomes a case.

    Raises: NotAllowed, NoGround where no rank may be shown, Invalid without the reason.
    """
    rows = list(_ranks(officer))
    if not rows:
        raise NoGround(_("No rank of this officer may be shown: too few people answered."))
    wave = rows[0]["wave"]
    found = Finding(f"rank:o{officer.pk}:{wave}"[:60], Ground.RANK, officer, officer.unit, None, rows)
    return _write(found, _required(facts, "facts"), by)


def _ranks(officer: Officer) -> Any:
    """The shown ranks of the newest published wave that speaks of the officer."""
    scores = Score.objects.filter(
        subject__officer=officer, subject__kind=SubjectKind.OFFICER, is_shown=True, rank__isnull=False,
        run__is_current=True, run__without_flagged=False, run__wave__state=WaveState.PUBLISHED,
    ).select_related("run__wave")  # fmt: skip
    newest = scores.order_by("-run__wave__ends", "-pk").first()
    if newest is None:
        return
    for score in scores.filter(run=newest.run).order_by("indicator"):
        yield {
            "wave": newest.run.wave.code, "title": newest.run.wave.title,
            "indicator": score.indicator, "points": str(score.points),
            "rank_low": str(score.rank_low), "rank_high": str(score.rank_high), "peers": score.peers, "n": score.n,
        }  # fmt: skip


def _write(found: Finding, facts: str, by: Any) -> AccountabilityCase:
    now = clock.now()
    pk = _next_pk()
    case = AccountabilityCase(
        pk=pk, number=f"A{now:%Y}-{pk:05d}", officer=found.officer, unit=found.unit, ground=found.ground,
        facts=facts, evidence=found.evidence, finding=found.key, opened_by=by, opened_at=now,
        due_at=calendar.add_workdays(now, CASE_DAYS[CaseState.INQUIRY]),
    )  # fmt: skip
    _require_reach(case, by)
    with refusals.told(), transaction.atomic():
        case.save(force_insert=True)
    case.steps.create(at=now, to_state=CaseState.INQUIRY, by=by, text=case.facts)
    audit.record("accountability.inquiry", case, by=by, ground=case.ground, finding=case.finding)
    outbox.emit("evaluations.accountability_moved", case=case.pk, to=CaseState.INQUIRY.value)
    return case


def _next_pk() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('evaluations_accountabilitycase', 'id'))")
        return int(cursor.fetchone()[0])


def _require_reach(case: AccountabilityCase, by: Any) -> None:
    """Before the row is there: would this case be theirs to handle? Raises: NotAllowed."""
    paths, own = accountable.reach_of(by, "handle"), by.officer_or_none
    within = paths is None or any(case.unit.path.startswith(path) for path in paths)
    if not within or case.unit.path in accountable.barred_paths(by) or (own and own.pk == case.officer_id):
        raise NotAllowed


@transaction.atomic
def open_case(case: AccountabilityCase, *, reasons: str, by: Any) -> AccountabilityCase:
    """Make the inquiry a case, on what the rows prove at this moment.

    An inquiry by rank needs another ground that is proven of the same officer. Raises: NotAllowed, CaseMovedOn,
    NoGround, Invalid without reasons.
    """
    case, reasons = _lock(case, by), _required(reasons, "reasons")
    _may_go(case, CaseState.OPENED)
    proven = _proven(case)
    if proven is None:
        raise NoGround(_no_ground(case))
    case.ground, case.evidence, case.finding = proven.ground, proven.evidence, proven.key
    with refusals.told(), transaction.atomic():
        return _move(case, CaseState.OPENED, text=reasons, by=by, fields=("ground", "evidence", "finding"))


def _proven(case: AccountabilityCase) -> Finding | None:
    if case.ground != Ground.RANK:
        return next(iter(findings.look_up(case.finding)), None)
    return next(iter(findings.about(case.officer, case.unit)), None)


def _no_ground(case: AccountabilityCase) -> str:
    if case.ground == Ground.RANK:
        return str(NoGround.default)
    return _("The rows do not prove this any more, or never did.")


@transaction.atomic
def hear(case: AccountabilityCase, *, record: str, by: Any) -> AccountabilityCase:
    """Write down the hearing. Raises: NotAllowed, CaseMovedOn, Invalid."""
    return _move(_lock(case, by), CaseState.HEARD, text=_required(record, "record"), by=by)


@transaction.atomic
def decide(case: AccountabilityCase, *, outcome: str, by: Any) -> AccountabilityCase:
    """Say what follows; the public reads it, so it names nobody. Raises: NotAllowed, CaseMovedOn, Invalid."""
    case = _lock(case, by)
    case.outcome = _nameless(case, outcome, "outcome")
    return _move(case, CaseState.DECIDED, text=case.outcome, by=by, fields=("outcome",))


@transaction.atomic
def answer_in_public(case: AccountabilityCase, *, answer: str, by: Any) -> AccountabilityCase:
    """Tell the public what was found and what follows. Raises: NotAllowed, CaseMovedOn, Invalid where it names one."""
    case = _lock(case, by)
    case.public_answer, case.answered_at = _nameless(case, answer, "answer"), clock.now()
    return _move(case, CaseState.ANSWERED, text=case.public_answer, by=by, fields=("public_answer", "answered_at"))


@transaction.atomic
def drop(case: AccountabilityCase, *, reasons: str, by: Any) -> AccountabilityCase:
    """Nothing follows, and why. Raises: NotAllowed, CaseMovedOn, Invalid."""
    return _move(_lock(case, by), CaseState.DROPPED, text=_required(reasons, "reasons"), by=by)


@transaction.atomic
def speak(case: AccountabilityCase, *, statement: str, by: Any) -> AccountabilityCase:
    """The person concerned says their side, until the decision. Raises: NotAllowed, CaseMovedOn, Invalid."""
    case = _row(case)
    if not accountable.concerning(by).filter(pk=case.pk).exists():
        raise NotAllowed
    if case.state not in SPEAKS_IN:
        raise CaseMovedOn
    statement = _required(statement, "statement")
    case.steps.create(at=clock.now(), to_state=case.state, by=by, text=statement, is_statement=True)
    audit.record("accountability.statement", case, by=by)
    case_notices.tell_handler(case)
    return case


def _row(case: AccountabilityCase) -> AccountabilityCase:
    return locked(AccountabilityCase.objects.select_related("unit__parent", "officer__user", "opened_by"), case.pk)


def _lock(case: AccountabilityCase, by: Any) -> AccountabilityCase:
    case = _row(case)
    accountable.require_handler(by, case)
    return case


def _may_go(case: AccountabilityCase, to: CaseState) -> None:
    if to not in CASE_TRANSITIONS.get(CaseState(case.state), ()):
        raise CaseMovedOn


def _move(
    case: AccountabilityCase, to: CaseState, *, text: str, by: Any, fields: tuple[str, ...] = ()
) -> AccountabilityCase:
    """Take the step the table allows, with its new deadline; the case is locked. Raises: CaseMovedOn."""
    _may_go(case, to)
    start, now = case.state, clock.now()
    case.state = to
    if to in CASE_DAYS:
        case.due_at = calendar.add_workdays(now, CASE_DAYS[to])
    case.save(update_fields=["state", "due_at", *fields])
    case.steps.create(at=now, to_state=to, by=by, text=text)
    audit.record("accountability.moved", case, by=by, start=start, to=to.value)
    outbox.emit("evaluations.accountability_moved", case=case.pk, to=to.value)
    if start != CaseState.INQUIRY or to != CaseState.DROPPED:
        case_notices.tell_concerned(case)
    return case


def _required(words: str, field: str) -> str:
    return required(words, field, LONGEST, _("Please write why."))


def _nameless(case: AccountabilityCase, words: str, field: str) -> str:
    """The words, if no officer of the unit is named in them: the public reads them."""
    words = _required(words, field)
    officers = Officer.objects.filter(unit=case.unit).values_list("name", "badge_number")
    known = {*officers, *([(case.officer.name, case.officer.badge_number)] if case.officer else [])}
    if any(name in words or badge in words for name, badge in known):
        raise Invalid(field, _("The public reads this. Please name the unit, no officer."))
    return words
