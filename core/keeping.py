"""What the ledger remembers of a thing: with every act on it, a digest of all the rows it is made of (P12).

A superuser who puts the triggers to sleep changes rows without an act. Then the digest of the rows is not the one the
last act left on the ledger; and the next act, before it does anything, says on the ledger what it found.
Values that are empty are left out of a digest: a new column, empty in old rows, changes none.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import connection, models

KEY = "kept"


@dataclass(frozen=True)
class Part:
    """Rows of one table that belong to a thing.

    ``owner`` is the SQL of the thing's key over the row ``t``; ``fields`` are those that nothing but an act may change;
    ``join`` and ``where`` are SQL.
    """

    model: type[models.Model]
    owner: str
    fields: tuple[str, ...]
    join: str = ""
    where: str = "true"

    def sql(self) -> str:
        """The rows of the thing ``thing`` as one text, NULL when there is none."""
        pk = key(self.model)
        pairs = ", ".join(f"'{name}', {_value(self.model._meta.get_field(name))}" for name in self.fields)
        table = self.model._meta.db_table
        return f"""'{table}:' || (
            SELECT string_agg(jsonb_strip_nulls(jsonb_build_object('pk', t."{pk}", {pairs or "'', NULL"}))::text, ','
                              ORDER BY t."{pk}")
            FROM "{table}" t {self.join} WHERE {self.owner} = thing.pk AND {self.where})"""  # noqa: S608  names of ours


def key(model: type[models.Model]) -> str:
    """The column of a key that is one column, as that of every thing here."""
    return str(model._meta.pk.column)


def _value(field: Any) -> str:
    """SQL of a column that reads the same in every session, NULL when it is empty."""
    column = f't."{field.column}"'
    if field.is_relation:
        return column
    match field:
        case models.DateTimeField():
            return f"extract(epoch FROM {column})"
        case models.BooleanField():
            return f"NULLIF({column}, false)"
        case models.CharField() | models.TextField() | models.FileField():
            return f"NULLIF({column}, '')"
        case models.IntegerField():
            return f"NULLIF({column}, 0)"
        case _:
            return column


class Kept:
    """One kind of thing and its parts, of which the first is its own row; asked of one, of some or of all.

    ``batch`` things are compared in one statement, so that none runs into the limit of time that every statement has.
    """

    def __init__(self, *parts: Part, batch: int = 2_000) -> None:
        self.model, self.batch = parts[0].model, batch
        texts = ", ".join(part.sql() for part in parts)
        digest = f"encode(sha256(convert_to(concat_ws(E'\\n', {texts}), 'UTF8')), 'hex')"
        things = f"FROM (SELECT {key(self.model)} AS pk FROM {self.model._meta.db_table}) thing"  # noqa: S608
        entries = f"""FROM core_auditentry WHERE object_type = '{self.model._meta.label_lower}'
            AND object_id = thing.pk::text AND data ? '{KEY}'"""
        last = f"(SELECT data ->> '{KEY}' AS kept {entries} ORDER BY id DESC LIMIT 1) last"
        self._digests = f"SELECT pk, {digest} {things} WHERE pk = ANY(%s)"
        self._changed = f"""SELECT pk {things} JOIN LATERAL {last} ON true
            WHERE pk = ANY(%s) AND {digest} <> last.kept ORDER BY pk"""
        self._unknown = f"SELECT pk {things} WHERE NOT EXISTS (SELECT 1 {entries}) ORDER BY pk"

    def digest(self, pk: int) -> str:
        """Of all that belongs to the thing now, 64 hexadecimal digits."""
        return self.digests([pk])[pk]

    def digests(self, pks: Iterable[int]) -> dict[int, str]:
        """Of several."""
        return {pk: digest for some in batched(pks, self.batch) for pk, digest in _rows(self._digests, [list(some)])}

    def is_changed(self, pk: int) -> bool:
        """Whether the thing is other than the last act on it left it; one that no act has touched is not."""
        return bool(_rows(self._changed, [[pk]]))

    def changed(self) -> list[int]:
        """The keys of all that are other than the last act on them left them."""
        pks = self.model._default_manager.order_by("pk").values_list("pk", flat=True)
        return [pk for some in batched(pks, self.batch) for (pk,) in _rows(self._changed, [list(some)])]

    def unknown(self) -> list[int]:
        """The keys of all that no act on the ledger has left."""
        return [pk for (pk,) in _rows(self._unknown)]


def batched(pks: Iterable[int], size: int) -> Iterator[tuple[int, ...]]:
    """Cut into pieces of ``size``."""
    rest = iter(pks)
    while some := tuple(islice(rest, size)):
        yield some


def _rows(sql: str, params: list[Any] | None = None) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()
