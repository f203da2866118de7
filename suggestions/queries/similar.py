"""Who has said nearly the same before: rare words tell more than common ones, and the same town tells something too."""

import heapq
import math
from collections.abc import Callable, Collection
from dataclasses import dataclass
from itertools import combinations

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db import connection
from django.db.models import F, QuerySet, Value
from django.db.models.functions import Concat, Left

from core import text
from directory.models import Area
from suggestions.models import Suggestion
from suggestions.queries.board import NEWEST_FIRST, Published, published, quoted

# Measured with the demo's voices: docs/decisions/similar.md
BEGINNING = 150  # characters: whoever writes a long letter says first what it is about
TELLING, NEWEST, CANDIDATES = 12, 400, 40
RARE = 0.01  # of the cases: what fewer of them say is no more telling still
CLOSE_ENOUGH = 0.35
NEAR = 2.0  # how much more words tell that were said in the same town

# What ANALYZE knows anyway: the thousand most common words, and the share of the cases that have each.
COMMON_WORDS = """
    SELECT word, share
    FROM pg_stats, unnest(most_common_elems::text::text[], most_common_elem_freqs) AS common (word, share)
    WHERE schemaname = current_schema() AND tablename = %s AND attname = 'search' AND word IS NOT NULL
"""

Weights = Callable[[str], float]


@dataclass(frozen=True)
class Similar:
    """A published case that says nearly the same; ``said_by`` counts the first voice, followers and supporters."""

    suggestion: Published
    said_by: int


def similar(said: str, *, area: Area | None = None, limit: int = 3) -> list[Similar]:
    """Up to ``limit`` published cases that say nearly the same, the closest first; three statements.

    The index finds who shares two of the most telling words; the newest of these are then compared by all the words
    that they begin with. So the work stays the same, however many cases there are.
    """
    words, weight = spoken(said), _weights()
    wanted = _two_of(_telling(words, weight))
    if wanted is None:
        return []
    close = {
        pk: closeness
        for pk, where, theirs in _candidates(wanted)
        if (closeness := _cosine(words, spoken(theirs), weight) * _near(area, where)) >= CLOSE_ENOUGH
    }
    closest = heapq.nlargest(limit, close, key=lambda pk: (close[pk], pk))
    found = published().prefetch_related(None).in_bulk(closest)
    return [Similar(found[pk], 1 + found[pk].support_count + found[pk].follower_count) for pk in closest if pk in found]


def _candidates(wanted: SearchQuery) -> QuerySet[Suggestion, tuple[int, str | None, str]]:
    """Key, area and beginning of the cases that share most of the telling words."""
    sharing = Suggestion.objects.published().filter(search=wanted).order_by(*NEWEST_FIRST)[:NEWEST]
    ranked = Suggestion.objects.filter(pk__in=sharing.values("pk")).order_by(
        SearchRank(F("search"), wanted).desc(), "-pk"
    )
    begins = Concat("public_title", Value(" "), Left("public_body", BEGINNING))
    return ranked.values_list("pk", "area_id", begins)[:CANDIDATES]


def spoken(said: str) -> set[str]:
    """The words of more than one character that a text begins with."""
    return {word for word in text.words(text.clean(said[:BEGINNING])) if len(word) > 1}


def _weights() -> Weights:
    """How much a word tells: nothing when everybody says it, and most when hardly anybody does; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(COMMON_WORDS, [Suggestion._meta.db_table])
        shares = dict(cursor.fetchall())
    return lambda word: -math.log(max(shares.get(word, RARE), RARE))


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
