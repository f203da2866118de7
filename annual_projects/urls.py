"""Addresses of the year's ten."""

from django.urls import URLPattern

app_name = "annual_projects"
urlpatterns: list[URLPattern] = []
