"""Pages of the house itself: the reader's preferences, an expired form, the style guide."""

import sys

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.template import loader
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe
from django.views.defaults import server_error

from core.api.problems import MEDIA_TYPE, problem_of
from core.context import THEMES
from core.errors import will_pass
from core.requests import TOO_BIG, typed_words
from core.styleguide import examples

YEAR = 365 * 24 * 3600
STAND_ALONE = {"check_receipt.py", "reappraise.py", "recount.py", "verify_audit.py", "watch.py"}


@csrf_exempt  # changes only how pages look to the one who sent it, and must work when a form has expired
@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Remember elder mode and theme in cookies and go back to the page the reader came from."""
    wanted = request.POST.get("next", "/")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    response = HttpResponseRedirect(wanted if safe else "/")
    if (elder := request.POST.get("elder")) in ("0", "1"):
        _remember(response, "elder", elder)
    if (theme := request.POST.get("theme")) in THEMES:
        _remember(response, "theme", theme)
    return response


def _remember(response: HttpResponse, name: str, value: str) -> None:
    secure = settings.SESSION_COOKIE_SECURE
    response.set_cookie(name, value, max_age=YEAR, samesite="Lax", secure=secure, httponly=True)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """An expired form: say what to do and give back the words that were typed."""
    request.POST.keys()  # one too big to be read is told that instead: this raises it
    return render(request, "403_csrf.html", {"typed": typed_words(request)}, status=403)


def broken(request: HttpRequest) -> HttpResponse:
    """What nobody foresaw is a 500; a database or a disk that is away or full is a 503 that gives the words back."""
    error = sys.exception()
    if not isinstance(error, Exception) or not will_pass(error):
        return server_error(request)
    problem = problem_of(error)
    if problem is not None and request.path.startswith("/api/"):
        return JsonResponse(problem.body(), status=problem.status, headers=problem.headers, content_type=MEDIA_TYPE)
    # without the request: what every page shows of the portal comes from the database
    page = loader.render_to_string("503.html", {"typed": typed_words(request), "again": request.path})
    return HttpResponse(page, status=503, headers={"Retry-After": "60", "Cache-Control": "no-store"})


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A request that could not be read; one that is too big is told so, for it is not even looked into."""
    if isinstance(exception, TOO_BIG):
        return render(request, "413.html", status=413)
    return render(request, "400.html", status=400)


@require_safe
def tool(request: HttpRequest, name: str) -> HttpResponse:
    """A program with which a stranger checks what is published, to be read before it is run; it knows no portal."""
    if name not in STAND_ALONE:
        raise Http404
    return HttpResponse((settings.BASE_DIR / "tools" / name).read_bytes(), content_type="text/plain; charset=utf-8")


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component with made-up content, for developers (only with DEBUG or DEMO)."""
    return render(request, "styleguide.html", examples())
