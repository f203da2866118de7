"""All addresses of the API, below ``/api/``; what each needs is written in ``config.access`` under ``api:…``."""

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from annual_projects import api as annual_projects
from core.api.views import NothingHere
from directory import api as directory
from evaluations import api as evaluations
from suggestions.api import desk, open311, public, track
from suggestions.api.verbs import VERBS
from voting import api as voting

app_name = "api"

v1 = [
    path("areas/", directory.Areas.as_view(), name="areas"),
    path("units/", directory.Units.as_view(), name="units"),
    path("units/<slug:code>/", directory.OneUnit.as_view(), name="unit"),
    path("officers/", directory.Officers.as_view(), name="officers"),
    path("officers/<slug:badge_number>/", directory.OneOfficer.as_view(), name="officer"),
    path("categories/", public.Categories.as_view(), name="categories"),
    path("suggestions/", public.Suggestions.as_view(), name="suggestions"),
    path("suggestions/track/", track.Track.as_view(), name="track"),
    *(
        path(f"suggestions/track/{act.name}/", track.TrackAct.as_view(act=act), name=f"track_{act.name}")
        for act in track.ACTS
    ),
    path("suggestions/<str:number>/", public.OneSuggestion.as_view(), name="suggestion"),
    *annual_projects.v1,
    *voting.v1,
    *evaluations.v1,
    path("desk/folders/", desk.Folders.as_view(), name="desk_folders"),
    path("desk/suggestions/", desk.Inbox.as_view(), name="desk_suggestions"),
    path("desk/suggestions/<str:number>/", desk.DeskCase.as_view(), name="desk_suggestion"),
    *(
        path(f"desk/suggestions/<str:number>/{verb.name}/", desk.DeskVerb.as_view(verb=verb), name=f"desk_{verb.name}")
        for verb in VERBS
    ),
    path("desk/extensions/", desk.Extensions.as_view(), name="desk_extensions"),
    path("desk/extensions/<int:pk>/decide/", desk.DecideExtension.as_view(), name="desk_decide_extension"),
    path("desk/follow-ups/", desk.FollowUps.as_view(), name="desk_follow_ups"),
    path("desk/follow-ups/<int:pk>/finish/", desk.FinishFollowUp.as_view(), name="desk_finish_follow_up"),
]

AS = r"\.(?P<suffix>json|xml)$"
georeport = [
    re_path(rf"^discovery{AS}", open311.Discovery.as_view(), name="open311_discovery"),
    re_path(rf"^services{AS}", open311.Services.as_view(), name="open311_services"),
    re_path(rf"^services/(?P<code>[\w-]+){AS}", open311.Definition.as_view(), name="open311_service"),
    re_path(rf"^requests{AS}", open311.Requests.as_view(), name="open311_requests"),
    re_path(rf"^requests/(?P<number>[\w-]+){AS}", open311.OneRequest.as_view(), name="open311_request"),
    re_path(rf"^tokens/(?P<number>[\w-]+){AS}", open311.Token.as_view(), name="open311_token"),
]

urlpatterns = [
    path("v1/", include(v1)),
    path("open311/v2/", include(georeport)),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerView.as_view(url_name="api:schema"), name="docs"),
    re_path(r"^[\s\S]*$", NothingHere.as_view(), name="nothing_here"),
]
