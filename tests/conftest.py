"""What every test stands on: PostgreSQL and Redis as `script/test` or the environment gives them."""

import os

from django.conf import settings


def pytest_configure() -> None:
    """Give each xdist worker its own corner of Redis, as pytest-django gives it its own database."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    settings.CACHES["default"]["KEY_PREFIX"] = f"test-{os.getpid()}-{worker}"
