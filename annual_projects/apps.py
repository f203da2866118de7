from django.apps import AppConfig


class AnnualProjectsConfig(AppConfig):
    name = "annual_projects"
