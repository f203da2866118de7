"""The running portal signs in as a role that owns nothing and rewrites nothing (P24)."""

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from psycopg2.errors import InsufficientPrivilege

from core import database_roles
from core.models import NEVER_DELETED, AuditEntry, OutboxEvent
from tests import factories
from tests.portal_role import as_portal

pytestmark = pytest.mark.django_db

# What somebody with the portal's password would try: each was allowed, or allowed to the owner, before.
FORBIDDEN = {
    # what was said, and by whom
    "the words of a citizen": "UPDATE suggestions_suggestion SET body = 'x'",
    "their title": "UPDATE suggestions_suggestion SET title = 'x'",
    "their consent": "UPDATE suggestions_suggestion SET publish = true",
    "their tracking code": "UPDATE suggestions_suggestion SET tracking_mac = 'x'",
    "when they spoke": "UPDATE suggestions_suggestion SET created_at = now()",
    "a case": "DELETE FROM suggestions_suggestion",
    "all cases": "TRUNCATE suggestions_suggestion CASCADE",
    "whom it is about": "UPDATE suggestions_subject SET unit_id = 1",
    "that it is about somebody": "DELETE FROM suggestions_subject",
    "a sealed identity": "DELETE FROM suggestions_identity",
    "whose it is": "UPDATE suggestions_identity SET user_id = NULL",
    "an attachment": "DELETE FROM suggestions_attachment",
    "which file it is": "UPDATE suggestions_attachment SET sha256 = 'x'",
    # what became of it
    "a step": "DELETE FROM suggestions_step",
    "what a step says": "UPDATE suggestions_step SET text = 'x'",
    "a reply": "DELETE FROM suggestions_reply",
    "a rating": "UPDATE suggestions_rating SET level = 5",
    "an unwelcome rating": "DELETE FROM suggestions_rating",
    "a reminder": "DELETE FROM suggestions_reminder",
    "when to remind": "UPDATE suggestions_reminder SET due_at = now() + interval '1 year'",
    "who asked for an identity": "UPDATE suggestions_identityopening SET requested_by_id = 1",
    "that an identity was opened": "DELETE FROM suggestions_identityopening",
    "why an extension": "UPDATE suggestions_extension SET reason = 'x'",
    "a question": "UPDATE suggestions_question SET text = 'x'",
    # the ledger
    "an entry of the ledger": "UPDATE core_auditentry SET reason = 'x'",
    "entries of the ledger": "DELETE FROM core_auditentry",
    "the ledger": "TRUNCATE core_auditentry CASCADE",
    "a link of its chain": "UPDATE core_auditlink SET hash = 'x'",
    "an event": "DELETE FROM core_outboxevent",
    "whose role it is": "UPDATE directory_membership SET role = 'admin'",
    "since when": "UPDATE directory_membership SET starts = now() - interval '1 year'",
    "a role": "DELETE FROM directory_membership",
    "whose token": "UPDATE accounts_apitoken SET client_id = 1",
    "what somebody was told": "UPDATE accounts_notification SET body = 'x'",
    # the vote
    "a ballot": "UPDATE voting_ballot SET marks = 7",
    "ballots": "DELETE FROM voting_ballot",
    "all ballots": "TRUNCATE voting_ballot",
    "who has voted": "DELETE FROM voting_rollentry",
    "a head": "UPDATE voting_head SET root = 'x'",
    "a leaf": "DELETE FROM voting_leaf",
    "which ballot papers there are": "DELETE FROM voting_papersheet",
    "a rewriting of one's own": "INSERT INTO voting_rewriting DEFAULT VALUES",
    "the frozen evidence": "UPDATE annual_projects_evidence SET count = 1",
    "the voices behind it": "DELETE FROM annual_projects_candidatevoice",
    # the judgement
    "an answer": "UPDATE evaluations_answer SET level = 5",
    "an interview": "DELETE FROM evaluations_response",
    "when it was": "UPDATE evaluations_response SET started_at = now()",
    "a batch": "UPDATE evaluations_batch SET sha256 = 'x'",
    "a score": "UPDATE evaluations_score SET points = 100",
    "a line": "UPDATE evaluations_appraisalline SET points = 100",
    "a weight": "UPDATE evaluations_component SET weight = 1",
    "a gate": "UPDATE evaluations_gate SET passed = true",
    "a promotion": "DELETE FROM evaluations_promotiondecision",
    "an open file": "UPDATE evaluations_openfile SET sha256 = 'x'",
    # the guards
    "a trigger": f"DROP TRIGGER {NEVER_DELETED.get_pgid(AuditEntry)} ON core_auditentry",
    "triggers asleep": "ALTER TABLE core_auditentry DISABLE TRIGGER ALL",
    "triggers of replicas": f"ALTER TABLE core_auditentry ENABLE REPLICA TRIGGER {NEVER_DELETED.get_pgid(AuditEntry)}",
    "being a replica": "SET LOCAL session_replication_role = replica",
    "a constraint": "ALTER TABLE suggestions_suggestion DROP CONSTRAINT open_case_has_a_deadline",
    "an index": "DROP INDEX audit_newest",
    "a column": "ALTER TABLE core_auditentry DROP COLUMN reason",
    "a hollow guard": f"CREATE OR REPLACE FUNCTION {database_roles.IGNORE_NAME}(n name) RETURNS boolean "
    "LANGUAGE sql AS 'SELECT true'",
    "a table before the real one": "CREATE TEMPORARY TABLE suggestions_reply (id bigint)",
    "a table": "CREATE TABLE public.x ()",
    "a schema": "CREATE SCHEMA x",
    "a trigger of one's own": "CREATE TRIGGER x BEFORE INSERT ON core_auditentry FOR EACH ROW "
    "EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "a rule": "CREATE RULE x AS ON INSERT TO core_auditentry DO INSTEAD NOTHING",
    "numbers": "SELECT setval(pg_get_serial_sequence('core_auditentry', 'id'), 1)",
    "a role of the database": "CREATE ROLE x SUPERUSER",
    "being more than it is": f'ALTER ROLE "{settings.PORTAL_ROLE}" SUPERUSER',
    "being the owner": f'SET ROLE "{settings.OWNER_DATABASE["USER"]}"',
    "a large object": "SELECT lo_create(0)",
    "a large object of bytes": "SELECT lo_from_bytea(0, 'x')",
    "a large object by number": "SELECT lo_creat(-1)",
    # who supports, and for which places a station is there
    "who supports a case": "UPDATE suggestions_supporter SET user_id = NULL",
    "support": "DELETE FROM suggestions_supporter",
    "which station answers for a place": "DELETE FROM directory_unit_areas",
    "another station for a place": "INSERT INTO directory_unit_areas (unit_id, area_id) VALUES (1, '330502001')",
    "who is to be posted where": "UPDATE directory_posting SET unit_id = 1",
    "which key was entered": "UPDATE evaluations_signingkey SET public_key = 'x'",
    "who entered a key": "UPDATE evaluations_signingkey SET proposed_by_id = NULL",
}


def raw(sql: str, *params: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params or None)


@pytest.mark.parametrize("sql", FORBIDDEN.values(), ids=FORBIDDEN)
def test_it_is_refused(sql):
    with pytest.raises(ProgrammingError) as refused, transaction.atomic(), as_portal():
        raw(sql)
    assert isinstance(refused.value.__cause__, InsufficientPrivilege)


def test_what_may_change_still_changes():
    """The statements above are refused for what they say, not for who says them."""
    with as_portal():
        OutboxEvent.objects.create(topic="test")
        raw("UPDATE core_outboxevent SET delivered_at = now()")
    assert OutboxEvent.objects.filter(delivered_at__isnull=False).exists()


def test_it_cannot_have_a_trigger_ignored_and_the_owner_can(city):
    ignore = "SELECT set_config('pgtrigger.ignore', (SELECT array_agg(tgname)::text FROM pg_trigger), true)"
    grab = "UPDATE suggestions_reply SET text = 'x'"
    factories.case(city, "replied")
    with pytest.raises(Exception, match="a signed answer stands"), transaction.atomic(), as_portal():
        raw(ignore)
        raw(grab)
    with transaction.atomic():
        raw(ignore)
        raw(grab)
        transaction.set_rollback(True)


def test_a_function_of_the_owner_does_not_lend_its_ignoring(city):
    """Inside it we are the owner for a moment; who signed in is still the portal."""
    with as_portal(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pgtrigger.ignore', '{pgtrigger_x}', true)")
        cursor.execute(f"SELECT {database_roles.IGNORE_NAME}('pgtrigger_x')")
        assert cursor.fetchone() == (False,)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {database_roles.IGNORE_NAME}('pgtrigger_x')")
        assert cursor.fetchone() == (True,)


def test_nobody_is_forgotten_who_has_not_left(city):
    for room in ("suggestions", "annual_projects"):
        with pytest.raises(Exception, match="only who has deleted"), transaction.atomic(), as_portal():
            raw(f"SELECT {room}_forget(%s)", city.citizen.pk)


# --- declared and granted ---------------------------------------------------------------------------------------------


def test_what_it_may_do_is_what_was_declared():
    assert database_roles.differences() == []


def test_every_column_is_classified():
    assert list(database_roles.unclassified()) == []


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("GRANT UPDATE (body) ON suggestions_suggestion TO {role}", "suggestions_suggestion.body UPDATE"),
        ("GRANT TRUNCATE ON voting_ballot TO PUBLIC", "voting_ballot TRUNCATE"),
        ("REVOKE INSERT ON suggestions_step FROM {role}", "must: suggestions_step INSERT"),
        ("ALTER ROLE {role} SUPERUSER", "it is a superuser"),
        ("GRANT pg_read_all_data TO {role}", "it is a member of pg_read_all_data"),
        ("GRANT TEMPORARY ON DATABASE {database} TO PUBLIC", "it may TEMPORARY in this database"),
        ("GRANT CREATE ON SCHEMA public TO {role}", "it may make things in schema public"),
        ("ALTER TABLE core_heartbeat OWNER TO {role}", "core_heartbeat belongs to it"),
        ("ALTER ROLE {role} SET search_path = pg_temp", "it has settings of its own: search_path"),
        (
            "ALTER ROLE {role} IN DATABASE {database} SET statement_timeout = 1",
            "settings of its own: statement_timeout",
        ),
        ("GRANT EXECUTE ON FUNCTION lo_creat(integer) TO {role}", "it makes large objects"),
        (
            "CREATE FUNCTION public.mine() RETURNS void LANGUAGE sql SECURITY DEFINER AS 'SELECT'",
            "mine runs as its owner",
        ),
        ("ALTER FUNCTION public.voting_rewrite() RESET search_path", "voting_rewrite is not the function"),
        (
            "CREATE OR REPLACE FUNCTION public._pgtrigger_should_ignore(trigger_name name) RETURNS boolean "
            "LANGUAGE plpgsql STABLE AS 'BEGIN RETURN true; END'",
            "_pgtrigger_should_ignore is not the function",
        ),
    ],
)
def test_what_somebody_else_granted_is_noticed_and_taken_back(sql, said):
    quote = connection.ops.quote_name
    raw(sql.format(role=quote(settings.PORTAL_ROLE), database=quote(connection.settings_dict["NAME"])))
    assert [line for line in database_roles.differences() if said in line]


def test_granting_again_takes_back_what_is_too_much():
    raw(f"GRANT DELETE, UPDATE ON core_auditentry TO {connection.ops.quote_name(settings.PORTAL_ROLE)}")
    database_roles.apply(settings.PORTAL_ROLE)
    assert database_roles.differences() == []


def test_settings_that_it_gave_itself_are_noticed_and_taken_back():
    """PostgreSQL lets every role do that to itself; nothing that decides listens to one."""
    with as_portal():
        raw(f"ALTER ROLE {connection.ops.quote_name(settings.PORTAL_ROLE)} SET statement_timeout = 1")
    assert [line for line in database_roles.differences() if "statement_timeout" in line]
    database_roles.apply(settings.PORTAL_ROLE)
    assert database_roles.differences() == []


def test_a_column_nobody_thought_of_stops_the_checks(monkeypatch):
    whole = database_roles._rights[OutboxEvent]
    less = database_roles.Rights(whole.table, whole.columns, whole.changes, whole.stands - {"topic"})
    monkeypatch.setitem(database_roles._rights, OutboxEvent, less)
    assert [error.id for error in database_roles.every_column_is_classified(None)] == ["core.E001"]
