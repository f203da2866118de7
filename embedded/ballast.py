"""Space kept back on the disk and given up when it is full: PostgreSQL needs a few bytes before anybody can read."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

MIB = 1024**2
SIZE = 32 * MIB
PIECE = 4 * MIB  # given up at a time, so that whatever fills the disk does not take all at once
SCARCE = 1 * MIB  # free bytes below which the disk counts as full
PLENTY = SIZE + 64 * MIB  # free bytes above which the whole is made again
ASK_EVERY = 0.2  # seconds


@dataclass
class Ballast:
    """A file that holds nothing; `keep` is called over and over while the launcher runs."""

    path: Path
    asked: float = 0.0

    @property
    def size(self) -> int:
        """Bytes that can still be given up."""
        return self.path.stat().st_size if self.path.exists() else 0

    @property
    def free(self) -> int:
        """Bytes that an ordinary user can still write on this disk."""
        disk = os.statvfs(self.path.parent)
        return disk.f_bavail * disk.f_frsize

    def keep(self) -> str:
        """Give a piece up when the disk is full, make the whole again when there is room; return what happened."""
        now = time.monotonic()
        if now - self.asked < ASK_EVERY:
            return ""
        self.asked = now
        size, free = self.size, self.free
        if free < SCARCE and size:
            os.truncate(self.path, max(0, size - PIECE))
            return f"the disk is full; {self.size // MIB} MB are left in reserve. Please make room"
        return self._make() if size < SIZE and free > PLENTY else ""

    def _make(self) -> str:
        try:
            with self.path.open("ab") as file:
                for _ in range(self.size, SIZE, PIECE):
                    file.write(bytes(PIECE))
        except OSError as error:  # somebody else was quicker
            self.path.unlink(missing_ok=True)
            return f"no reserve can be kept on the disk: {error}"
        return ""
