"""What the pages share: a vote or a 404, and the receipt that only the voter has, in this browser, for a while."""

import json

from cryptography.exceptions import InvalidTag
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse

from annual_projects.models import Edition
from annual_projects.pages import edition_or_404
from core import seals
from voting.models import Poll
from voting.queries import polls
from voting.receipts import Receipt

COOKIE = "ballot_receipt"
SALT = "voting.receipt.sealed"
KEPT = 30 * 60  # seconds: long enough to print it, short enough for a shared computer


def poll_or_404(request: HttpRequest, year: int) -> Poll:
    """The vote of a year. Raises: Http404 where there is none yet."""
    poll = polls.poll_of(year, request.user)
    if poll is None:
        raise Http404
    return poll


def edition_and_poll(request: HttpRequest, year: int) -> tuple[Edition, Poll | None]:
    """The edition and its vote, which may not be ready yet. Raises: Http404."""
    poll = polls.poll_of(year, request.user)
    return (poll.edition, poll) if poll else (edition_or_404(request, year), None)


def hand_over(response: HttpResponse, request: HttpRequest, year: int, receipt: Receipt) -> HttpResponse:
    """Give the receipt to this browser, sealed for the account that voted; it is kept nowhere on the server.

    The cookie goes with every request, so that the first one of whoever comes next clears it (``voting.middleware``).
    """
    opening = json.dumps([year, receipt.ballot_id, receipt.choices, receipt.nonce])
    response.set_cookie(
        COOKIE,
        signing.dumps(seals.seal(opening, context=_owner(request)).hex(), salt=SALT),
        max_age=KEPT,
        secure=request.is_secure(),
        httponly=True,
        samesite="Strict",
    )
    return response


def handed_over(request: HttpRequest, year: int) -> Receipt | None:
    """The receipt this account was given in this browser less than half an hour ago, or None."""
    try:
        kept = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=KEPT)
        opening = seals.unseal(bytes.fromhex(kept), context=_owner(request))
    except (signing.BadSignature, InvalidTag):
        return None
    kept_year, ballot_id, choices, nonce = json.loads(opening)
    return Receipt(ballot_id, tuple(choices), nonce) if kept_year == year else None


def _owner(request: HttpRequest) -> str:
    """What a receipt is sealed for; nobody who is not signed in ever had one."""
    return f"receipt:{request.user.pk}"


def take_back(response: HttpResponse) -> HttpResponse:
    """Clear the receipt from this browser."""
    response.delete_cookie(COOKIE, samesite="Strict")
    return response
