from typing import Any

from django.core.management.base import BaseCommand

from core import audit


class Command(BaseCommand):
    help = "Seal the audit ledger and print its newest head, to be kept on paper or elsewhere: date,seq,hash."

    def handle(self, *args: Any, **options: Any) -> None:
        audit.seal()
        self.stdout.write("date,seq,hash")
        for head in audit.heads()[-1:]:
            self.stdout.write(f"{head.date},{head.seq},{head.hash}")
