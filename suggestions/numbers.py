"""The number of a case as people type it."""

import re

from core.text import ascii_digits, clean

_NUMBER = re.compile(r"(?:编号|No\.?|#)?\s*[:：]?\s*(20\d\d)[\s\-–—]*(\d{6})", re.IGNORECASE)


def case_number(typed: str) -> str | None:
    """２０２６００２７００, 编号：2026 002700 → 2026-002700; None for anything else."""
    found = _NUMBER.fullmatch(ascii_digits(clean(typed)))
    return f"{found[1]}-{found[2]}" if found else None
