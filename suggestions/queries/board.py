"""The public board: search, similar voices, one published case."""

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, TypedDict

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import Count, F, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce
from rapidfuzz import fuzz

from core import keyset, text
from core.keyset import Page
from suggestions.models import Reply, Step, Suggestion, Supporter
from suggestions.states import ReplyState

NEWEST_FIRST = ("-published_at", "-id")
MOST_WORDS = 12
TELLING, NEWEST, CANDIDATES = 6, 400, 30
LONG_ENOUGH = 500  # characters: whoever says the same says it there
CLOSE_ENOUGH = 42.0  # of 100; below this two texts share little more than a word
STOP_WORDS = frozenset(
    "我们 你们 他们 一个 没有 可以 希望 建议 这个 那个 什么 现在 就是 还是 不是 因为 所以 请问 你好 您好".split()  # noqa: SIM905
)


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


@dataclass(frozen=True)
class Similar:
    """A published case that says nearly the same; ``said_by`` counts the first voice, followers and supporters."""

    suggestion: Published
    said_by: int
    closeness: float


def published() -> QuerySet[Published]:
    """Published cases with all a card shows; two statements with the replies.

    The counts are subqueries: they are taken of the rows of one page, a join would group all the cases first.
    """
    return (
        Suggestion.objects.published()
        .defer("search")
        .select_related("category", "area", "unit")
        .annotate(
            support_count=_count(Supporter.objects.filter(suggestion=OuterRef("pk")), "suggestion"),
            follower_count=_count(Suggestion.objects.filter(merged_into=OuterRef("pk")), "merged_into"),
        )
        .prefetch_related(Prefetch("replies", Reply.objects.filter(state=ReplyState.SIGNED), to_attr="answers"))
    )


def _count(rows: QuerySet[Any], by: str) -> Coalesce:
    """How many rows belong to the case, as a subquery."""
    counted = rows.order_by().values(by).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


def all_words(typed: str) -> SearchQuery | None:
    """What a person typed in the search field: all the words must occur."""
    tokens = list(dict.fromkeys(text.words(text.clean(typed))))[:MOST_WORDS]
    return _query(tokens)


def _quoted(token: str) -> str:
    return "'" + token.replace("\\", "").replace("'", "''") + "'"


def _query(tokens: list[str]) -> SearchQuery | None:
    """All of the tokens."""
    if not tokens:
        return None
    return SearchQuery("&".join(map(_quoted, tokens)), search_type="raw", config="simple")


def _two_of(tokens: list[str]) -> SearchQuery | None:
    """At least two of the tokens, or the only one."""
    if len(tokens) < 2:
        return _query(tokens)
    pairs = [f"{_quoted(one)}&{_quoted(other)}" for one, other in combinations(tokens, 2)]
    return SearchQuery("|".join(pairs), search_type="raw", config="simple")


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


def similar(body: str, *, limit: int = 3, leave_out: int | None = None) -> list[Similar]:
    """Up to ``limit`` published cases that say nearly the same, the closest first; one statement.

    The index finds who shares two of the longest words, which are the most telling; of the newest of these the best
    are then compared as whole texts. So the work stays the same, however many cases there are.
    """
    tokens = [word for word in dict.fromkeys(text.words(text.clean(body))) if len(word) > 1 and word not in STOP_WORDS]
    wanted = _two_of(_telling(tokens))
    if wanted is None:
        return []
    newest = (
        Suggestion.objects.published().filter(search=wanted).exclude(pk=leave_out or 0).order_by(*NEWEST_FIRST)[:NEWEST]
    )
    ranked = published().prefetch_related(None).filter(pk__in=newest.values("pk"))
    found = ranked.annotate(rank=SearchRank(F("search"), wanted)).order_by("-rank", "-pk")[:CANDIDATES]
    document = " ".join(tokens)
    scored = [Similar(case, _said_by(case), _closeness(document, case)) for case in found]
    close = [one for one in scored if one.closeness >= CLOSE_ENOUGH]
    return sorted(close, key=lambda one: (-one.closeness, -one.said_by))[:limit]


def _telling(tokens: list[str]) -> list[str]:
    """The longest words, without those that are part of a longer one: sharing 滨河公园 is not sharing 公园 as well."""
    chosen: list[str] = []
    for token in sorted(tokens, key=len, reverse=True):
        if not any(token in longer for longer in chosen):
            chosen.append(token)
    return chosen[:TELLING]


def _said_by(case: Published) -> int:
    return 1 + case.support_count + case.follower_count


def _closeness(document: str, case: Published) -> float:
    said = f"{case.public_title} {case.public_body[:LONG_ENOUGH]}"
    return fuzz.token_set_ratio(document, text.search_document(said))


def public_case(number: str) -> Published:
    """One published case with its replies. Raises: Suggestion.DoesNotExist."""
    return published().get(number=number)


def public_thread(case: Suggestion) -> list[Step]:
    """The steps that the citizen and the public may read, in order; one statement."""
    return list(case.steps.filter(is_public=True).select_related("unit"))
