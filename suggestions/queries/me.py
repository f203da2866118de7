"""What belongs to the signed-in citizen."""

from typing import Any

from django.db.models import QuerySet

from suggestions.models import IdentityOpening, Suggestion


def my_cases(user: Any) -> QuerySet[Suggestion]:
    """The user's own cases, newest first; anonymous ones are in nobody's list."""
    cases = Suggestion.objects.filter(identity__user=user)
    return cases.select_related("category", "unit", "merged_into").order_by("-created_at", "-pk")


def openings_of(user: Any) -> QuerySet[IdentityOpening]:
    """Every time somebody opened the user's identity."""
    opened = IdentityOpening.objects.filter(suggestion__identity__user=user, opened_at__isnull=False)
    return opened.select_related("suggestion", "requested_by").order_by("-opened_at")
