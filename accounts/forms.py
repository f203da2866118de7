"""What browsers send about signing in, proving a phone, proving who one is."""

from typing import Any

from allauth.account.forms import LoginForm
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts import phones
from core.errors import Invalid
from core.text import ascii_digits, clean


class PhoneForm(forms.Form):
    """A mainland mobile number, however it was typed."""

    phone = forms.CharField(
        label=_("Your mobile number"),
        max_length=phones.LONGEST,
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel", "autofocus": True}),
    )

    def clean_phone(self) -> str:
        try:
            return phones.normalise(self.cleaned_data["phone"])
        except Invalid as error:
            raise ValidationError(str(error.message)) from error


class CodeForm(forms.Form):
    """The code from the text message; whether it is right, the view asks."""

    code = forms.CharField(
        label=_("The 6 digits in the text message"),
        max_length=40,
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "autofocus": True, "class": "code-input"}
        ),
    )


class BadgeForm(forms.Form):
    """Whose password is to be set."""

    badge = forms.CharField(
        label=_("Badge number"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True}),
    )


class StaffLoginForm(LoginForm):
    """Badge number and password; allauth counts the tries."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = forms.CharField(
            label=_("Badge number"),
            max_length=40,
            widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True}),
        )
        self.fields["password"] = forms.CharField(
            label=_("Password"),
            max_length=256,
            strip=False,
            widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        )
        self.order_fields(["login", "password"])

    def _setup_password_field(self) -> None:
        """Keep the password, which allauth drops where sign-up has none: staff do not sign up."""

    def user_credentials(self) -> dict[str, str]:
        """Only ever a badge number: a citizen's phone has no password."""
        return {"username": ascii_digits(clean(self.cleaned_data["login"])), "password": self.cleaned_data["password"]}


class IdentityForm(forms.Form):
    """Name and ID number, for the verifier alone: neither is kept."""

    name = forms.CharField(
        label=_("Name as on the ID card"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    id_number = forms.CharField(
        label=_("ID number"),
        max_length=64,
        help_text=_("18 characters; the last may be an X."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}),
    )

    def clean_name(self) -> str:
        return clean(self.cleaned_data["name"])
