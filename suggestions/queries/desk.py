"""The inbox: folders with counts, a page of a folder, what waits for a person; and what may be done with a case."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Value
from django.db.models.functions import Now
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.queries import failed_notifications
from core import keyset, policy
from core.keyset import Page
from core.policy import Role, Scope
from directory import second_person
from directory.queries import led_by
from suggestions import access, states
from suggestions.models import (
    Attachment,
    CoHandling,
    Extension,
    FollowUp,
    IdentityOpening,
    Rating,
    Reply,
    ReplyTemplate,
    Step,
    Subject,
    Suggestion,
)
from suggestions.queries.accused import must_be_read
from suggestions.queries.board import all_words
from suggestions.states import ExtensionState, ReplyState, State, StepKind, Who

SOON = timedelta(days=2)
BY_DEADLINE = ("due_at", "id")
NEWEST_FIRST = ("-created_at", "-id")

READS = frozenset({Scope.ALL, Scope.ASSIGNED, Scope.SUBTREE, Scope.SAMPLE})
DRAFTED = Exists(Reply.objects.filter(suggestion=OuterRef("pk"), state=ReplyState.DRAFT))

UNREAD = Exists(Reply.objects.unread().filter(suggestion=OuterRef("pk")))
RATED_UNREAD = Exists(Rating.objects.waiting().filter(suggestion=OuterRef("pk")))
NAMED = Exists(Subject.objects.filter(suggestion=OuterRef("pk")))
DECIDED = Step.objects.filter(suggestion=OuterRef("pk"), kind__in=(StepKind.COMPLAINT, StepKind.NO_COMPLAINT))
TO_PUBLISH = Q(~NAMED, seems_complaint=False, publish=True, state__in=states.PUBLISHABLE) & (
    Q(published_at=None, public_read_at=None) | Q(UNREAD, published_at__isnull=False)
)

FOLDERS: dict[str, tuple[Promise, Q, tuple[str, ...]]] = {
    "to_accept": (_("To accept"), Q(state=State.RECEIVED), BY_DEADLINE),
    "complaints": (_("Complaints?"), Q(seems_complaint=True, state__in=states.OPEN) | Q(RATED_UNREAD), BY_DEADLINE),
    "to_assign": (_("To assign"), Q(state=State.ACCEPTED), BY_DEADLINE),
    "to_publish": (_("To publish"), TO_PUBLISH, ("created_at", "id")),
    "to_sign": (_("To sign"), Q(DRAFTED, state=State.ASSIGNED), BY_DEADLINE),
    "mine": (_("In hand"), Q(state=State.ASSIGNED), BY_DEADLINE),
    "due_soon": (_("Due soon"), Q(state__in=states.RUNNING, due_at__gte=Now(), due_at__lt=Now() + SOON), BY_DEADLINE),
    "overdue": (_("Overdue"), Q(state__in=states.RUNNING, due_at__lt=Now()), BY_DEADLINE),
    "waiting": (_("Waiting for the citizen"), Q(state=State.WAITING), BY_DEADLINE),
    "replied": (_("Replied"), Q(state=State.REPLIED), NEWEST_FIRST),
    "all": (_("All"), Q(), NEWEST_FIRST),
}
# folders of one role, by its action
WORK_OF = {
    "to_accept": "triage",
    "to_assign": "triage",
    "complaints": "triage",
    "to_publish": "triage",
    "to_sign": "sign",
}


def reads_cases(user: Any) -> bool:
    """Whether the user reads cases at all; a public-work admin only counts them."""
    return not policy.scopes(user, "read", "suggestion").isdisjoint(READS)


def counts_cases(user: Any) -> bool:
    """Whether the user counts more cases than they read."""
    return Scope.COUNTS in policy.scopes(user, "count", "suggestion")


@dataclass(frozen=True)
class Folder:
    """One folder of the inbox."""

    key: str
    label: Promise
    count: int


def _in_folder(user: Any, key: str) -> Q:
    """``mine`` is the handler's own for an officer, and all in hand for whoever leads or routes."""
    condition = FOLDERS[key][1]
    officer = user.officer_or_none
    if key == "mine" and officer and policy.roles_of(user).isdisjoint({Role.TRIAGE, Role.LEADER}):
        return condition & (Q(handler=officer) | Q(handler=None))
    return condition


def folders(user: Any) -> list[Folder]:
    """The folders with what the user finds there; another role's are left out while they are empty. One statement."""
    cases = Suggestion.objects.visible_to(user) if reads_cases(user) else Suggestion.objects.countable_by(user)
    counted = cases.aggregate(**{key: Count("pk", filter=_in_folder(user, key) or ~Q(pk=None)) for key in FOLDERS})
    others = {key for key, action in WORK_OF.items() if not policy.can(user, action, "suggestion")}
    return [
        Folder(key, label, counted[key])
        for key, (label, _q, _order) in FOLDERS.items()
        if counted[key] or key not in others
    ]


def inbox(user: Any, folder: str, filters: Mapping[str, str], cursor: str | None, size: int = 30) -> Page[Suggestion]:
    """A page of a folder; one statement. Filters: category, area, unit, channel (codes) and q (words or a number).

    Area and unit include all below them. Each case knows whether it ``has_helpers`` and a draft (``is_drafted``).
    """
    cases = Suggestion.objects.visible_to(user).filter(_in_folder(user, folder))
    names = {"category": "category", "area": "area__code__startswith", "channel": "channel"}
    cases = cases.filter(**{names[key]: value for key, value in filters.items() if key in names and value})
    if filters.get("unit"):
        cases = cases.filter(unit__path__contains=f"/{filters['unit']}/")
    if filters.get("q"):
        cases = cases.filter(_typed(filters["q"]))
    helpers = Exists(CoHandling.objects.filter(suggestion=OuterRef("pk")))
    cases = cases.select_related("category", "area", "unit", "handler").annotate(
        has_helpers=helpers, is_drafted=DRAFTED, was_decided=Exists(DECIDED) | NAMED
    )
    return keyset.page(cases, key=FOLDERS[folder][2], cursor=cursor, size=size)


def unread(cases: Iterable[Suggestion]) -> set[int]:
    """The cases of a page that bulk leaves out: their words could be about the police, and nobody has read them yet."""
    waiting = (one for one in cases if one.state in (State.RECEIVED, State.ACCEPTED) and not one.seems_complaint)
    return {one.pk for one in waiting if not getattr(one, "was_decided", False) and must_be_read(one.words)}


def _typed(words: str) -> Q:
    """A number, or words: as written in what was said, or all of them in the index where the case is public."""
    wanted = all_words(words)
    typed = words.strip()
    condition = Q(number=typed) | Q(title__icontains=typed) | Q(body__icontains=typed)
    return condition | Q(search=wanted) if wanted is not None else condition


def case_for(user: Any, number: str) -> Suggestion:
    """One case with all the page shows of it; six statements.

    Raises: Suggestion.DoesNotExist when the user may not see it.
    """
    return (
        Suggestion.objects.visible_to(user)
        .select_related("category", "area", "unit__parent", "handler", "merged_into", "plaza_day", "entered_by")
        .prefetch_related(
            "attachments",
            Prefetch("co_handlings", CoHandling.objects.select_related("unit").order_by("since")),
            Prefetch("subjects", Subject.objects.select_related("unit", "officer")),
            Prefetch("replies", Reply.objects.select_related("drafted_by", "signed_by", "unit")),
            Prefetch("extensions", Extension.objects.select_related("requested_by", "approved_by", "confirmed_by")),
        )
        .get(number=number)
    )


def readable_files(user: Any) -> QuerySet[Attachment]:
    """The files of the cases that the user may read, and of those that follow one of them."""
    visible = Suggestion.objects.visible_to(user).order_by().values("pk")
    cases = Suggestion.objects.without_conflict(user).filter(Q(pk__in=visible) | Q(merged_into__in=visible))
    return Attachment.objects.select_related("suggestion").filter(suggestion__in=cases.order_by().values("pk"))


def countable_case(user: Any, number: str) -> Suggestion:
    """One case of which the user may know its unit, state and deadline. Raises: Suggestion.DoesNotExist."""
    shown = ("number", "state", "due_at", "escalation", "unit")
    return Suggestion.objects.countable_by(user).select_related("unit").only(*shown).get(number=number)


def thread(case: Suggestion) -> list[Step]:
    """Every step, in order; one statement."""
    return list(case.steps.select_related("unit", "to_unit", "actor"))


def last_step(case: Suggestion) -> int:
    """The newest step, for the hidden field ``seen``."""
    return case.steps.order_by("-pk").values_list("pk", flat=True).first() or 0


@dataclass(frozen=True)
class Action:
    """When a verb is possible: the policy's action, the states it starts from, and the move it makes, if any."""

    policy: str
    states: tuple[State, ...]
    to: State | None = None


TRIAGE_STATES = (State.RECEIVED, State.ACCEPTED, State.ASSIGNED)
ACTIONS: dict[str, Action] = {
    "accept": Action("triage", (State.RECEIVED,)),
    "accept_and_assign": Action("triage", (State.RECEIVED,)),
    "decline": Action("triage", (State.RECEIVED, State.ACCEPTED)),
    "assign": Action("triage", (State.ACCEPTED,)),
    "classify": Action("triage", states.OPEN),
    "merge": Action("triage", TRIAGE_STATES),
    "unmerge": Action("triage", (State.MERGED,)),
    "split": Action("triage", states.OPEN),
    "settle_complaint": Action("triage", tuple(State)),
    "name_subject": Action("triage", states.OPEN),
    "publish": Action("triage", states.PUBLISHABLE),
    "keep_back": Action("triage", states.PUBLISHABLE),
    "unpublish": Action("triage", tuple(State)),
    "escalate": Action("escalate", states.OPEN),
    "transfer": Action("assign", (State.ASSIGNED,)),
    "set_handler": Action("assign", (State.ASSIGNED,)),
    "add_co_handler": Action("assign", (State.ASSIGNED,)),
    "take": Action("draft", (State.ASSIGNED,)),
    "note": Action("note", tuple(State)),
    "ask": Action("ask", states.RUNNING, State.WAITING),
    "request_extension": Action("request extension", (State.ASSIGNED,)),
    "draft_reply": Action("draft", (State.ASSIGNED,)),
    "sign_reply": Action("sign", (State.ASSIGNED,)),
    "return_draft": Action("sign", (State.ASSIGNED,)),
    "close": Action("close", (State.REPLIED,)),
}


def actions(user: Any, case: Suggestion) -> set[str]:
    """The verbs whose buttons the page shows this user for this case now; what a service would refuse is left out."""
    possible = {
        verb
        for verb, action in ACTIONS.items()
        if case.state in action.states and access.reaches(user, action.policy, case)
    }
    return possible - _impossible(user, case, possible)


def _impossible(user: Any, case: Suggestion, possible: set[str]) -> set[str]:
    """Verbs that depend on more than state and role."""
    draft = next((reply for reply in case.replies.all() if reply.state == ReplyState.DRAFT), None)
    officer = user.officer_or_none
    gone = {"accept_and_assign", "assign"} if case.seems_complaint else set()
    if "settle_complaint" in possible and not _is_in_doubt(case):
        gone |= {"settle_complaint"}
    if draft is None or draft.drafted_by_id == user.pk:
        gone |= {"sign_reply"}
    if draft is None:
        gone |= {"return_draft"}
    if officer is None or officer.unit_id != case.unit_id or case.handler_id == officer.pk:
        gone |= {"take"}
    if any(one.round == case.reopened_times and one.state != ExtensionState.REFUSED for one in case.extensions.all()):
        gone |= {"request_extension"}
    if case.complains:
        gone |= {"merge"}
    if case.complains or not case.publish:
        gone |= {"publish", "keep_back"}
    if not _waits_to_be_published(case):
        gone |= {"keep_back"}
    if case.published_at is None:
        gone |= {"unpublish"}
    if "ask" in possible and not _may_ask(user, case):
        gone |= {"ask"}
    return gone


def _is_in_doubt(case: Suggestion) -> bool:
    """Whether the desk has yet to say whether it, or a rating of its answer, complains of the police."""
    return (case.seems_complaint and case.is_open) or case.ratings.waiting().exists()


def _waits_to_be_published(case: Suggestion) -> bool:
    """As the folder asks it: nobody has read the case for that yet or, where it is shown, one of its answers."""
    if case.published_at is None:
        return case.public_read_at is None
    return any(reply.state == ReplyState.SIGNED and not reply.public_read_at for reply in case.replies.all())


def _may_ask(user: Any, case: Suggestion) -> bool:
    who = Who.TRIAGE if access.reaches(user, "triage", case) else Who.OFFICER
    return states.may(case.state, State.WAITING, who)


def templates_for(user: Any, case: Suggestion) -> QuerySet[ReplyTemplate]:
    """Saved texts of the city and of the case's unit, those for its category first."""
    fitting = Q(unit=None) | Q(unit=case.unit)
    about = Q(category=None) | Q(category=case.category)
    templates = ReplyTemplate.objects.filter(fitting, about, is_active=True)
    return templates.order_by(F("category").asc(nulls_last=True), "title")


def follow_ups(user: Any, *, done: bool = False) -> QuerySet[FollowUp]:
    """The tasks after bad ratings in the user's units, the most urgent first."""
    visible = Suggestion.objects.visible_to(user)
    tasks = FollowUp.objects.filter(suggestion__in=visible, done_at__isnull=not done)
    return tasks.select_related("suggestion__category", "unit", "rating", "done_by").order_by("due_at", "pk")


def extensions_to_decide(user: Any) -> list[Extension]:
    """Requests that wait for this user's word: a leader's first approval, or the admin's second."""
    waiting = _extensions_waiting(user)
    return list(waiting.select_related("suggestion__unit", "suggestion__category", "requested_by", "approved_by"))


def _extensions_waiting(user: Any) -> QuerySet[Extension]:
    roles = policy.roles_of(user)
    wanted = Q(pk=None)
    if Role.LEADER in roles:
        wanted |= Q(state=ExtensionState.REQUESTED, suggestion__in=Suggestion.objects.visible_to(user))
    if Role.ADMIN in roles:
        wanted |= Q(state=ExtensionState.APPROVED, suggestion__in=Suggestion.objects.countable_by(user))
    return Extension.objects.filter(wanted, suggestion__state=State.ASSIGNED).exclude(requested_by=user)


def counters(user: Any) -> dict[str, int]:
    """What waits for this person, for the rail of the desk; one statement, whatever their roles."""
    waiting = list(_waiting_for(user).items())
    if policy.can(user, "confirm", "account"):
        waiting += [("second", rows) for rows in second_person.decidable_by(user)]
    counted = [
        rows.order_by().values(counter=Value(key)).annotate(n=Count("pk")).values_list("counter", "n")
        for key, rows in waiting
    ]
    found: dict[str, int] = {}
    for key, n in counted[0].union(*counted[1:], all=True):
        found[key] = found.get(key, 0) + n
    return found


def _waiting_for(user: Any) -> dict[str, QuerySet[Any]]:
    """By counter, the rows that wait for this person: only the counters of their roles."""
    roles = policy.roles_of(user)
    waiting: dict[str, QuerySet[Any]] = {"inbox": Suggestion.objects.visible_to(user).filter(_work_of(user, roles))}
    if Role.LEADER in roles:
        waiting["follow_ups"] = follow_ups(user).filter(led_by(user, "suggestion__unit"))
    if not roles.isdisjoint({Role.LEADER, Role.ADMIN}):
        waiting["extensions"] = _extensions_waiting(user)
    if policy.can(user, "approve", "identity"):
        cases = Suggestion.objects.countable_by(user)
        asked = IdentityOpening.objects.waiting().filter(needs_second=True)
        waiting["openings"] = asked.filter(suggestion__in=cases).exclude(requested_by=user)
    if policy.can(user, "failures", "notification"):
        waiting["notifications"] = failed_notifications()
    return waiting


def _work_of(user: Any, roles: set[Role]) -> Q:
    """What the person's roles are to do next: accept, assign and publish, sign, or answer."""
    work = Q(pk=None)
    if Role.TRIAGE in roles:
        work |= Q(state__in=(State.RECEIVED, State.ACCEPTED)) | TO_PUBLISH
    if Role.LEADER in roles:
        work |= FOLDERS["to_sign"][1]
    if Role.OFFICER in roles:
        work |= _in_folder(user, "mine")
    return work


def counts_by_unit(user: Any) -> list[dict[str, Any]]:
    """Open, overdue and waiting cases by unit, for whoever may count but not read; one statement."""
    rows = (
        Suggestion.objects.countable_by(user)
        .filter(state__in=states.OPEN)
        .values("unit__code", "unit__name", "unit__name_en", "unit__path")
        .annotate(
            open=Count("pk"),
            overdue=Count("pk", filter=Q(state__in=states.RUNNING, due_at__lt=Now())),
            waiting=Count("pk", filter=Q(state=State.WAITING)),
            supervised=Count("pk", filter=Q(escalation__gt=0)),
        )
    )
    return [dict(row) for row in rows.order_by("-overdue", "unit__path")]
