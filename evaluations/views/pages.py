"""What the pages of polls and appraisals share: a wave or a 404, and how far long work is."""

from collections.abc import Iterable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from evaluations.access.figures import visible_waves
from evaluations.models import Wave
from evaluations.models.working import Work


def wave_or_404(request: HttpRequest, code: str, action: str = "read") -> Wave:
    """The wave, if the user may see it."""
    rows = visible_waves(request.user, action).select_related("pollster", "questionnaire", "frame")
    found = rows.filter(code=code).first()
    if found is None:
        raise Http404
    return found


def under_way(runs: Iterable[Work]) -> Work | None:
    """The first of these that is neither finished nor failed."""
    return next((run for run in runs if run.finished_at is None and not run.failed), None)


def how_far(request: HttpRequest, working: Work | None, context: dict[str, str]) -> HttpResponse:
    """How far long work is; asked every two seconds, and it goes on when nobody asks. Done, the page is shown anew."""
    response = render(request, "evaluations/desk_progress.html", context | {"working": working})
    if working is None and "HX-Request" in request.headers:
        response["HX-Refresh"] = "true"
    return response
