import json
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from core import clock, outbox
from core.copying import tell_the_planner
from core.locks import Lock, take
from demo_city.context import VOICES, Context, loaders
from portal import reference


class Command(BaseCommand):
    help = "Load the demo city once and say who can sign in; a second run finds everything and changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object on standard output")
        parser.add_argument("--voices", type=int, default=VOICES, help=f"how many voices to load ({VOICES})")

    def handle(self, *args: Any, **options: Any) -> None:
        if not (settings.DEMO or settings.DEBUG):
            raise CommandError("This is a real portal (neither DEMO nor DEBUG is set): nothing was loaded.")
        self.began = time.monotonic()
        self.say("reference data")
        reference.load()
        context = Context(now=clock.now(), say=self.say, voices=options["voices"])
        report = self.load(context)
        self.say("done")
        if options["json"]:
            self.stdout.write(json.dumps(report, ensure_ascii=False, indent=2))
        else:
            self.print(report)

    def load(self, context: Context) -> dict[str, Any]:
        """Every room in turn, each in one transaction."""
        report: dict[str, Any] = {"accounts": [], "objects": context.objects, "counts": {}}
        for _room, load in loaders():
            with transaction.atomic():
                take(Lock.DEMO)  # two loaders at once would both find an empty city
                with connection.cursor() as cursor:  # a slow machine thinks for long between two statements
                    cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
                part = load(context)
            report["accounts"] += part.get("accounts", [])
            report["objects"].update(part.get("objects", {}))
            report["counts"].update(part.get("counts", {}))
        while outbox.deliver():  # what the rooms told each other while they were filled
            pass
        tell_the_planner()  # who still takes the tables for empty
        return report

    def say(self, words: str) -> None:
        """Progress goes to standard error, so that standard output stays one JSON object."""
        self.stderr.write(f"  {time.monotonic() - self.began:5.1f} s  {words}")

    def print(self, report: dict[str, Any]) -> None:
        for account in report["accounts"]:
            secret = account["password"] or "(a code by text message, shown on the page)"
            self.stdout.write(f"{account['role']:<13} {account['login']:<12} {secret}  {account['name']}")
        for name, count in report["counts"].items():
            self.stdout.write(f"{count:>7,} {name.replace('_', ' ')}")
