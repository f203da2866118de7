from argparse import ArgumentParser
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.errors import DomainError
from evaluations.services import Assessment, record_assessment


def _percent(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError(text) from None


class Command(BaseCommand):
    help = "Write down what somebody else assessed: year, body, indicator, percent, and where it can be read."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("year", type=int)
        parser.add_argument("value", type=_percent, help="percent, for example 96.48")
        for name in ("body", "indicator", "source"):
            parser.add_argument(f"--{name}", required=True)
        for name in ("body-en", "indicator-en"):
            parser.add_argument(f"--{name}", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        names = ("year", "value", "body", "indicator", "source", "body_en", "indicator_en")
        try:
            made = record_assessment(Assessment(**{name: options[name] for name in names}), by=None)
        except DomainError as error:
            raise CommandError(str(error.message)) from None
        self.stdout.write(str(made))
