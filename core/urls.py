"""Addresses that belong to no room: preferences, the tools of strangers and the developers' style guide."""

from django.conf import settings
from django.urls import path

from core import views

app_name = "core"
urlpatterns = [
    path("preferences/", views.preferences, name="preferences"),
    path("open/tools/<str:name>", views.tool, name="tool"),
]
if settings.DEBUG or settings.DEMO:
    urlpatterns.append(path("styleguide/", views.styleguide, name="styleguide"))
