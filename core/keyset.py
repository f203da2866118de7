"""Keyset pages: a list is read from a position in an index, never by counting rows to skip."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.core import signing
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model, Q, QuerySet
from django.utils.dateparse import parse_datetime

M = TypeVar("M", bound=Model)
SALT = "core.keyset"


@dataclass(frozen=True)
class Page(Generic[M]):
    """One page; ``newer`` and ``older`` are cursors or None."""

    items: list[M]
    newer: str | None
    older: str | None


def _cursor(direction: str, item: Model, key: Sequence[str]) -> str:
    values = [_exactly(getattr(item, field.lstrip("-"))) for field in key]
    return signing.dumps([direction, *values], salt=SALT, serializer=_Serializer, compress=True)


def _exactly(value: Any) -> Any:
    """Moments to the microsecond: Django's encoder stops at the millisecond, and what lies between would be lost."""
    return value.isoformat() if isinstance(value, datetime) else value


class _Serializer(signing.JSONSerializer):
    def dumps(self, obj: Any) -> bytes:
        return json.dumps(obj, separators=(",", ":"), cls=DjangoJSONEncoder).encode()


def _beyond(key: Sequence[str], values: Sequence[Any], forward: bool) -> Q:
    """Rows strictly beyond the position ``values`` in the order ``key``."""
    condition = Q()
    for index in range(len(key)):
        field = key[index].lstrip("-")
        descending = key[index].startswith("-")
        lookup = "lt" if descending == forward else "gt"
        equal = {name.lstrip("-"): value for name, value in zip(key[:index], values, strict=False)}
        condition |= Q(**equal, **{f"{field}__{lookup}": values[index]})
    return condition


def page(queryset: QuerySet[M], *, key: Sequence[str], cursor: str | None = None, size: int = 25) -> Page[M]:
    """One page of ``queryset`` in the order ``key`` (unique as a whole, e.g. ("-created_at", "-pk")).

    An altered or foreign cursor is treated as none: a bookmark never breaks a list.
    """
    direction, values = _read(cursor, len(key))
    forward = direction != "newer"
    if values:
        queryset = queryset.filter(_beyond(key, values, forward))
    order = key if forward else [name[1:] if name.startswith("-") else f"-{name}" for name in key]
    rows = list(queryset.order_by(*order)[: size + 1])
    more, rows = len(rows) > size, rows[:size]
    if not forward:
        rows.reverse()
    has_newer = bool(values) if forward else more
    has_older = more if forward else bool(values)
    return Page(
        rows,
        _cursor("newer", rows[0], key) if rows and has_newer else None,
        _cursor("older", rows[-1], key) if rows and has_older else None,
    )


def _read(cursor: str | None, length: int) -> tuple[str, list[Any]]:
    if not cursor:
        return "older", []
    try:
        direction, *values = signing.loads(cursor, salt=SALT)
    except (signing.BadSignature, ValueError):
        return "older", []
    if len(values) != length:
        return "older", []
    return direction, [(isinstance(v, str) and parse_datetime(v)) or v for v in values]
