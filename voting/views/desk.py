"""The desk of a vote: where it stands, the roll, the sheets, the stubs, the close."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annual_projects.models import Edition
from core import pdf, policy, ratelimit
from core.errors import DomainError
from core.pages import SeeOther, add_domain_error, private_response, submit_form
from directory.models import Unit
from voting import services
from voting.forms.desk import IssueForm, RollForm, SpoilForm, StubForm
from voting.models import Poll
from voting.queries import batches, polls, sheets, turnout
from voting.queries import desk as queries
from voting.views.pages import poll_or_404

STUBS_A_MINUTE = 30  # of one clerk


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The vote that is going on, or the newest."""
    newest = Poll.objects.select_related("edition").order_by("-edition__year").first()
    if newest is None:
        return render(request, "voting/desk_none.html")
    return redirect("voting:desk", year=newest.edition.year)


def page(request: HttpRequest, poll: Poll, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page of the desk, with what this user may do in it."""
    user = request.user
    may = {
        "issue": policy.can(user, "issue", "paper ballot"),
        "hand_out": policy.can(user, "hand out", "paper ballot"),
        "key": policy.can(user, "key", "paper ballot"),
        "verify": policy.can(user, "verify", "paper ballot"),
        "import": policy.can(user, "import", "roll"),
        "close": policy.can(user, "close", "count"),
    }
    shared = {"poll": poll, "edition": poll.edition, "may": may, "stage": polls.stage(poll.edition, poll).value}
    return render(request, f"voting/{template}.html", {**shared, **context}, status=status)


@require_safe
@private_response
def index(request: HttpRequest, year: int) -> HttpResponse:
    """Where the vote stands and what is to be done next."""
    poll = poll_or_404(request, year)
    return _index(request, poll)


def _index(request: HttpRequest, poll: Poll, error: DomainError | None = None) -> HttpResponse:
    context = {
        "turnout": turnout.turnout(poll.edition),
        "todo": queries.todo(poll),
        "preview": queries.preview(poll) if poll.closed_at and not poll.published_at else None,
        "error": error,
    }
    return page(request, poll, "desk_index", context, status=error.status if error else 200)


@require_POST
def close(request: HttpRequest, year: int) -> HttpResponse:
    """Complete the count."""
    return _end(request, year, services.close)


@require_POST
def publish(request: HttpRequest, year: int) -> HttpResponse:
    """Publish the result."""
    return _end(request, year, services.publish)


def _end(request: HttpRequest, year: int, act: Any) -> HttpResponse:
    poll = poll_or_404(request, year)
    try:
        act(poll, by=request.user)
    except DomainError as error:
        if error.status == 403:
            raise
        return _index(request, poll, error)
    return SeeOther(reverse("voting:desk", args=[year]))


@require_http_methods(["GET", "HEAD", "POST"])
@private_response
def roll(request: HttpRequest, year: int) -> HttpResponse:
    """Who may vote; a roll file is taken in whole or not at all."""
    poll = poll_or_404(request, year)
    form = RollForm(request.POST or None, request.FILES or None)
    report, status = None, 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                report = services.import_roll(poll.edition, form.cleaned_data["file"].file, by=request.user)
                status = 200 if report.taken else 422
            except DomainError as error:
                add_domain_error(form, error)
                status = error.status
    context = {"form": form, "report": report, **queries.roll(poll.edition)}
    return page(request, poll, "desk_roll", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@private_response
def paper(request: HttpRequest, year: int) -> HttpResponse:
    """Sheets: issue them, print them, say which were spoiled or never came back, and see the balance."""
    poll = poll_or_404(request, year)
    issue, spoil, status = IssueForm(), SpoilForm(), 200
    if request.method == "POST":
        if "unreturned" in request.POST:
            return _report_unreturned(request, poll)
        if "spoil" in request.POST:
            spoil = SpoilForm(request.POST)
            result = submit_form(spoil, lambda data: services.spoil(poll, by=request.user, **data))
        else:
            issue = IssueForm(request.POST)
            result = submit_form(issue, lambda data: services.issue(poll, by=request.user, **data))
        if result.done:
            return SeeOther(reverse("voting:desk_paper", args=[year]))
        status = result.status
    return _paper(request, poll, {"issue": issue, "spoil": spoil}, status)


def _paper(request: HttpRequest, poll: Poll, forms: dict[str, Any], status: int) -> HttpResponse:
    rows = batches.balances(poll.edition)
    total = sum((row.balance for row in rows[1:]), rows[0].balance) if rows else None
    context = {"rows": rows, "total": total, "stubs": queries.stubs(poll.edition), **forms}
    return page(request, poll, "desk_paper", context, status=status)


def _report_unreturned(request: HttpRequest, poll: Poll) -> HttpResponse:
    unit = Unit.objects.filter(code=request.POST["unreturned"]).first()
    if unit is None:
        raise Http404
    try:
        services.report_unreturned(poll, unit=unit, by=request.user)
    except DomainError as error:
        if error.status == 403:
            raise
        return _paper(request, poll, {"issue": IssueForm(), "spoil": SpoilForm(), "error": error}, error.status)
    return SeeOther(reverse("voting:desk_paper", args=[poll.edition.year]))


@require_safe
@private_response
def print_sheets(request: HttpRequest, year: int, unit: str, part: int) -> HttpResponse:
    """A hundred ballot papers of a unit as one PDF, each with its own serial."""
    poll = poll_or_404(request, year)
    found = Unit.objects.filter(code=unit).first()
    serials = sheets.to_print(poll.edition, found, part) if found else []
    if found is None or not serials:
        raise Http404
    response = HttpResponse(pdf.render("ballot", sheets.as_paper(poll, serials)), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="ballots-{year}-{found.code}-{part}.pdf"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@private_response
def stubs(request: HttpRequest, year: int) -> HttpResponse:
    """Write a stub: this person is given a paper ballot. The number typed is not shown again."""
    poll = poll_or_404(request, year)
    edition: Edition = poll.edition
    windows = services.windows(request.user)
    form, handed_out, status = StubForm(edition, windows), False, 200
    if request.method == "POST":
        form = StubForm(edition, windows, request.POST)
        result = submit_form(form, lambda data: _hand_out(request, poll, data))
        handed_out, status = result.done, 200 if result.done else result.status
        kept = {"unit": form["unit"].value()}
        form = StubForm(edition, windows, initial=kept) if result.done else _without_the_number(edition, windows, form)
    return page(request, poll, "desk_stubs", {"form": form, "handed_out": handed_out}, status=status)


def _hand_out(request: HttpRequest, poll: Poll, data: dict[str, Any]) -> None:
    """As fast as a clerk looks at cards, and no faster. Raises: TooMany, and what the service raises."""
    ratelimit.hit(f"user:{request.user.pk}", group="stub", limit=STUBS_A_MINUTE, seconds=60)
    services.hand_out(poll, by=request.user, **data)


def _without_the_number(edition: Edition, windows: list[Unit], refused: StubForm) -> StubForm:
    """The form with what was wrong, and an empty field: the number of somebody else does not stay on the screen."""
    form = StubForm(edition, windows, {"voter": "", "unit": refused["unit"].value()})
    form.full_clean()
    form.errors.clear()
    for name, messages in refused.errors.items():
        form.add_error(None if name == "__all__" else name, list(messages))
    return form
