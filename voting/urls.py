"""Addresses of the ballot."""

from django.urls import include, path

from voting import views

app_name = "voting"

annual = [
    path("vote/", views.vote.vote, name="vote"),
    path("receipt/", views.receipt.receipt, name="receipt"),
    path("receipt/private.json", views.receipt.private, name="receipt_private"),
    path("result/", views.result.result, name="result"),
    path("result/report.pdf", views.result.report, name="report"),
    path("result/by-group.csv", views.result.open_data, name="open_data"),
    path("proofs/", views.proofs.index, name="proofs"),
    path("proofs/<str:name>", views.proofs.file, name="proof_file"),
]

desk = [
    path("", views.desk.index, name="desk"),
    path("close/", views.desk.close, name="desk_close"),
    path("publish/", views.desk.publish, name="desk_publish"),
    path("roll/", views.desk.roll, name="desk_roll"),
    path("paper/", views.desk.paper, name="desk_paper"),
    path("paper/<slug:unit>/<int:part>.pdf", views.desk.print_sheets, name="desk_print"),
    path("stubs/", views.desk.stubs, name="desk_stubs"),
    path("batches/", views.batches.index, name="desk_batches"),
    path("batches/<int:number>/", views.batches.batch, name="desk_batch"),
    path("batches/<int:number>/<slug:verb>/", views.batches.act, name="desk_batch_act"),
]

urlpatterns = [
    path("annual/<int:year>/", include(annual)),
    path("desk/voting/", views.desk.home, name="desk_home"),
    path("desk/voting/<int:year>/", include(desk)),
]
