"""Who has said nearly the same before: rare words tell more than common ones, and the same town tells something too."""

import heapq
import math
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db import connection
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Concat, Left

from core import text
from directory.models import Area
from suggestions.models import Suggestion
from suggestions.queries.board import ANSWERED, BEST_FIRST, NEWEST_FIRST, Published, counted, published, quoted, wanted
from suggestions.states import OPEN, State

# Measured with the demo's voices: docs/decisions/similar.md
BEGINNING = 150  # characters: whoever writes a long letter says first what it is about
TELLING, NEWEST, CANDIDATES = 12, 400, 40
RARE = 0.01  # of the cases: what fewer of them say is no more telling still
CLOSE_ENOUGH = 0.35
SHORT = 8  # words
NEAR = 2.0  # how much more words tell that were said in the same town

LEADING = (*OPEN, State.REPLIED)

# What ANALYZE knows anyway: the thousand most common words, and the share of the cases that have each. A hundred cases
# without any of them are added, for what the first five of a young city have in common they have by accident.
COMMON_WORDS = """
    SELECT word, share * reltuples / (reltuples + 100)
    FROM pg_stats, unnest(most_common_elems::text::text[], most_common_elem_freqs) AS common (word, share), pg_class
    WHERE schemaname = current_schema() AND tablename = %(table)s AND attname = 'search' AND word IS NOT NULL
    AND pg_class.oid = %(table)s::regclass
"""

Weights = Callable[[str], float]


@dataclass(frozen=True)
class Similar:
    """A case that says nearly the same; ``said_by`` counts the first voice, followers and supporters."""

    suggestion: Published
    said_by: int


def similar(said: str, *, area: Area | None = None, limit: int = 3) -> list[Similar]:
    """Up to ``limit`` published cases that say nearly the same, the closest first; three statements.

    Whoever says little is close to nobody who says much. A short sentence is then looked for as on the board, by most
    of its words; two statements more.
    """
    among = published().prefetch_related(None)
    close = _alike(said, Suggestion.objects.published(), among, area=area, limit=limit)
    return close or _with_most_words(said[:BEGINNING], among, limit=limit)


def _with_most_words(said: str, among: QuerySet[Published], *, limit: int) -> list[Similar]:
    if not 2 <= len(text.asked_for(text.clean(said))) <= SHORT:
        return []
    looked_for = wanted(said)
    if looked_for is None:
        return []
    found = among.filter(search=looked_for.enough).annotate(hits=looked_for.hits).order_by(*BEST_FIRST)[:limit]
    return [Similar(case, 1 + case.support_count + case.follower_count) for case in found]


def answered(case: Suggestion, *, limit: int = 3) -> list[Similar]:
    """Up to ``limit`` published cases that say nearly the same as ``case`` and have their answer; four statements."""
    settled = Suggestion.objects.published().filter(ANSWERED, state__in=(State.REPLIED, State.CLOSED))
    others = settled.exclude(pk=case.pk)
    return _alike(f"{case.title} {case.body}", others, published(), area=case.area, limit=limit)


def _alike(
    said: str, cases: QuerySet[Suggestion], among: QuerySet[Published], *, area: Area | None, limit: int
) -> list[Similar]:
    """The closest of some published cases.

    The index finds who shares two of the most telling words; the newest of these are then compared by all the words
    that they begin with. So the work stays the same, however many cases there are.
    """
    words, weight = spoken(said), _weights()
    wanted = _two_of(_telling(words, weight))
    if wanted is None:
        return []
    sharing = cases.filter(search=wanted).order_by(*NEWEST_FIRST)[:NEWEST]
    ranked = Suggestion.objects.filter(pk__in=sharing.values("pk")).annotate(rank=SearchRank(F("search"), wanted))
    begins = Concat("public_title", Value(" "), Left("public_body", BEGINNING))
    candidates = ranked.order_by("-rank", "-pk").values_list("pk", "area_id", begins)[:CANDIDATES]
    return _closest(words, candidates, weight, area=area, among=among, limit=limit)


def in_hand(user: Any, case: Suggestion, *, limit: int = 3) -> list[Similar]:
    """Up to ``limit`` open or just answered cases that ``case`` could follow, public or not; three statements.

    What the user may read of the same subject or town is compared, the newest of it.
    """
    near = Q(category=case.category_id) | Q(area__code__startswith=(case.area_id or "none")[:9])
    leading = Suggestion.objects.visible_to(user).filter(near, state__in=LEADING).naming_nobody().exclude(pk=case.pk)
    begins = Concat("title", Value(" "), Left("body", BEGINNING))
    candidates = leading.order_by("-created_at", "-pk").values_list("pk", "area_id", begins)[:NEWEST]
    words = spoken(f"{case.title} {case.body}")
    return _closest(words, candidates, _weights(), area=case.area, among=counted(Suggestion.objects.all()), limit=limit)


def _closest(
    words: set[str],
    candidates: Iterable[tuple[int, str | None, str]],
    weight: Weights,
    *,
    area: Area | None,
    among: QuerySet[Published],
    limit: int,
) -> list[Similar]:
    """The closest of the candidates (key, area, beginning), where they are close enough."""
    close = {
        pk: closeness
        for pk, where, theirs in candidates
        if (closeness := _cosine(words, spoken(theirs), weight) * _near(area, where)) >= CLOSE_ENOUGH
    }
    closest = heapq.nlargest(limit, close, key=lambda pk: (close[pk], pk))
    found = among.in_bulk(closest)
    return [Similar(found[pk], 1 + found[pk].support_count + found[pk].follower_count) for pk in closest if pk in found]


def spoken(said: str) -> set[str]:
    """The words of more than one character that a text begins with."""
    return {word for word in text.words(text.clean(said[:BEGINNING])) if len(word) > 1}


def _weights() -> Weights:
    """How much a word tells: nothing when everybody says it, and most when hardly anybody does; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(COMMON_WORDS, {"table": Suggestion._meta.db_table})
        shares = dict(cursor.fetchall())
    return cache(lambda word: -math.log(max(shares.get(word, RARE), RARE)))


def _telling(words: Collection[str], weight: Weights) -> list[str]:
    """The rarest words, then the longest, without those inside a chosen one: who shares 滨河公园 shares 公园 anyway."""
    chosen: list[str] = []
    for word in sorted(words, key=lambda word: (-weight(word), -len(word), word)):
        if not any(word in longer for longer in chosen):
            chosen.append(word)
    return chosen[:TELLING]


def _two_of(words: list[str]) -> SearchQuery | None:
    """At least two of the words, or the only one."""
    pairs = [f"{quoted(one)}&{quoted(other)}" for one, other in combinations(words, 2)] or map(quoted, words)
    query = "|".join(pairs)
    return SearchQuery(query, search_type="raw", config="simple") if query else None


def _cosine(ours: set[str], theirs: set[str], weight: Weights) -> float:
    """How alike two texts are as weighted words: 0 with nothing in common, 1 for the same words."""
    shared, mine, yours = (sum(weight(word) ** 2 for word in words) for words in (ours & theirs, ours, theirs))
    return shared / math.sqrt(mine * yours) if shared else 0.0


def _near(area: Area | None, where: str | None) -> float:
    """The same town; the same county where no town is known."""
    return NEAR if area and (where or "").startswith(area.code[:9]) else 1.0
