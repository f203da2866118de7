"""The promotion gate: look an officer up, read why the gate is passed or not, decide."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import keyset, policy
from core.errors import DomainError, NotAllowed
from core.pages import SeeOther, act_and_return, add_domain_error, private_response
from directory.models import Officer
from evaluations import services
from evaluations.access.accountability import gated_officers
from evaluations.forms.judging import PromotionForm
from evaluations.models import AppraisalRun, PromotionDecision
from evaluations.queries import gates
from evaluations.states import AppraisalState, SubjectKind

NEWEST = ("-at", "-pk")


@require_safe
@private_response
def index(request: HttpRequest) -> HttpResponse:
    """Look somebody up; below it who was promoted lately."""
    user: Any = request.user
    officers, words = gated_officers(user), request.GET.get("who", "")
    decisions = PromotionDecision.objects.filter(officer__in=officers).select_related("officer__unit", "gate")
    found = gates.found_officers(officers, words)
    context = {
        "words": words,
        "found": [(officer, next(iter(officer.gates_in_force), None)) for officer in found],  # type: ignore[attr-defined]
        "own": user.officer_or_none,
        "decisions": keyset.page(decisions, key=NEWEST, cursor=request.GET.get("cursor")),
        "runs": _without_gates(user),
    }
    return render(request, "evaluations/desk_promotions.html", context)


def _without_gates(user: Any) -> list[AppraisalRun]:
    """Published runs whose gates are not recorded yet, for who may record them."""
    if not policy.can(user, "record", "promotion"):
        return []
    runs = AppraisalRun.objects.filter(is_current=True, state=AppraisalState.PUBLISHED, gates=None)
    return list(runs.filter(scheme__about=SubjectKind.OFFICER).select_related("scheme").order_by("-pk")[:10])


@require_POST
@private_response
def record(request: HttpRequest, pk: int) -> HttpResponse:
    """Record the gates of a run."""
    run = get_object_or_404(AppraisalRun, pk=pk)
    back = reverse("evaluations:desk_promotions")
    return act_and_return(
        request, lambda: services.record_gates(run, by=request.user), _("The gates are recorded."), back
    )


@require_http_methods(["GET", "HEAD", "POST"])
@private_response
def officer(request: HttpRequest, pk: int) -> HttpResponse:
    """One officer: the gate of each year with the sentence that explains it, the promotions, and the decision."""
    person = gated_officers(request.user).select_related("unit").filter(pk=pk).first()
    if person is None:
        raise Http404
    known = gates.gates_of(person)
    if request.method != "POST":
        return _page(request, person, PromotionForm(gates=known))
    form = PromotionForm(request.POST, gates=known)
    if not known:
        form.add_error(None, ValidationError(gates.unexplained()))
        return _page(request, person, form, status=409)
    if not form.is_valid():
        return _page(request, person, form, status=422)
    try:
        services.promote(person, by=request.user, **form.cleaned_data)
    except NotAllowed:
        raise
    except DomainError as error:
        add_domain_error(form, error)
        return _page(request, person, form, status=error.status)
    return SeeOther(f"{reverse('evaluations:desk_promotion', args=[pk])}?promoted=1")


def _page(request: HttpRequest, person: Officer, form: PromotionForm, status: int = 200) -> HttpResponse:
    user: Any = request.user
    known = gates.gates_of(person)
    context = {
        "person": person,
        "gates": [(gate, gates.explain(gate)) for gate in known],
        "newest": known[0] if known else None,
        "unexplained": gates.unexplained(),
        "form": form,
        "decisions": list(person.promotions.select_related("by", "gate")),
        "promoted": "promoted" in request.GET,
        "own": user.officer_or_none == person,
        "may_decide": gated_officers(user, "decide").filter(pk=person.pk).exists(),
    }
    return render(request, "evaluations/desk_promotion.html", context, status=status)
