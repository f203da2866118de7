"""A tiny sentence grammar: `(a|b|)` chooses, `{name}` fills, `{3-15}` counts, `{cn2-9}` counts in Chinese."""

import re
from collections.abc import Mapping, Sequence
from random import Random

_CHOICE = re.compile(r"\(([^()]*\|[^()]*)\)")
_SLOT = re.compile(r"\{([^{}]+)\}")
_RANGE = re.compile(r"(cn)?(\d+)-(\d+)")
_DIGITS = "零一二三四五六七八九"

Pools = Mapping[str, Sequence[str]]


def lines(text: str) -> tuple[str, ...]:
    """The non-empty lines of a block of text, trimmed."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def chinese_count(number: int) -> str:
    """A count as people say it before a measure word: 2 is 两, 12 is 十二. For 0 … 99."""
    if number == 2:
        return "两"
    tens, ones = divmod(number, 10)
    if tens == 0:
        return _DIGITS[ones]
    head = "" if tens == 1 else _DIGITS[tens]
    return f"{head}十{_DIGITS[ones] if ones else ''}"


class Telling:
    """One telling of one story: facts are fixed once, other lines are not said twice.

    Raises KeyError when a text names a slot that no pool has.
    """

    def __init__(self, rng: Random, parts: Pools, fact_pools: Pools, facts: Mapping[str, str]) -> None:
        self.rng = rng
        self.parts = parts
        self.fact_pools = fact_pools
        self.facts = dict(facts)
        self.facts_said: set[str] = set()
        self._said: set[str] = set()

    def say(self, text: str) -> str:
        """Expand every choice and slot in the text."""
        while found := _CHOICE.search(text):
            chosen = self.rng.choice(found[1].split("|"))
            text = text[: found.start()] + chosen + text[found.end() :]
        return _SLOT.sub(lambda slot: self._fill(slot[1]), text)

    def part(self, name: str) -> str:
        """Say a line of the pool that was not said before, or "" when the pool has none left."""
        fresh = [line for line in self.parts.get(name, ()) if line not in self._said]
        if not fresh:
            return ""
        return self._once(self.rng.choice(fresh))

    def exactly(self, name: str, number: int) -> str:
        """Say a particular line of the pool, counted from 0."""
        return self._once(self.parts[name][number])

    def _once(self, line: str) -> str:
        self._said.add(line)
        return self.say(line)

    def _fill(self, name: str) -> str:
        if span := _RANGE.fullmatch(name):
            number = _draw(self.rng, int(span[2]), int(span[3]))
            return chinese_count(number) if span[1] else str(number)
        self.facts_said.add(name)
        if name in self.facts:
            return self.facts[name]
        if name in self.fact_pools:
            self.facts[name] = self.say(self.rng.choice(self.fact_pools[name]))
            return self.facts[name]
        return self.say(self.rng.choice(self.parts[name]))


def _draw(rng: Random, low: int, high: int) -> int:
    """A number from low to high; sums of money in hundreds come out as round hundreds."""
    hundreds = low >= 100 and low % 100 == 0 and high % 100 == 0
    return rng.randrange(low, high + 1, 100) if hundreds else rng.randint(low, high)
