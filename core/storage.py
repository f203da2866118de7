"""Files that people sent are whole on the disk before a row names them, or are not there at all."""

import contextlib
import os
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import models
from django.utils.translation import gettext_lazy as _

from core import clock
from core.errors import NO_ROOM, Unavailable

DRAFT = ".part"
OLD_ENOUGH = timedelta(days=1)  # no transaction that may still name the file is as old


class WholeFileStorage(FileSystemStorage):
    """Writes a draft beside the name, to the disk itself, and renames it; a failure leaves nothing behind."""

    def _save(self, name: str, content: File) -> str:
        path = Path(self.path(name))
        draft = path.with_name(f"{uuid.uuid4().hex}{DRAFT}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._write(draft, content)
            os.link(draft, path)  # refuses a name that exists
            self._keep_folder(path.parent)
        except OSError as error:
            if error.errno in NO_ROOM:
                raise Unavailable(
                    _("There is no room for files at the moment. Please send it without them, or try again later.")
                ) from error
            raise
        finally:
            draft.unlink(missing_ok=True)
        return str(path.relative_to(self.location)).replace("\\", "/")

    def _write(self, draft: Path, content: File) -> None:
        with draft.open("xb") as file:
            for chunk in content.chunks():
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
            if self.file_permissions_mode is not None:
                os.fchmod(file.fileno(), self.file_permissions_mode)

    @staticmethod
    def _keep_folder(folder: Path) -> None:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def sweep_orphans() -> int:
    """Remove files that no row names, left by a process that was killed between file and row; return how many."""
    removed = 0
    before = (clock.now() - OLD_ENOUGH).timestamp()
    for field in _file_fields():
        named = set(field.model._default_manager.values_list(field.name, flat=True))
        for path in _files_of(field):
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime < before and default_storage_name(path) not in named:
                    path.unlink()
                    removed += 1
    return removed


def _file_fields() -> Iterator[models.FileField]:
    for model in apps.get_models():
        yield from (field for field in model._meta.get_fields() if isinstance(field, models.FileField))


def _files_of(field: Any) -> Iterator[Path]:
    """Every file under the fixed first part of the field's folder, which belongs to this field alone."""
    top = Path(default_storage.path(str(field.upload_to).split("%", 1)[0].rstrip("/")))
    return (path for path in top.rglob("*") if path.is_file())


def default_storage_name(path: Path) -> str:
    """The name by which a row knows the file."""
    return str(path.relative_to(default_storage.path("")))
