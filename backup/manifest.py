"""What a backup consists of, so that a missing or altered byte is noticed before anything is overwritten."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

NAME = "manifest.json"
FORMAT = 1
CHUNK = 1024 * 1024


class BackupError(Exception):
    """Something that a person has to put right; the message says what."""


@dataclass(frozen=True)
class Manifest:
    """``files`` maps each path to its SHA-256, ``rows`` each table to its number of rows in the very same snapshot."""

    made_at: str
    server: str
    database: str
    user: str
    files: dict[str, str]
    rows: dict[str, int]
    format: int = FORMAT

    def write(self, folder: Path) -> None:
        """Put it beside the files, whole or not at all: a backup without it is none."""
        draft = folder / f"{NAME}.new"
        draft.write_text(json.dumps(asdict(self), ensure_ascii=False, indent=1, sort_keys=True), encoding="utf-8")
        draft.replace(folder / NAME)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Raises: BackupError when there is none, or one of another format."""
        try:
            found = cls(**json.loads((folder / NAME).read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise BackupError(f"{folder} holds no complete backup: there is no {NAME} in it.") from None
        except (ValueError, TypeError):
            raise BackupError(f"{folder / NAME} cannot be read.") from None
        if found.format != FORMAT:
            raise BackupError(f"This backup has format {found.format}; this version reads {FORMAT}.")
        return found

    def check(self, folder: Path) -> None:
        """Raises: BackupError naming the first files that are missing or not what they were."""
        wrong = [name for name, digest in self.files.items() if digest_of(folder / name) != digest]
        if wrong:
            more = f" and {len(wrong) - 3} more" if len(wrong) > 3 else ""
            raise BackupError(f"This backup is damaged: {', '.join(wrong[:3])}{more}. Nothing was restored.")


def digest_of(path: Path) -> str:
    """The SHA-256 of a file, or an empty string where there is none."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
    except OSError:
        return ""
    return digest.hexdigest()


def digests(folder: Path) -> dict[str, str]:
    """Every file below the folder with its SHA-256, in order."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): digest_of(path) for path in paths}
