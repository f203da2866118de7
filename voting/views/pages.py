"""What the pages share: a vote or a 404, and the receipt that only this browser has for a while."""

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from annual_projects.models import Edition
from annual_projects.views.pages import edition_or_404
from voting.models import Poll
from voting.queries import polls
from voting.receipts import Receipt

COOKIE = "ballot_receipt"
SALT = "voting.receipt"
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


def hand_over(response: HttpResponse, request: HttpRequest, where: str, year: int, receipt: Receipt) -> HttpResponse:
    """Give the receipt to this browser alone: a cookie for the receipt page, kept nowhere on the server."""
    opening = [year, receipt.ballot_id, receipt.choices, receipt.nonce]
    response.set_cookie(
        COOKIE,
        signing.dumps(opening, salt=SALT),
        max_age=KEPT,
        path=where,
        secure=request.is_secure(),
        httponly=True,
        samesite="Strict",
    )
    return response


def handed_over(request: HttpRequest, year: int) -> Receipt | None:
    """The receipt this browser was given less than half an hour ago, or None."""
    try:
        kept = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=KEPT)
        kept_year, ballot_id, choices, nonce = kept
    except (signing.BadSignature, ValueError, TypeError):
        return None
    if kept_year != year:
        return None
    return Receipt(ballot_id, tuple(choices), nonce)


def take_back(response: HttpResponse, year: int) -> HttpResponse:
    """Clear the receipt from this browser."""
    response.delete_cookie(COOKIE, path=reverse("voting:receipt", args=[year]), samesite="Strict")
    return response
