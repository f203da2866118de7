"""People of every kind, and a fresh cache: figures are kept for a minute."""

from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import translation

from tests import factories

KINDS = ("anonymous", "citizen", "verified", "officer", "triage", "leader", "admin", "pollster", "auditor")


@pytest.fixture(autouse=True)
def _fresh():
    cache.clear()
    translation.activate("zh-hans")
    yield
    translation.deactivate()


@pytest.fixture(params=KINDS)
def visitor(request, city: SimpleNamespace) -> Client:
    """A browser of each kind of person in turn."""
    client = Client()
    if request.param == "verified":
        client.force_login(factories.verified())
    elif request.param != "anonymous":
        client.force_login(getattr(city, request.param))
    return client
