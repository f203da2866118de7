"""A program that calls the API: by nobody, by somebody's session, by a token."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone, translation
from rest_framework.test import APIClient

from accounts import services
from accounts.models import User


@pytest.fixture(autouse=True)
def _in_chinese():
    with translation.override("zh-hans"):
        yield


@pytest.fixture
def api() -> APIClient:
    """Nobody in particular, speaking JSON."""
    return api_of(None)


def api_of(user: User | None) -> APIClient:
    """A program in somebody's session."""
    client = APIClient()
    client.default_format = "json"
    if user is not None:
        client.force_login(user)
    return client


@pytest.fixture
def technician(db: None) -> User:
    return User.objects.create_superuser("technician")


@pytest.fixture
def token_of(technician: User) -> Callable[..., str]:
    """A fresh token's words for a user."""

    def issue(user: User, **kind: Any) -> str:
        until = kind.get("until", timezone.now() + timedelta(days=30))
        return services.issue_token(user, name="伙伴单位", expires_at=until, by=technician)[1]

    return issue
