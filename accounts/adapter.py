"""Where allauth asks this house: how people are found, where they go, who needs a second factor, who may use SSO."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import devices, phones, sms
from accounts.models import User
from accounts.notifications import notify
from core import audit, policy, ratelimit, seals
from core.errors import Invalid
from core.text import ascii_digits, clean

TOTP_SEAL = "totp"
STRANGERS = "strangers-passwords"
STRANGERS_LIMIT, STRANGERS_SECONDS = 60, 5 * 60  # wrong passwords of one address, for whatever accounts
DAY = 24 * 3600
MANY_WRONG = 100  # wrong passwords for one account within a day, until its owner hears of it
GUESSING = _("Somebody is guessing the password of your account")
GUESSING_MORE = _("A hundred wrong passwords came within a day. If that was not you, please change yours.")
WEBAUTHN = Authenticator.Type.WEBAUTHN


def needs_second_factor(user: User) -> bool:
    """Whether this person must have a second factor: everybody with a role or a key to the back office."""
    return bool(settings.STAFF_MFA_REQUIRED) and (user.is_staff or user.is_superuser or policy.is_staff_member(user))


class AccountAdapter(DefaultAccountAdapter):
    """Phones are sealed on the row; codes go by SMS; nobody signs up by a form."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _("Badge number or password is not right."),
        "too_many_login_attempts": _(
            "Too many tries from here. Please wait five minutes, or use the browser you usually work with."
        ),
    }

    def get_login_stages(self) -> list[str]:
        """Code, then second factor: a phone is proved by signing in with it, staff have none, nobody has an e-mail."""
        return ["allauth.account.stages.LoginByCodeStage", "allauth.mfa.stages.AuthenticateStage"]

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """The desk for those who work there, the back office for technicians, one's own page for everybody else."""
        if policy.can(request.user, "desk", "page"):
            return "/desk/"
        return "/admin/" if request.user.is_staff else "/me/"

    def get_client_ip(self, request: HttpRequest) -> str:
        """One answer for the whole portal to where a request comes from."""
        return ratelimit.address_of(request)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuse what was tried too often, before the password is looked at.

        Tries count for one account from one browser that is known there, or from one address: nobody elsewhere is held
        up. Unknown browsers share a limit by address as well, against one password tried at many accounts.
        """
        stranger = not devices.known(request, credentials.get("username", ""))
        if stranger and ratelimit.counted(request, group=STRANGERS) >= STRANGERS_LIMIT:
            raise self.validation_error("too_many_login_attempts")
        super().pre_authenticate(request, **credentials)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        if not devices.known(request, credentials.get("username", "")):
            ratelimit.count(request, group=STRANGERS, seconds=STRANGERS_SECONDS)
        _warn_of_guessing(credentials.get("username", ""))

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """What allauth counts wrong passwords by."""
        badge = credentials.get("username", "").lower()
        where = devices.known(request, badge) or ratelimit.client_of(request)
        return seals.fingerprint(f"{badge}:{where}", purpose="wrong-password")

    def post_login(self, request: HttpRequest, user: User, **how: Any) -> HttpResponse:
        """Whoever came in all the way is known by this browser from now on."""
        response = super().post_login(request, user, **how)
        devices.remember(request, response, user)
        return response

    def get_phone(self, user: User) -> tuple[str, bool] | None:
        return (user.phone, user.phone_verified_at is not None) if user.phone_fingerprint else None

    def set_phone(self, user: User, phone: str, verified: bool) -> None:
        user.set_phone(phones.normalise(phone), verified_at=timezone.now() if verified else None)
        user.save(update_fields=["phone_sealed", "phone_fingerprint", "phone_verified_at"])

    def set_phone_verified(self, user: User, phone: str) -> None:
        self.set_phone(user, phone, verified=True)

    def get_user_by_phone(self, phone: str) -> User | None:
        try:
            found = phones.phone_fingerprint(phones.normalise(phone))
        except Invalid:
            return None
        return User.objects.filter(phone_fingerprint=found).first()

    def send_verification_code_sms(self, user: User, phone: str, code: str, **kwargs: Any) -> None:
        sms.send_code(phone, code, minutes=settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT // 60)


def _warn_of_guessing(badge: str) -> None:
    """Once a day, tell the owner when many wrong passwords came, from wherever; the account stays open to them."""
    tries = ratelimit.count(f"account:{badge.lower()}", group="wrong-passwords", seconds=DAY)
    user = User.objects.filter(username=badge, is_active=True).first() if tries == MANY_WRONG else None
    if user is not None:
        day = timezone.localdate()
        notify(
            user=user, subject=GUESSING, body=GUESSING_MORE, dedupe_key=f"guessing:{user.pk}:{day}", channels=["site"]
        )


class MfaAdapter(DefaultMFAAdapter):
    """Secrets of authenticator apps and recovery codes are sealed; staff cannot take away their last factor."""

    def encrypt(self, text: str) -> str:
        return seals.seal(text, context=TOTP_SEAL).hex()

    def decrypt(self, encrypted_text: str) -> str:
        return seals.unseal(bytes.fromhex(encrypted_text), context=TOTP_SEAL)

    def get_totp_label(self, user: User) -> str:
        return user.username

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        if not needs_second_factor(authenticator.user):
            return True
        factors = Authenticator.objects.filter(user=authenticator.user, type__in=[Authenticator.Type.TOTP, WEBAUTHN])
        return factors.exclude(pk=authenticator.pk).exists()


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Single sign-on finds the account of a badge number that exists already; it never makes one."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Link by badge number; whoever is not current staff here is shown the way to the desk that can help."""
        claims = _claims(sociallogin)
        _forget_claims(sociallogin)
        user = sociallogin.user if sociallogin.is_existing else _staff_with_badge(claims)
        if user is None or not user.is_active or not policy.is_staff_member(user):
            page = render(request, "socialaccount/not_staff.html", status=403)
            raise ImmediateHttpResponse(page)
        if not sociallogin.is_existing:
            sociallogin.connect(request, user)
            audit.record("accounts.sso_linked", user, by=user, provider=sociallogin.account.provider)


def _claims(sociallogin: SocialLogin) -> dict[str, Any]:
    extra = sociallogin.account.extra_data or {}
    return {**(extra.get("id_token") or {}), **(extra.get("userinfo") or {})}


def _forget_claims(sociallogin: SocialLogin) -> None:
    """Keep of what the issuer says about a person only its subject id: names and numbers stay there."""
    account = sociallogin.account
    account.extra_data = {"id_token": {"sub": account.uid}}
    sociallogin.email_addresses = []
    if account.pk:
        account.save(update_fields=["extra_data"])


def _staff_with_badge(claims: dict[str, Any]) -> User | None:
    badge = claims.get(settings.OIDC_BADGE_CLAIM)
    if not isinstance(badge, str | int) or not str(badge):
        return None
    return User.objects.filter(username=ascii_digits(clean(str(badge)))).first()
