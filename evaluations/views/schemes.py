"""How a year's appraisals are made up: all schemes, a proposal with its sum, and locking it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import policy
from core.errors import DomainError, NotAllowed
from core.pages import SeeOther, act_and_return, add_domain_error, private_response
from evaluations import services
from evaluations.forms.desk import SchemeForm
from evaluations.models import Scheme
from evaluations.queries import appraisals as queries
from evaluations.scoring.appraisal import LEAST_PUBLIC, WHOLE

HERE = {"here": "/desk/evaluations/appraisals/"}  # the place in the rail


@require_safe
@private_response
def index(request: HttpRequest) -> HttpResponse:
    """Every scheme with the public's part; there are a few a year."""
    found = [(scheme, queries.public_weight(list(scheme.components.all()))) for scheme in queries.schemes()[:200]]
    may_propose = policy.can(request.user, "propose", "scheme")
    return render(request, "evaluations/desk_schemes.html", HERE | {"schemes": found, "may_propose": may_propose})


@require_http_methods(["GET", "HEAD", "POST"])
@private_response
def new(request: HttpRequest) -> HttpResponse:
    """Propose one; the sum is shown while typing, and checked here."""
    form = SchemeForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _form(request, form, status=422 if request.method == "POST" else 200)
    try:
        made = services.propose_scheme(form.plan(), by=request.user)
    except NotAllowed:
        raise
    except DomainError as error:
        add_domain_error(form, error)
        return _form(request, form, status=error.status)
    return SeeOther(reverse("evaluations:scheme", args=[made.pk]))


def _form(request: HttpRequest, form: SchemeForm, status: int) -> HttpResponse:
    context = {"form": form, "whole": WHOLE, "least": LEAST_PUBLIC, "sums": form.sums()}
    return render(request, "evaluations/desk_scheme_new.html", HERE | context, status=status)


def _scheme_or_404(pk: int) -> Scheme:
    found = queries.schemes().filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@require_safe
@private_response
def scheme(request: HttpRequest, pk: int) -> HttpResponse:
    """What a scheme is made of, and its next step."""
    shown = _scheme_or_404(pk)
    components = list(shown.components.all())
    context: dict[str, Any] = {
        "scheme": shown,
        "components": components,
        "public": queries.public_weight(components),
        "runs": list(queries.runs().filter(scheme=shown)[:20]),
        "may_lock": policy.can(request.user, "lock", "scheme"),
        "own_proposal": shown.proposed_by_id == request.user.pk,
        "may_work_out": policy.can(request.user, "work out", "appraisal"),
    }
    return render(request, "evaluations/desk_scheme.html", HERE | context)


@require_POST
@private_response
def lock(request: HttpRequest, pk: int) -> HttpResponse:
    """A second person locks it."""
    shown = _scheme_or_404(pk)
    back = reverse("evaluations:scheme", args=[pk])
    return act_and_return(
        request, lambda: services.lock_scheme(shown, by=request.user), _("Locked. It stands as it is."), back
    )


@require_POST
@private_response
def work_out(request: HttpRequest, pk: int) -> HttpResponse:
    """Have everybody's appraisal worked out, under a new number; the page of the run shows how far it is."""
    shown = _scheme_or_404(pk)
    try:
        run = services.ask_for_appraisals(shown, by=request.user)
    except NotAllowed:
        raise
    except DomainError as error:
        messages.error(request, str(error.message))
        return SeeOther(reverse("evaluations:scheme", args=[pk]))
    return SeeOther(reverse("evaluations:run", args=[run.pk]))
