"""What the tests of the desk share: signing in, reading a page, many cases at the price of one."""

from itertools import count
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from django.test import Client

from suggestions.models import Suggestion
from suggestions.queries import desk

DESK = "/desk/"
_number = count(900_000)


def at_desk(user: Any) -> Client:
    client = Client(HTTP_ACCEPT_LANGUAGE="zh-hans")
    client.force_login(user)
    return client


def post(user: Any, case: Suggestion, verb: str, *, seen: int | None = None, **data: Any) -> Any:
    """Send a verb's form as the page of the case would, unless ``seen`` says that the page is older."""
    data["seen"] = desk.last_step(case) if seen is None else seen
    return at_desk(user).post(f"{DESK}{case.number}/{verb}/", data)


def fresh(case: Suggestion) -> Suggestion:
    return Suggestion.objects.select_related("unit", "handler").get(pk=case.pk)


def many(c: SimpleNamespace, how_many: int, like: Suggestion) -> None:
    """More received cases, without a history, as ``like`` in all else."""
    Suggestion.objects.bulk_create(
        Suggestion(
            number=f"2026-{next(_number)}",
            tracking_mac=uuid4().hex,
            idempotency_key=uuid4().hex,
            body_digest="",
            title=f"第{n}件事",
            body="路灯不亮。",
            category=c.noise,
            area=c.yuehe_area,
            unit=like.unit,
            clock_from=like.clock_from,
            due_at=like.due_at,
            created_at=like.created_at,
        )
        for n in range(how_many)
    )
