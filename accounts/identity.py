"""ID numbers of residents of China (GB 11643), and who can say that a name and a number belong together."""

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

import requests
from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from core.errors import DomainError, Invalid
from core.seals import fingerprint
from core.text import ascii_digits, clean

OLDEST = 130  # years
MISTYPED = _("This ID number has a typing mistake. Please compare it with your card.")
NO_BIRTH_DATE = _("The birth date in this ID number cannot be right.")
NOT_A_NUMBER = _("Please enter the 18 characters of the ID number on your card.")


@dataclass(frozen=True)
class IdNumber:
    """A number whose length, check digit and birth date hold; it never prints itself."""

    number: str = field(repr=False)
    birth_date: date = field(repr=False)

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.number, purpose="id-number")


class VerifierAway(DomainError):
    """The service that knows names and numbers did not answer."""

    status = 503
    code = "verifier-away"
    default = _("Identities cannot be checked just now. Please try again later; nothing was kept.")


def read(text: str) -> IdNumber:
    """The number in what a person typed: full width, spaces and a small x are fine.

    Length, check digit and birth date are asked of the library; its table of places is not, since it takes a code to be
    as old as its bearer, and cards were first issued in 1984 to people of every age.
    Raises: Invalid("id_number") with what is wrong, never with the number.
    """
    number = re.sub(r"[\s-]", "", ascii_digits(clean(text[:64]))).upper()
    if len(number) != 18 or not number.isascii() or not number[:17].isdigit():
        raise Invalid("id_number", NOT_A_NUMBER)
    if number[-1] != ric.calc_check_digit(number):
        raise Invalid("id_number", MISTYPED)
    return IdNumber(number, _birth_date(number))


def _birth_date(number: str) -> date:
    try:
        born = ric.get_birth_date(number)
    except ValidationError as error:
        raise Invalid("id_number", NO_BIRTH_DATE) from error
    today = timezone.localdate()
    if not today.year - OLDEST <= born.year or born > today:
        raise Invalid("id_number", NO_BIRTH_DATE)
    return born


class Verifier(Protocol):
    def belongs_together(self, name: str, number: str) -> bool:
        """Whether this name and number are one person's. Raises: VerifierAway."""


class FormatOnlyVerifier:
    """For the demo: a well-formed number is believed; nobody is asked."""

    def belongs_together(self, name: str, number: str) -> bool:
        return True


class ServiceVerifier:
    """Asks a provincial service: POST {"name", "id_number"} as JSON with a bearer token, answered {"match": bool}.

    Over TLS only, so that the number is never readable on the way.
    """

    TIMEOUT = (3.05, 7)  # seconds to connect, to answer

    def belongs_together(self, name: str, number: str) -> bool:
        try:
            response = requests.post(
                settings.IDENTITY_URL,
                json={"name": name, "id_number": number},
                headers={"Authorization": f"Bearer {settings.IDENTITY_TOKEN}"},
                timeout=self.TIMEOUT,
                allow_redirects=False,
            )
            answer = response.json() if response.status_code == requests.codes.ok else None
        except requests.RequestException as error:
            raise VerifierAway from error
        if not isinstance(answer, dict) or not isinstance(answer.get("match"), bool):
            raise VerifierAway
        return bool(answer["match"])


def belongs_together(name: str, number: IdNumber) -> bool:
    """Ask the verifier that ``settings.IDENTITY_VERIFIER`` names. Raises: VerifierAway."""
    verifier: Verifier = import_string(settings.IDENTITY_VERIFIER)()
    return verifier.belongs_together(name, number.number)
