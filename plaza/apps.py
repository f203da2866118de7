from django.apps import AppConfig


class PlazaConfig(AppConfig):
    name = "plaza"
