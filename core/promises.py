"""The promises, checked on live data: each room registers queries that find rows which break one."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass

Check = Callable[[], Iterable[object]]
_checks: list[tuple[str, Check]] = []


@dataclass(frozen=True)
class Violation:
    """A promise, what was found, and the row."""

    promise: str
    check: str
    row: str

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


def promise(number: str) -> Callable[[Check], Check]:
    """Register a check: a function that yields every row breaking the promise; its docstring says what must hold."""

    def register(check: Check) -> Check:
        _checks.append((number, check))
        return check

    return register


def violations() -> Iterator[Violation]:
    """Every violation found now, by promise."""
    for number, check in sorted(_checks, key=lambda pair: int(pair[0][1:])):
        for row in check():
            yield Violation(number, (check.__doc__ or "").strip(), str(row))


def checked() -> list[tuple[str, str]]:
    """The promises and what is checked of them, for the docs and the command's report."""
    return [(number, (check.__doc__ or "").strip()) for number, check in _checks]
