"""Chinese text: cleaning what people type, cutting it into words, and masking what must not be shown."""

import re
import unicodedata
from itertools import chain, pairwise

import rjieba
from opencc import OpenCC

# bidi embeddings, overrides and isolates; zero-width characters except the joiner that emoji need; the byte order mark
_TRICKS = dict.fromkeys(
    [0x061C, 0x200B, 0x200C, 0x200E, 0x200F, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)
# full-width letters, digits, space and the signs of telephone numbers; Chinese punctuation stays as it is
_WIDE = {0x3000: " "} | {
    wide: chr(wide - 0xFEE0)
    for wide in (0xFF0B, 0xFF0D, *range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))
}
_HAN = re.compile(r"[㐀-鿿\U00020000-\U0003FFFF]+")
_WORD = re.compile(r"\w")
_SIMPLIFIED = OpenCC("t2s")
# a word of degree sticks to its neighbours (广场|舞太吵), but for where it belongs to a name (太湖)
_DEGREES = re.compile("(?<![老太])太(?![太湖阳平子极空原仓])|很|特别|非常|实在|老是|总是|一直")
# what stands in a question and not in what is looked for
_FILLERS = frozenset(
    """的 了 吗 呢 吧 啊 呀 嘛 么 着 过 地 得 在 是 我 你 您 他 她 它 们 我们 你们 我家 有 没有 要 就 都 也 还 很 最
    和 与 或 及 把 被 给 对 从 到 向 个 这 那 这个 那个 这里 那里 一个 什么 怎么 怎么办 如何 哪里 哪儿 哪个 谁 几 多少
    为什么 请问 请 想 可以 能 能不能 可不可以 需要 应该 要不要 是不是 有没有 办
    a the of is how where what to i my""".split()  # noqa: SIM905
)


def clean(text: str) -> str:
    """The text without NUL, control characters (line breaks and tabs stay) and bidi tricks, in Unicode form NFC."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).translate(_TRICKS)
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs")).strip()


def is_readable(text: str) -> bool:
    """Whether all of it arrived: � stands where bytes were no characters, as when GBK is sent as UTF-8."""
    return "\ufffd" not in text


def ascii_digits(text: str) -> str:
    """The text with full-width letters and digits (１３８) made plain (138)."""
    return text.translate(_WIDE)


def simplified(text: str) -> str:
    """路燈 → 路灯: traditional characters made simplified."""
    return text if text.isascii() else _SIMPLIFIED.convert(text)


def words(text: str) -> list[str]:
    """The words of a text in the order of a search engine: long words and the short ones inside them."""
    return [word for word in rjieba.cut_for_search(simplified(ascii_digits(text)).lower()) if _WORD.search(word)]


def search_document(text: str) -> str:
    """What a text is found by, ready for ``to_tsvector('simple', …)``: its words, its characters, and all two in a row.

    Words are cut by their neighbours, so a word alone must be found by what does not depend on them: its characters.
    """
    runs = _HAN.findall(simplified(text))
    return " ".join(chain(words(text), *runs, *map(_two_in_a_row, runs)))


def asked_for(typed: str) -> list[str]:
    """The words somebody looks for, each once; those that only make a question of it if nothing else is left."""
    cut = rjieba.cut(_DEGREES.sub(" ", simplified(ascii_digits(typed)).lower()))
    found = dict.fromkeys(word for word in cut if _WORD.search(word))
    return [word for word in found if word not in _FILLERS] or list(found)


def search_terms(typed: str) -> list[str]:
    """What a document must have to be found by what somebody typed: all two characters in a row of each word."""
    cut = (word for word in rjieba.cut(simplified(ascii_digits(typed)).lower()) if _WORD.search(word))
    terms = (_two_in_a_row(word) if _HAN.fullmatch(word) else [word] for word in cut)
    return list(dict.fromkeys(chain.from_iterable(terms)))


def _two_in_a_row(characters: str) -> list[str]:
    return [one + next_one for one, next_one in pairwise(characters)] or [characters]


def mask_name(name: str) -> str:
    """张三 → 张*, 欧阳小明 → 欧***: the first character and a star for each of the others."""
    return name[:1] + "*" * (len(name) - 1)


def mask_phone(phone: str) -> str:
    """+8613800001234 → 138****1234; a shorter number keeps its last two digits."""
    national = phone.removeprefix("+86")
    if len(national) < 11:
        return "*" * max(len(national) - 2, 0) + national[-2:]
    return f"{national[:3]}****{national[-4:]}"
