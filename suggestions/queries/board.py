"""The public board: search, one published case."""

from typing import TYPE_CHECKING, Any, TypedDict

from django.contrib.postgres.search import SearchQuery
from django.db.models import Count, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce

from core import keyset, text
from core.keyset import Page
from suggestions.models import Reply, Step, Suggestion, Supporter
from suggestions.states import ReplyState

NEWEST_FIRST = ("-published_at", "-id")
MOST_TERMS = 24


class Counts(TypedDict):
    """What :func:`published` hangs on every case."""

    support_count: int
    follower_count: int
    answers: list[Reply]


if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    Published = WithAnnotations[Suggestion, Counts]
else:
    Published = Suggestion


def published() -> QuerySet[Published]:
    """Published cases with all a card shows; two statements with the replies."""
    answers = Prefetch("replies", Reply.objects.filter(state=ReplyState.SIGNED), to_attr="answers")
    return counted(Suggestion.objects.published().prefetch_related(answers))


def counted(cases: QuerySet[Any]) -> QuerySet[Any]:
    """The cases with subject, place and unit, and how many support and follow each.

    The counts are subqueries: they are taken of the rows of one page, a join would group all the cases first.
    """
    return (
        cases.defer("search")
        .select_related("category", "area", "unit")
        .annotate(
            support_count=_count(Supporter.objects.filter(suggestion=OuterRef("pk")), "suggestion"),
            follower_count=_count(Suggestion.objects.filter(merged_into=OuterRef("pk")), "merged_into"),
        )
    )


def _count(rows: QuerySet[Any], by: str) -> Coalesce:
    """How many rows belong to the case, as a subquery."""
    counted = rows.order_by().values(by).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


def all_words(typed: str) -> SearchQuery | None:
    """What a person typed in the search field: all the words must occur."""
    terms = text.search_terms(text.clean(typed))[:MOST_TERMS]
    return SearchQuery("&".join(map(quoted, terms)), search_type="raw", config="simple") if terms else None


def quoted(word: str) -> str:
    """The word as one lexeme of a raw text-search query."""
    return "'" + word.replace("\\", "").replace("'", "''") + "'"


def search(
    typed: str = "",
    *,
    category: str | None = None,
    area: str | None = None,
    unit: str | None = None,
    state: str | None = None,
    year: int | None = None,
    cursor: str | None = None,
    size: int = 20,
) -> Page[Published]:
    """A page of published cases, newest first; two statements. ``area`` and ``unit`` include all below them (codes)."""
    found = published()
    wanted = all_words(typed)
    if typed.strip() and wanted is None:
        found = found.none()
    elif wanted is not None:
        found = found.filter(search=wanted)
    exact = {"category": category, "area__code__startswith": area, "state": state, "created_at__year": year}
    found = found.filter(**{name: value for name, value in exact.items() if value})
    if unit:
        found = found.filter(unit__path__contains=f"/{unit}/")
    return keyset.page(found, key=NEWEST_FIRST, cursor=cursor, size=size)


def public_case(number: str) -> Published:
    """One published case with its replies. Raises: Suggestion.DoesNotExist."""
    return published().get(number=number)


def public_thread(case: Suggestion) -> list[Step]:
    """The steps that the citizen and the public may read, in order; one statement."""
    return list(case.steps.filter(is_public=True).select_related("unit", "to_unit"))
