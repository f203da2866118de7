"""Addresses of how the public judges."""

from django.urls import path

from evaluations.views import desk, handing_in, pollsters, preparing, published, questionnaires, reviewing

app_name = "evaluations"
HERE = "desk/evaluations/"
urlpatterns = [
    path(HERE, desk.index, name="desk_index"),
    path(f"{HERE}waves/new/", preparing.new_wave, name="desk_new_wave"),
    path(f"{HERE}questionnaires/", questionnaires.index, name="desk_questionnaires"),
    path(f"{HERE}questionnaires/new/", questionnaires.new, name="desk_new_questionnaire"),
    path(f"{HERE}questionnaires/<slug:code>/<int:version>/", questionnaires.show, name="desk_questionnaire"),
    path(f"{HERE}pollsters/", pollsters.index, name="desk_pollsters"),
    path(f"{HERE}pollsters/new/", pollsters.new, name="desk_new_pollster"),
    path(f"{HERE}pollsters/<slug:code>/", pollsters.show, name="desk_pollster"),
    path(f"{HERE}pollsters/<slug:code>/keys/<int:pk>/revoke/", pollsters.revoke, name="desk_revoke"),
    path(f"{HERE}pollsters/<slug:code>/<slug:name>/", pollsters.act, name="desk_pollster_act"),
    path(f"{HERE}<slug:code>/", desk.wave, name="desk_wave"),
    path(f"{HERE}<slug:code>/frame.csv", desk.frame, name="desk_frame"),
    path(f"{HERE}<slug:code>/margins/", preparing.margins, name="desk_margins"),
    path(f"{HERE}<slug:code>/frame/", preparing.frame_file, name="desk_frame_file"),
    path(f"{HERE}<slug:code>/reading/", handing_in.reading, name="desk_reading"),
    path(f"{HERE}<slug:code>/progress/", desk.scoring_progress, name="desk_progress"),
    path(f"{HERE}<slug:code>/steps/<slug:name>/", desk.step, name="desk_step"),
    path(f"{HERE}<slug:code>/hand-in/", handing_in.hand_in, name="desk_hand_in"),
    path(f"{HERE}<slug:code>/review/", reviewing.review, name="desk_review"),
    path(f"{HERE}<slug:code>/flags/<int:pk>/", reviewing.flag, name="desk_flag"),
    path(f"{HERE}<slug:code>/calls/<int:pk>/", reviewing.call, name="desk_call"),
    path("open/polls/<slug:code>/<slug:name>.csv", published.open_file, name="open_file"),
]
