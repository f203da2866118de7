"""The open files of a published wave: with them anybody recomputes every figure (P8)."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from evaluations.models import Wave
from evaluations.queries.published import FILES, file
from evaluations.states import WaveState


@require_safe
def open_file(request: HttpRequest, code: str, name: str) -> HttpResponse:
    """``inputs`` or ``scores``, of the wave or, with ``pooled-`` before, over several."""
    wave = Wave.objects.filter(code=code, state=WaveState.PUBLISHED).select_related("questionnaire").first()
    content = file(wave, name) if wave is not None and name in FILES else None
    if wave is None or content is None:
        raise Http404
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{wave.code}-{name}.csv"'
    return response
