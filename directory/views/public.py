"""Find one's officer and station, and the list of all units. A unit's own page shows figures and is the portal's."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.http import require_safe

from core.text import clean
from directory import queries
from directory.models import Area, Officer
from directory.paper import paper, wanted_sheet


@require_safe
def officers(request: HttpRequest) -> HttpResponse:
    """By place, county to community; by a name or a badge number; or one officer. ``print`` asks for paper."""
    if "officer" in request.GET:
        return _officer(request, clean(request.GET["officer"]))
    if "area" in request.GET:
        return _place(request, clean(request.GET["area"]))
    typed = clean(request.GET.get("q", ""))
    context = {"counties": queries.counties(), "q": typed, "found": queries.search(typed) if typed else None}
    return render(request, "directory/officers.html", context)


def _place(request: HttpRequest, code: str) -> HttpResponse:
    try:
        around = queries.surroundings(code)
    except Area.DoesNotExist:
        raise Http404 from None
    officer = around.officers[0] if around.officers else None
    if around.station and (sheet := wanted_sheet(request)):
        path = f"{request.path}?area={code}"
        return paper(request, sheet, path, officer=officer, unit=around.station, place=around.area)
    return render(request, "directory/place.html", {"around": around, "area": around.area})


def _officer(request: HttpRequest, badge_number: str) -> HttpResponse:
    try:
        officer = queries.officer(badge_number)
    except Officer.DoesNotExist:
        raise Http404 from None
    if sheet := wanted_sheet(request):
        return paper(request, sheet, f"{request.path}?officer={badge_number}", officer=officer, unit=officer.unit)
    return render(request, "directory/officer.html", {"officer": officer, "unit": officer.unit})


@require_safe
def units(request: HttpRequest) -> HttpResponse:
    """Every unit, under the one it belongs to."""
    return render(request, "directory/units.html", {"branches": queries.tree()})


@require_safe
def areas(request: HttpRequest) -> HttpResponseBase:
    """The areas below ``parent``, or all counties and towns, as JSON for a place chooser."""
    parent = request.GET.get("parent", "")
    file = queries.area_file(parent) if not parent or parent.isdecimal() else None
    if file is None:
        raise Http404
    response = HttpResponse(file.text, content_type="application/json", headers={"ETag": file.etag})
    patch_cache_control(response, public=True, max_age=queries.KEEP_AREAS)
    return get_conditional_response(request, etag=file.etag, response=response) or response
