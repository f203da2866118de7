"""Addresses of listening and handling."""

from django.urls import include, path

from suggestions import views

app_name = "suggestions"

citizen = [
    path("", views.board.index, name="board"),
    path("new/", views.speak.new, name="new"),
    path("new/similar/", views.speak.similar, name="similar"),
    path("new/guess/", views.speak.guess, name="guess"),
    path("new/about/", views.speak.about, name="about"),
    path("new/who/", views.speak.who, name="who"),
    path("receipt/", views.speak.receipt, name="receipt"),
    path("receipt/qr.svg", views.speak.receipt_qr, name="receipt_qr"),
    path("<str:number>/", views.board.case, name="case"),
    path("<str:number>/support/", views.board.support, name="support"),
    path("<str:number>/files/<int:pk>/", views.board.attachment, name="attachment"),
]

track = [
    path("", views.track.find, name="track"),
    path("<str:number>/", views.track.case, name="track_case"),
    path("<str:number>/rate/", views.track.rate, name="track_rate"),
    path("<str:number>/confirm/", views.track.confirm, name="track_confirm"),
    path("<str:number>/reopen/", views.track.reopen, name="track_reopen"),
    path("<str:number>/add/", views.track.add, name="track_add"),
    path("<str:number>/answer/", views.track.answer, name="track_answer"),
    path("<str:number>/withdraw/", views.track.withdraw, name="track_withdraw"),
    path("<str:number>/files/<int:pk>/", views.track.attachment, name="track_attachment"),
]

desk = [
    path("", views.inbox.inbox, name="desk"),
    path("bulk/", views.inbox.bulk, name="desk_bulk"),
    path("intake/", views.intake.new, name="intake"),
    path("follow-ups/", views.follow_ups.index, name="follow_ups"),
    path("follow-ups/<int:pk>/", views.follow_ups.done, name="follow_up"),
    path("extensions/", views.follow_ups.extensions, name="extensions"),
    path("identity/", views.identity.index, name="openings"),
    path("identity/<int:pk>/approve/", views.identity.decide, {"word": "approve"}, name="opening_approve"),
    path("identity/<int:pk>/refuse/", views.identity.decide, {"word": "refuse"}, name="opening_refuse"),
    path("rules/", views.rules.index, name="rules"),
    path("rules/new/", views.rules.edit, name="rule_new"),
    path("rules/test/", views.rules.test, name="rule_test"),
    path("rules/<int:pk>/", views.rules.edit, name="rule"),
    path("rules/<int:pk>/delete/", views.rules.delete, name="rule_delete"),
    path("templates/", views.reply_templates.index, name="reply_templates"),
    path("templates/new/", views.reply_templates.edit, name="reply_template_new"),
    path("templates/<int:pk>/", views.reply_templates.edit, name="reply_template"),
    path("<str:number>/", views.desk.case, name="desk_case"),
    path("<str:number>/identity/", views.identity.open_identity, name="identity"),
    path("<str:number>/files/<int:pk>/", views.desk.attachment, name="desk_attachment"),
    path("<str:number>/<slug:verb>/", views.desk.act, name="desk_act"),
]

urlpatterns = [
    path("suggestions/", include(citizen)),
    path("track/", include(track)),
    path("desk/", include(desk)),
]
