"""Small groups in published counts (P14): hidden, and with them as much as it takes that nobody can work them out.

A count below ``k`` is shown as «<k». Where a total is published too, a single hidden count is the total less all the
others, so another one is hidden with it, its *partner*. A partner of at least 2k − 1 leaves every value from 0 to
k − 1 possible for each small count: raise the small one to k − 1 or lower it to 0, and the partner, which is known to
be at least k, can make up for it. Where a ceiling of each count is published as well (no more ratings than answers),
a partner needs k − 1 of room below its own. Nought is nobody: it is hidden like the other small counts, but needs no
partner. Complementary cell suppression, after Willenborg and de Waal, *Elements
of Statistical Disclosure Control* (2001), chapter 3. Pure arithmetic: no Django, no database.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

K = 10
FEW = f"<{K}"  # how a count below it is written
Showing = Literal["shown", "few", "partner"]
Group = TypeVar("Group")


@dataclass(frozen=True)
class Line:
    """What of a line of counts may be shown when their sum is published.

    ``together``: the counts are so few that none of them may be told apart; only the sum is shown.
    """

    cells: tuple[Showing, ...]
    together: bool = False


def line(counts: Sequence[int], k: int = K, ceilings: Sequence[int] | None = None) -> Line:
    """Hide the counts below ``k`` and, if there are any, the smallest partner that keeps them unknown."""
    cells: list[Showing] = ["few" if count < k else "shown" for count in counts]
    if not any(_is_small(count, k) for count in counts):
        return Line(tuple(cells))
    partner = _partner(counts, k, ceilings)
    if partner is None:
        hidden: Showing = "partner"
        return Line((hidden,) * len(counts), together=True)
    cells[partner] = "partner"
    return Line(tuple(cells))


def _is_small(count: int, k: int) -> bool:
    return 0 < count < k


def _partner(counts: Sequence[int], k: int, ceilings: Sequence[int] | None = None) -> int | None:
    """The place of the smallest count that is large enough to hide behind."""
    roomy = [ceilings is None or ceilings[place] - count >= k - 1 for place, count in enumerate(counts)]
    large = [place for place, count in enumerate(counts) if count >= 2 * k - 1 and roomy[place]]
    return min(large, key=lambda place: counts[place], default=None)


def told_by_the_whole(
    table: Mapping[Group, Sequence[int]], hidden: Collection[Group] = (), k: int = K
) -> Collection[Group]:
    """The groups whose counts may be told for the whole time only, not for each period.

    ``table`` holds for each group its counts by period; the sums of the periods are published, and those of the groups
    except the ``hidden`` ones. A group with a period below ``k`` goes without its periods, and so does a hidden one.
    What is left of a period's sum is theirs together, so the smallest other groups go with them until there are two
    and in each period their sum is at least 2k − 1: then one may have had more in one period and less in another.
    """
    whole = [
        group for group, counts in table.items() if group in hidden or any(_is_small(count, k) for count in counts)
    ]
    others = sorted((group for group in table if group not in whole), key=lambda group: sum(table[group]), reverse=True)
    while whole and others and not _is_crowd([table[group] for group in whole], k):
        whole.append(others.pop())
    return set(whole)


def _is_crowd(rows: Sequence[Sequence[int]], k: int) -> bool:
    return len(rows) > 1 and all(sum(period) >= 2 * k - 1 for period in zip(*rows, strict=True))


def shown_in_a_tree(counts: Mapping[str, int], k: int = K, ceilings: Mapping[str, int] | None = None) -> set[str]:
    """The paths (``/a/b/``) of the units whose count may be shown; each count holds all that is below the unit.

    What a unit has of its own is never shown, but it is its count less those of its children, so both make a line.
    A unit that is hidden as a partner hides one of its children too, whose counts would else add up to its own.
    """
    shown: set[str] = set()
    for path in sorted(counts, key=lambda path: path.count("/")):
        above = _above(path)
        if above not in counts:
            shown |= {path} if counts[path] >= k else set()
        family = [child for child in counts if _above(child) == path]
        if family and counts[path] >= k:
            shown |= _family(counts, path, family, k, ceilings, told=path in shown)
    return shown


def _family(
    counts: Mapping[str, int],
    parent: str,
    children: list[str],
    k: int,
    ceilings: Mapping[str, int] | None,
    *,
    told: bool,
) -> set[str]:
    own = counts[parent] - sum(counts[child] for child in children)
    large = {child for child in children if counts[child] >= k}
    own_is_a_cover = own >= 2 * k - 1 and ceilings is None
    nobody_is_small = not any(_is_small(count, k) for count in (own, *(counts[child] for child in children)))
    safe = own_is_a_cover or (told and nobody_is_small)
    if safe:
        return large
    limits = [ceilings[child] for child in children] if ceilings else None
    partner = _partner([counts[child] for child in children], k, limits)
    return set() if partner is None else large - {children[partner]}


def _above(path: str) -> str:
    return f"{path.rstrip('/').rpartition('/')[0]}/"
