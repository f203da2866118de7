"""The citizen's own case, for the page behind the tracking code."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from core.thread import Node
from directory.models import Unit
from suggestions import states, timeline
from suggestions.models import Attachment, Identity, IdentityOpening, Question, Rating, Reply, Subject, Suggestion
from suggestions.states import ReplyState, State


@dataclass(frozen=True)
class Answer:
    """The answer that stands now, as this voice reads it: written to it, or to the case it follows."""

    kind: str
    text: str
    signed_at: datetime | None
    unit: Unit


@dataclass(frozen=True)
class OwnCase:
    """All that the page shows, and what can be done now."""

    reply: Answer | None
    rating: Rating | None
    question: Question | None
    thread: list[Node]
    leader_thread: list[Node]
    attachments: list[Attachment]
    openings: list[IdentityOpening]
    subjects: list[Subject]
    others: list[Suggestion]
    can_rate: bool
    can_confirm: bool
    can_reopen: bool
    can_add: bool
    can_withdraw: bool
    due_at: datetime | None


def own_case(case: Suggestion) -> OwnCase:
    """The page of one's own case; seven statements, one more when it was merged."""
    reply = newest_reply(case.leader)
    rating = case.ratings.filter(reply=reply).first() if reply else None
    to_this_voice = reply is not None and reply.suggestion_id == case.pk
    steps = list(case.steps.filter(is_public=True).select_related("unit", "to_unit"))
    question = open_question(case) if case.state == State.WAITING else None
    return OwnCase(
        reply=Answer(reply.kind, reply.text_for(case), reply.signed_at, reply.unit) if reply else None,
        rating=rating,
        question=question,
        thread=timeline.nodes(case, steps, reader="citizen", reply_above=to_this_voice),
        leader_thread=_leader_thread(case, reply_above=reply is not None),
        attachments=list(case.attachments.all()),
        openings=list(case.openings.filter(opened_at__isnull=False).select_related("office")),
        subjects=subjects_of(case),
        others=list(_split_from_each_other(case)),
        can_rate=reply is not None and rating is None,
        can_confirm=case.state == State.REPLIED,
        can_reopen=case.can_reopen,
        can_add=case.leader.is_open and question is None,
        can_withdraw=case.can_withdraw,
        due_at=case.leader.due_at if case.leader.is_open else None,
    )


def needs_phone_tail(case: Suggestion) -> bool:
    """Whether the code opens the case only together with the last four digits of a telephone; one statement."""
    return Identity.objects.filter(pk=case.pk).exclude(phone_tail_mac="").exists()


def subjects_of(case: Suggestion) -> list[Subject]:
    """Whom it is about: officers, and units that no named officer already stands for; one statement."""
    named = list(case.subjects.select_related("unit", "officer").order_by("pk"))
    spoken_for = {one.unit_id for one in named if one.officer_id}
    return [one for one in named if one.officer_id or one.unit_id not in spoken_for]


def newest_reply(case: Suggestion) -> Reply | None:
    """The signed answer that stands now: none while a reopened case is worked on again."""
    if case.state not in states.ANSWERED:
        return None
    signed = case.replies.filter(state=ReplyState.SIGNED).select_related("unit")
    return signed.order_by("-signed_at").first()


def open_question(case: Suggestion) -> Question | None:
    """What the citizen is being asked now; one statement."""
    return case.questions.filter(answered_at=None).first()


def _leader_thread(case: Suggestion, *, reply_above: bool) -> list[Node]:
    """What became of the case it follows; what others thought of the answer is theirs."""
    leader = case.merged_into
    if leader is None:
        return []
    steps = leader.steps.filter(is_public=True).select_related("unit", "to_unit")
    return timeline.nodes(leader, steps, reader="follower", reply_above=reply_above)


def _split_from_each_other(case: Suggestion) -> Iterable[Suggestion]:
    """The cases that were one voice with this one; the same code opens them."""
    return Suggestion.objects.filter(Q(split_from=case) | Q(pk=case.split_from_id)).order_by("pk")
