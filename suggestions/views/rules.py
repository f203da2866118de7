"""Routing rules: the table, one rule, and where a voice would go."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.errors import Invalid
from core.pages import SeeOther, add_domain_error
from suggestions import services
from suggestions.forms.office import RuleForm, RuleTestForm
from suggestions.models import RoutingRule
from suggestions.queries import office
from suggestions.services import Routed

form_page = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Every rule in the order in which they are looked at."""
    page = office.rules(request.GET.get("cursor"))
    return render(request, "suggestions/rules.html", {"page": page, "test": RuleTestForm()})


@form_page
def edit(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Add a rule, or change one."""
    rule = RoutingRule() if pk is None else get_object_or_404(RoutingRule, pk=pk)
    if request.method != "POST":
        return _rule_page(request, RuleForm(rule=rule))
    form = RuleForm(request.POST, rule=rule)
    if not form.is_valid():
        return _rule_page(request, form, status=422)
    try:
        services.save_rule(form.filled(), by=request.user)
    except Invalid as error:
        add_domain_error(form, error)
        return _rule_page(request, form, status=error.status)
    messages.success(request, _("Saved. It holds for what is routed from now on."))
    return SeeOther(reverse("suggestions:rules"))


def _rule_page(request: HttpRequest, form: RuleForm, *, status: int = 200) -> HttpResponse:
    return render(request, "suggestions/rule.html", {"form": form, "rule": form.rule}, status=status)


@form_page
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask once more, then remove the rule; what it routed stays where it is."""
    rule = get_object_or_404(RoutingRule.objects.select_related("category", "area", "unit"), pk=pk)
    if request.method != "POST":
        return render(request, "suggestions/rule_delete.html", {"rule": rule})
    services.delete_rule(rule, by=request.user)
    messages.success(request, _("Deleted. Cases that it routed stay where they are."))
    return SeeOther(reverse("suggestions:rules"))


@require_safe
def test(request: HttpRequest) -> HttpResponse:
    """Where would this go, by which rule, and why?"""
    form = RuleTestForm(request.GET)
    routed, refused = _try(form) if form.is_valid() else (None, "")
    context = {"test": form, "routed": routed, "refused": refused, "alone": True}
    template = "suggestions/rule_test.html#answer" if "HX-Request" in request.headers else "suggestions/rule_test.html"
    return render(request, template, context, status=200 if form.is_valid() else 422)


def _try(form: RuleTestForm) -> tuple[Routed | None, str]:
    named = form.cleaned_data["named"]
    subjects = [(named, None)] if named else []
    try:
        return services.route(form.cleaned_data["category"], form.cleaned_data["area"], subjects), ""
    except Invalid as error:
        return None, str(error.message)
