"""The portal's settings with one address more, for the view that does nothing but know who asks."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.ballot_urls"
ROUTE_POLICY = "benchmarks.ballot_urls.ROUTES"
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405
