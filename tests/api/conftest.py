"""A program that calls the API: by nobody, by somebody's session, by a token."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone, translation
from rest_framework.test import APIClient

from accounts import tokens
from accounts.models import User
from core import policy


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
def token_of(technician: User, city: Any) -> Callable[..., str]:
    """A fresh token's words for a programme: proposed by the technician, confirmed by an administrator."""
    client = tokens.add_client("湖州晚报", "编辑部 0572-2199000", by=technician)

    def issue(**kind: Any) -> str:
        until = kind.get("until", timezone.now() + timedelta(days=30))
        scopes = kind.get("scopes", list(policy.SCOPES))
        token = tokens.propose(client, name="伙伴单位", scopes=scopes, expires_at=until, by=technician)
        return tokens.confirm(token, by=city.admin)[1]

    return issue
