"""Pages by which a member of staff sets a password, once: badge number, code, password."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.forms import SetPasswordForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import admission, queries
from accounts.forms import BadgeForm, CodeForm
from accounts.phone_codes import Welcome
from core.errors import DomainError, TooMany

form_page = require_http_methods(["GET", "HEAD", "POST"])


@form_page
@never_cache
def badge(request: HttpRequest) -> HttpResponse:
    """Whose password is to be set; a code goes to the number on record, whether there is one or not."""
    form = BadgeForm(request.POST or None)
    if form.is_valid():
        try:
            Welcome.start(request, form.cleaned_data["badge"])
        except DomainError as error:
            form.add_error("badge", str(error.message))
        else:
            return redirect("accounts:welcome_code")
    return _page(request, "accounts/welcome.html", form)


@form_page
@never_cache
@sensitive_post_parameters("code")
def code(request: HttpRequest) -> HttpResponse:
    """The code from the text message."""
    process = Welcome.resume(request)
    if process is None:
        return _again(request)
    form = CodeForm(request.POST or None)
    if form.is_valid():
        try:
            if process.matches(form.cleaned_data["code"]):
                process.prove()
                return redirect("accounts:welcome_password")
        except TooMany:
            return _again(request, process)
        if not process.record_invalid_attempt():
            return _again(request, process)
        form.add_error("code", gettext("This is not the code we sent. Please compare the 6 digits."))
    demo = queries.demo_code(process.phone) if settings.DEMO and process.phone else ""
    return _page(request, "accounts/welcome_code.html", form, demo_code=demo)


@form_page
@never_cache
@sensitive_post_parameters("new_password1", "new_password2")
def password(request: HttpRequest) -> HttpResponse:
    """The password, twice. Then one signs in with it, and whoever has a role is led to the second factor."""
    process = Welcome.resume(request)
    if process is None or not process.proved:
        return _again(request)
    way = process.way()
    form = SetPasswordForm(way.user, request.POST or None)
    if form.is_valid():
        try:
            admission.set_password(way, form.cleaned_data["new_password1"])
        except DomainError as error:
            messages.error(request, str(error.message))
            return _again(request, process)
        process.abort()
        messages.success(request, gettext("Your password is set. Sign in with it now; the second factor comes next."))
        return redirect("account_staff_login")
    return _page(request, "accounts/welcome_password.html", form, person=way.user)


def _again(request: HttpRequest, process: Welcome | None = None) -> HttpResponse:
    if process is not None:
        process.abort()
    messages.error(request, gettext("Please begin again with your badge number."))
    return redirect("accounts:welcome")


def _page(request: HttpRequest, template: str, form: Any, **more: Any) -> HttpResponse:
    return render(request, template, {"form": form, **more}, status=422 if form.errors else 200)
