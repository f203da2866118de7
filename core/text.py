"""Chinese text: cleaning what people type, cutting it into words, and masking what must not be shown."""

import re
import unicodedata

import rjieba

# bidi embeddings, overrides and isolates; zero-width characters except the joiner that emoji need; the byte order mark
_TRICKS = dict.fromkeys(
    [0x061C, 0x200B, 0x200C, 0x200E, 0x200F, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)
# full-width letters, digits, space and the signs of telephone numbers; Chinese punctuation stays as it is
_WIDE = {0x3000: " "} | {
    wide: chr(wide - 0xFEE0)
    for wide in (0xFF0B, 0xFF0D, *range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))
}
_WORD = re.compile(r"[\w㐀-鿿\U00020000-\U0003FFFF]")


def clean(text: str) -> str:
    """The text without NUL, control characters (line breaks and tabs stay) and bidi tricks, in Unicode form NFC."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).translate(_TRICKS)
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs")).strip()


def ascii_digits(text: str) -> str:
    """The text with full-width letters and digits (１３８) made plain (138)."""
    return text.translate(_WIDE)


def words(text: str) -> list[str]:
    """The words of a text in the order of a search engine: long words and the short ones inside them."""
    return [word for word in rjieba.cut_for_search(ascii_digits(text).lower()) if _WORD.search(word)]


def search_document(text: str) -> str:
    """Words separated by spaces, ready for ``to_tsvector('simple', …)``."""
    return " ".join(words(text))


def mask_name(name: str) -> str:
    """张三 → 张*, 欧阳小明 → 欧***: the first character and a star for each of the others."""
    return name[:1] + "*" * (len(name) - 1)


def mask_phone(phone: str) -> str:
    """+8613800001234 → 138****1234; a shorter number keeps its last two digits."""
    national = phone.removeprefix("+86")
    if len(national) < 11:
        return "*" * max(len(national) - 2, 0) + national[-2:]
    return f"{national[:3]}****{national[-4:]}"
