"""Addresses of how the public judges."""

from django.urls import path

from evaluations.views import dashboards, desk, handing_in, officers, published, report, reviewing

app_name = "evaluations"
HERE = "desk/evaluations/"
urlpatterns = [
    path(HERE, desk.index, name="desk_index"),
    path(f"{HERE}<slug:code>/", desk.wave, name="desk_wave"),
    path(f"{HERE}<slug:code>/frame.csv", desk.frame, name="desk_frame"),
    path(f"{HERE}<slug:code>/progress/", desk.progress, name="desk_progress"),
    path(f"{HERE}<slug:code>/steps/<slug:name>/", desk.step, name="desk_step"),
    path(f"{HERE}<slug:code>/hand-in/", handing_in.hand_in, name="desk_hand_in"),
    path(f"{HERE}<slug:code>/review/", reviewing.review, name="desk_review"),
    path(f"{HERE}<slug:code>/flags/<int:pk>/", reviewing.flag, name="desk_flag"),
    path(f"{HERE}<slug:code>/calls/<int:pk>/", reviewing.call, name="desk_call"),
    path("evaluations/", dashboards.city, name="city"),
    path("evaluations/<int:year>.pdf", report.yearly, name="report"),
    path("evaluations/<int:county>/", dashboards.county, name="county"),
    path("evaluations/units/<slug:code>/", dashboards.unit, name="unit"),
    path("evaluations/officers/", officers.index, name="officers"),
    path("evaluations/officers/<slug:badge>/", officers.officer, name="officer"),
    path("open/polls/<slug:code>/<slug:name>.csv", published.open_file, name="open_file"),
]
