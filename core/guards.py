"""The guards of the database, compared by definition: what stands, and what the models say.

The models are made anew as temporary tables, in a transaction that is rolled back, and PostgreSQL is asked the same
question about both. So nothing that could be fed is kept anywhere, and a guard of the same name with another meaning
is another guard. It needs the right to make temporary tables and no other.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction
from pgtrigger import registry
from pgtrigger.compiler import UpsertTriggerSql

from core import database_roles

TEMPORARY = "pg_temp"
# temporary tables lie in a schema of their own; its name, and the names of what is known by its definition, say nothing
_SCHEMA = re.compile(r"\b(?:pg_temp_\d+|pg_temp|public)\.")
_INDEX_NAME = re.compile(r"(?<=INDEX ).*?(?= ON )")
PUT_TO_SLEEP = ("session_replication_role", "pgtrigger.ignore")  # settings by which guards do nothing

# one row a guard: its table, its name, what it is, and whether more of its kind than expected are welcome
DESCRIBE = """
    WITH ours AS (
        SELECT c.oid, c.relname::text AS tab, c.relkind, c.relpersistence, c.relrowsecurity FROM pg_class c
        WHERE c.relnamespace = %s::oid AND c.relname = ANY(%s)
    )
    SELECT tab, 'table', concat_ws(' ', relkind, CASE relpersistence WHEN 't' THEN 'p' ELSE relpersistence END,
                                   CASE WHEN relrowsecurity THEN 'by row' END), false
    FROM ours
    UNION ALL
    SELECT tab, a.attname::text, concat_ws(' ', 'column', a.attname, format_type(a.atttypid, a.atttypmod),
        CASE WHEN a.attnotnull THEN 'NOT NULL' END, a.attidentity, a.attgenerated,
        pg_get_expr(d.adbin, d.adrelid)), false
    FROM ours JOIN pg_attribute a ON a.attrelid = ours.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    UNION ALL
    SELECT tab, conname::text, pg_get_constraintdef(k.oid), true
    FROM ours JOIN pg_constraint k ON k.conrelid = ours.oid AND k.contype IN ('c', 'f', 'p', 'u', 'x')
    UNION ALL
    SELECT tab, x.relname::text, concat_ws(' ', pg_get_indexdef(i.indexrelid),
                                           CASE WHEN NOT (i.indisvalid AND i.indisready) THEN 'INVALID' END), true
    FROM ours JOIN pg_index i ON i.indrelid = ours.oid JOIN pg_class x ON x.oid = i.indexrelid
    UNION ALL
    SELECT tab, tgname::text, concat_ws(' ', pg_get_triggerdef(t.oid), 'enabled', t.tgenabled,
        p.prosecdef, p.proconfig, l.lanname, p.prosrc), false
    FROM ours JOIN pg_trigger t ON t.tgrelid = ours.oid AND NOT t.tgisinternal
    JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_language l ON l.oid = p.prolang
    UNION ALL
    SELECT tab, COALESCE(k.conname::text, tgname), concat_ws(' ', 'asleep', t.tgenabled), false
    FROM ours JOIN pg_trigger t ON t.tgrelid = ours.oid AND t.tgisinternal AND t.tgenabled <> 'O'
    LEFT JOIN pg_constraint k ON k.oid = t.tgconstraint
    UNION ALL
    SELECT tab, r.rulename::text, pg_get_ruledef(r.oid), false
    FROM ours JOIN pg_rewrite r ON r.ev_class = ours.oid WHERE ours.relkind <> 'v'
    UNION ALL
    SELECT tab, polname::text, concat_ws(' ', 'policy', polcmd, pg_get_expr(polqual, polrelid)), false
    FROM ours JOIN pg_policy y ON y.polrelid = ours.oid
    UNION ALL
    SELECT '', p.proname::text, concat_ws(' ', 'function', p.prosecdef, p.proconfig, l.lanname, p.prosrc), true
    FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
    WHERE p.pronamespace = %s::oid AND p.proname = '_pgtrigger_should_ignore'
"""

# every condition made anew from its own printed words, as a restored dump makes it: brackets and casts move by that
MAKE_AGAIN = """
    DO $$ DECLARE statement text; BEGIN
    FOR statement IN
        SELECT format('ALTER TABLE %s DROP CONSTRAINT %I, ADD CONSTRAINT %2$I %s',
                      conrelid::regclass, conname, pg_get_constraintdef(oid))
        FROM pg_constraint WHERE connamespace = pg_my_temp_schema() AND contype IN ('c', 'x')
        UNION ALL
        SELECT format('DROP INDEX %s; %s', indexrelid::regclass, pg_get_indexdef(indexrelid))
        FROM pg_index JOIN pg_class x ON x.oid = indexrelid
        WHERE x.relnamespace = pg_my_temp_schema() AND COALESCE(indpred, indexprs) IS NOT NULL
        AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
        UNION ALL
        SELECT format('DROP TRIGGER %I ON %s; %s', tgname, tgrelid::regclass, pg_get_triggerdef(t.oid))
        FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid
        WHERE c.relnamespace = pg_my_temp_schema() AND NOT tgisinternal AND tgqual IS NOT NULL
    LOOP EXECUTE statement; END LOOP;
    END $$
"""


class Guard(NamedTuple):
    """One rule the database keeps: where it stands, and its definition as PostgreSQL prints it."""

    table: str
    definition: str


Named = dict[Guard, list[str]]  # the names it goes by, once each


def faults() -> Iterator[str]:
    """Every guard that is missing, weaker or other than the models say, and every one that nobody expects."""
    expected, first_wording = _expected()
    standing, welcome = _describe("public", first_wording)
    fallen = {(guard.table, name): guard for guard, names in _less(expected, standing) for name in names}
    for (table, name), guard in fallen.items():
        yield f"{table or 'database'}: {name} does not stand as it was made: {_short(guard.definition)}"
    for guard, names in _less(standing, expected):
        for name in names:
            if guard not in welcome and (guard.table, name) not in fallen:
                yield f"{guard.table or 'database'}: {name} is not from the models: {_short(guard.definition)}"
    for setting in _asleep():
        yield f"database: {setting} puts guards to sleep"


def _less(these: Named, those: Named) -> Iterator[tuple[Guard, list[str]]]:
    """Those of ``these`` that stand more often than among ``those``, with the names that are missing there."""
    for guard in sorted(these):
        names, others = these[guard], those.get(guard, [])
        if len(names) > len(others):
            yield guard, [name for name in names if name not in others]


def _short(definition: str, most: int = 160) -> str:
    words = " ".join(definition.split())
    return words if len(words) <= most else f"{words[: most - 1]}…"


def _models() -> list[type[models.Model]]:
    """Every model that has a table."""
    return [model for model in apps.get_models() if model._meta.managed and not model._meta.proxy]


def _ours() -> list[type[models.Model]]:
    """Those of the portal's own rooms, with what joins them; the tables of the libraries are theirs."""
    labels = {config.label for config in apps.get_app_configs() if Path(config.path).parent == settings.BASE_DIR}
    mine = (apps.get_app_config(label).get_models(include_auto_created=True) for label in sorted(labels))
    return [model for found in mine for model in found if model._meta.managed and not model._meta.proxy]


def _describe(schema: str, first_wording: Mapping[Guard, Guard] = MappingProxyType({})) -> tuple[Named, set[Guard]]:
    """What stands in a schema, and what of it may be more than was asked for: an index that somebody added is none."""
    found: Named = {}
    welcome = set()
    with connection.cursor() as cursor:
        tables = [model._meta.db_table for model in _ours()]
        oid = _oid(schema)
        cursor.execute(DESCRIBE, [oid, tables, oid])
        for table, name, definition, may_be_more in cursor.fetchall():
            guard = Guard(table, _INDEX_NAME.sub("", _SCHEMA.sub("", definition)))
            guard = first_wording.get(guard, guard)
            found.setdefault(guard, []).append(name)
            if may_be_more:
                welcome.add(guard)
    return found, welcome


def _oid(schema: str) -> int:
    with connection.cursor() as cursor:
        if schema == TEMPORARY:
            cursor.execute("SELECT pg_my_temp_schema()")
        else:
            cursor.execute("SELECT %s::regnamespace::oid", [schema])
        return int(cursor.fetchone()[0])


class Expected(NamedTuple):
    """What the models say, and how PostgreSQL prints each of it once a dump was restored: its first wording by that."""

    guards: Named
    first_wording: dict[Guard, Guard]


@cache
def _expected() -> Expected:
    """What the models say, as PostgreSQL would print it. Asked once a process: its code does not change."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL search_path TO {TEMPORARY}, public")
        cursor.execute(";\n".join(_tables()))
        cursor.execute("".join(_triggers()))
        found, _welcome = _describe(TEMPORARY)
        cursor.execute(MAKE_AGAIN)
        again, _welcome = _describe(TEMPORARY)
        transaction.set_rollback(True)
    before = {_identity(guard, name): guard for guard, names in found.items() for name in names}
    return Expected(found, {guard: before[_identity(guard, name)] for guard, names in again.items() for name in names})


def _identity(guard: Guard, name: str) -> tuple[str, str, str]:
    """A constraint and its index have one name: the first word of the definition sets them apart."""
    return guard.table, name, guard.definition.split(" ", 1)[0]


def _tables() -> list[str]:
    """SQL that makes every table, index and constraint of the models."""
    with connection.schema_editor(collect_sql=True, atomic=False) as editor:
        for model in _models():
            editor.create_model(model)
    return [statement.rstrip(";") for statement in editor.collected_sql if not statement.startswith("--")]


def _triggers() -> Iterator[str]:
    """SQL that makes every trigger, each with its function beside it."""
    for model, trigger in registry.registered():
        sql = trigger.compile(model).sql
        there = UpsertTriggerSql(**sql.kwargs | {"execute": f"{TEMPORARY}.{sql.pgid}()"})
        makes = "CREATE OR REPLACE FUNCTION "
        ignored = there.kwargs.get("ignore_func_name", there.defaults["ignore_func_name"])
        yield str(there).replace(f"{makes}{ignored}", f"{makes}{TEMPORARY}._pgtrigger_should_ignore", 1)
    yield database_roles.ignore_sql(TEMPORARY)


def _asleep() -> list[str]:
    """Settings of this session, of a role or of the database by which triggers do nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('session_replication_role')")
        here = ["session_replication_role"] if cursor.fetchone()[0] != "origin" else []
        cursor.execute(
            "SELECT DISTINCT s FROM pg_db_role_setting, unnest(setconfig) s WHERE split_part(s, '=', 1) = ANY(%s)",
            [list(PUT_TO_SLEEP)],
        )
        return here + [setting for (setting,) in cursor.fetchall()]
