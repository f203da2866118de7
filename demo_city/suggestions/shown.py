"""One id of each kind of object for whoever wants to open one, and how many rows there are."""

from typing import Any

from core import seals
from demo_city.context import Loaded
from demo_city.suggestions.extras import TRACKED_KEY, TRACKED_PHONE
from suggestions.models import (
    Attachment,
    Category,
    Extension,
    FollowUp,
    IdentityOpening,
    Rating,
    Reply,
    ReplyTemplate,
    RoutingRule,
    Step,
    Suggestion,
    Supporter,
)
from suggestions.services import listen
from suggestions.states import ReplyState, State


def everything() -> Loaded:
    """Found anew each time, by the order of keys, so that it is the same until somebody changes something."""
    cases = Suggestion.objects.filter(is_demo=True)
    return {"objects": _objects(cases), "counts": _counts(cases)}


def _objects(cases: Any) -> dict[str, Any]:
    newest = cases.order_by("-pk")
    by_state = {str(state): _number(newest.filter(state=state)) for state in State}
    return {
        "suggestion": _number(newest.filter(state=State.ASSIGNED)),
        "published_suggestion": _number(newest.published().filter(state__in=[State.REPLIED, State.CLOSED])),
        "suggestions_by_state": by_state,
        "tracking": _tracking(cases.get(idempotency_key=seals.fingerprint(TRACKED_KEY, purpose="idempotency"))),
        "category": _first(Category.objects.values_list("pk", flat=True)),
        "reply": _first(Reply.objects.filter(state=ReplyState.SIGNED).order_by("-pk").values_list("pk", flat=True)),
        "draft": _first(Reply.objects.filter(state=ReplyState.DRAFT).order_by("-pk").values_list("pk", flat=True)),
        "rating": _first(Rating.objects.order_by("-pk").values_list("pk", flat=True)),
        "attachment": _first(Attachment.objects.order_by("-pk").values_list("pk", flat=True)),
        "extension": _first(Extension.objects.order_by("-pk").values_list("pk", flat=True)),
        "follow_up": _first(FollowUp.objects.order_by("-pk").values_list("pk", flat=True)),
        "identity_opening": _first(IdentityOpening.objects.order_by("-pk").values_list("pk", flat=True)),
        "routing_rule": _first(RoutingRule.objects.order_by("pk").values_list("pk", flat=True)),
        "reply_template": _first(ReplyTemplate.objects.order_by("pk").values_list("pk", flat=True)),
        "activity_day": _day(cases),
    }


def _first(found: Any) -> Any:
    return found.first()


def _number(cases: Any) -> str | None:
    return _first(cases.values_list("number", flat=True))


def _day(cases: Any) -> str | None:
    """The newest plaza day on which somebody spoke."""
    days = cases.filter(plaza_day__isnull=False).order_by("-plaza_day__date").values_list("plaza_day__date", flat=True)
    day = days.first()
    return day.isoformat() if day else None


def _tracking(case: Suggestion) -> dict[str, str]:
    """The code is kept nowhere: who knows the keys of this house can work it out again."""
    code = listen.spaced(listen.tracking_code(case.idempotency_key, case.body_digest))
    return {"number": case.number, "code": code, "phone_tail": TRACKED_PHONE[-4:]}


def _counts(cases: Any) -> dict[str, int]:
    return {
        "suggestions": cases.count(),
        "published_suggestions": cases.published().count(),
        "steps": Step.objects.count(),
        "replies": Reply.objects.count(),
        "ratings": Rating.objects.count(),
        "supporters": Supporter.objects.count(),
        "attachments": Attachment.objects.count(),
        "reply_templates": ReplyTemplate.objects.count(),
    }
