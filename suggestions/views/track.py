"""Track: the citizen's own case, opened by its code, and what they may do with it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from core import ratelimit
from core.errors import DomainError, TooMany
from core.pages import SeeOther, add_domain_error, private_response, submit_form
from suggestions import services, tracking
from suggestions.forms.citizen import AddForm, AnswerForm, FindForm, RateForm, ReopenForm, WithdrawForm
from suggestions.models import Suggestion
from suggestions.queries import tracked
from suggestions.views.pages import send_file
from suggestions.views.verbs import Verb

HOUR = 3600
FILES_AN_HOUR = 30  # forms with files for one case

form_page = require_http_methods(["GET", "HEAD", "POST"])


@form_page
@private_response
def find(request: HttpRequest) -> HttpResponse:
    """Enter the code; the case opens at its own address, where the code is not."""
    if request.method != "POST":
        return _find_page(request, FindForm())
    form = FindForm(request.POST)
    if not form.is_valid():
        return _find_page(request, form, status=422)
    try:
        case = tracking.find(request, form.cleaned_data["code"], form.cleaned_data["phone_tail"])
    except DomainError as error:
        add_domain_error(form, error)
        return _find_page(request, form, status=error.status, wait=error if isinstance(error, TooMany) else None)
    return SeeOther(reverse("suggestions:track_case", args=[case.number]))


def _find_page(
    request: HttpRequest, form: FindForm, *, status: int = 200, wait: TooMany | None = None, **more: Any
) -> HttpResponse:
    context = {"form": form, "minutes": wait.minutes if wait else None, **more}
    response = render(request, "suggestions/track.html", context, status=status)
    if wait is not None:
        response["Retry-After"] = str(wait.retry_after)
    return response


@require_safe
@private_response
def case(request: HttpRequest, number: str) -> HttpResponse:
    """The case with its thread, its reply, and what can be done now."""
    try:
        mine = tracking.granted(request, number)
    except Http404:
        return _find_page(request, FindForm(), status=404, asked_for=True)
    context = {"case": mine, "own": tracked.own_case(mine), "rate": RATE, "answer": ANSWER}
    context |= {"rate_form": RateForm(), "answer_form": AnswerForm()}
    return render(request, "suggestions/track_case.html", context)


def _text_and_files(data: dict[str, Any]) -> dict[str, Any]:
    return {"text": data["text"], "files": data["attachments"]}


RATE = Verb(
    "rate",
    RateForm,
    _("Rate the answer"),
    _("What you say counts in the appraisal of the unit. It never shows who you are."),
    _("Send my rating"),
    _("Thank you. Your rating is recorded."),
    lambda case, data: services.rate(case, **data),
)
CONFIRM = Verb(
    "confirm",
    forms.Form,
    _("Is it settled?"),
    _("The case is closed when you say so. You can still reopen it later."),
    _("Yes, it is settled"),
    _("Thank you. The case is closed."),
    lambda case, data: services.confirm(case),
)
REOPEN = Verb(
    "reopen",
    ReopenForm,
    _("Ask to have it taken up again"),
    _("The unit works on it again and answers by a new date."),
    _("Take it up again"),
    _("It is taken up again. The new date is below."),
    lambda case, data: services.reopen(case, reason=data["reason"]),
)
ADD = Verb(
    "add",
    AddForm,
    _("Add something"),
    _("It goes to the people who work on your case."),
    _("Add this to my case"),
    _("Added to your case."),
    lambda case, data: services.add_information(case, **_text_and_files(data)),
)
ANSWER = Verb(
    "answer",
    AnswerForm,
    _("Answer the question"),
    _("When we have your answer, the work goes on."),
    _("Send my answer"),
    _("Thank you. The work goes on."),
    lambda case, data: services.answer(case, **_text_and_files(data)),
)
WITHDRAW = Verb(
    "withdraw",
    WithdrawForm,
    _("Take it back?"),
    _("The work on it stops, and this cannot be undone. If it becomes a trouble again, tell us anew."),
    _("Yes, take it back"),
    _("You have taken it back."),
    lambda case, data: services.withdraw(case, reason=data["reason"]),
    kind="danger",
)


@private_response
def _act(request: HttpRequest, number: str, verb: Verb) -> HttpResponse:
    """Show the verb's page, or do it and go back to the case. What a service refuses is said above what was typed."""
    mine = tracking.granted(request, number)
    try:
        _slow_down(request, mine)
    except TooMany as error:
        form = verb.form(request.POST)
        add_domain_error(form, error)
        return _verb_page(request, mine, verb, form, status=error.status)
    form = verb.form(request.POST, request.FILES) if request.method == "POST" else verb.form()
    result = submit_form(form, lambda data: verb.run(mine, data))
    if not result.done:
        return _verb_page(request, mine, verb, form, status=result.status)
    messages.success(request, verb.done)
    return SeeOther(reverse("suggestions:track_case", args=[mine.number]))


def _slow_down(request: HttpRequest, mine: Suggestion) -> None:
    """Raises: TooMany, before a file is decoded."""
    if request.FILES:
        ratelimit.hit(f"case:{mine.pk}", group="add-files", limit=FILES_AN_HOUR, seconds=HOUR)


def _verb_page(
    request: HttpRequest, mine: Suggestion, verb: Verb, form: forms.Form, *, status: int = 200
) -> HttpResponse:
    context = {"case": mine, "verb": verb, "form": form, "question": tracked.open_question(mine)}
    return render(request, "suggestions/track_act.html", context, status=status)


@form_page
def rate(request: HttpRequest, number: str) -> HttpResponse:
    """Rate the newest reply."""
    return _act(request, number, RATE)


@form_page
def confirm(request: HttpRequest, number: str) -> HttpResponse:
    """Say that it is settled."""
    return _act(request, number, CONFIRM)


@form_page
def reopen(request: HttpRequest, number: str) -> HttpResponse:
    """Say what is still not right."""
    return _act(request, number, REOPEN)


@form_page
def add(request: HttpRequest, number: str) -> HttpResponse:
    """Add words or files to an open case."""
    return _act(request, number, ADD)


@form_page
def answer(request: HttpRequest, number: str) -> HttpResponse:
    """Answer what was asked back."""
    return _act(request, number, ANSWER)


@form_page
def withdraw(request: HttpRequest, number: str) -> HttpResponse:
    """Take it back, after a page that asks whether one is sure."""
    return _act(request, number, WITHDRAW)


@require_safe
@private_response
def attachment(request: HttpRequest, number: str, pk: int) -> FileResponse:
    """A file of one's own case."""
    mine = tracking.granted(request, number)
    file = mine.attachments.select_related("suggestion").filter(pk=pk).first()
    if file is None:
        raise Http404
    return send_file(file)
