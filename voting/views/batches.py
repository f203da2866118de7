"""Batches of paper: opened, read by two, compared, settled, closed."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import policy
from core.errors import DomainError
from core.pages import SeeOther, add_domain_error, private_response, submit_form
from voting import paper, services
from voting.forms.desk import BatchForm, CountForm, SheetForm, candidates_on, typed_for
from voting.models import PaperBatch, Poll
from voting.paper import Sheet
from voting.queries import batches as queries
from voting.queries import polls
from voting.services import sheets
from voting.states import BatchState, Fault
from voting.views.desk import page
from voting.views.pages import poll_or_404

LATEST = 8


@require_http_methods(["GET", "HEAD", "POST"])
@private_response
def index(request: HttpRequest, year: int) -> HttpResponse:
    """All batches; a new one is opened with its unit and count."""
    poll = poll_or_404(request, year)
    form, status = BatchForm(), 200
    if request.method == "POST":
        form = BatchForm(request.POST)
        result = submit_form(form, lambda data: services.open_batch(poll, by=request.user, **data))
        if result.done:
            return SeeOther(reverse("voting:desk_batch", args=[year, result.value.number]))
        status = result.status
    context = {"form": form, "batches": list(queries.batches_of(poll.edition)[:200])}
    return page(request, poll, "desk_batches", context, status=status)


@require_safe
@private_response
def batch(request: HttpRequest, year: int, number: int) -> HttpResponse:
    """One batch, as it concerns this person: to be read, to be settled, to be closed, or closed."""
    poll = poll_or_404(request, year)
    return _page(request, poll, _batch_or_404(poll, number))


def _batch_or_404(poll: Poll, number: int) -> PaperBatch:
    people = ("unit", "first_clerk", "second_clerk", "closed_by", "edition")
    found = PaperBatch.objects.select_related(*people).filter(edition_id=poll.pk, number=number).first()
    if found is None:
        raise Http404
    return found


def _page(
    request: HttpRequest,
    poll: Poll,
    batch: PaperBatch,
    *,
    form: SheetForm | None = None,
    count: CountForm | None = None,
    settling: SheetForm | None = None,
    error: DomainError | None = None,
    status: int = 200,
) -> HttpResponse:
    reading = queries.reading_of(batch, request.user)
    is_reading = batch.state == BatchState.KEYING and reading is not None and not queries.is_done(batch, request.user)
    candidates = list(polls.candidates(poll))
    context: dict[str, Any] = {
        "batch": batch,
        "candidates": [(one.number, paper.key_of(one.number or 0), one.title) for one in candidates],
        "is_reading": is_reading,
        "reading": reading,
        "form": form or SheetForm(candidates_on(poll)),
        "count": count or CountForm(initial={"declared": batch.declared}),
        "error": error,
    }
    if is_reading:
        context |= _own_lines(batch, request.user)
    reaches = sheets.reaches(request.user, "key", batch.unit)
    if batch.state == BatchState.COMPARING and (reaches or policy.can(request.user, "verify", "paper ballot")):
        differences = [_side_by_side(row) for row in queries.differences(batch)]
        context |= {
            "differences": differences if reaches else None,  # nobody else sees a ballot
            "unsettled": sum(row["settled"] is None for row in differences),
            "final_count": len(queries.final_sheets(batch)),
            "may_settle": reaches and not reading,
            "settling": settling,
        }
    if request.htmx and is_reading:  # type: ignore[attr-defined]
        shared = {"poll": poll, "edition": poll.edition}
        return render(request, "voting/desk_batch.html#keying", {**shared, **context}, status=status)
    return page(request, poll, "desk_batch", context, status=status)


def _own_lines(batch: PaperBatch, clerk: Any) -> dict[str, Any]:
    lines = queries.keyed_by(batch, clerk)
    return {"keyed": lines.count(), "latest": [_line(keyed.sheet_id, keyed.as_sheet) for keyed in lines[:LATEST]]}


def _line(serial: str, sheet: Sheet) -> dict[str, Any]:
    """A sheet as a clerk reads it."""
    fault = Fault(sheet.fault).label if sheet.fault else ""
    return {
        "serial": serial,
        "spaced": paper.spaced(serial),
        "typed": typed_for(sheet),
        "count": len(sheet.choices),
        "fault": fault,
        "age": sheet.age_band,
    }


def _side_by_side(row: queries.Settling) -> dict[str, Any]:
    difference = row.difference
    first, second = (_line(difference.serial, one) if one else None for one in (difference.first, difference.second))
    return {
        "serial": difference.serial,
        "spaced": paper.spaced(difference.serial),
        "first": first,
        "second": second,
        "only_first": set(difference.first.choices if difference.first else ())
        - set(difference.second.choices if difference.second else ()),
        "only_second": set(difference.second.choices if difference.second else ())
        - set(difference.first.choices if difference.first else ()),
        "settled": _line(difference.serial, row.settled) if row.settled else None,
    }


@require_POST
def act(request: HttpRequest, year: int, number: int, verb: str) -> HttpResponse:
    """Do one thing to a batch; a refusal is shown on its page, with what was typed."""
    poll = poll_or_404(request, year)
    found = _batch_or_404(poll, number)
    if verb in ("key", "settle"):
        return _read_sheet(request, poll, found, verb)
    if verb == "count":
        return _count_again(request, poll, found)
    simple: dict[str, Callable[[], object]] = {
        "begin": lambda: services.begin_reading(found, by=request.user),
        "finish": lambda: services.finish_reading(found, by=request.user),
        "remove": lambda: services.remove_sheet(found, serial=request.POST.get("serial", ""), by=request.user),
        "drop": lambda: services.drop(found, serial=request.POST.get("serial", ""), by=request.user),
        "reopen": lambda: services.reopen_readings(found, by=request.user),
        "close": lambda: services.close_batch(found, by=request.user),
    }
    if verb not in simple:
        raise Http404
    try:
        simple[verb]()
    except DomainError as error:
        return _page(request, poll, _batch_or_404(poll, number), error=error, status=error.status)
    return _done(request, poll, number)


def _done(request: HttpRequest, poll: Poll, number: int) -> HttpResponse:
    if request.htmx:  # type: ignore[attr-defined]
        return _page(request, poll, _batch_or_404(poll, number))
    return SeeOther(reverse("voting:desk_batch", args=[poll.edition.year, number]))


def _read_sheet(request: HttpRequest, poll: Poll, found: PaperBatch, verb: str) -> HttpResponse:
    service = services.key_sheet if verb == "key" else services.settle
    form = SheetForm(candidates_on(poll), request.POST)
    status = 422
    if form.is_valid():
        try:
            service(found, serial=form.cleaned_data["serial"], read=form.sheet, by=request.user)
            return _done(request, poll, found.number)
        except DomainError as error:
            add_domain_error(form, error)
            status = error.status
    if verb == "key":
        return _page(request, poll, found, form=form, status=status)
    return _page(request, poll, found, settling=form, status=status)


def _count_again(request: HttpRequest, poll: Poll, found: PaperBatch) -> HttpResponse:
    form = CountForm(request.POST)
    result = submit_form(form, lambda data: services.correct_count(found, by=request.user, **data))
    if result.done:
        return _done(request, poll, found.number)
    return _page(request, poll, found, count=form, status=result.status)
