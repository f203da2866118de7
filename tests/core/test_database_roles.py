"""The running portal signs in as a role that owns nothing and rewrites nothing (P24)."""

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from core import database_roles
from tests.portal_role import as_portal

pytestmark = pytest.mark.django_db


def test_what_it_may_do_is_what_was_declared():
    assert database_roles.differences() == []


def test_every_column_is_classified():
    assert list(database_roles.unclassified()) == []


def test_granting_again_changes_nothing():
    database_roles.apply(settings.PORTAL_ROLE)
    assert database_roles.differences() == []
