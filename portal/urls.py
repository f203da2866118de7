"""The front door."""

from django.urls import path

from portal import views

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("me/", views.me, name="me"),
    path("me/export/", views.export, name="export"),
    path("me/delete/", views.delete, name="delete"),
    path("open/", views.open_board, name="open"),
    path("open/data/", views.open_data, name="open_data"),
    path("open/data/<slug:name>.csv", views.open_file, name="open_file"),
    path("open/audit/heads.csv", views.audit_heads, name="audit_heads"),
]
