"""Files of a case, which only their readers get."""

from pathlib import PurePosixPath

from django.http import FileResponse

from suggestions.models import Attachment


def send_file(attachment: Attachment) -> FileResponse:
    """The file by its own type; pictures in the page, anything else to be saved, nothing to be run."""
    is_picture = attachment.mime.startswith("image/")
    suffix = PurePosixPath(str(attachment.file.name)).suffix
    response = FileResponse(
        attachment.file.open("rb"),
        content_type=attachment.mime,
        as_attachment=not is_picture,
        filename=f"{attachment.suggestion.number}-{attachment.pk}{suffix}",
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
