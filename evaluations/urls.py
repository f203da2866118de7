"""Addresses of how the public judges."""

from django.urls import URLPattern

app_name = "evaluations"
urlpatterns: list[URLPattern] = []
