"""Saved texts for replies: the city's are the triage desk's, a unit's are its leader's."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core import policy
from core.errors import Invalid, NotAllowed
from core.pages import SeeOther, add_domain_error
from core.policy import Role
from directory.models import Unit
from suggestions import access, services
from suggestions.forms.office import TemplateForm
from suggestions.models import ReplyTemplate
from suggestions.queries import office


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """What this person may read, in use or out of use; only one's own can be changed."""
    active = request.GET.get("old") != "1"
    page = office.reply_templates(request.user, active=active, cursor=request.GET.get("cursor"))
    home = reverse("suggestions:reply_templates")
    context = {
        "page": page,
        "active": active,
        "rows": [(text, access.may_edit_template(request.user, text.unit)) for text in page.items],
        "tabs": [
            {"label": _("In use"), "url": home, "current": active},
            {"label": _("Out of use"), "url": f"{home}?old=1", "current": not active},
        ],
    }
    return render(request, "suggestions/reply_templates.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Write a text, change it, or take it out of use."""
    is_new = pk is None
    template = ReplyTemplate() if is_new else get_object_or_404(office.readable_templates(request.user), pk=pk)
    if not is_new and not access.may_edit_template(request.user, template.unit):
        raise NotAllowed
    units = _own_units(request)
    if request.method != "POST":
        return _page(request, TemplateForm(instance=template, units=units))
    if not is_new and request.POST.get("active") in ("0", "1"):
        return _switch(request, template, on=request.POST["active"] == "1")
    form = TemplateForm(request.POST, instance=template, units=units)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        services.save_reply_template(form.instance, by=request.user)
    except Invalid as error:
        add_domain_error(form, error)
        return _page(request, form, status=error.status)
    messages.success(request, _("Saved."))
    return SeeOther(reverse("suggestions:reply_templates"))


def _switch(request: HttpRequest, template: ReplyTemplate, *, on: bool) -> HttpResponse:
    template.is_active = on
    services.save_reply_template(template, by=request.user)
    messages.success(request, _("In use again.") if on else _("Out of use. Replies written with it stay as they are."))
    return SeeOther(reverse("suggestions:reply_templates"))


def _own_units(request: HttpRequest) -> list[Unit | None]:
    """For whom this person may write texts: the whole city (None), or the units they lead."""
    city = [None] if access.may_edit_template(request.user, None) else []
    return [*city, *policy.units_with(request.user, Role.LEADER)]


def _page(request: HttpRequest, form: TemplateForm, *, status: int = 200) -> HttpResponse:
    context = {"form": form, "template": form.instance}
    return render(request, "suggestions/reply_template.html", context, status=status)
