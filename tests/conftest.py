"""What every test stands on: PostgreSQL and Redis as `script/test` or the environment gives them, and a browser."""

import gc
import os
import shutil
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pgtrigger
import pytest
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.cache import cache
from django.db import connections
from django.db.models.signals import pre_migrate
from django.dispatch import receiver
from django.test import TransactionTestCase, override_settings, testcases
from hypothesis import settings as properties
from playwright.sync_api import Page, expect

from core import database_roles
from tests import factories, portal_role
from tests.browser import PHONE, session_of


def pytest_configure() -> None:
    """Give each xdist worker its own corner of Redis, as pytest-django gives it its own database."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    settings.CACHES["default"]["KEY_PREFIX"] = f"test-{os.getpid()}-{worker}"
    if worker.startswith("gw"):  # clearing the cache empties a whole database, which another worker must not share
        address = settings.CACHES["default"]["LOCATION"].split("?")[0]
        settings.CACHES["default"]["LOCATION"] = f"{address}?db={1 + int(worker[2:]) % 15}"
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    # the guards are put up once for all tests; emptying tables after a test is no migration
    settings.PGTRIGGER_INSTALL_ON_MIGRATE = False
    # a browser gets scripts and styles from where they are written, whatever name the app that finds them goes by
    testcases._StaticFilesHandler = StaticFilesHandler
    # the real hasher takes a quarter of a second a password, on purpose; every small city has sixteen
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Playwright keeps an event loop in the thread of the tests; nothing of ours runs in it
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    expect.set_options(timeout=20_000)  # a slow machine is no fault of a page
    properties.register_profile("any machine", deadline=None)  # nor of a property
    properties.load_profile("any machine")
    gc.freeze()  # what was imported stays; looking for circles of it again and again took a twelfth of the time
    gc.set_threshold(100_000, 20, 50)


@pytest.fixture(scope="session")
def django_db_use_migrations() -> bool:
    """Tables come straight from the models: seconds instead of most of a minute for every worker.

    That migrations lead to the same tables is a check of its own (``makemigrations --check``), and the test that
    starts the whole portal applies them.
    """
    return False


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """The guards stand in every test, and the portal has its own role, as they do after the migrations."""
    if database_roles.is_owner(settings.PORTAL_ROLE):  # a server of somebody's own, with one role in its address
        settings.PORTAL_ROLE = f"{settings.PORTAL_ROLE}_portal"
    with django_db_blocker.unblock():
        pgtrigger.install()
        database_roles.apply(settings.PORTAL_ROLE)
    portal_role.serve_as_the_portal()


@receiver(pre_migrate)
def _what_the_first_migration_brings(sender: Any, using: str, **kwargs: Any) -> None:
    with connections[using].cursor() as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")


_empty_tables = TransactionTestCase._fixture_teardown


def _empty_append_only_tables_too(self: Any) -> None:
    """Tests with real transactions truncate at the end, which the guarded tables refuse to everybody else.

    The guards stand already: emptying tables puts none up anew.
    """
    with override_settings(PGTRIGGER_INSTALL_ON_MIGRATE=False), pgtrigger.ignore():
        _empty_tables(self)


TransactionTestCase._fixture_teardown = _empty_append_only_tables_too


@pytest.fixture(autouse=True)
def _no_rate_limit_is_left_over() -> Iterator[None]:
    """Counters of one test are not another test's; only our own corner is swept."""
    yield
    client = cache._cache.get_client(None, write=True)
    for key in client.scan_iter(f"{settings.CACHES['default']['KEY_PREFIX']}:*"):
        client.delete(key)


@pytest.fixture
def city(db: None) -> SimpleNamespace:
    """Huzhou in small; see ``factories.city`` for who lives there."""
    return factories.city()


@pytest.fixture(scope="session", autouse=True)
def _browsers_get_static_files() -> None:
    """Straight from the source; pytest-django's own server gives them only to who lists the app by its plain name."""
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The machine's own Chromium, or the one that ``CHROMIUM`` names."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    return {**browser_type_launch_args, "executable_path": chromium, "args": ["--no-sandbox"]}


@pytest.fixture
def open_as(live_server: Any, new_context: Callable[..., Any]) -> Callable[..., Page]:
    """A window of somebody, or of a stranger (None), in a browser that speaks Chinese; the options are Playwright's."""

    def open_page(who: Any = None, viewport: dict[str, int] = PHONE, **options: Any) -> Page:
        context = new_context(**{"viewport": viewport, "locale": "zh-CN", "base_url": live_server.url} | options)
        if who:
            context.add_cookies([session_of(who, live_server.url)])
        return context.new_page()

    return open_page
