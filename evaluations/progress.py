"""How far a file is read, for whoever waits: kept in the cache for as long as it is read. Losing it loses nothing."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from django.core.cache import cache
from redis.exceptions import RedisError

from evaluations.models import Wave

KEPT = 120  # seconds without a sign of life
EVERY = 2_000  # lines
WRITES_FROM = 80  # of a hundred: what is left is the database's part


@dataclass
class Reading:
    """A file that is being read just now; ``of`` is how many lines it seems to have, 0 where nobody knows."""

    sha256: str
    wave_id: int
    of: int
    lines: int = 0
    writing: bool = False

    @property
    def percent(self) -> int:
        """Of a hundred; reading is most of it, writing the rest."""
        if self.writing:
            return WRITES_FROM
        return min(WRITES_FROM - 1, self.lines * WRITES_FROM // self.of) if self.of else 0

    def lines_read(self, lines: int) -> None:
        self.lines = lines
        if lines % EVERY == 0:
            self._say()

    def writes(self) -> None:
        self.writing = True
        self._say()

    def _say(self) -> None:
        with suppress(RedisError):
            cache.set_many({_key(self.sha256): self, _key(self.wave_id): self}, KEPT)


@contextmanager
def reading(sha256: str, wave: Wave, of: int) -> Iterator[Reading]:
    """While the block runs, :func:`of_file` and :func:`of_wave` tell how far it is."""
    found = Reading(sha256, wave.pk, of)
    found._say()
    try:
        yield found
    finally:
        with suppress(RedisError):
            cache.delete_many([_key(sha256), _key(wave.pk)])


def of_file(sha256: str) -> Reading | None:
    """The file with this hash, if it is being read."""
    return _get(_key(sha256))


def of_wave(wave: Wave) -> Reading | None:
    """The file that is being read for this wave."""
    return _get(_key(wave.pk))


def _get(key: str) -> Reading | None:
    with suppress(RedisError):
        return cache.get(key)
    return None


def _key(of: str | int) -> str:
    return f"poll-file:{of}"
