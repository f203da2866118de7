"""Addresses of units and officers."""

from django.urls import path

from directory import views

app_name = "directory"
urlpatterns = [
    path("officers/", views.officers, name="officers"),
    path("units/", views.units, name="units"),
    path("units/<slug:code>/", views.unit, name="unit"),
    path("areas/", views.areas, name="areas"),
]
