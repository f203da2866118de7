"""The arithmetic of paper: serial numbers, what a clerk types, two keyings beside each other, and the balance. Pure."""

import re
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from stdnum import luhn

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
LOOKS_LIKE = str.maketrans("ILO", "110")
RANDOM_LETTERS = 7  # 35 bits: a made-up serial of a year with 50,000 sheets meets a real one once in 700,000 tries
KEYS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"  # one key a candidate


# --- serials ----------------------------------------------------------------------------------------------------------


def new_serial() -> str:
    """A serial nobody can guess: seven random characters and a check character."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_LETTERS))
    return body + luhn.calc_check_digit(body, ALPHABET)


def read_serial(typed: str) -> str:
    """The serial in what was scanned or typed; empty when it cannot be one (a mistyped character shows)."""
    serial = re.sub(r"[\s-]", "", _plain(typed)).translate(LOOKS_LIKE)
    is_whole = len(serial) == RANDOM_LETTERS + 1 and set(serial) <= set(ALPHABET)
    return serial if is_whole and luhn.is_valid(serial, ALPHABET) else ""


def _plain(typed: str) -> str:
    """Capital letters, and full-width signs made plain."""
    return unicodedata.normalize("NFKC", typed).upper()


def spaced(serial: str) -> str:
    """XXXXXXXX → XXXX-XXXX."""
    return f"{serial[:4]}-{serial[4:]}"


# --- what a clerk types -----------------------------------------------------------------------------------------------


class Unreadable(ValueError):
    """A clerk's line that means nothing; ``token`` is the piece that does not."""

    def __init__(self, token: str) -> None:
        super().__init__(token)
        self.token = token


def key_of(number: int) -> str:
    """The key that stands for a candidate on the paper; beyond the letters it is the number."""
    return KEYS[number - 1] if number <= len(KEYS) else str(number)


def read_choices(typed: str, candidates: int) -> tuple[int, ...]:
    """The candidate numbers in a clerk's line, by keys (``ACF``) or numbers (``1 3 6``), ascending.

    Raises: Unreadable for a key or number that stands for nobody, or stands there twice.
    """
    tokens = re.findall(r"\d+|[^\W\d_]|[^\s,、.;]", _plain(typed))
    numbers = [_number(token, candidates) for token in tokens]
    for number, token in zip(numbers, tokens, strict=True):
        if numbers.count(number) > 1:
            raise Unreadable(token)
    return tuple(sorted(numbers))


def _number(token: str, candidates: int) -> int:
    number = int(token) if token.isdecimal() else KEYS.find(token) + 1
    if not 1 <= number <= candidates:
        raise Unreadable(token)
    return number


# --- two clerks -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one clerk read on one sheet: choices and, when it does not count, why."""

    choices: tuple[int, ...] = ()
    fault: str = ""
    age_band: int | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """A serial on which two clerks differ; None where one of them did not have it."""

    serial: str
    first: Sheet | None
    second: Sheet | None


def compare(first: Mapping[str, Sheet], second: Mapping[str, Sheet]) -> list[Difference]:
    """Where two keyings of the same batch differ, by serial."""
    serials = sorted(first.keys() | second.keys())
    pairs = ((serial, first.get(serial), second.get(serial)) for serial in serials)
    return [Difference(serial, one, other) for serial, one, other in pairs if one != other]


# --- the balance ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Balance:
    """Sheets of one unit, or of all. Every sheet that was issued is exactly one of the other three in the end."""

    issued: int
    returned: int
    spoiled: int
    unreturned: int

    @property
    def open(self) -> int:
        """Sheets of which nobody has said yet what became of them."""
        return self.issued - self.returned - self.spoiled - self.unreturned

    @property
    def balances(self) -> bool:
        return self.open == 0

    def __add__(self, other: "Balance") -> "Balance":
        return Balance(
            self.issued + other.issued,
            self.returned + other.returned,
            self.spoiled + other.spoiled,
            self.unreturned + other.unreturned,
        )
