"""What the tests of the citizen's pages share: saying something as a browser does, and reading what comes back."""

import io
import re
from typing import Any
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from PIL import Image

NEW = "/suggestions/new/"
RECEIPT = "/suggestions/receipt/"
WORDS = "月河街道小区楼下晚上广场舞音响太吵,老人睡不好觉。"
CODE = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{5}")


def send(client: Client, body: str = WORDS, **more: Any) -> HttpResponse:
    return client.post(NEW, {"body": body, "idempotency_key": uuid4().hex, **more})


def code_on(page: str) -> str:
    """The tracking code that stands on a page."""
    return CODE.search(page).group()


def photo(name: str = "现场.png", size: tuple[int, int] = (40, 30)) -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", size, "#11597c").save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue(), "image/png")
