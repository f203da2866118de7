"""What citizens attach: taken by content, never by name, and made anew, so that nothing hides in it.

Pictures are painted anew (``core.pictures``), papers written anew (``core.papers``), in a bounded place of their own
(``core.painting``); everything else is refused with what to do instead. How and why: ``docs/decisions/files.md``.
"""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import painting, ratelimit
from core.errors import Invalid, Text, TooMany, Unavailable
from core.made import Refused
from core.pictures import ACCEPTED as PICTURES

FIELD = "attachments"
MEGABYTE = 1024 * 1024
LARGEST = 10 * MEGABYTE
LARGEST_TOGETHER = 30 * MEGABYTE
MOST_FILES = 6
PIXELS_A_MINUTE = 600_000_000  # of one address: two forms full of the largest pictures, or a hundred photos of phones
ACCEPTED = f"{PICTURES},application/pdf,.pdf"
WORDS: dict[str, Text] = {
    "unknown": gettext_lazy("Only photos and PDF can be sent. Please take a photo or a screenshot of it."),
    "document": gettext_lazy(
        "Word and Excel files cannot be taken. Please save it as PDF, or send a screenshot of it."
    ),
    "video": gettext_lazy("Videos cannot be taken. Please send photos or screenshots of what matters."),
    "damaged": gettext_lazy("This picture is damaged. Please take it again."),
    "odd": gettext_lazy("This picture is of a kind that cannot be shown here. Please send a screenshot of it."),
    "pixels": gettext_lazy("This picture has too many pixels. Please send a smaller one."),
    "strip": gettext_lazy("This picture is too long. Please send it in several parts."),
    "sheets": gettext_lazy("This TIFF has several pages. Please save it as PDF, or send one picture a page."),
    "torn-paper": gettext_lazy("This PDF is not complete. Please try again."),
    "locked-paper": gettext_lazy(
        "This PDF is locked with a password. Please save it without one, or send photos of its pages."
    ),
    "folder-paper": gettext_lazy("This PDF only wraps other files. Please send those files themselves."),
    "living-paper": gettext_lazy(
        "This PDF is an electronic form that only one program can show. Please send photos of its pages."
    ),
    "thick-paper": gettext_lazy("This PDF has too many pages. Please send only those that matter."),
    "heavy-paper": gettext_lazy("This PDF is too complicated to be looked through. Please send photos of its pages."),
}


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
    """All files of one form, in order.

    Raises: Invalid("attachments") for too many, too much, or a refused one; TooMany; Unavailable.
    """
    if len(files) > MOST_FILES:
        raise _refuse(_("At most %(n)s files at a time.") % {"n": MOST_FILES})
    if sum(file.size or 0 for file in files) > LARGEST_TOGETHER:
        raise _refuse(_("These files are too large together: at most 30 MB."))
    return [clean_upload(file) for file in files]


def clean_upload(upload: UploadedFile) -> CleanFile:
    """One file, judged by its content; ``core.uploads`` has marked who sends it.

    Raises: Invalid("attachments") with what to do instead; TooMany; Unavailable.
    """
    if (upload.size or 0) > LARGEST:
        raise _refuse(_("This file is too large: at most 10 MB. A smaller photo is enough."))
    raw = upload.read(LARGEST + 1)
    if not raw:
        raise _refuse(_("This file is empty."))
    try:
        sender = getattr(upload, "sender", "")
        made = painting.make_anew(raw, sender=sender, spend=lambda pixels: _spend(sender, pixels))
    except painting.Busy:
        raise Unavailable(_("Many pictures are being looked at. Please send it again in a minute.")) from None
    except Refused as refused:
        raise _refuse(WORDS[refused.reason]) from None
    content = ContentFile(made.content, name=f"{uuid.uuid4().hex}.{made.suffix}")
    return CleanFile(content, made.mime, hashlib.sha256(made.content).hexdigest(), made.width, made.height)


def _spend(sender: str, pixels: int) -> None:
    """Raises: TooMany."""
    if sender and ratelimit.count(sender, group="pixels", seconds=60, much=pixels) > PIXELS_A_MINUTE:
        raise TooMany(_("Very many large pictures came from your network. Please send it again in a minute."))
