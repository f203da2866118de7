"""All addresses of the portal, and one that does nothing for whoever is signed in."""

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST

from config.access import ROUTES as PORTAL
from config.urls import urlpatterns as portal


@require_POST
def nothing(request: HttpRequest) -> HttpResponse:
    """Session, CSRF and roles were looked at by the middleware; there is nothing else to do."""
    return HttpResponse(status=204)


urlpatterns = [path("bench/nothing/", nothing, name="bench_nothing"), *portal]
ROUTES = PORTAL | {"bench_nothing": ("page", "own")}
