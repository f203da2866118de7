"""Where the files of a form lie while it is read; each remembers from whom it came, for ``core.files`` to be fair."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import MemoryFileUploadHandler, TemporaryFileUploadHandler

from core.ratelimit import client_of


class _Marked:
    """Marks a file with the fingerprint of the address that its request came from."""

    request: Any

    def file_complete(self, file_size: int) -> UploadedFile | None:
        file: UploadedFile | None = super().file_complete(file_size)  # type: ignore[misc]
        if file is not None:
            file.sender = client_of(self.request)  # type: ignore[attr-defined]
        return file


class InMemory(_Marked, MemoryFileUploadHandler):
    """What is small enough."""


class OnDisk(_Marked, TemporaryFileUploadHandler):
    """What is not."""
