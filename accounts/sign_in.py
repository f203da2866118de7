"""Pages before one is signed in: citizens by phone and code, staff by badge number and password."""

from typing import Any

from allauth.account import app_settings
from allauth.account.internal.decorators import login_stage_required
from allauth.account.mixins import NextRedirectMixin
from allauth.account.stages import LoginByCodeStage
from allauth.account.utils import get_login_redirect_url, passthrough_next_redirect_url
from allauth.account.views import LoginView
from allauth.socialaccount.adapter import get_adapter as get_social_adapter
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic.edit import FormView

from accounts import queries
from accounts.forms import CodeForm, PhoneForm, StaffLoginForm
from accounts.phone_codes import SignIn
from core.errors import DomainError, NotAllowed, TooMany
from core.text import mask_phone

STAFF_PLACES = ("/desk/", "/admin/")


def _with_next(request: HttpRequest, url_name: str) -> str:
    return passthrough_next_redirect_url(request, reverse(url_name), "next")


def entrances(request: HttpRequest) -> list[dict[str, Any]]:
    """The two tabs above every sign-in page."""
    names = [(_("Citizens"), "account_login"), (_("Police staff"), "account_staff_login")]
    return [
        {"label": label, "url": _with_next(request, name), "current": request.path == reverse(name)}
        for label, name in names
    ]


@method_decorator([never_cache, sensitive_post_parameters("phone")], name="dispatch")
class PhoneView(NextRedirectMixin, FormView):
    """A citizen's first step: the number. The next is the code, whether the number is known or not."""

    form_class = PhoneForm
    template_name = "account/login.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            return redirect(get_login_redirect_url(request))
        if request.method == "GET" and request.GET.get("next", "").startswith(STAFF_PLACES):
            return redirect(_with_next(request, "account_staff_login"))
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: PhoneForm) -> HttpResponse:
        try:
            SignIn.start(self.request, form.cleaned_data["phone"])
        except DomainError as error:
            form.add_error("phone", str(error.message))
            return self.render_to_response(self.get_context_data(form=form), status=error.status)
        return redirect(_with_next(self.request, "account_confirm_login_code"))

    def form_invalid(self, form: PhoneForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        demo = {"demo_phone": settings.DEMO_PHONES[0]} if settings.DEMO else {}
        return super().get_context_data(entrances=entrances(self.request), **demo, **kwargs)


@method_decorator(login_stage_required(stage=LoginByCodeStage.key, redirect_urlname="account_login"), name="dispatch")
@method_decorator([never_cache, sensitive_post_parameters("code")], name="dispatch")
class CodeView(NextRedirectMixin, FormView):
    """A citizen's second and last step: the code."""

    form_class = CodeForm
    template_name = "account/confirm_login_code.html"
    process: SignIn

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        found = SignIn.resume(request._login_stage)  # type: ignore[attr-defined]
        if found is None:
            messages.error(request, gettext("The time for this code is over. Please ask for a new one."))
            return redirect(_with_next(request, "account_login"))
        self.process = found
        return super().dispatch(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.POST.get("action") == "resend":
            return self._resend()
        return super().post(request, *args, **kwargs)

    def _resend(self) -> HttpResponse:
        try:
            if not self.process.can_resend:
                raise TooMany(_("No more codes for this sign-in. Please start again in a few minutes."))
            self.process.resend()
        except DomainError as error:
            messages.error(self.request, str(error.message))
        else:
            messages.success(self.request, gettext("A new code is on its way; the old one no longer works."))
        return redirect(_with_next(self.request, "account_confirm_login_code"))

    def form_valid(self, form: CodeForm) -> HttpResponse:
        try:
            if self.process.matches(form.cleaned_data["code"]):
                return self.process.finish(self.get_next_url())
        except TooMany:
            return self._start_again()
        except NotAllowed as error:
            messages.error(self.request, str(error.message))
            return redirect(_with_next(self.request, "account_staff_login"))
        if not self.process.record_invalid_attempt():
            return self._start_again()
        form.add_error("code", gettext("This is not the code we sent. Please compare the 6 digits."))
        return self.form_invalid(form)

    def _start_again(self) -> HttpResponse:
        self.process.abort()
        messages.error(self.request, gettext("Too many wrong codes. Please ask for a new one."))
        return redirect(_with_next(self.request, "account_login"))

    def form_invalid(self, form: CodeForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        phone = self.process.phone
        return super().get_context_data(
            masked_phone=mask_phone(phone),
            can_resend=self.process.can_resend,
            minutes=app_settings.LOGIN_BY_CODE_TIMEOUT // 60,
            change_url=_with_next(self.request, "account_login"),
            demo_code=queries.demo_code(phone) if settings.DEMO else "",
            **kwargs,
        )


class StaffLoginView(LoginView):
    """Badge number and password; a second factor follows where there is one."""

    form_class = StaffLoginForm
    template_name = "account/staff_login.html"

    def get_form_class(self) -> type[StaffLoginForm]:
        return StaffLoginForm

    def _redirect_to_pending_stage(self, request: HttpRequest, stage: Any) -> HttpResponse | None:
        """Somebody who began as a citizen may change their mind; a second factor under way is gone on with."""
        return None if stage.key == LoginByCodeStage.key else super()._redirect_to_pending_stage(request, stage)

    def form_invalid(self, form: StaffLoginForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        demo = {"demo_staff": queries.demo_staff(), "demo_password": settings.DEMO_PASSWORD} if settings.DEMO else {}
        return super().get_context_data(
            entrances=entrances(self.request),
            providers=get_social_adapter().list_providers(self.request),
            **demo,
            **kwargs,
        )


def to_login(request: HttpRequest, **kwargs: str) -> HttpResponse:
    """Addresses of allauth that this house does without: sign-up, requests for codes, forgotten passwords."""
    return redirect(_with_next(request, "account_login"))


def inactive(request: HttpRequest) -> HttpResponse:
    """An account that was closed."""
    return render(request, "account/account_inactive.html", status=403)
