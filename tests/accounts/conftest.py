"""People for the tests of this room, and a phone that receives their messages."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.cache import cache

from accounts.models import User
from core import seals
from core.policy import Role
from directory.models import Membership, Unit
from embedded.keys import new_field_keys

PASSWORD = "Long-enough-2026"


@pytest.fixture(scope="session")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "field_keys.json"
    path.write_text(json.dumps(new_field_keys()))
    return path


@pytest.fixture(autouse=True)
def _own_world(settings, tmp_path, key_file):
    """Each test has its own message file and fresh rate limits, and sends nothing to anybody."""
    settings.FIELD_KEYS = key_file
    seals._read.cache_clear()
    settings.SMS_BACKEND = "accounts.sms.FileBackend"
    settings.SMS_FILE = tmp_path / "sms.log"
    settings.IDENTITY_VERIFIER = "accounts.identity.FormatOnlyVerifier"
    settings.STAFF_MFA_REQUIRED = False
    settings.DEMO = False
    settings.LANGUAGE_CODE = "en"
    settings.ACCOUNT_RATE_LIMITS = settings.RATES_IN_EARNEST
    cache.clear()


class Phones:
    """What the gateway was handed, newest last."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def messages(self) -> list[dict[str, str]]:
        return [json.loads(line) for line in self.path.read_text().splitlines()] if self.path.exists() else []

    @property
    def code(self) -> str:
        """The code in the last message, as a person reads it in the text."""
        return re.findall(r"\d{6}", self.messages[-1]["text"])[0]


@pytest.fixture
def phones(settings) -> Phones:
    return Phones(settings.SMS_FILE)


@pytest.fixture
def citizen(db) -> User:
    return User.objects.create_citizen(phone="13800001234", display_name="沈建国")


@pytest.fixture
def unit(db) -> Unit:
    return Unit.objects.create(code="test-station", name="测试派出所", kind=Unit.Kind.STATION)


@pytest.fixture
def make_staff(unit) -> Callable[..., User]:
    """A member of staff with one role in the test station, now."""

    def make(badge: str = "330501", role: Role = Role.OFFICER, **extra: object) -> User:
        user = User.objects.create_staff(badge, PASSWORD, **extra)
        Membership.objects.create(user=user, role=role, unit=unit)
        return user

    return make


@pytest.fixture
def sign_in(client, phones) -> Callable[[str], object]:
    """Sign in with a phone the way a citizen does; returns the last response."""

    def enter(phone: str, **data: str) -> object:
        client.post("/accounts/login/", {"phone": phone, **data})
        return client.post("/accounts/login/code/confirm/", {"code": phones.code, **data})

    return enter
