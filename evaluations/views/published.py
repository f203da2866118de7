"""The open files of a published wave, and the program with which anybody recomputes every figure from them (P8)."""

import zipfile
from functools import cache
from io import BytesIO

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_safe

from evaluations import services
from evaluations.models import Wave
from evaluations.states import WaveState

FORMULAS = settings.BASE_DIR / "evaluations" / "scoring"
KEPT = 3600  # seconds; the bytes of an address never change


@require_safe
def open_file(request: HttpRequest, code: str, name: str) -> HttpResponseBase:
    """``inputs`` or ``scores``, of the wave or, with ``pooled-`` before, over several; its ETag names its SHA-256."""
    wave = Wave.objects.filter(code=code, state=WaveState.PUBLISHED).first()
    found = services.open_file(wave, name) if wave else None
    if found is None:
        raise Http404
    packed = "gzip" in request.headers.get("Accept-Encoding", "")
    etag = f'"{found.sha256}{"-gzip" if packed else ""}"'
    content = bytes(found.gzipped) if packed else found.content
    response = HttpResponse(content, content_type="text/csv; charset=utf-8", headers={"ETag": etag})
    if packed:
        response["Content-Encoding"] = "gzip"
    patch_vary_headers(response, ["Accept-Encoding"])
    response["Content-Disposition"] = f'attachment; filename="{code}-{name}.csv"'
    patch_cache_control(response, public=True, max_age=KEPT, immutable=True)
    return get_conditional_response(request, etag=etag, response=response) or response


@require_safe
def rescore(request: HttpRequest) -> HttpResponse:
    """``tools/rescore.py`` with the formulas that it runs: one file, which Python starts where numpy and scipy are."""
    response = HttpResponse(_packed(), content_type="application/zip")
    response["Content-Disposition"] = 'attachment; filename="rescore.pyz"'
    return response


@cache
def _packed() -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
        archive.write(settings.BASE_DIR / "tools" / "rescore.py", "__main__.py")
        for module in (FORMULAS.parent / "__init__.py", *sorted(FORMULAS.glob("*.py"))):
            archive.write(module, module.relative_to(settings.BASE_DIR))
    return packed.getvalue()
