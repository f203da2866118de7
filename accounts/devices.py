"""Browsers that somebody signed in with before: what strangers try at the same account does not count against them.

A signed cookie holds a random number and, made with it, a fingerprint of each account opened; it opens nothing.
"""

import secrets
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from accounts.models import User
from core.seals import fingerprint

COOKIE = "known_device"
MOST_PEOPLE = 20  # at the computer of a front desk
SECONDS = 400 * 24 * 3600  # as long as browsers keep one


def known(request: HttpRequest, name: str) -> str | None:
    """The number of this browser if whoever has this user name, or fingerprint of a phone, signed in with it before."""
    device = _read(request)
    return device["id"] if device and _mark(device["id"], name) in device["people"] else None


def remember(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Let the browser be known as this person's from now on."""
    device = _read(request) or {"id": secrets.token_urlsafe(16), "people": []}
    mark = _mark(device["id"], user.phone_fingerprint or user.username)
    people = [*(one for one in device["people"] if one != mark), mark][-MOST_PEOPLE:]
    response.set_cookie(
        COOKIE,
        signing.dumps({"id": device["id"], "people": people}, salt=COOKIE),
        max_age=SECONDS,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
        path="/accounts/",
    )


def _mark(device: str, name: str) -> str:
    return fingerprint(f"{device}:{name.lower()}", purpose=COOKIE)[:24]


def _read(request: HttpRequest) -> dict[str, Any] | None:
    """What the cookie says; None without one of ours."""
    try:
        found = signing.loads(request.COOKIES.get(COOKIE, ""), salt=COOKIE, max_age=SECONDS)
    except signing.BadSignature:
        return None
    return found if isinstance(found, dict) else None
