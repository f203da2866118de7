"""Addresses of how the public judges."""

from django.urls import path

from evaluations.views import (
    accountability,
    appeals,
    appraisals,
    desk,
    handing_in,
    promotions,
    public_answers,
    published,
    reviewing,
    schemes,
)

app_name = "evaluations"
HERE = "desk/evaluations/"
urlpatterns = [
    path(HERE, desk.index, name="desk_index"),
    path(f"{HERE}promotions/", promotions.index, name="desk_promotions"),
    path(f"{HERE}promotions/gates/<int:pk>/", promotions.record, name="desk_record_gates"),
    path(f"{HERE}promotions/<int:pk>/", promotions.officer, name="desk_promotion"),
    path(f"{HERE}accountability/", accountability.index, name="desk_accountability"),
    path(f"{HERE}accountability/findings/", accountability.found, name="desk_findings"),
    path(f"{HERE}accountability/by-rank/", accountability.by_rank, name="desk_inquiry_by_rank"),
    path(f"{HERE}accountability/<str:number>/", accountability.case, name="desk_accountability_case"),
    path(f"{HERE}accountability/<str:number>/<slug:verb>/", accountability.act, name="desk_accountability_act"),
    path(f"{HERE}schemes/", schemes.index, name="schemes"),
    path(f"{HERE}schemes/new/", schemes.new, name="scheme_new"),
    path(f"{HERE}schemes/<int:pk>/", schemes.scheme, name="scheme"),
    path(f"{HERE}schemes/<int:pk>/lock/", schemes.lock, name="scheme_lock"),
    path(f"{HERE}schemes/<int:pk>/work-out/", schemes.work_out, name="scheme_work_out"),
    path(f"{HERE}appraisals/", appraisals.index, name="appraisals"),
    path(f"{HERE}appraisals/<int:pk>/", appraisals.appraisal, name="appraisal"),
    path(f"{HERE}appraisals/<int:pk>/files/<slug:name>/", appraisals.own_file, name="appraisal_file"),
    path(f"{HERE}appraisals/runs/<int:pk>/", appraisals.run, name="run"),
    path(f"{HERE}appraisals/runs/<int:pk>/steps/<slug:name>/", appraisals.step, name="run_step"),
    path(f"{HERE}appraisals/runs/<int:pk>/files/<slug:name>/", appraisals.run_file, name="run_file"),
    path(f"{HERE}appeals/", appeals.index, name="appeals"),
    path(f"{HERE}appeals/<int:pk>/", appeals.appeal, name="appeal"),
    path(f"{HERE}<slug:code>/", desk.wave, name="desk_wave"),
    path(f"{HERE}<slug:code>/frame.csv", desk.frame, name="desk_frame"),
    path(f"{HERE}<slug:code>/progress/", desk.progress, name="desk_progress"),
    path(f"{HERE}<slug:code>/steps/<slug:name>/", desk.step, name="desk_step"),
    path(f"{HERE}<slug:code>/hand-in/", handing_in.hand_in, name="desk_hand_in"),
    path(f"{HERE}<slug:code>/review/", reviewing.review, name="desk_review"),
    path(f"{HERE}<slug:code>/flags/<int:pk>/", reviewing.flag, name="desk_flag"),
    path(f"{HERE}<slug:code>/calls/<int:pk>/", reviewing.call, name="desk_call"),
    path("evaluations/accountability/", public_answers.index, name="public_answers"),
    path("open/polls/<slug:code>/<slug:name>.csv", published.open_file, name="open_file"),
]
