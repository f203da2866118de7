"""What a case itself knows of people, and where a text says it in whatever spelling."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import phonenumbers

from suggestions.redaction.folding import folded
from suggestions.redaction.names import FULL_TITLES

# what people write in the field for their name without saying who they are
NOBODY = frozenset(
    ("匿名", "无名", "无名氏", "保密", "不便透露", "本人", "市民", "居民", "群众", "村民", "网友", "业主", "用户")
) | frozenset(
    ("热心市民", "热心群众", "先生", "女士", "同志", "小姐", "anonymous", "citizen", "resident", "nobody", "none")
)
SHORTEST_NUMBER = 7
BETWEEN_DIGITS = r"[\s\-.·/()（）_,，、]{0,3}"
BETWEEN_LETTERS = r"[\s·.]{0,2}"
SPELT = ("0零〇○", "1一壹幺", "2二贰两", "3三叁", "4四肆", "5五伍", "6六陆", "7七柒拐", "8八捌", "9九玖")


@dataclass(frozen=True)
class Known:
    """Names and telephone numbers that one case knows. They are compared with a text, never shown or stored."""

    names: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self._pattern is not None

    def found(self, words: str) -> Iterator[tuple[int, int]]:
        """Where ``words`` says one of them: a name with blanks in it, a number by groups, in full width or in words."""
        if self._pattern is not None:
            for match in self._pattern.finditer(folded(words)):
                yield match.span()

    def is_in(self, words: str) -> bool:
        """Whether ``words`` says any of them."""
        return next(self.found(words), None) is not None

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        spellings = [*_names(self.names), *_numbers(self.phones)]
        return re.compile("|".join(sorted(spellings, key=len, reverse=True)), re.IGNORECASE) if spellings else None

    def __repr__(self) -> str:
        return f"Known({len(self.names)} names, {len(self.phones)} numbers)"  # a log must not say them


def _names(names: Iterable[str]) -> Iterator[str]:
    """The whole name, and its parts around a dot; what names nobody, or is one character, is not looked for."""
    for name in names:
        plain = folded(name).strip()
        bare = re.sub(rf"(?:{FULL_TITLES})$", "", plain).strip()
        for part in {plain, bare, *bare.split("·")}:
            letters = re.sub(r"[\s·.]", "", part)
            if len(letters) < 2 or letters.casefold() in NOBODY:
                continue
            if letters.isascii():
                yield rf"(?<![a-z]){BETWEEN_LETTERS.join(map(re.escape, letters))}(?![a-z])"
            else:
                yield BETWEEN_LETTERS.join(map(re.escape, letters))


def _numbers(phones: Iterable[str]) -> Iterator[str]:
    """The national digits of each number, with whatever stands between them, in figures or Chinese numerals."""
    for phone in phones:
        digits = _national(phone)
        if len(digits) >= SHORTEST_NUMBER:
            yield BETWEEN_DIGITS.join(f"[{SPELT[int(digit)]}]" for digit in digits)


def _national(phone: str) -> str:
    """The digits that are dialled at home: +8613800001234 → 13800001234."""
    try:
        return str(phonenumbers.parse(phone, "CN").national_number)
    except phonenumbers.NumberParseException:
        return "".join(c for c in folded(phone) if c.isdecimal())
