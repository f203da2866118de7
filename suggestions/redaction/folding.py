"""Text in its plainest spelling, every character in its place: a mark found in it fits the text as typed."""

from core.text import ascii_digits

_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u30fc\ufe63\uff0d\uff5e"
_BLANKS = "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_PLAIN = (
    dict.fromkeys(map(ord, _DASHES), "-")
    | dict.fromkeys(map(ord, _BLANKS), " ")
    | dict.fromkeys(map(ord, "\u2022\u30fb\uff65\u2027\u2219\u22c5"), "\u00b7")
    | {0xFF20: "@", 0xFF0E: ".", 0xFF3F: "_", 0xFF08: "(", 0xFF09: ")", 0xFF03: "#", 0xFF0F: "/"}
)


def folded(words: str) -> str:
    """Full-width letters and digits, dashes, blanks and dots made plain. As long as before, character for character."""
    return ascii_digits(words).translate(_PLAIN)
