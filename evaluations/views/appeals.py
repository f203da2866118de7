"""Appeals: those that wait for a decision by deadline, those decided, and deciding one."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core import policy
from core.errors import DomainError, NotAllowed
from core.pages import SeeOther, add_domain_error, private_response
from evaluations import explaining, services
from evaluations.forms.desk import DecideForm
from evaluations.models import Appeal
from evaluations.queries import appraisals as queries
from evaluations.services.appeals import require_another
from evaluations.states import AppealState

HERE = {"here": "/desk/evaluations/appraisals/"}  # the place in the rail


@require_safe
@private_response
def index(request: HttpRequest) -> HttpResponse:
    """Those that wait, or those that were decided."""
    state = "decided" if request.GET.get("state") == "decided" else AppealState.OPEN
    here = reverse("evaluations:appeals")
    tabs = [
        {"label": _("Waiting"), "url": here, "current": state == AppealState.OPEN},
        {"label": _("Decided"), "url": f"{here}?state=decided", "current": state == "decided"},
    ]
    page = queries.appeals(state, request.GET.get("cursor"))
    context = HERE | {"page": page, "tabs": tabs, "waiting": state == AppealState.OPEN}
    return render(request, "evaluations/desk_appeals.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@private_response
def appeal(request: HttpRequest, pk: int) -> HttpResponse:
    """What was appealed, the lines it is about, and the decision."""
    rows = Appeal.objects.select_related("appraisal__run__scheme", "appraisal__officer", "appraisal__unit")
    made = get_object_or_404(rows.prefetch_related("appraisal__lines__component"), pk=pk)
    form = DecideForm(request.POST or None)
    if request.method != "POST":
        return _page(request, made, DecideForm())
    if not form.is_valid():
        return _page(request, made, form, status=422)
    try:
        services.decide_appeal(made, by=request.user, **form.decision())
    except NotAllowed:
        raise
    except DomainError as error:
        add_domain_error(form, error)
        return _page(request, made, form, status=error.status)
    return SeeOther(reverse("evaluations:appeal", args=[pk]))


def _page(request: HttpRequest, made: Appeal, form: DecideForm, status: int = 200) -> HttpResponse:
    components = list(made.appraisal.run.scheme.components.all())
    may_decide, refused = policy.can(request.user, "decide", "appraisal") and made.state == AppealState.OPEN, ""
    if may_decide:
        try:
            require_another(made, request.user)
        except NotAllowed as error:
            refused = str(error.message)
    context = {
        "appeal": made,
        "appraisal": made.appraisal,
        "parts": explaining.parts(made.appraisal, components),
        "form": form if may_decide and not refused else None,
        "refused": refused,
    }
    return render(request, "evaluations/desk_appeal.html", HERE | context, status=status)
