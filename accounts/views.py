"""Pages about oneself: inbox, identity, number, sessions; and for the desk, what could not be sent."""

from allauth.account import app_settings
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import queries, services
from accounts.forms import CodeForm, IdentityForm, PhoneForm
from accounts.models import Notification
from accounts.phone_codes import PhoneChange
from accounts.requests import SignedInRequest
from core import keyset, ratelimit
from core.errors import DomainError, Invalid, TooMany
from core.text import mask_phone

DAY = 24 * 3600
form_page = require_http_methods(["GET", "HEAD", "POST"])


def refuse(form: Form, error: DomainError) -> None:
    """Put a domain error by the fields it names, or above the form."""
    for field, words in (error.fields if isinstance(error, Invalid) else {None: [error.message]}).items():
        for word in words:
            form.add_error(field, str(word))


@require_safe
@never_cache
def inbox(request: SignedInRequest) -> HttpResponse:
    """What the portal told me."""
    page = keyset.page(queries.inbox(request.user), key=("-pk",), cursor=request.GET.get("cursor"))
    context = {"page": page, "unread": queries.unread_count(request.user)}
    return render(request, "accounts/notifications.html", context)


@require_POST
def read_all(request: SignedInRequest) -> HttpResponse:
    services.mark_all_read(request.user)
    return redirect("accounts:notifications")


@require_safe
@never_cache
def open_notification(request: SignedInRequest, pk: int) -> HttpResponse:
    """Note that I have seen it and go where it points."""
    notification = get_object_or_404(queries.inbox(request.user), pk=pk)
    services.mark_read(notification)
    inside = url_has_allowed_host_and_scheme(notification.link, allowed_hosts=None)
    return redirect(notification.link if notification.link and inside else "accounts:notifications")


@form_page
@never_cache
@sensitive_post_parameters("id_number", "name")
def verify(request: SignedInRequest) -> HttpResponse:
    """Prove who I am, once. Voting and the like ask for it; speaking up never does."""
    if request.user.is_verified:
        return render(request, "accounts/verified.html")
    form = IdentityForm(request.POST or None)
    if form.is_valid():
        try:
            ratelimit.hit(f"user:{request.user.pk}", group="verify", limit=10, seconds=DAY)
            services.verify_identity(request.user, **form.cleaned_data)
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, gettext("Your identity is verified. Thank you."))
            return redirect("accounts:verify")
    return render(request, "accounts/verify.html", {"form": form}, status=422 if form.errors else 200)


@form_page
@never_cache
@sensitive_post_parameters("phone")
def change_phone(request: SignedInRequest) -> HttpResponse:
    """My new number; a code goes there."""
    form = PhoneForm(request.POST or None)
    if form.is_valid():
        try:
            PhoneChange.start(request, form.cleaned_data["phone"])
        except DomainError as error:
            refuse(form, error)
        else:
            return redirect("accounts:phone_code")
    context = {"form": form, "masked_phone": mask_phone(request.user.phone)}
    return render(request, "accounts/phone.html", context, status=422 if form.errors else 200)


@form_page
@never_cache
@sensitive_post_parameters("code")
def confirm_phone(request: SignedInRequest) -> HttpResponse:
    """The code from my new number."""
    process = PhoneChange.resume(request)
    if process is None:
        messages.error(request, gettext("The time for this code is over. Please ask for a new one."))
        return redirect("accounts:phone")
    form = CodeForm(request.POST or None)
    if form.is_valid():
        try:
            if _moved(process, form):
                messages.success(request, gettext("From now on you sign in with the new number."))
                return redirect("accounts:phone")
        except (Invalid, TooMany) as error:
            process.abort()
            messages.error(request, str(error.message))
            return redirect("accounts:phone")
    return render(request, "accounts/phone_code.html", _code_context(form, process), status=422 if form.errors else 200)


def _moved(process: PhoneChange, form: CodeForm) -> bool:
    if process.matches(form.cleaned_data["code"]):
        process.finish()
        return True
    if not process.record_invalid_attempt():
        raise TooMany
    form.add_error("code", gettext("This is not the code we sent. Please compare the 6 digits."))
    return False


def _code_context(form: CodeForm, process: PhoneChange) -> dict[str, object]:
    return {
        "form": form,
        "masked_phone": mask_phone(process.phone),
        "minutes": app_settings.LOGIN_BY_CODE_TIMEOUT // 60,
        "demo_code": queries.demo_code(process.phone) if settings.DEMO else "",
    }


@require_POST
def sign_out_others(request: SignedInRequest) -> HttpResponse:
    """Sign out every other phone and computer, and stay signed in here."""
    services.sign_out_everywhere(request.user)
    request.user.refresh_from_db()
    update_session_auth_hash(request, request.user)
    messages.success(request, gettext("You are signed out everywhere but here."))
    return redirect("portal:me")


@require_safe
def failures(request: SignedInRequest) -> HttpResponse:
    """The desk: what could not be sent, and why."""
    page = keyset.page(queries.failed_notifications(), key=("-pk",), cursor=request.GET.get("cursor"))
    return render(request, "accounts/failures.html", {"page": page})


@require_POST
def send_again(request: SignedInRequest, pk: int) -> HttpResponse:
    services.send_again(get_object_or_404(Notification, pk=pk), by=request.user)
    messages.success(request, gettext("It is in the queue again."))
    return redirect("accounts:failures")
