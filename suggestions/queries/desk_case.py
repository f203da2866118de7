"""The desk's page of one case: everything it shows, read once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, Q

from core import policy
from core.thread import Node
from suggestions import states, timeline
from suggestions.models import Question, Rating, Reply, Step, Suggestion
from suggestions.queries import desk
from suggestions.queries import similar as similar_cases
from suggestions.queries.similar import Similar
from suggestions.states import ReplyState, State, StepKind, Who

LATER_WORDS = frozenset({StepKind.ADDED, StepKind.ANSWERED, StepKind.REOPENED})
MERGEABLE = frozenset({State.RECEIVED, State.ACCEPTED, State.ASSIGNED})
MOST_SIMILAR = 4


@dataclass(frozen=True)
class DeskCase:
    """What a member of staff sees of a case. Who said it is not in here: the sealed table is not even asked."""

    actions: set[str]
    seen: int
    thread: list[Node]
    later_words: list[Step]
    answer: Reply | None
    draft: Reply | None
    returned: Reply | None
    question: Question | None
    members: list[Suggestion]
    parts: list[Suggestion]
    related: dict[int, Suggestion]
    openings: int | None
    accusing: str  # the words that make it seem a complaint
    rated: list[Rating]  # those whose words this reader has to read before the unit does

    @property
    def members_said(self) -> list[tuple[Suggestion, bool]]:
        """The followers, each with whether the reader may open it."""
        return [(member, member.pk in self.related) for member in self.members]


def desk_case(user: Any, case: Suggestion) -> DeskCase:
    """The page of one case from ``desk.case_for``; at most ten statements, however long its history."""
    steps = desk.thread(case)
    replies = list(case.replies.all())
    related = _related(user, case)
    may_open = policy.can(user, "open", "identity") or policy.can(user, "log", "identity")
    actions = desk.actions(user, case)
    return DeskCase(
        actions=actions,
        seen=newest(steps),
        thread=timeline.nodes(case, steps, reader="desk"),
        later_words=later_words(steps),
        answer=_newest(replies, ReplyState.SIGNED) if case.state in states.ANSWERED else None,
        draft=_newest(replies, ReplyState.DRAFT),
        returned=returned_draft(replies),
        question=case.questions.filter(answered_at=None).first() if case.state == State.WAITING else None,
        members=followers(case),
        parts=[one for one in related if one.split_from_id == case.pk or one.pk == case.split_from_id],
        related={one.pk: one for one in related},
        openings=case.openings.count() if may_open else None,
        accusing=next((step.text for step in reversed(steps) if step.kind == StepKind.SUSPECTED), ""),
        rated=list(case.ratings.waiting()) if "settle_complaint" in actions else [],
    )


def followers(case: Suggestion) -> list[Suggestion]:
    """The cases that follow, each with what was said ``later`` and its files; three statements where there are any."""
    said = Step.objects.filter(who=Who.CITIZEN, kind__in=LATER_WORDS).exclude(text="")
    rows = case.members.select_related("area").prefetch_related(Prefetch("steps", said, "later"), "attachments")
    return list(rows.order_by("pk"))


def later_words(steps: Sequence[Step]) -> list[Step]:
    """What the citizen said after the first words."""
    return [step for step in steps if step.who == Who.CITIZEN and step.kind in LATER_WORDS and step.text]


def newest(steps: Sequence[Step]) -> int:
    """The last step that was taken, for the hidden field ``seen``."""
    return max((step.pk for step in steps), default=0)


def _newest(replies: Sequence[Reply], state: ReplyState) -> Reply | None:
    return next((reply for reply in reversed(replies) if reply.state == state), None)


def returned_draft(replies: Sequence[Reply]) -> Reply | None:
    """The draft that came back and is to be written again: the newest text there is, if nobody has yet."""
    return replies[-1] if replies and replies[-1].state == ReplyState.RETURNED else None


def _related(user: Any, case: Suggestion) -> list[Suggestion]:
    """Leader, followers and split parts, as far as this user may open them; one statement."""
    one_of = Q(merged_into=case) | Q(split_from=case) | Q(pk__in=[case.merged_into_id or 0, case.split_from_id or 0])
    return list(Suggestion.objects.visible_to(user).filter(one_of).order_by("pk"))


def similar(user: Any, case: Suggestion) -> list[Similar]:
    """Cases in hand that say nearly the same and that this one could follow; three statements."""
    if case.state not in MERGEABLE or case.complains:
        return []
    return similar_cases.in_hand(user, case, limit=MOST_SIMILAR)
