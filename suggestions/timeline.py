"""Steps of a case as nodes of the thread (一件事的来龙去脉): who may read it decides the words."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.day_words import What
from core.thread import Kind, Node
from suggestions import deadlines, states
from suggestions.models import Step, Suggestion
from suggestions.redaction import neutral
from suggestions.states import State, StepKind

Reader = Literal["citizen", "follower", "public", "desk"]

KINDS: dict[str, Kind] = {
    StepKind.SUBMITTED: "said",
    StepKind.ADDED: "said",
    StepKind.ANSWERED: "said",
    StepKind.ACCEPTED: "accepted",
    StepKind.ASSIGNED: "assigned",
    StepKind.TRANSFERRED: "assigned",
    StepKind.CO_HANDLED: "assigned",
    StepKind.ASKED: "waiting",
    StepKind.REPLIED: "reply",
    StepKind.DECLINED: "declined",
    StepKind.RATED: "rated",
    StepKind.CLOSED: "closed",
    StepKind.REOPENED: "reopened",
    StepKind.WITHDRAWN: "withdrawn",
    StepKind.MERGED: "merged",
    StepKind.UNMERGED: "merged",
    StepKind.EXTENSION_REQUESTED: "extended",
    StepKind.EXTENDED: "extended",
    StepKind.EXTENSION_REFUSED: "extended",
    StepKind.ESCALATED: "escalated",
    StepKind.IDENTITY_OPENED: "internal",
    StepKind.NOTE: "internal",
}
TO_OTHERS: dict[str, Promise] = {
    StepKind.SUBMITTED: _("A citizen told us"),
    StepKind.ASKED: _("A question to the citizen"),
    StepKind.ANSWERED: _("The citizen's answer"),
    StepKind.IDENTITY_OPENED: _("The citizen's identity was opened"),
}
# what a stranger may read of a published case: that these happened; the words of an answer are read before they are
# shown, so they stand with the answer itself, not here
FOR_THE_PUBLIC = frozenset(
    {
        StepKind.SUBMITTED,
        StepKind.ACCEPTED,
        StepKind.ASSIGNED,
        StepKind.TRANSFERRED,
        StepKind.CO_HANDLED,
        StepKind.EXTENDED,
        StepKind.REPLIED,
        StepKind.RATED,
        StepKind.CLOSED,
        StepKind.REOPENED,
    }
)
FOR_FOLLOWERS = FOR_THE_PUBLIC - {StepKind.RATED}  # each voice judges the shared answer for itself
SHOWN: dict[Reader, frozenset[StepKind]] = {
    "citizen": frozenset(StepKind),
    "follower": FOR_FOLLOWERS,
    "public": FOR_THE_PUBLIC,
    "desk": frozenset(StepKind),
}
WORDS: dict[Reader, frozenset[StepKind]] = {
    "citizen": frozenset(StepKind),
    "follower": frozenset({StepKind.REPLIED, StepKind.EXTENDED}),
    "public": frozenset({StepKind.RATED}),
    "desk": frozenset(StepKind),
}
# where a case stands; what else happens on the way (something added, a split, an opening) does not move it
STATIONS = frozenset(
    {
        StepKind.SUBMITTED,
        StepKind.ACCEPTED,
        StepKind.ASSIGNED,
        StepKind.TRANSFERRED,
        StepKind.ASKED,
        StepKind.ANSWERED,
        StepKind.RESUMED,
        StepKind.DRAFTED,
        StepKind.RETURNED,
        StepKind.REOPENED,
        StepKind.UNMERGED,
    }
)
ANSWERS = frozenset({StepKind.REPLIED, StepKind.DECLINED})


def nodes(case: Suggestion, steps: Iterable[Step], *, reader: Reader, reply_above: bool = False) -> list[Node]:
    """The thread of a case for this reader, with what is still promised at its end.

    ``reply_above``: the page shows the newest answer in full above the thread (as ``#reply``), so the thread links
    there and does not say it again.
    """
    shown = [step for step in steps if step.kind in SHOWN[reader]]
    last = next((step.pk for step in reversed(shown) if step.kind in STATIONS), None)
    answers = [step.pk for step in shown if step.kind in ANSWERS]
    above = answers[-1] if reply_above and answers else None
    drawn = [
        _link_up(step, reader) if step.pk == above else _node(step, reader, current=case.is_open and step.pk == last)
        for step in shown
    ]
    return [*drawn, *promises(case, reader)]


def _link_up(step: Step, reader: Reader) -> Node:
    node = _node(step, reader, current=False)
    return replace(node, text="", url="#reply", link_text=str(_("Read the answer")))


def _node(step: Step, reader: Reader, *, current: bool) -> Node:
    title = TO_OTHERS.get(step.kind) if reader != "citizen" else None
    if step.kind == StepKind.ASSIGNED and not step.is_public:
        title = _("Handler chosen")
    return Node(
        title=str(title or step.get_kind_display()),
        at=step.at,
        actor=_actor(step, reader),
        text=_words(step, reader),
        kind=KINDS.get(step.kind, "step"),
        current=current,
        private=reader == "desk" and not step.is_public,
    )


def _words(step: Step, reader: Reader) -> str:
    """What this reader is told with a step; who follows a case reads it without whom it speaks to."""
    if step.kind not in WORDS[reader]:
        return ""
    return neutral(step.text) if reader == "follower" else step.text


def _actor(step: Step, reader: Reader) -> str:
    """Whose act it was, and to whom the case went: offices; the desk also sees which member of staff.

    A citizen is never named.
    """
    names = [step.unit.local_name] if step.unit else []
    if reader == "desk" and step.actor is not None:
        names.append(str(step.actor))
    by = " · ".join(names)
    if step.to_unit is None:
        return by
    to = step.to_unit.local_name
    return str(_("to %(unit)s, by %(who)s") % {"unit": to, "who": by}) if by else to


def promises(case: Suggestion, reader: Reader = "citizen") -> list[Node]:
    """What is to come, with its date, said to whom it is promised or to who only reads it."""
    own = reader == "citizen"
    what: What = "reply" if own else "answer"
    if case.state == State.RECEIVED:
        taken = _("We tell you whether we take it up") if own else _("Taken up or not")
        due = deadlines.promised(case.created_at, case.category.reply_days)
        return [
            Node(str(taken), done=False, kind="accepted"),
            Node(str(_("We answer")), done=False, kind="reply", due=due, what=what),
        ]
    if case.state in states.RUNNING:
        return [Node(str(_("We answer")), done=False, kind="reply", due=case.due_at, what=what)]
    if case.state == State.WAITING:
        goes_on = _("We go on when we have your answer") if own else _("It goes on when the citizen has answered")
        return [Node(str(goes_on), done=False, kind="reply")]
    if case.state == State.REPLIED:
        settled = _("You say whether it is settled") if own else _("The citizen says whether it is settled")
        return [Node(str(settled), done=False, kind="closed")]
    return []
