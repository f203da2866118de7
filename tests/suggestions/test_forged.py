"""What somebody with the portal's password would write into the story of a case, without rewriting anything (P24)."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from suggestions import services
from suggestions.models import IdentityOpening, Reminder, Suggestion
from tests import factories
from tests.portal_role import as_portal

# each committed by itself, as the portal commits: what happened before is another transaction
pytestmark = pytest.mark.django_db(transaction=True)

PUBLISHED = "UPDATE suggestions_suggestion SET public_title = 'x', public_body = 'x' WHERE id = {case}"
READ = ", public_read_at = clock_timestamp() WHERE"
STEP = (
    "INSERT INTO suggestions_step (suggestion_id, at, kind, who, from_state, to_state, text, is_public) "
    "VALUES ({case}, {at}, 'note', 'system', '', '', '', false)"
)
SIGNED = (
    "INSERT INTO suggestions_reply (suggestion_id, kind, state, text, public_text, drafted_by_id, drafted_at, unit_id, "
    "signed_by_id, signed_at, returned_because) "
    "VALUES ({case}, 'reply', 'signed', 'x', 'x', {officer}, now(), {unit}, {leader}, {at}, '')"
)
RATED = (
    "INSERT INTO suggestions_rating (suggestion_id, reply_id, level, reasons, comment, at) "
    "SELECT {case}, id, 5, '{{}}', '', {at} FROM suggestions_reply WHERE suggestion_id = {case}"
)
ENTERED = (
    "INSERT INTO core_auditentry (at, actor, action, object_type, object_id, reason, data) "
    "VALUES ({at}, 'user:1', 'x', 'x', '1', '', '{{}}')"
)
FORGED = {
    "a deadline pushed far away": "UPDATE suggestions_suggestion SET due_at = due_at + interval '100 days' "
    "WHERE id = {case}",
    "another unit": "UPDATE suggestions_suggestion SET unit_id = {other} WHERE id = {case}",
    "other words on the public board": PUBLISHED,
    "a case taken off the board": "UPDATE suggestions_suggestion SET published_at = NULL WHERE id = {case}",
    "a case closed without a word": "UPDATE suggestions_suggestion SET state = 'closed', closed_at = now() "
    "WHERE id = {case}",
    "closed a year ago": "UPDATE suggestions_suggestion SET closed_at = now() - interval '1 year' WHERE id = {case}",
    "a reply signed in five years": SIGNED.replace("{at}", "now() + interval '5 years'"),
    "a reply signed last year": SIGNED.replace("{at}", "now() - interval '1 year'"),
    "a rating of last year": RATED.replace("{at}", "now() - interval '1 year'"),
    "a step of last year": STEP.replace("{at}", "now() - interval '1 year'"),
    "a step of tomorrow, for what is changed until then": STEP.replace("{at}", "now() + interval '1 day'"),
    "an entry of the ledger dated back": ENTERED.replace("{at}", "now() - interval '20 days'"),
    "an identity that was never opened": "UPDATE suggestions_identityopening SET opened_at = NULL",
    "one opened at another time": "UPDATE suggestions_identityopening SET opened_at = now() - interval '1 day'",
    "a reminder that was never sent": "UPDATE suggestions_reminder SET sent_at = NULL WHERE sent_at IS NOT NULL",
}


@pytest.fixture
def case(city) -> Suggestion:
    """An answered case on the public board; somebody opened its identity, somebody was reminded."""
    case = factories.case(city, "replied", contact_name="李秀英", contact_phone="19900007788")
    now = timezone.now()
    IdentityOpening.objects.create(
        suggestion=case,
        requested_by=city.inspector,
        office=city.inspectorate,
        reason="核实",
        needs_second=False,
        opened_at=now,
    )
    Reminder.objects.create(suggestion=case, kind="due", due_at=now - timedelta(days=1), sent_at=now)
    return case


def write(city, case, sql: str) -> None:
    """As the portal, to the end of a transaction."""
    ids = {"case": case.pk, "officer": city.officer.pk, "leader": city.leader.pk, "unit": city.yuehe.pk}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.format(other=city.chaoyang.pk, **ids))
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_portal_forges_nothing(city, case):
    """One world for all of them: nothing of it changes."""
    for what, sql in FORGED.items():
        with pytest.raises(DatabaseError), as_portal():
            write(city, case, sql)
            pytest.fail(what)
        assert Suggestion.objects.get(pk=case.pk).state == "replied", what


def test_what_is_dated_now_is_taken_and_the_owner_may_write_the_past(city, case):
    for sql in (STEP, ENTERED):
        with as_portal():
            write(city, case, sql.replace("{at}", "now()"))
        write(city, case, sql.replace("{at}", "now() - interval '1 year'"))


def test_with_a_step_that_says_so_it_is_a_change_like_any_other(city, case):
    with as_portal():
        write(city, case, f"{STEP.replace('{at}', 'clock_timestamp()')}; {PUBLISHED.replace('WHERE', READ)}")


def test_a_whole_life_is_lived_as_the_portal(city):
    """Speak, accept, assign, draft, sign, rate, confirm, reopen, ask back, extend, merge, withdraw."""
    case = factories.case(city, "closed")
    services.rate(case, level=1, reasons=["态度"], comment="没解决")
    services.reopen(case, reason="还是很吵")
    services.request_extension(case, by=city.officer, days=3, reason="等检测")
    services.decide_extension(case.extensions.get(), by=city.leader, grant=True)
    services.ask(case, by=city.officer, question="具体几点？")
    services.answer(case, text="每晚九点")
    services.transfer(case, by=city.triage, unit=city.chaoyang, reason="属朝阳所")
    second = factories.case(city, "accepted")
    services.merge(second, into=case, by=city.triage)
    services.unmerge(second, by=city.triage)
    services.withdraw(second, reason="不需要了")
    assert Suggestion.objects.get(pk=case.pk).unit == city.chaoyang
