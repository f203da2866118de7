"""What the pages of polls share: a wave or a 404, and doing one thing with the reason where it was refused."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse

from core.errors import DomainError, NotAllowed, Text
from evaluations.access.figures import visible_waves
from evaluations.models import Wave
from suggestions.views.pages import SeeOther


def wave_or_404(request: HttpRequest, code: str, action: str = "read") -> Wave:
    """The wave, if the user may see it."""
    rows = visible_waves(request.user, action).select_related("pollster", "questionnaire", "frame")
    found = rows.filter(code=code).first()
    if found is None:
        raise Http404
    return found


def do(request: HttpRequest, act: Callable[[], object], done: Text, back: str) -> HttpResponse:
    """Try it and go back, with the reason where it was refused."""
    try:
        act()
    except NotAllowed:
        raise
    except DomainError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, str(done))
    return SeeOther(back)
