"""Proving a phone number by a code: allauth's own processes, changed in three things.

An unknown number gets a code like a known one, so nobody learns who has an account and a citizen's first sign-in is the
same gesture as every other; the account appears only once the code was right. The session, which is a table, keeps the
number sealed and of the code only a fingerprint. A new code begins a new time to type it.
"""

import base64
import re
import secrets
import time
from typing import Any

from allauth.account import app_settings
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.account.internal.flows.phone_verification import (
    PHONE_VERIFICATION_SESSION_KEY,
    ChangePhoneVerificationProcess,
)
from allauth.account.models import Login
from allauth.account.stages import LoginByCodeStage, LoginStageController
from allauth.core import context
from allauth.core.internal.ratelimit import get_rates
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from accounts import admission, devices, phones, services, sms
from accounts.models import AccountRequest, User
from core import ratelimit, seals
from core.errors import NotAllowed, TooMany
from core.text import ascii_digits

SEAL = "phone being proved"
CODE_DIGITS = 6
STAFF_NUMBER = _("This number belongs to a staff account: please sign in with badge number and password.")


class Proof:
    """What both processes share: the sealed number, the fingerprint of the code, the limits on asking for one."""

    state: dict[str, Any]
    max_attempts: int
    timeout: int

    @staticmethod
    def begin(phone: str) -> dict[str, Any]:
        """The state of a new proof of a normalised number."""
        sealed = base64.b64encode(seals.seal(phone, context=SEAL)).decode()
        return {"sealed_phone": sealed, "at": time.time(), "failed_attempts": 0, "resend_count": 0, "change_count": 0}

    @property
    def phone(self) -> str:
        return seals.unseal(base64.b64decode(self.state["sealed_phone"]), context=SEAL)

    def send_code(self) -> None:
        """Send a fresh code and remember its fingerprint. Raises: TooMany, SmsFailed."""
        _count_code(phones.phone_fingerprint(self.phone), known=self.is_known_here())
        code = "".join(secrets.choice("0123456789") for _digit in range(CODE_DIGITS))
        sms.send_code(self.phone, code, minutes=app_settings.LOGIN_BY_CODE_TIMEOUT // 60)
        self.state["code"] = _code_fingerprint(code, self.state["sealed_phone"])
        self.state["at"] = time.time()

    def is_known_here(self) -> bool:
        """Whether this browser signed in with the number before: strangers cannot use up its codes."""
        return devices.known(context.request, phones.phone_fingerprint(self.phone)) is not None

    def matches(self, typed: str) -> bool:
        """Whether the person typed the code, in whatever width and with whatever spaces.

        Tries are also counted in Redis, one by one: many sent at once through one session do not slip past its own
        count. Raises: TooMany.
        """
        seconds = self.timeout + 60
        ratelimit.hit(self.state["sealed_phone"], group="code-tries", limit=self.max_attempts, seconds=seconds)
        digits = re.sub(r"\D", "", ascii_digits(typed[:40]))
        return constant_time_compare(_code_fingerprint(digits, self.state["sealed_phone"]), self.state["code"])


def _count_code(number: str, *, known: bool = False) -> None:
    """Count a code that is asked for. Raises: TooMany."""
    action = "request_known_code" if known else "request_login_code"
    for rate in get_rates(app="allauth.account", action=action):
        who, seconds = context.request if rate.per == "ip" else number, int(rate.duration)
        # not by allauth's own counter: it keeps the second of every try, of the number and of the address alike
        if ratelimit.count(who, group=f"{action}-{seconds}", seconds=seconds) > rate.amount:
            raise TooMany(_("Too many codes were asked for. Please wait a few minutes and try again."))


def _code_fingerprint(code: str, salt: str) -> str:
    return seals.fingerprint(f"{salt}:{code}", purpose="sms-code")


class SignIn(Proof, LoginCodeVerificationProcess):
    """A citizen signs in, or joins: number, code, in."""

    @classmethod
    def start(cls, request: HttpRequest, phone: str) -> "SignIn":
        """Send a code and remember in the session whose it is. Raises: TooMany, SmsFailed."""
        login = Login(user=None)
        login.state["stages"] = {"current": LoginByCodeStage.key}
        stage = LoginByCodeStage(LoginStageController(request, login), request, login)
        stage.state.update(cls.begin(phone), initiated_by_user=True)
        process = cls(stage)
        process.send_code()
        process.persist()
        return process

    @classmethod
    def resume(cls, stage: LoginByCodeStage) -> "SignIn | None":
        """The sign-in under way in this session, unless its time is over."""
        return cls(stage).abort_if_invalid()

    def resend(self) -> None:
        """Send another code. Raises: TooMany, SmsFailed."""
        self.send_code()
        self.record_resend()
        self.persist()

    def finish(self, redirect_url: str | None) -> HttpResponse:
        """Sign in whoever has the number. Raises: NotAllowed when it serves a staff account."""
        user = services.citizen_with_phone(self.phone)
        if user.is_by_badge:
            self.abort()
            raise NotAllowed(STAFF_NUMBER)
        record_authentication(self.request, user, method="code")
        return perform_login(self.request, Login(user=user, redirect_url=redirect_url))


class PhoneChange(Proof, ChangePhoneVerificationProcess):
    """Somebody signed in moves their account to another number."""

    @classmethod
    def start(cls, request: HttpRequest, phone: str) -> "PhoneChange":
        """Send a code to the new number. Raises: TooMany, SmsFailed."""
        process = cls(request, cls.begin(phone))
        process.send_code()
        process.persist()
        return process

    @classmethod
    def resume(cls, request: HttpRequest) -> "PhoneChange | None":
        """The change under way in this session, unless its time is over."""
        state = request.session.get(PHONE_VERIFICATION_SESSION_KEY)
        return cls(request, state).abort_if_invalid() if state else None

    def finish(self) -> User:
        """Move the account. Raises: Invalid when the number serves another account."""
        self.abort()
        return services.change_phone(self.user, self.phone)


class Welcome(Proof):
    """A member of staff whose request was confirmed proves the number on record, and may then set a password, once.

    An unknown badge number, or one for which nothing is open, sees the same pages and gets no code.
    """

    KEY = "welcome"
    max_attempts = 5
    timeout = 5 * 60
    time_to_choose = 15 * 60

    def __init__(self, request: HttpRequest, state: dict[str, Any]) -> None:
        self.request, self.state = request, state

    @classmethod
    def start(cls, request: HttpRequest, badge_number: str) -> "Welcome":
        """Send a code to the number on record. Raises: TooMany, SmsFailed."""
        way = admission.open_way(badge_number)
        process = cls(request, cls.begin(way.user.staff_phone if way else ""))
        grant = seals.seal(str(way.pk if way else 0), context=cls.KEY)
        process.state["grant"] = base64.b64encode(grant).decode()
        if way is None:
            _count_code(seals.fingerprint(badge_number, purpose="welcome"))
            process.state["code"] = _code_fingerprint(secrets.token_hex(), process.state["sealed_phone"])
        else:
            process.send_code()
        process.persist()
        return process

    @classmethod
    def resume(cls, request: HttpRequest) -> "Welcome | None":
        """What is under way in this session, unless its time is over."""
        state = request.session.get(cls.KEY)
        if state is None:
            return None
        time_left = cls.time_to_choose if state.get("proved") else cls.timeout
        return cls(request, state) if time.time() < state["at"] + time_left else None

    def is_known_here(self) -> bool:
        return devices.known(self.request, self.way().user.username) is not None

    @property
    def proved(self) -> bool:
        return bool(self.state.get("proved"))

    def prove(self) -> None:
        """The code was right: from now on a password may be set, in this browser, under a new session key."""
        self.state |= {"proved": True, "at": time.time()}
        self.request.session.cycle_key()
        self.persist()

    def record_invalid_attempt(self) -> bool:
        """Count a wrong code; False once there were too many."""
        self.state["failed_attempts"] += 1
        self.persist()
        return bool(self.state["failed_attempts"] < self.max_attempts)

    def way(self) -> AccountRequest:
        """The confirmed request behind it. Raises: AccountRequest.DoesNotExist."""
        grant = seals.unseal(base64.b64decode(self.state["grant"]), context=self.KEY)
        return AccountRequest.objects.select_related("user").get(pk=int(grant))

    def persist(self) -> None:
        self.request.session[self.KEY] = self.state

    def abort(self) -> None:
        self.request.session.pop(self.KEY, None)
