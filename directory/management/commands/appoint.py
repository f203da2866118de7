import sys
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.models import User
from core.errors import DomainError
from core.policy import STAFF
from directory import services
from directory.models import Unit

TECHNICIAN = "technician"


class Command(BaseCommand):
    help = (
        "Appoint somebody from the shell of the server: the first technician and the first administrators, or the last "
        "resort when nobody is left to confirm. It is on the audit ledger. The password is asked for, or read with "
        "--password-stdin."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("badge")
        parser.add_argument("role", choices=[TECHNICIAN, *(str(role.value) for role in STAFF)])
        parser.add_argument("--unit", default="", help="code of the unit, where the role belongs to one")
        parser.add_argument("--name", default="")
        parser.add_argument("--password-stdin", action="store_true")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        badge, role = options["badge"], options["role"]
        user = User.objects.filter(username=badge).first()
        password = None if user else self._password(badge, options["password_stdin"])
        if role == TECHNICIAN:
            if user is not None:
                raise CommandError(f"{badge} has an account: a technician proposes, an administrator confirms")
            User.objects.create_superuser(badge, password, display_name=options["name"])
        else:
            user = user or User.objects.create_staff(badge, password, display_name=options["name"])
            self._appoint(user, role, options["unit"])
        self.stdout.write(f"{badge} is {role}; it is on the audit ledger")

    def _password(self, badge: str, from_stdin: bool) -> str:
        password = sys.stdin.readline().rstrip("\n") if from_stdin else getpass(f"Password for {badge}: ")
        try:
            validate_password(password)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        return password

    def _appoint(self, user: User, role: str, code: str) -> None:
        try:
            unit = Unit.objects.get(code=code) if code else None
            services.appoint(user=user, role=role, unit=unit)
        except Unit.DoesNotExist as error:
            raise CommandError(f"no unit {code}") from error
        except DomainError as error:
            raise CommandError(str(error.message)) from error
