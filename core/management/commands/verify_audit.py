import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from core import audit
from core.models import AuditLink


class Command(BaseCommand):
    help = "Verify the hash chain of the audit ledger; with --export DIR also write what tools/verify_audit.py reads."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--export", metavar="DIR", type=Path, help="write audit.jsonl and heads.csv there")

    def handle(self, *args: Any, **options: Any) -> None:
        audit.seal()
        faults = list(audit.verify())
        for fault in faults:
            self.stdout.write(fault)
        if options["export"]:
            self._export(options["export"])
        self.stdout.write(f"{AuditLink.objects.count()} links, {len(faults)} faults")
        if faults:
            sys.exit(1)

    @staticmethod
    def _export(folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "audit.jsonl").open("w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in audit.lines())
        with (folder / "heads.csv").open("w", encoding="utf-8") as file:
            file.write("date,seq,hash\n")
            file.writelines(f"{head.date},{head.seq},{head.hash}\n" for head in audit.heads())
