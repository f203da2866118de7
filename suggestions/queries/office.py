"""What the smaller desk pages show: tasks after bad ratings, requests to decide, rules and saved texts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce

from core import calendar, keyset, policy, workdays
from core.keyset import Page
from core.policy import Role
from directory.queries import led_by
from suggestions.models import Extension, FollowUp, IdentityOpening, ReplyTemplate, RoutingRule, Subject, Suggestion
from suggestions.models.desk import IdentityOpeningQuerySet
from suggestions.queries import desk

BY_DEADLINE = ("due_at", "pk")
DONE_LATEST_FIRST = ("-done_at", "-pk")
RULE_ORDER = ("category_order", "category_code", "area_code", "order", "pk")
TEMPLATE_ORDER = ("category_order", "pk")


def follow_ups(user: Any, *, done: bool, cursor: str | None = None, size: int = 30) -> Page[FollowUp]:
    """A page of the tasks of the leader's own units: open by deadline, or done, the latest first; one statement."""
    tasks = desk.follow_ups(user, done=done).filter(led_by(user, "suggestion__unit"))
    return keyset.page(tasks, key=DONE_LATEST_FIRST if done else BY_DEADLINE, cursor=cursor, size=size)


def tasks(user: Any) -> QuerySet[FollowUp]:
    """Every task, open or done, of a case this person may read, with the answer that was rated."""
    mine = FollowUp.objects.filter(suggestion__in=Suggestion.objects.visible_to(user))
    return mine.select_related("suggestion__category", "suggestion__unit", "rating__reply__unit", "done_by")


@dataclass(frozen=True)
class ToDecide:
    """A request for more time: the deadline if it is granted, and whether this person may read the case."""

    extension: Extension
    new_due: datetime
    readable: bool


def extensions_to_decide(user: Any) -> list[ToDecide]:
    """What waits for this person's word, the earliest new deadline first; three statements."""
    waiting = desk.extensions_to_decide(user)
    corrections = calendar.corrections()
    cases = [extension.suggestion_id for extension in waiting]
    readable = set(Suggestion.objects.visible_to(user).filter(pk__in=cases).values_list("pk", flat=True))
    decisions = [
        ToDecide(one, workdays.add_workdays(due, one.days, corrections), one.suggestion_id in readable)
        for one in waiting
        if (due := one.suggestion.due_at)
    ]
    return sorted(decisions, key=lambda decision: decision.new_due)


def extension_within_reach(user: Any, pk: int) -> Extension:
    """One request of a case that this person may at least count. Raises: Extension.DoesNotExist."""
    cases = Suggestion.objects.countable_by(user)
    return Extension.objects.select_related("suggestion").get(pk=pk, suggestion__in=cases)


def openings_to_approve(user: Any, cursor: str | None = None, size: int = 30) -> Page[IdentityOpening]:
    """Requests to see who complained that wait for a second person, the oldest first; one statement.

    Of the case only number and unit are read: what was said is not the approver's business.
    """
    waiting = _needing_a_second(user).waiting().exclude(requested_by=user)
    return keyset.page(waiting, key=("requested_at", "pk"), cursor=cursor, size=size)


def _needing_a_second(user: Any) -> IdentityOpeningQuerySet:
    named = Exists(Subject.objects.filter(suggestion=OuterRef("suggestion")))
    openings = IdentityOpening.objects.filter(Q(needs_second=True) | Q(named))
    openings = openings.filter(suggestion__in=Suggestion.objects.countable_by(user))
    shown = ("suggestion__number", "suggestion__unit", "suggestion__created_at", "requested_by")
    return openings.select_related("suggestion__unit", "requested_by").only(*_FIELDS, *shown)


_FIELDS = (
    "reason", "requested_at", "needs_second", "approved_at", "approved_by", "refused_at", "refused_by", "opened_at",
    "suggestion",
)  # fmt: skip


def opening_to_approve(user: Any, pk: int) -> IdentityOpening:
    """One request that needs a second person. Raises: IdentityOpening.DoesNotExist, also for a conflicted approver."""
    return _needing_a_second(user).get(pk=pk)


def openings_of(case: Suggestion) -> list[IdentityOpening]:
    """Every request for this case, the newest first; one statement."""
    return list(
        case.openings.select_related("requested_by", "office", "approved_by", "refused_by").order_by(
            "-requested_at", "-pk"
        )
    )


def rules(cursor: str | None = None, size: int = 60) -> Page[RoutingRule]:
    """A page of the routing rules by category, area and order; those for any category come first; one statement."""
    ordered = RoutingRule.objects.select_related("category", "area", "unit").annotate(
        category_order=Coalesce("category__order", Value(0)),
        category_code=Coalesce("category_id", Value("")),
        area_code=Coalesce(Cast("area_id", BigIntegerField()), Value(0)),
    )
    return keyset.page(ordered, key=RULE_ORDER, cursor=cursor, size=size)


def reply_templates(user: Any, *, active: bool, cursor: str | None = None, size: int = 40) -> Page[ReplyTemplate]:
    """A page of the saved texts this person may read: the city's, and a leader's own unit's; one statement."""
    texts = readable_templates(user).filter(is_active=active)
    texts = texts.annotate(category_order=Coalesce("category__order", Value(0)))
    return keyset.page(texts, key=TEMPLATE_ORDER, cursor=cursor, size=size)


def readable_templates(user: Any) -> QuerySet[ReplyTemplate]:
    """The city's texts and those of the units this person leads; any others do not exist for them."""
    led = [unit.pk for unit in policy.units_with(user, Role.LEADER)]
    return ReplyTemplate.objects.filter(Q(unit=None) | Q(unit__in=led)).select_related("category", "unit")
