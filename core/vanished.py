"""Rows that nothing may delete and that are gone: the ledger and the tables ask each other (P1, P12)."""

from collections.abc import Iterator

from django.apps import apps
from django.db import connection, models

from core.keeping import key
from core.models import NEVER_DELETED


def _never_deleted() -> list[type[models.Model]]:
    """The models whose rows a trigger keeps, by a key of one column."""
    guarded = (model for model in apps.get_models() if NEVER_DELETED in getattr(model._meta, "triggers", ()))
    return [model for model in guarded if not isinstance(model._meta.pk, models.CompositePrimaryKey)]


def from_the_ledger() -> Iterator[str]:
    """What entries speak of and no table has."""
    gone = " UNION ALL ".join(
        f"""
        SELECT DISTINCT e.object_type, e.object_id FROM core_auditentry e
        WHERE e.object_type = '{model._meta.label_lower}' AND NOT EXISTS (
            SELECT 1 FROM "{model._meta.db_table}" t WHERE t."{key(model)}"::text = e.object_id)"""  # noqa: S608
        for model in _never_deleted()
    )
    return (f"{kind} {pk}" for kind, pk in _rows(f"{gone} ORDER BY 1, 2"))


def from_the_tables() -> Iterator[str]:
    """What rows point to and no table has."""
    kept = set(_never_deleted())
    gone = " UNION ALL ".join(
        f"""
        SELECT '{model._meta.label_lower} without its {target._meta.model_name}', t."{field.column}"::text
        FROM "{model._meta.db_table}" t WHERE t."{field.column}" IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM "{target._meta.db_table}" o WHERE o."{key(target)}" = t."{field.column}")"""  # noqa: S608
        for model in apps.get_models()
        if model._meta.managed and not model._meta.proxy
        for field in model._meta.local_concrete_fields
        if isinstance(field, models.ForeignKey) and (target := field.related_model) in kept
    )
    return (f"{what} {pk}" for what, pk in _rows(f"{gone} ORDER BY 1, 2"))


def _rows(sql: str) -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()
