"""The public board: search, one published case."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import combinations
from operator import add
from typing import TYPE_CHECKING, Any, TypedDict

from django.contrib.postgres.search import SearchQuery
from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Prefetch, QuerySet, Subquery, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from core import keyset, text
from core.keyset import Page
from suggestions.models import Reply, SameMeaning, Step, Suggestion, Supporter
from suggestions.numbers import case_number

NEWEST_FIRST = ("-published_at", "-id")
BEST_FIRST = ("-hits", *NEWEST_FIRST)
ANSWERED = Exists(Reply.objects.published().filter(suggestion=OuterRef("pk")))
MOST_TERMS = 24  # of one word
MOST_WORDS = 6  # the longest, which tell most


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
    """Published cases with all a card shows; two statements with the answers that are published too."""
    answers = Prefetch("replies", Reply.objects.published(), to_attr="answers")
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
    """What a person typed in a search field of the desk: all the words must occur."""
    terms = text.search_terms(text.clean(typed))[:MOST_TERMS]
    return _raw("&".join(map(quoted, terms))) if terms else None


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for: enough of the words, and how many of them a case has."""

    enough: SearchQuery
    hits: Combinable


def wanted(typed: str) -> Wanted | None:
    """What was typed into a search field: most of the words must occur, each as it is or said otherwise.

    One statement. None where nothing can be looked for.
    """
    asked = sorted(text.asked_for(text.clean(typed)), key=len, reverse=True)[:MOST_WORDS]
    if not asked:
        return None
    said = same_meaning(asked)
    each = [_any_of([word, *said.get(word, ())]) for word in asked]
    most = len(each) // 2 + 1
    enough = "|".join("&".join(some) for some in combinations(each, most))
    hits = (When(search=_raw(one), then=1) for one in each)
    return Wanted(_raw(enough), reduce(add, (Case(hit, default=0, output_field=IntegerField()) for hit in hits)))


def same_meaning(words: Sequence[str]) -> dict[str, list[str]]:
    """The other words for each of these, from the table that the back office keeps; one statement."""
    found: dict[str, list[str]] = {}
    for group in SameMeaning.objects.filter(words__overlap=list(words)).values_list("words", flat=True):
        for word in set(words) & set(group):
            found.setdefault(word, []).extend(other for other in group if other != word)
    return found


def _any_of(words: Iterable[str]) -> str:
    alternatives = ("&".join(map(quoted, text.search_terms(word)[:MOST_TERMS])) for word in words)
    return f"({'|'.join(f'({one})' for one in alternatives)})"


def _raw(query: str) -> SearchQuery:
    return SearchQuery(query, search_type="raw", config="simple")


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
    """A page of published cases, newest first; two statements, three with words.

    The number of a case finds that case; of several words, what has more of them comes first. ``area`` and ``unit``
    include all below them (codes).
    """
    found, number = published(), case_number(typed)
    key: tuple[str, ...] = NEWEST_FIRST
    looked_for = wanted(typed) if typed.strip() and not number else None
    if number:
        found = found.filter(number=number)
    elif looked_for:
        found, key = found.filter(search=looked_for.enough).annotate(hits=looked_for.hits), BEST_FIRST
    elif typed.strip():
        found = found.none()
    exact = {"category": category, "area__code__startswith": area, "state": state, "created_at__year": year}
    found = found.filter(**{name: value for name, value in exact.items() if value})
    if unit:
        found = found.filter(unit__path__contains=f"/{unit}/")
    return keyset.page(found, key=key, cursor=cursor, size=size)


def public_case(number: str) -> Published:
    """One published case with its replies. Raises: Suggestion.DoesNotExist."""
    return published().get(number=number)


def public_thread(case: Suggestion) -> list[Step]:
    """The steps that the citizen and the public may read, in order; one statement."""
    return list(case.steps.filter(is_public=True).select_related("unit", "to_unit"))
