"""What the citizen's pages share: an answer that is kept nowhere, and files that only their readers get."""

from collections.abc import Callable
from functools import wraps
from pathlib import PurePosixPath
from typing import ParamSpec, TypeVar

from django.http import FileResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.cache import add_never_cache_headers

from suggestions.models import Attachment

P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)


class SeeOther(HttpResponseRedirect):
    """303: what was sent is done; the browser fetches the next page and a reload does not send again."""

    status_code = 303


def kept_nowhere(view: Callable[P, R]) -> Callable[P, R]:
    """The page is somebody's own: no cache keeps it, no search engine lists it."""

    @wraps(view)
    def answer(*args: P.args, **kwargs: P.kwargs) -> R:
        response = view(*args, **kwargs)
        add_never_cache_headers(response)
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return answer


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
