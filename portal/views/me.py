"""What is one's own: cases, what is asked of one, who looked, and the way to take everything along or to leave."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import services
from accounts.requests import SignedInRequest
from core import front, policy, ratelimit
from core.errors import DomainError
from core.text import mask_phone
from suggestions.queries import me as mine

HOUR = 3600
EXPORTS_AN_HOUR = 20


class LeaveForm(forms.Form):
    """One tick, so that nobody leaves by a slip of the thumb."""

    sure = forms.BooleanField(
        label=gettext_lazy("I have read this and want to delete my account"),
        error_messages={"required": gettext_lazy("Please tick this first.")},
    )


@require_safe
@never_cache
def me(request: SignedInRequest) -> HttpResponse:
    """My cases, open ones first; what is asked of me; who opened my identity; my account. Eight statements."""
    user = request.user
    context = {
        "page": mine.my_page(user, request.GET.get("cursor")),
        "to_do": mine.to_do(user),
        "openings": list(mine.openings_of(user)),
        "own": front.own(user),
        "phone": mask_phone(user.phone),
        "is_staff": policy.can(user, "desk", "page"),
        "may_leave": not (user.is_staff or policy.is_staff_member(user)),
    }
    return render(request, "portal/me.html", context)


@require_safe
@never_cache
def export(request: SignedInRequest) -> JsonResponse:
    """Everything the portal knows about me, as a file."""
    ratelimit.hit(f"user:{request.user.pk}", group="export", limit=EXPORTS_AN_HOUR, seconds=HOUR)
    known: dict[str, Any] = {
        **services.export_person(request.user),
        **mine.export_person(request.user),
        **front.export(request.user),
    }
    response = JsonResponse(known, json_dumps_params={"ensure_ascii": False, "indent": 1})
    response["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def delete(request: SignedInRequest) -> HttpResponse:
    """Say what goes and what stays, ask once, and let the person go."""
    user = request.user
    if user.is_staff or policy.is_staff_member(user):
        return render(request, "portal/delete.html", {"form": None}, status=403)
    form = LeaveForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            services.erase_person(user, by=user)
        except DomainError as error:
            form.add_error(None, str(error.message))
        else:
            logout(request)
            messages.success(request, _("Your account is deleted. What you said goes on being handled."))
            return redirect("portal:home")
    return render(request, "portal/delete.html", {"form": form}, status=422 if form.errors else 200)
