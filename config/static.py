"""Which static files of other packages are collected: those that a page of ours can ask for."""

from django.contrib.staticfiles.apps import StaticFilesConfig


class StaticFiles(StaticFilesConfig):
    """Without the second API reference and the pages of the API itself, which nobody here is shown."""

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "redoc", "rest_framework"]
