"""The published files: what anybody needs to watch a vote and to count it again."""

import json
from collections.abc import Callable, Iterable

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.requests import absolute
from voting.models import Poll
from voting.proofs import signing
from voting.queries import polls, proofs, results
from voting.queries.polls import Stage
from voting.views.pages import edition_and_poll, poll_or_404

LATEST = 12
Lines = Callable[[Poll], Iterable[str]]


def _rules(poll: Poll) -> list[str]:
    return [json.dumps(results.rules(poll), ensure_ascii=False, indent=1) + "\n"]


def _result(poll: Poll) -> list[str]:
    return [poll.result]


ALWAYS: dict[str, tuple[str, Lines]] = {
    "rules.json": ("application/json", _rules),
    "heads.jsonl": ("application/jsonl", proofs.head_lines),
    "leaves.txt": ("text/plain; charset=utf-8", proofs.leaf_lines),
}
AFTERWARDS: dict[str, tuple[str, Lines]] = {
    "ballots.csv": ("text/csv; charset=utf-8", proofs.ballot_lines),
    "result.json": ("application/json", _result),
}


@require_safe
def index(request: HttpRequest, year: int) -> HttpResponse:
    """What is published, what it proves, and how to check it."""
    edition, poll = edition_and_poll(request, year)
    latest = list(proofs.heads(poll).reverse()[:LATEST]) if poll else []
    context = {
        "edition": edition,
        "poll": poll,
        "published": polls.stage(edition, poll) is Stage.PUBLISHED,
        "heads": latest,
        "public_key": signing.public_key(),
        "address": absolute(request, request.path),
    }
    return render(request, "voting/proofs.html", context)


@require_safe
def file(request: HttpRequest, year: int, name: str) -> HttpResponseBase:
    """One published file; ballots and result only once the result is published."""
    poll = poll_or_404(request, year)
    known = ALWAYS | (AFTERWARDS if poll.published_at else {})
    if name not in known:
        raise Http404
    kind, lines = known[name]
    response = StreamingHttpResponse(lines(poll), content_type=kind)
    response["Cache-Control"] = "no-cache"
    return response
