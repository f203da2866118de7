"""No role without a second factor: whoever has one is sent to set it up before anything else opens."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.adapter import WEBAUTHN, needs_second_factor

WITHOUT = frozenset(
    {
        "account_login",
        "account_logout",
        "account_reauthenticate",
        "account_change_password",
        "account_inactive",
        "accounts:welcome",
        "accounts:welcome_code",
        "accounts:welcome_password",
        "core:preferences",
        "set_language",
        "health_live",
        "health_ready",
        "health_deep",
    }
)


class StaffSecondFactorMiddleware:
    """With ``STAFF_MFA_REQUIRED``, sends staff without an authenticator app or passkey to the page that sets one up."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if not request.user.is_authenticated or self._is_exempt(request):
            return None
        if not needs_second_factor(request.user):
            return None
        if is_mfa_enabled(request.user, [Authenticator.Type.TOTP, WEBAUTHN]):
            return None
        return self._send_to_setup(request)

    @staticmethod
    def _is_exempt(request: HttpRequest) -> bool:
        name = request.resolver_match.view_name if request.resolver_match else ""
        return name in WITHOUT or name.startswith("mfa_")

    @staticmethod
    def _send_to_setup(request: HttpRequest) -> HttpResponse:
        words = _("Please set up a second factor first: your role opens right after.")
        if request.path.startswith("/api/"):
            body = {"type": "about:blank", "title": "second factor required", "status": 403, "detail": words}
            return JsonResponse(body, status=403, content_type="application/problem+json")
        messages.info(request, words)
        return redirect("mfa_index")
