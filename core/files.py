"""What citizens attach: taken by content, never by name; pictures are painted anew, so that nothing hides in them.

A picture leaves here as JPEG or PNG that this process encoded: no EXIF, no place, no comment, nothing appended. A PDF
cannot be re-encoded without harm; it is kept as it came when it carries no script, no launch action, no embedded file
and no encryption, and is only ever offered as a download. Everything else is refused.
"""

import hashlib
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import painting
from core.errors import Invalid, Text, Unavailable

FIELD = "attachments"
MEGABYTE = 1024 * 1024
LARGEST = 10 * MEGABYTE
LARGEST_TOGETHER = 30 * MEGABYTE
MOST_FILES = 6
# names may be written as #4A and lie in compressed streams: those we cannot read for sure are refused with ObjStm
PDF_DANGERS = re.compile(rb"/(JavaScript|JS|Launch|EmbeddedFile|OpenAction|AA|RichMedia|Encrypt|XFA|SubmitForm)\b")


@dataclass(frozen=True)
class CleanFile:
    """What is kept; ``content`` has a random name, sizes are in bytes and pixels."""

    content: ContentFile
    mime: str
    sha256: str
    width: int | None = None
    height: int | None = None


def _refuse(message: Text) -> Invalid:
    return Invalid(FIELD, message)


def clean_uploads(files: Sequence[UploadedFile]) -> list[CleanFile]:
    """All files of one form, in order. Raises: Invalid("attachments") for too many, too much, or a refused one."""
    if len(files) > MOST_FILES:
        raise _refuse(_("At most %(n)s files at a time.") % {"n": MOST_FILES})
    if sum(file.size or 0 for file in files) > LARGEST_TOGETHER:
        raise _refuse(_("These files are too large together: at most 30 MB."))
    return [clean_upload(file) for file in files]


def clean_upload(upload: UploadedFile) -> CleanFile:
    """One file, judged by its content. Raises: Invalid("attachments") with what to do instead."""
    if (upload.size or 0) > LARGEST:
        raise _refuse(_("This file is too large: at most 10 MB. A smaller photo is enough."))
    raw = upload.read(LARGEST + 1)
    if not raw:
        raise _refuse(_("This file is empty."))
    if raw.startswith(b"%PDF-"):
        return _pdf(raw)
    if raw[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftyphevc"):
        raise _refuse(_("This photo is in Apple's HEIC format. Please choose it as JPEG, or take a screenshot of it."))
    return _picture(raw)


def _kept(raw: bytes, suffix: str, mime: str, width: int | None = None, height: int | None = None) -> CleanFile:
    content = ContentFile(raw, name=f"{uuid.uuid4().hex}.{suffix}")
    return CleanFile(content, mime, hashlib.sha256(raw).hexdigest(), width, height)


def _pdf(raw: bytes) -> CleanFile:
    names = re.sub(rb"#([0-9A-Fa-f]{2})", lambda code: bytes([int(code.group(1), 16)]), raw)
    if PDF_DANGERS.search(names):
        raise _refuse(_("This PDF holds a script, a password or another file. Please send it as a photo."))
    if b"%%EOF" not in raw[-2048:]:
        raise _refuse(_("This PDF is not complete. Please try again."))
    return _kept(raw, "pdf", "application/pdf")


def _picture(raw: bytes) -> CleanFile:
    try:
        fresh = painting.paint(raw)
    except painting.Busy:
        raise Unavailable(_("Many pictures are being looked at. Please send it again in a minute.")) from None
    except painting.Refused as refused:
        raise _refuse(_NOT_PAINTED[refused.why]) from None
    return _kept(fresh.raw, fresh.suffix, fresh.mime, fresh.width, fresh.height)


_NOT_PAINTED = {
    "kind": gettext_lazy("Only photos (JPEG, PNG, WebP, GIF) and PDF can be sent."),
    "pixels": gettext_lazy("This picture has too many pixels. Please send a smaller one."),
    "damaged": gettext_lazy("This picture is damaged. Please take it again."),
}
