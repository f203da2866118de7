"""What belongs to the signed-in citizen."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Exists, OuterRef, Prefetch, Q, QuerySet, SmallIntegerField, When
from django.db.models.functions import Coalesce, Now
from django.urls import reverse

from core import calendar, keyset, seals, workdays
from core.day_words import What
from core.keyset import Page
from suggestions import deadlines, states
from suggestions.models import Identity, IdentityOpening, Question, Rating, Reply, Step, Suggestion, Supporter
from suggestions.states import ReplyState, State

OPEN_FIRST = ("is_done", "-created_at", "-id")
ASK_FOR_A_RATING = timedelta(days=60)  # after that a citizen is left in peace
MOST_TO_DO = 20


def my_cases(user: Any) -> QuerySet[Suggestion]:
    """The user's own cases, newest first; anonymous ones are in nobody's list."""
    cases = Suggestion.objects.filter(identity__user=user)
    return cases.select_related("category", "unit", "merged_into").order_by("-created_at", "-pk")


def my_page(user: Any, cursor: str | None = None, size: int = 20) -> Page[Suggestion]:
    """A page of the user's own cases, those still open first; one statement."""
    done = Case(When(state__in=states.OPEN, then=0), default=1, output_field=SmallIntegerField())
    return keyset.page(my_cases(user).annotate(is_done=done), key=OPEN_FIRST, cursor=cursor, size=size)


def openings_of(user: Any) -> QuerySet[IdentityOpening]:
    """Every time somebody opened the user's identity."""
    opened = IdentityOpening.objects.filter(suggestion__identity__user=user, opened_at__isnull=False)
    return opened.select_related("suggestion", "requested_by", "office").order_by("-opened_at")


@dataclass(frozen=True)
class ToDo:
    """Something the citizen is asked: ``verb`` is answer, confirm or rate; ``question`` what staff want to know."""

    verb: str
    case: Suggestion
    due: datetime | None
    what: What
    url: str
    question: str = ""


def to_do(user: Any) -> list[ToDo]:
    """What waits for the user's answer, confirmation or rating, in this order; three statements at most."""
    since = Now() - ASK_FOR_A_RATING
    answered = Coalesce(OuterRef("merged_into__replied_at"), OuterRef("replied_at"))
    unrated = ~Exists(Rating.objects.filter(suggestion=OuterRef("pk"), at__gte=answered))
    own = Q(state__in=[State.CLOSED, State.DECLINED], replied_at__gt=since)
    shared = Q(merged_into__state__in=states.ANSWERED, merged_into__replied_at__gt=since)
    waiting = Q(state__in=[State.WAITING, State.REPLIED]) | ((own | shared) & unrated)
    asked = Prefetch("questions", Question.objects.filter(answered_at=None), to_attr="asked")
    cases = my_cases(user).filter(waiting).prefetch_related(asked)[:MOST_TO_DO]
    corrections = calendar.corrections() if any(case.state == State.REPLIED for case in cases) else {}
    return sorted(
        (_ask(case, corrections) for case in cases), key=lambda one: ("answer", "confirm", "rate").index(one.verb)
    )


def _ask(case: Suggestion, corrections: dict[Any, bool]) -> ToDo:
    page = reverse("suggestions:track_case", args=[case.number])
    if case.state == State.WAITING:
        question = next(iter(case.asked), None)  # type: ignore[attr-defined]  # put there by the prefetch above
        return ToDo("answer", case, question and question.due_at, "act", page, question.text if question else "")
    if case.state == State.REPLIED and case.replied_at:
        until = workdays.add_workdays(case.replied_at, deadlines.CONFIRM_DAYS, corrections)
        return ToDo("confirm", case, until, "confirm", f"{page}#reply")
    return ToDo("rate", case, None, "act", f"{page}#reply")


def supported_by(user: Any) -> QuerySet[Supporter]:
    """What the user supports of other people's; one statement."""
    return Supporter.objects.filter(user=user).select_related("suggestion").order_by("-at")


def export_person(user: Any) -> dict[str, Any]:
    """Everything this room knows about a person, ready for JSON; nine statements."""
    cases = Suggestion.objects.filter(identity__user=user).select_related(
        "category", "area", "unit", "identity", "merged_into"
    )
    signed = Reply.objects.filter(state=ReplyState.SIGNED).select_related("unit")
    told = cases.order_by("pk").prefetch_related(
        Prefetch("replies", signed, "answers"),
        Prefetch("steps", Step.objects.filter(is_public=True).select_related("unit", "to_unit"), "told"),
        "questions",
        "ratings",
        "attachments",
    )
    return {
        "cases": [_exported(case) for case in told],
        "supports": [{"number": one.suggestion.number, "at": one.at} for one in supported_by(user)],
        "identity_openings": [
            {"number": one.suggestion.number, "at": one.opened_at, "by": one.office.name, "reason": one.reason}
            for one in openings_of(user)
        ],
    }


def _exported(case: Any) -> dict[str, Any]:
    return {
        "number": case.number,
        "received": case.created_at,
        "state": case.state,
        "category": case.category.name,
        "area": case.area.name if case.area else "",
        "place": case.place,
        "about_whom": case.about_whom,
        "title": case.title,
        "text": case.body,
        "may_be_published": case.publish,
        "published": case.published_at,
        "handled_with": case.merged_into.number if case.merged_into else "",
        "unit": case.unit.name,
        "deadline": case.due_at,
        "contact": _contact(case.identity),
        "answers": [_answer(reply) for reply in case.answers],
        "questions": [{"asked": one.asked_at, "text": one.text, "answer": one.answer} for one in case.questions.all()],
        "ratings": [
            {"at": one.at, "level": one.level, "reasons": one.reasons, "comment": one.comment}
            for one in case.ratings.all()
        ],
        "steps": _steps(case.told),
        "files": [{"type": one.mime, "bytes": one.size, "sha256": one.sha256} for one in case.attachments.all()],
    }


def _contact(identity: Identity) -> dict[str, str]:
    """The name and number the citizen left with the case, unsealed for the citizen alone."""
    name, phone = identity.name_sealed, identity.phone_sealed
    return {
        "name": seals.unseal(name, context=f"name:{identity.pk}") if name else "",
        "phone": seals.unseal(phone, context=f"phone:{identity.pk}") if phone else "",
    }


def _answer(reply: Reply) -> dict[str, Any]:
    return {"kind": reply.kind, "signed": reply.signed_at, "unit": reply.unit.name, "text": reply.text}


def _steps(steps: Iterable[Step]) -> list[dict[str, Any]]:
    return [
        {
            "at": step.at,
            "what": step.kind,
            "unit": step.unit.name if step.unit else "",
            "to": step.to_unit.name if step.to_unit else "",
            "text": step.text,
        }
        for step in steps
    ]
