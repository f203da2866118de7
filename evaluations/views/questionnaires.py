"""Questionnaires: all versions, one of them, and a new version that starts from the one before."""

import re
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core import policy
from core.errors import DomainError
from core.pages import SeeOther, private_response
from evaluations import services
from evaluations.forms.preparing import FEWEST_ROWS, MORE_ROWS, MOST_ROWS, QuestionnaireForm, Questions
from evaluations.models import Item, Questionnaire
from evaluations.views.preparing import PAGE, problems_of

VERSION = re.compile(r"([\w-]{1,32})-(\d{1,4})\Z", re.ASCII)
FIELDS = ("text", "text_en", "code", "indicator", "about", "is_reversed", "is_foil")


@require_safe
@private_response
def index(request: HttpRequest) -> HttpResponse:
    """Every version; there are as many as there were changes."""
    asked = Questionnaire.objects.order_by("code", "-version").prefetch_related("items")[:200]
    may_make = policy.can(request.user, "prepare", "wave")
    return render(request, "evaluations/desk_questionnaires.html", {"questionnaires": asked, "may_make": may_make})


@require_safe
@private_response
def show(request: HttpRequest, code: str, version: int) -> HttpResponse:
    """One version as it is asked."""
    asked = get_object_or_404(Questionnaire.objects.prefetch_related("items"), code=code, version=version)
    may_make = policy.can(request.user, "prepare", "wave")
    return render(request, "evaluations/desk_questionnaire.html", {"asked": asked, "may_make": may_make})


@PAGE
@private_response
def new(request: HttpRequest) -> HttpResponse:
    """Write questions; ``?from=code-version`` starts from a version. More rows come without a script too."""
    if request.method != "POST":
        return _page(request, *_blank(request))
    if request.POST.get("more"):
        return _page(request, QuestionnaireForm(initial=_typed(request)), _rows(_typed_rows(request), MORE_ROWS))
    form, questions = QuestionnaireForm(request.POST), Questions(_all_new(request), prefix="q")
    if form.is_valid() & questions.is_valid():
        try:
            asked = [row.as_question() for row in questions.filled()]  # type: ignore[attr-defined]
            made = services.create_questionnaire(form.cleaned_data["code"], form.cleaned_data["title"], asked,
                                                 by=request.user)  # fmt: skip
        except DomainError as error:
            problems_of(form, error)
        else:
            messages.success(request, _("Version %(n)s is written down.") % {"n": made.version})
            return SeeOther(reverse("evaluations:desk_questionnaire", args=[made.code, made.version]))
    return _page(request, form, questions, status=422)


def _blank(request: HttpRequest) -> tuple[QuestionnaireForm, Any]:
    wanted = VERSION.match(request.GET.get("from", ""))
    before = Questionnaire.objects.filter(code=wanted[1], version=int(wanted[2])).first() if wanted else None
    rows = [_as_row(item) for item in before.items.all()] if before else []
    empty = max(FEWEST_ROWS - len(rows), 1)
    form = QuestionnaireForm(initial={"code": before.code, "title": before.title} if before else None)
    return form, _rows(rows, empty)


def _as_row(item: Item) -> dict[str, Any]:
    return {name: getattr(item, name) for name in FIELDS}


def _rows(rows: list[dict[str, Any]], empty: int) -> Any:
    """Rows that are there, and empty ones, up to a limit."""
    wanted = [*rows, *({} for _n in range(empty))]
    return Questions(prefix="q", initial=wanted[:MOST_ROWS])


def _typed(request: HttpRequest) -> dict[str, str]:
    return {name: request.POST.get(name, "") for name in ("code", "title")}


def _typed_rows(request: HttpRequest) -> list[dict[str, Any]]:
    """What stands in the rows, unchecked."""
    given = request.POST
    rows = [{name: given.get(f"q-{n}-{name}", "") for name in FIELDS} for n in range(MOST_ROWS)]
    return [row for row in rows if row["text"] or row["code"]]


def _all_new(request: HttpRequest) -> Any:
    """The rows as if none had been there before: one left empty is none."""
    data = request.POST.copy()
    data["q-INITIAL_FORMS"] = "0"
    return data


def _page(request: HttpRequest, form: QuestionnaireForm, questions: Any, status: int = 200) -> HttpResponse:
    context = {"form": form, "questions": questions}
    return render(request, "evaluations/desk_new_questionnaire.html", context, status=status)
