"""What is taken out of a text before anybody may read it: numbers of people, and the name in a greeting."""

import re

from core.text import ascii_digits

LONG_NUMBER = re.compile(r"(?<!\d)\d{6,18}[\dXx]?(?!\d)")
TITLES = "女士|先生|小姐|同志|同学|师傅|老师|大爷|大妈|大伯|大叔|大婶|阿姨|奶奶|爷爷|老伯"
GREETING = re.compile(rf"^(尊敬的)?[\u4e00-\u9fff]{{1,4}}?({TITLES})\s*[,\uff0c\u3001:\uff1a]?\s*(?=您|你)")


def redact(words: str) -> str:
    """The text with telephone, ID, card and plate-like long numbers made unreadable."""
    return LONG_NUMBER.sub(lambda found: "*" * len(found.group()), ascii_digits(words))


def unnamed(words: str) -> str:
    """A reply without the name it greets: 费女士,您好 → 您好."""
    return GREETING.sub("", words)
