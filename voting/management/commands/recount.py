import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from voting.models import Poll
from voting.queries import results
from voting.queries.results import NotCounted


class Command(BaseCommand):
    help = (
        "Count a vote again from the rows and print result.json: the same bytes as published, and as tools/recount.py."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("year", type=int)
        parser.add_argument(
            "--json", action="store_true", help="print one line of JSON with whether it is as published"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        poll = Poll.objects.select_related("edition").filter(edition__year=options["year"]).first()
        if poll is None:
            raise CommandError(f"There was no vote in {options['year']}.")
        try:
            counted = results.recount(poll)
        except NotCounted as refusal:
            raise CommandError(str(refusal)) from refusal
        is_same = counted == poll.result if poll.result else None
        if options["json"]:
            report = {"year": options["year"], "as_published": is_same, "result": json.loads(counted)}
            self.stdout.write(json.dumps(report, ensure_ascii=False))
        else:
            sys.stdout.buffer.write(counted.encode()) if self._to_terminal() else self.stdout.write(counted, ending="")
        if is_same is False:
            self.stderr.write("This is not what was published.")
            sys.exit(1)

    def _to_terminal(self) -> bool:
        """The bytes go out as they are, whatever the terminal's encoding; a test reads ``stdout`` instead."""
        return getattr(self.stdout, "_out", None) is sys.stdout and hasattr(sys.stdout, "buffer")
