from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import translation

from core.policy import TABLE, Role, Scope

PAGE = settings.BASE_DIR / "docs" / "policy.md"
HEAD = """# Who may do what

Printed from `core.policy.TABLE` by `manage.py policy_doc --write`; a test says when it is out of date. Do not edit it.

A cell says how far a role reaches; an empty one means that it may not. What a reach means for a model is the business
of that model's `visible_to`. Everybody who is signed in is a citizen as well, or a verified citizen. A *conflicted*
person (the subject of a case, a member or commander of a subject unit) does not see the case at all, whatever stands
here. The superuser is a technician: no column is theirs. Which right an address needs is in `config/access.py`; an
address without a row there does not open.
"""


def document() -> str:
    """The page, in English."""
    with translation.override("en"):
        return "\n".join([HEAD, *_tables(), *_legend()])


def _tables() -> Iterator[str]:
    roles = list(Role)
    for thing, actions in TABLE.items():
        yield f"## {thing}\n"
        yield f"| action | {' | '.join(str(role.label) for role in roles)} |"
        yield f"| --- |{' --- |' * len(roles)}"
        for action, row in actions.items():
            cells = [row[role].value if role in row else "" for role in roles]
            yield f"| {action} | {' | '.join(cells)} |"
        yield ""


def _legend() -> Iterator[str]:
    yield "## How far\n"
    yield "| word | reach |"
    yield "| --- | --- |"
    for scope in Scope:
        yield f"| {scope.value} | {scope.label} |"
    yield ""


class Command(BaseCommand):
    help = "Print who may do what, from the policy table; with --write into docs/policy.md."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--write", action="store_true", help=f"write {PAGE.name}")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["write"]:
            PAGE.write_text(document(), encoding="utf-8")
        else:
            self.stdout.write(document(), ending="")
