"""The companies that poll: taken on, their people, and let go."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core import audit, policy
from core.errors import Invalid
from core.policy import Role
from core.said import limit, required, said
from evaluations.models import Pollster


@transaction.atomic
def create_pollster(code: str, name: str, *, by: Any, name_en: str = "") -> Pollster:
    """Take a company on. Raises: NotAllowed, Invalid by field."""
    policy.require(by, "prepare", "wave")
    check_code(code)
    name = required(name, "name", limit(Pollster, "name"), _("Please give the name."))
    name_en = said(name_en, "name_en", limit(Pollster, "name_en"))
    if Pollster.objects.filter(code=code).exists():
        raise Invalid("code", _("There is a pollster with this code already."))
    made = Pollster.objects.create(code=code, name=name, name_en=name_en)
    audit.record("pollster.created", made, by=by, code=code)
    return made


def check_code(code: str) -> None:
    """Raises: Invalid unless the code fits into an address."""
    try:
        validate_slug(code)
    except ValidationError as error:
        raise Invalid("code", _("Only letters, digits, dots and hyphens, at most 40.")) from error


@transaction.atomic
def add_member(pollster: Pollster, login: str, *, by: Any) -> User:
    """Let somebody with the role of a pollster hand in for this company. Raises: NotAllowed, Invalid."""
    policy.require(by, "prepare", "wave")
    person = User.objects.filter(username=login.strip()).first()
    if person is None or Role.POLLSTER not in policy.roles_of(person):
        raise Invalid("login", _("Nobody with this badge or login has the role of a pollster."))
    pollster.members.add(person)
    audit.record("pollster.member_added", pollster, by=by, member=person.pk)
    return person


@transaction.atomic
def remove_member(pollster: Pollster, person: Any, *, by: Any) -> None:
    """From now on this person hands in nothing for the company. Raises: NotAllowed."""
    policy.require(by, "prepare", "wave")
    pollster.members.remove(person)
    audit.record("pollster.member_removed", pollster, by=by, member=person.pk)


@transaction.atomic
def set_active(pollster: Pollster, *, active: bool, by: Any) -> Pollster:
    """Let a company go, or take it on again; its waves and keys stay as they are. Raises: NotAllowed."""
    policy.require(by, "prepare", "wave")
    pollster = Pollster.objects.select_for_update().get(pk=pollster.pk)
    if pollster.is_active != active:
        pollster.is_active = active
        pollster.save(update_fields=["is_active"])
        audit.record("pollster.activated" if active else "pollster.let_go", pollster, by=by)
    return pollster
