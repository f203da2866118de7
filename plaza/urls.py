"""Addresses of the plaza in the open air."""

from django.urls import path

from plaza import views

app_name = "plaza"
urlpatterns = [
    path("plaza/", views.index, name="index"),
    path("plaza/days/<str:date>/", views.day, name="day"),
]
