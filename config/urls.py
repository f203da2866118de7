"""All addresses. What each needs is written in ``config.access``; one without a row there does not open."""

from django.contrib import admin
from django.urls import include, path

from core import health

handler400 = "core.views.bad_request"
handler500 = "core.views.broken"
urlpatterns = [
    path("", include("portal.urls")),
    path("", include("annual_projects.urls")),
    path("", include("voting.urls")),
    path("", include("evaluations.urls")),
    path("", include("suggestions.urls")),  # after the others: its desk/<number>/ would take desk/annual/ for a case
    path("", include("core.urls")),
    path("accounts/", include("accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
    path("api/", include("config.api")),
    path("healthz/live", health.live, name="health_live"),
    path("healthz/ready", health.ready, name="health_ready"),
    path("healthz/deep", health.deep, name="health_deep"),
    path("metrics", health.metrics, name="metrics"),
]
