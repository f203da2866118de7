"""What the running portal may do in the database: it signs in as a role that owns nothing (P24).

Each room says in its ``grants.py`` which columns of its tables may change; what nobody named may be read and added to,
and no more. What must be rewritten is done by functions of the owner, which look at their own conditions. ``migrate``
makes all of it so, and ``differences`` says where it is not.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core import checks
from django.db import IntegrityError, ProgrammingError, connection, models, transaction

ALL = "*"
LOCK_KEY = 8_024  # two nodes that migrate at once would both rewrite the same rows of the catalogue
SEARCH_PATH = "pg_catalog, public, pg_temp"


class GrantError(Exception):
    """Something that a person has to put right; the message says what."""


@dataclass(frozen=True)
class Rights:
    """What may be done with the rows of one table; ``stands`` are the columns that never change once written."""

    table: str
    columns: frozenset[str]
    changes: frozenset[str]
    stands: frozenset[str]
    inserts: bool = True
    deletes: bool = False

    @property
    def on_table(self) -> list[str]:
        return ["SELECT", *["INSERT"] * self.inserts, *["DELETE"] * self.deletes]


@dataclass(frozen=True)
class OwnersFunction:
    """PL/pgSQL that runs with the rights of the owner, whoever calls it; ``takes`` is a list of names and types."""

    name: str
    takes: str
    returns: str
    body: str

    @property
    def signature(self) -> str:
        return f"public.{self.name}({self.takes})"

    @property
    def sql(self) -> str:
        return (
            f"CREATE OR REPLACE FUNCTION {self.signature} RETURNS {self.returns} LANGUAGE plpgsql SECURITY DEFINER "
            f"SET search_path = {SEARCH_PATH} AS $owner${self.body}$owner$"
        )


_rights: dict[type[models.Model], Rights] = {}
_functions: dict[str, OwnersFunction] = {}


def declare(
    model: type[models.Model], *, changes: str = "", stands: str = "", inserts: bool = True, deletes: bool = False
) -> None:
    """Say which fields of a model may change, as words with blanks between them.

    Without words nothing changes. ``ALL`` says it of every field; otherwise every field stands in one of the two.
    """
    column_of = {field.name: str(field.column) for field in model._meta.local_concrete_fields}
    columns = frozenset(column_of.values())

    def named(words: str) -> frozenset[str]:
        return columns if words == ALL else frozenset(column_of[word] for word in words.split())

    if not changes and not stands:
        stands = ALL
    _rights[model] = Rights(model._meta.db_table, columns, named(changes), named(stands), inserts, deletes)


def owners_function(name: str, *, takes: str = "", returns: str = "void", body: str) -> None:
    """Let the portal call this function, which does something that the portal itself may not."""
    _functions[name] = OwnersFunction(name, takes, returns, body)


def rights() -> list[Rights]:
    """What was declared, and for a table that nobody declared: read and add."""
    return [_rights.get(model) or _unknown(model) for model in apps.get_models(include_auto_created=True)]


def unclassified() -> Iterator[str]:
    """Every table and column of which nobody has said whether it may change."""
    for model in apps.get_models(include_auto_created=True):
        found = _rights.get(model)
        if found is None:
            yield model._meta.db_table
        elif found.changes != found.columns:
            yield from (f"{found.table}.{name}" for name in sorted(found.columns - found.changes - found.stands))


def _unknown(model: type[models.Model]) -> Rights:
    meta = model._meta
    columns = frozenset(str(field.column) for field in meta.local_concrete_fields)
    return Rights(meta.db_table, columns, frozenset(), frozenset())


# --- as it should be --------------------------------------------------------------------------------------------------

# A trigger is put to sleep by the owner alone; the setting that names it can be set by any session.
IGNORE_NAME = "_pgtrigger_should_ignore"
IGNORE_BODY = """
    DECLARE
        named text := current_setting('pgtrigger.ignore', true);
    BEGIN
        IF named IS NULL OR named IN ('', '{}') THEN
            RETURN false;
        END IF;
        RETURN trigger_name = ANY(named::text[]) AND pg_has_role(
            session_user,
            (SELECT proowner FROM pg_proc WHERE oid = 'public._pgtrigger_should_ignore(name)'::regprocedure), 'MEMBER');
    END;
"""


def ignore_sql(schema: str = "public") -> str:
    """Make the function that every trigger asks first."""
    return (
        f"CREATE OR REPLACE FUNCTION {schema}.{IGNORE_NAME}(trigger_name name) RETURNS boolean LANGUAGE plpgsql STABLE "
        f"AS $owner${IGNORE_BODY}$owner$"
    )


@transaction.atomic
def apply(role: str, password: str = "") -> None:
    """Make the role if it is not there, and let it do what was declared and nothing else. Run by the owner.

    Raises: GrantError when the role is missing and the owner may not make one.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK_KEY])
        cursor.execute(ignore_sql())
        for function in _functions.values():
            cursor.execute(function.sql)
            cursor.execute(f"REVOKE ALL ON FUNCTION {function.signature} FROM PUBLIC")
        if is_owner(role):
            return
        _make(cursor, role, password)
        for statement in _statements(cursor, role):
            cursor.execute(statement)


def is_owner(role: str) -> bool:
    """Whether an installation has one role for both: then there is nothing to grant."""
    return bool(settings.OWNER_DATABASE["USER"] == role)


def _make(cursor: Any, role: str, password: str) -> None:
    name = connection.ops.quote_name(role)
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
    if cursor.fetchone():
        return
    cursor.execute("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")
    if not cursor.fetchone()[0]:
        raise GrantError(
            f"There is no role {role}. As a superuser of PostgreSQL: CREATE ROLE {name} LOGIN PASSWORD '…'"
        )
    secret = (" PASSWORD %s", [password]) if password else ("", None)
    with contextlib.suppress(IntegrityError, ProgrammingError), transaction.atomic():  # another database's, just now
        cursor.execute(f"CREATE ROLE {name} LOGIN{secret[0]}", secret[1])


def _statements(cursor: Any, role: str) -> Iterator[str]:
    quote = connection.ops.quote_name
    who, database = quote(role), quote(connection.settings_dict["NAME"])
    yield f"REVOKE TEMPORARY, CREATE ON DATABASE {database} FROM PUBLIC, {who}"
    yield f"GRANT CONNECT ON DATABASE {database} TO {who}"
    yield f"REVOKE CREATE ON SCHEMA public FROM PUBLIC, {who}"
    yield f"GRANT USAGE ON SCHEMA public TO {who}"
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, {who}"
    yield f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC, {who}"
    yield f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {who}"
    there = set(connection.introspection.table_names(cursor))
    for each in rights():
        if each.table in there:
            yield f"GRANT {', '.join(each.on_table)} ON {quote(each.table)} TO {who}"
            if each.changes:
                columns = ", ".join(quote(name) for name in sorted(each.changes))
                yield f"GRANT UPDATE ({columns}) ON {quote(each.table)} TO {who}"
    if "django_migrations" in there:
        yield f"GRANT SELECT ON django_migrations TO {who}"
    yield from _without_what_postgresql_gives_to_everybody(cursor, role)
    for function in _functions.values():
        yield f"GRANT EXECUTE ON FUNCTION {function.signature} TO {who}"


# Large objects are a table outside all tables, which anybody may fill unless it is taken from them.
_LARGE_OBJECTS = """
    SELECT oid::regprocedure::text FROM pg_proc
    WHERE pronamespace = 'pg_catalog'::regnamespace AND (proname ~ '^lo_' OR proname IN ('loread', 'lowrite'))
"""


def _without_what_postgresql_gives_to_everybody(cursor: Any, role: str) -> Iterator[str]:
    """Only a superuser takes these away; ``differences`` says where somebody still has to."""
    cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    if not cursor.fetchone()[0]:
        return
    cursor.execute(_LARGE_OBJECTS)
    functions = ", ".join(sorted(name for (name,) in cursor.fetchall()))
    yield f"REVOKE EXECUTE ON FUNCTION {functions} FROM PUBLIC"
    for database in ("", f" IN DATABASE {connection.ops.quote_name(connection.settings_dict['NAME'])}"):
        yield f"ALTER ROLE {connection.ops.quote_name(role)}{database} RESET ALL"


# --- as it is ---------------------------------------------------------------------------------------------------------

# What the role can do in the end, by grants to it, to everybody, by membership or ownership.
_IN_EFFECT = """
    WITH ours AS (
        SELECT c.oid, c.relname, c.relkind FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace
          AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
    )
    SELECT relname || ' ' || asked FROM ours, unnest(ARRAY['SELECT', 'INSERT', 'DELETE', 'TRUNCATE', 'REFERENCES',
        'TRIGGER']) asked WHERE relkind IN ('r', 'p', 'v', 'm', 'f') AND has_table_privilege(%s, oid, asked)
    UNION ALL
    SELECT relname || '.' || attname || ' UPDATE' FROM ours JOIN pg_attribute ON attrelid = oid AND attnum > 0
        AND NOT attisdropped
    WHERE relkind IN ('r', 'p', 'v', 'm', 'f') AND has_column_privilege(%s, oid, attnum, 'UPDATE')
    UNION ALL
    SELECT relname || ' is a sequence it may set' FROM ours
    WHERE CASE relkind WHEN 'S' THEN has_sequence_privilege(%s, oid, 'UPDATE') END
    UNION ALL
    SELECT relname || ' belongs to it' FROM pg_class WHERE pg_get_userbyid(relowner) = %s
    UNION ALL
    SELECT 'it may make things in schema ' || nspname FROM pg_namespace
    WHERE nspname NOT LIKE 'pg\\_%%' AND has_schema_privilege(%s, oid, 'CREATE')
    UNION ALL
    SELECT 'it may ' || asked || ' in this database' FROM unnest(ARRAY['CREATE', 'TEMPORARY']) asked
    WHERE has_database_privilege(%s, current_database(), asked)
    UNION ALL
    SELECT 'it is ' || words FROM pg_roles, LATERAL (VALUES (rolsuper, 'a superuser'), (rolreplication, 'a replica'),
        (rolcreaterole, 'a maker of roles'), (rolcreatedb, 'a maker of databases'), (rolbypassrls, 'above row security')
    ) AS attributes (has, words) WHERE rolname = %s AND has
    UNION ALL
    SELECT 'it is a member of ' || g.rolname FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
        JOIN pg_roles r ON r.oid = m.member WHERE r.rolname = %s
    UNION ALL
    SELECT proname || ' runs as its owner' FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace
    WHERE prosecdef AND nspname NOT IN ('pg_catalog', 'information_schema')
      AND has_function_privilege(%s, p.oid, 'EXECUTE')
    UNION ALL
    SELECT 'it has settings of its own: ' || split_part(setting, '=', 1)
    FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole, unnest(s.setconfig) setting
    WHERE r.rolname = %s AND s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
    UNION ALL
    SELECT 'it makes large objects' WHERE has_function_privilege(%s, 'pg_catalog.lo_create(oid)', 'EXECUTE')
        OR has_function_privilege(%s, 'pg_catalog.lo_creat(integer)', 'EXECUTE')
        OR has_function_privilege(%s, 'pg_catalog.lo_from_bytea(oid, bytea)', 'EXECUTE')
    UNION ALL
    SELECT 'large objects are there' WHERE EXISTS (SELECT FROM pg_largeobject_metadata o
        JOIN pg_roles r ON r.oid = o.lomowner WHERE r.rolname = %s)
"""
_BODIES = """
    SELECT proname, prosrc, prosecdef, proconfig FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace AND proname = ANY(%s)
"""


def differences(role: str | None = None) -> list[str]:
    """What the portal's role can do and must not, or must and cannot; empty where an installation has one role only."""
    role = role or settings.PORTAL_ROLE
    with connection.cursor() as cursor:
        if is_owner(role):
            return []
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        if not cursor.fetchone():
            return [f"there is no role {role}"]
        cursor.execute(_IN_EFFECT, [role] * _IN_EFFECT.count("%s"))  # by place: an ignoring test puts one before
        found = {words for (words,) in cursor.fetchall()}
        expected = set(_expected(set(connection.introspection.table_names(cursor))))
        changed = list(_changed_functions(cursor))
    return [
        *(f"{role} may not: {words}" for words in sorted(found - expected)),
        *(f"{role} must: {words}" for words in sorted(expected - found)),
        *changed,
    ]


def _expected(there: set[str]) -> Iterator[str]:
    for each in rights():
        if each.table in there:
            yield from (f"{each.table} {right}" for right in each.on_table)
            yield from (f"{each.table}.{column} UPDATE" for column in each.changes)
    if "django_migrations" in there:
        yield "django_migrations SELECT"
    yield from (f"{name} runs as its owner" for name in _functions)


def _changed_functions(cursor: Any) -> Iterator[str]:
    wanted: dict[str, tuple[str, bool, list[str] | None]] = {
        name: (one.body, True, [f"search_path={SEARCH_PATH}"]) for name, one in _functions.items()
    }
    wanted[IGNORE_NAME] = (IGNORE_BODY, False, None)
    cursor.execute(_BODIES, [list(wanted)])
    found = {name: (body, definer, config) for name, body, definer, config in cursor.fetchall()}
    yield from (f"{name} is not the function of this version" for name in wanted if found.get(name) != wanted[name])


# --- when it is asked -------------------------------------------------------------------------------------------------


def after_migrating(sender: Any, using: str, **kwargs: Any) -> None:
    """Tables are as this version wants them: so is the portal's role. Emptying a test's tables changes no rights."""
    if "plan" in kwargs:
        apply(settings.PORTAL_ROLE, settings.PORTAL_DATABASE["PASSWORD"])


def every_column_is_classified(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """A table or column that nobody thought of may be added to, but not changed."""
    return [
        checks.Error(
            f"{name} is not declared: may the running portal change it?",
            hint="Say so in grants.py of its app, beside the others: changes=… or stands=…",
            id="core.E001",
        )
        for name in unclassified()
    ]


def portal_is_not_the_owner(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """With one role for both, whoever holds the portal's password can put every guard to sleep."""
    if not is_owner(settings.PORTAL_ROLE):
        return []
    return [
        checks.Warning(
            "The portal signs in as the owner of its database.",
            hint="Make a role of its own and set DATABASE_OWNER_URL: see docs/configuration.md.",
            id="core.W001",
        )
    ]
