"""The turnout while voting goes on; afterwards the result, as a page, on paper, and as open data."""

import csv
import io
import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core import pdf
from core.day_words import day
from voting.models import Poll
from voting.queries import breakdown, polls, results, turnout
from voting.queries.polls import Stage
from voting.views.pages import edition_and_poll, poll_or_404


@require_safe
def result(request: HttpRequest, year: int) -> HttpResponse:
    """The result once it is published; before, how many have voted and when the result comes."""
    edition, poll = edition_and_poll(request, year)
    stage = polls.stage(edition, poll)
    context: dict[str, Any] = {"edition": edition, "stage": stage.value, "turnout": turnout.turnout(edition)}
    if poll is None or stage is not Stage.PUBLISHED:
        return render(request, "voting/turnout.html", context | {"counties": turnout.by_county(edition)})
    slugs = dict(polls.candidates(poll).values_list("number", "slug"))
    lines = [line | {"slug": slugs[line["number"]]} for line in _published(poll)["candidates"]]
    context |= {
        "poll": poll,
        "lines": lines,
        "ballots": _published(poll)["ballots"],
        "paper": results.paper(poll),
        "drawn": any(line["drawn"] for line in lines),
        "breakdowns": [_by_title(table, lines) for table in breakdown.breakdowns(poll)],
    }
    return render(request, "voting/result.html", context)


def _published(poll: Poll) -> dict[str, Any]:
    return json.loads(poll.result)


def _published_poll_or_404(request: HttpRequest, year: int) -> Poll:
    poll = poll_or_404(request, year)
    if poll.published_at is None:
        raise Http404
    return poll


def _by_title(table: breakdown.Breakdown, lines: list[dict[str, Any]]) -> dict[str, Any]:
    """A table with the candidates in the order of the result."""
    rows = [(line["title"], table.rows[line["number"]]) for line in lines]
    return {"title": table.title, "groups": table.groups, "rows": rows, "has_gaps": table.has_gaps}


@require_safe
def report(request: HttpRequest, year: int) -> HttpResponse:
    """The result on paper."""
    poll = _published_poll_or_404(request, year)
    published, paper = _published(poll), results.paper(poll)
    data = {
        "title": _("Result of the vote on the ten projects of %(year)s") % {"year": year},
        "facts": [
            [_("Ballots"), f"{published['ballots']:,}"],
            [_("online"), f"{published['ballots'] - paper.counted:,}"],
            [_("on paper"), f"{paper.counted:,}"],
            [_("Voting ended"), day(poll.edition.voting_closes)],
            [_("Result published"), day(poll.published_at)],
        ],
        "heads": [_("Rank"), _("Project"), _("Votes"), _("Share")],
        "lines": published["candidates"],
        "won": _("among the ten"),
        "drawn": _("Equal votes at the last place were decided by the draw that was committed to before voting."),
        "any_drawn": any(line["drawn"] for line in published["candidates"]),
        "check": _("Anybody can count again: the ballots and the proofs are published."),
        "root": [_("Root of the tree of all ballots"), published["root"]],
        "secret": [_("Secret of the draw"), published["tie_secret"]],
    }
    return _file(pdf.render("result", data, at=poll.published_at), "application/pdf", f"result-{year}.pdf")


@require_safe
def open_data(request: HttpRequest, year: int) -> HttpResponse:
    """The result by group as one table of comma-separated values; what is not shown stays empty."""
    poll = _published_poll_or_404(request, year)
    titles = {line["number"]: line["title"] for line in _published(poll)["candidates"]}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["dimension", "group", "ballots", "candidate", "title", "votes", "share_percent"])
    for table in breakdown.breakdowns(poll):
        for number, cells in table.rows.items():
            for group, cell in zip(table.groups, cells, strict=True):
                share = "" if cell.share is None else f"{cell.share / 100:.2f}"
                writer.writerow(
                    [table.dimension, group.key or "unknown", group.ballots, number, titles[number], cell.votes, share]
                )
    return _file(("\ufeff" + text.getvalue()).encode(), "text/csv; charset=utf-8", f"result-{year}-by-group.csv")


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
