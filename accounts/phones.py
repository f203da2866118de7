"""Phone numbers as people type them, made into the one form in which we keep them (E.164)."""

import phonenumbers
from django.utils.translation import gettext_lazy as _

from core.errors import Invalid
from core.seals import fingerprint
from core.text import ascii_digits, clean

REGION = "CN"
MOBILE = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
LONGEST = 40  # characters a person may type, spaces and brackets included


def normalise(text: str) -> str:
    """A mainland mobile number in E.164 (+8613800001234), whatever width, spaces or prefix it was typed with.

    Raises: Invalid("phone") with a message for the field.
    """
    number = _parse(ascii_digits(clean(text[: LONGEST + 1])))
    if number is None or not _is_mainland_mobile(number):
        raise Invalid("phone", _("Please enter an 11-digit mobile number of mainland China."))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _parse(text: str) -> phonenumbers.PhoneNumber | None:
    if any(letter.isalpha() for letter in text):  # phonenumbers would read "1-800-POLICE"
        return None
    try:
        return phonenumbers.parse(text, REGION)
    except phonenumbers.NumberParseException:
        return None


def _is_mainland_mobile(number: phonenumbers.PhoneNumber) -> bool:
    if number.extension or phonenumbers.region_code_for_number(number) != REGION:
        return False
    return phonenumbers.is_valid_number(number) and phonenumbers.number_type(number) in MOBILE


def phone_fingerprint(phone: str) -> str:
    """What finds the account of a normalised number without the number being readable in the table."""
    return fingerprint(phone, purpose="phone")
