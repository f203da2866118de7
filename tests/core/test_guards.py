"""A guard is known by what it does: each way to weaken one is noticed, and the guard is named."""

import pytest
from django.db import connection

from core import guards
from tests.core.broken_promises import raw

pytestmark = pytest.mark.django_db

CASE = "suggestions_suggestion"
HOLLOW = "CREATE OR REPLACE FUNCTION {}({}) RETURNS {} LANGUAGE plpgsql AS $$ BEGIN RETURN {}; END $$"


def named(part: str, table: str = CASE) -> str:
    """The whole name of a trigger, constraint or index of a table."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT tgname::text FROM pg_trigger WHERE tgrelid = %(table)s::regclass AND tgname LIKE %(like)s
            UNION SELECT conname::text FROM pg_constraint WHERE conrelid = %(table)s::regclass AND conname LIKE %(like)s
            UNION SELECT indexrelid::regclass::text FROM pg_index
                WHERE indrelid = %(table)s::regclass AND indexrelid::regclass::text LIKE %(like)s
            """,
            {"table": table, "like": f"%{part}%"},
        )
        (name,) = cursor.fetchone()
    return str(name)


def trigger(how: str) -> tuple[str, list[str]]:
    name = named("never_deleted")
    return name, [f"ALTER TABLE {CASE} {how} TRIGGER {name}"]


def hollow_trigger() -> tuple[str, list[str]]:
    name = named("never_deleted")
    return name, [HOLLOW.format(name, "", "trigger", "OLD")]


def narrower_trigger() -> tuple[str, list[str]]:
    name = named("answered_means_signed")
    made = f"CREATE TRIGGER {name} BEFORE UPDATE OF state ON {CASE} FOR EACH ROW WHEN (false) EXECUTE FUNCTION {name}()"
    return name, [f"DROP TRIGGER {name} ON {CASE}", made]


def dropped_trigger() -> tuple[str, list[str]]:
    name = named("never_emptied")
    return name, [f"DROP TRIGGER {name} ON {CASE}"]


def rewritten_check() -> tuple[str, list[str]]:
    name = "open_case_has_a_deadline"
    return name, [
        f"ALTER TABLE {CASE} DROP CONSTRAINT {name}",
        f"ALTER TABLE {CASE} ADD CONSTRAINT {name} CHECK (true)",
    ]


def unproved_check() -> tuple[str, list[str]]:
    name = "supervision_has_four_levels"
    again = f"ALTER TABLE {CASE} ADD CONSTRAINT {name} CHECK (escalation <= 4) NOT VALID"
    return name, [f"ALTER TABLE {CASE} DROP CONSTRAINT {name}", again]


def dropped_constraint(name: str, table: str = CASE) -> tuple[str, list[str]]:
    name = named(name, table)
    return name, [f"ALTER TABLE {table} DROP CONSTRAINT {name}"]


def sleeping_references() -> tuple[str, list[str]]:
    return named("unit_id%_fk"), [f"ALTER TABLE {CASE} DISABLE TRIGGER ALL"]


WEAKENED = {
    "a trigger only for replicas": lambda: trigger("ENABLE REPLICA"),
    "a trigger put to sleep": lambda: trigger("DISABLE"),
    "a trigger taken away": dropped_trigger,
    "a trigger with a hollow function": hollow_trigger,
    "a trigger with another condition": narrower_trigger,
    "the switch of all triggers turned": lambda: (
        "_pgtrigger_should_ignore",
        [HOLLOW.format("_pgtrigger_should_ignore", "trigger_name NAME", "boolean", "true")],
    ),
    "a CHECK taken away": lambda: dropped_constraint("open_case_has_a_deadline"),
    "a CHECK of the same name that says nothing": rewritten_check,
    "a CHECK that was never proved": unproved_check,
    "a UNIQUE taken away": lambda: dropped_constraint("idempotency_key_key"),
    "an EXCLUDE taken away": lambda: dropped_constraint("membership_once_at_a_time", "directory_membership"),
    "a foreign key taken away": lambda: dropped_constraint("unit_id%_fk", CASE),
    "foreign keys put to sleep": sleeping_references,
    "a partial UNIQUE taken away": lambda: ("one_draft_at_a_time", ["DROP INDEX one_draft_at_a_time"]),
    "an index taken away": lambda: ("reminder_pending", ["DROP INDEX reminder_pending"]),
    "a column that may be empty now": lambda: ("unit_id", [f"ALTER TABLE {CASE} ALTER unit_id DROP NOT NULL"]),
    "a default that is another": lambda: (
        "created_at",
        [f"ALTER TABLE {CASE} ALTER created_at SET DEFAULT '2020-1-1'"],
    ),
    "a rule that swallows writes": lambda: (
        "swallow",
        ["CREATE RULE swallow AS ON INSERT TO suggestions_step DO INSTEAD NOTHING"],
    ),
    "a trigger of somebody else": lambda: (
        "quiet",
        [
            HOLLOW.format("quiet", "", "trigger", "NULL"),
            "CREATE TRIGGER quiet BEFORE INSERT ON suggestions_step FOR EACH ROW EXECUTE FUNCTION quiet()",
        ],
    ),
    "a policy that hides rows": lambda: ("hide", [f"CREATE POLICY hide ON {CASE} FOR SELECT USING (false)"]),
    "a setting of the database": lambda: (
        "pgtrigger.ignore={x}",
        [f"ALTER DATABASE \"{connection.settings_dict['NAME']}\" SET pgtrigger.ignore = '{{x}}'"],
    ),
    "a session in which all triggers sleep": lambda: (
        "session_replication_role",
        ["SET session_replication_role = replica"],
    ),
}


def weaken(statements: list[str]) -> None:
    raw("SET CONSTRAINTS ALL IMMEDIATE")
    for statement in statements:
        raw(statement)


def test_what_the_models_say_stands(db):
    assert list(guards.faults()) == []


@pytest.mark.parametrize("how", WEAKENED)
def test_a_weakened_guard_is_noticed_and_named(how):
    name, statements = WEAKENED[how]()
    weaken(statements)
    try:
        found = list(guards.faults())
    finally:
        raw("SET session_replication_role = origin")
    assert found
    assert any(f": {name}" in fault for fault in found), found


def test_an_index_that_an_operator_adds_is_welcome():
    raw(f"CREATE INDEX faster ON {CASE} (place)")
    assert list(guards.faults()) == []


def test_asking_changes_nothing():
    def tables() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_class")
            return int(cursor.fetchone()[0])

    before = tables()
    guards._expected.cache_clear()
    assert list(guards.faults()) == []
    assert tables() == before
