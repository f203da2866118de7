"""What the pages share: the reader's own shuffle, an edition or a 404, and what one may do in the desk."""

import re
import secrets
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from annual_projects.models import Edition
from annual_projects.queries import editions
from core import policy

ORDER_COOKIE = "order"  # which shuffle of the candidates a reader without an account sees; says nothing about them
ORDER = re.compile(r"^[0-9a-f]{16}$")
HALF_A_YEAR = 183 * 24 * 3600


def edition_or_404(request: HttpRequest, year: int) -> Edition:
    """The edition, if the user may see it."""
    found = editions.visible_editions(request.user).filter(year=year).first()
    if found is None:
        raise Http404
    return found


def shuffle_seed(request: HttpRequest) -> str:
    """What the order of candidates hangs on for this reader: the account, or a cookie with a random number."""
    if request.user.is_authenticated:
        return f"user:{request.user.pk}"
    known = request.COOKIES.get(ORDER_COOKIE, "")
    return known if ORDER.match(known) else secrets.token_hex(8)


def keep_seed(request: HttpRequest, response: HttpResponse, seed: str) -> HttpResponse:
    """Give the reader the same order the next time."""
    if not request.user.is_authenticated and request.COOKIES.get(ORDER_COOKIE) != seed:
        secure = request.is_secure()
        response.set_cookie(ORDER_COOKIE, seed, max_age=HALF_A_YEAR, httponly=True, samesite="Lax", secure=secure)
    return response


def desk_page(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page of the desk, with what this user may do in it."""
    user = request.user
    may = {
        "prepare": policy.can(user, "prepare", "edition"),
        "decide": policy.can(user, "decide", "edition"),
        "demand": policy.can(user, "read", "demand"),
    }
    return render(request, f"annual_projects/{template}.html", {"may": may, **context}, status=status)
