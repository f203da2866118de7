from django.apps import AppConfig


class DemoCityConfig(AppConfig):
    name = "demo_city"
