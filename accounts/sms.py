"""Text messages: one function to send, and the gateways behind it.

Mainland gateways send approved templates, so a message is either a sign-in code or a notice. A code is in nobody's
log: only the file backend of development writes what it sends.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import requests
from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import aliyun
from core.errors import DomainError


class SmsFailed(DomainError):
    """The gateway did not take it; ``code`` is its word for why, ``permanent`` says that trying again is vain."""

    status = 503
    default = _("The text message could not be sent just now. Please try again in a minute.")

    def __init__(self, code: str, *, permanent: bool = False) -> None:
        super().__init__()
        self.code = code
        self.permanent = permanent


class Backend(Protocol):
    def send(self, phone: str, text: str, *, code: str = "") -> None:
        """Hand one message to the gateway. Raises: SmsFailed."""


class FileBackend:
    """Development: one JSON line a message in ``settings.SMS_FILE``, readable by its owner alone."""

    def send(self, phone: str, text: str, *, code: str = "") -> None:
        path = Path(settings.SMS_FILE)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        line = {"at": timezone.now().isoformat(), "to": phone, "text": text, "code": code}
        with path.open("a", encoding="utf-8") as log:
            log.write(json.dumps(line, ensure_ascii=False) + "\n")

    def sent(self) -> Iterator[dict[str, str]]:
        """What was sent lately (the last 64 KB of the file), newest first."""
        path = Path(settings.SMS_FILE)
        if not path.exists():
            return
        with path.open("rb") as log:
            log.seek(max(0, path.stat().st_size - 65_536))
            lines = log.read().decode("utf-8", "ignore").splitlines()
        for line in reversed(lines):
            if line.startswith('{"at"') and line.endswith("}"):
                yield json.loads(line)


class ConsoleBackend:
    """Development without a file: says that something was sent and how long it was, never what."""

    def send(self, phone: str, text: str, *, code: str = "") -> None:
        kind = "code" if code else "notice"
        print(f"SMS ({kind}, {len(text)} characters) to a number ending in {phone[-2:]}")  # noqa: T201  its job


class AliyunBackend:
    """Aliyun's ``SendSms`` (Dysmsapi 2017-05-25), signed with ACS3-HMAC-SHA256.

    Needs two approved templates: ``SMS_TEMPLATE_CODE`` with ``${code}``, ``SMS_TEMPLATE_NOTICE`` with ``${text}``.
    """

    PERMANENT = frozenset(
        {
            "isv.MOBILE_NUMBER_ILLEGAL",
            "isv.BLACK_KEY_CONTROL_LIMIT",
            "isv.PARAM_LENGTH_LIMIT",
            "MobileNumberIllegal",
        }
    )
    TIMEOUT = (3.05, 7)  # seconds to connect, to answer

    def send(self, phone: str, text: str, *, code: str = "") -> None:
        template = settings.SMS_TEMPLATE_CODE if code else settings.SMS_TEMPLATE_NOTICE
        query = {
            "PhoneNumbers": phone.removeprefix("+86"),
            "SignName": settings.SMS_SIGN_NAME,
            "TemplateCode": template,
            "TemplateParam": json.dumps({"code": code} if code else {"text": text}, ensure_ascii=False),
        }
        answer = self._post(query)
        if answer.get("Code") != "OK":
            reason = str(answer.get("Code", "no code"))[:60]
            raise SmsFailed(reason, permanent=reason in self.PERMANENT)

    def _post(self, query: dict[str, str]) -> dict[str, str]:
        request = aliyun.Request(settings.SMS_ENDPOINT, "SendSms", "2017-05-25", query)
        keys = aliyun.Keys(settings.SMS_ACCESS_KEY_ID, settings.SMS_ACCESS_KEY_SECRET)
        try:
            response = requests.post(request.url, headers=aliyun.signed_headers(request, keys), timeout=self.TIMEOUT)
            answer = response.json()
        except requests.Timeout as error:
            raise SmsFailed("timeout") from error
        except requests.RequestException as error:  # also an answer that is not JSON
            raise SmsFailed(type(error).__name__) from error
        return answer if isinstance(answer, dict) else {}


def send(phone: str, text: str, *, code: str = "", demo: bool = False) -> None:
    """Send a text to a number in E.164; made-up people (``demo``) are never written to through a real gateway.

    Raises: SmsFailed.
    """
    backend = FileBackend() if demo else import_string(settings.SMS_BACKEND)()
    backend.send(phone, text, code=code)


def send_code(phone: str, code: str, *, minutes: int, demo: bool = False) -> None:
    """Send a sign-in code. Raises: SmsFailed."""
    words = gettext("Your code is %(code)s, good for %(minutes)s minutes. No police officer will ever ask you for it.")
    send(phone, words % {"code": code, "minutes": minutes}, code=code, demo=demo)
