"""Addresses that belong to no room: preferences, the web manifest and the developers' style guide."""

from django.conf import settings
from django.urls import path

from core import views

app_name = "core"
urlpatterns = [path("preferences/", views.preferences, name="preferences")]
if settings.DEBUG or settings.DEMO:
    urlpatterns.append(path("styleguide/", views.styleguide, name="styleguide"))
