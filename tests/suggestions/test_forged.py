"""What somebody with the portal's password would write into the story of a case, without rewriting anything (P24)."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from core import files
from suggestions import services
from suggestions.kept import CASE
from suggestions.models import Category, IdentityOpening, Reminder, Suggestion
from tests import factories
from tests.core.broken_promises import raw
from tests.core.test_files import picture
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
OPENED = (
    "INSERT INTO suggestions_identityopening (suggestion_id, requested_by_id, office_id, reason, "
    "needs_second{columns}) VALUES ({{case}}, {{officer}}, {{unit}}, 'x', false{values})"
)
OF_THE_CASE = "UPDATE suggestions_suggestion SET {what} WHERE id = {{case}}"
# What a step of another kind does not excuse: each is tried alone, and beside an internal note.
UNTOLD = {
    "a deadline of tomorrow": OF_THE_CASE.format(what="due_at = due_at + interval '1 day'"),
    "a case with somebody else": OF_THE_CASE.format(what="unit_id = {other}"),
    "another handler": OF_THE_CASE.format(what="handler_id = {named}"),
    "a case taken up again just now": OF_THE_CASE.format(what="reopened_at = clock_timestamp()"),
    "one taken up once more": OF_THE_CASE.format(what="reopened_times = reopened_times + 1"),
    "a clock that began later": OF_THE_CASE.format(what="clock_from = now()"),
    "a clock that stood": OF_THE_CASE.format(what="paused_at = now()"),
    "days that are left": OF_THE_CASE.format(what="days_left = 99"),
    "another category": OF_THE_CASE.format(what="category_id = 'lost'"),
    "a shorter time to answer": OF_THE_CASE.format(what="complexity = 'complex'"),
    "a case under supervision": OF_THE_CASE.format(what="escalation = 4"),
    "no complaint": "UPDATE suggestions_suggestion SET seems_complaint = NOT seems_complaint WHERE id = {mute}",
    "part of another case": OF_THE_CASE.format(what="split_from_id = {mute}"),
    "accepted just now": OF_THE_CASE.format(what="accepted_at = clock_timestamp()"),
    "answered just now": OF_THE_CASE.format(what="replied_at = clock_timestamp()"),
    "closed without a step": OF_THE_CASE.format(what="state = 'closed'"),
    "words on the board": f"{PUBLISHED.replace('WHERE', READ)}",
    "kept off the board": OF_THE_CASE.format(what="public_read_at = clock_timestamp(), public_read_by_id = {officer}"),
    "found by nobody": OF_THE_CASE.format(what="search = 'x'"),
    "somebody who said what has no name": "INSERT INTO suggestions_identity (suggestion_id, user_id, phone_tail_mac) "
    "VALUES ({mute}, {citizen}, '')",
    "somebody who said it after all": "INSERT INTO suggestions_identity (suggestion_id, user_id, phone_tail_mac) "
    "VALUES ({nobody}, {citizen}, '')",
    "another answer to a question": "UPDATE suggestions_question SET answer = 'x' WHERE answered_at IS NOT NULL",
    "an answer that nobody gave": "UPDATE suggestions_question SET answer = 'x', answered_at = clock_timestamp() "
    "WHERE answered_at IS NULL",
    "a question that nobody asked": "INSERT INTO suggestions_question "
    "(suggestion_id, text, asked_by_id, due_at, answer) VALUES ({mute}, 'x', {officer}, now(), '')",
    "another office that opened": "UPDATE suggestions_identityopening SET office_id = {other}",
    "an office before it opens": "UPDATE suggestions_identityopening SET office_id = {other} WHERE opened_at IS NULL",
    "an opening without a second person": OPENED.format(columns="", values="").replace("{case}", "{against}"),
    "an opening that nobody asked for": OPENED.format(columns=", opened_at", values=", clock_timestamp()"),
    "an opening of what has no name": OPENED.format(columns="", values="").replace("{case}", "{mute}"),
    "an opening that the citizen does not read": "UPDATE suggestions_identityopening SET opened_at = clock_timestamp() "
    "WHERE opened_at IS NULL",
    "a picture for everybody": "UPDATE suggestions_attachment SET is_public = true",
    "a reminder that is not sent": "UPDATE suggestions_reminder SET cancelled_at = clock_timestamp() "
    "WHERE suggestion_id = {late} AND sent_at IS NULL AND cancelled_at IS NULL",
    "a reminder that nobody got": "UPDATE suggestions_reminder SET sent_at = clock_timestamp() "
    "WHERE suggestion_id = {late} AND sent_at IS NULL AND cancelled_at IS NULL",
    "a level of supervision": "UPDATE suggestions_reminder SET level = 0 WHERE sent_at IS NOT NULL",
    "more time that nobody granted": "UPDATE suggestions_extension SET state = 'granted'",
    "more time for oneself": "INSERT INTO suggestions_extension (suggestion_id, round, days, reason, state, "
    "requested_by_id) VALUES ({mute}, 0, 15, 'x', 'granted', {officer})",
    "a subject that nobody named": "INSERT INTO suggestions_subject (suggestion_id, unit_id) VALUES ({mute}, {other})",
    "whom the words do not accuse": "UPDATE suggestions_subject SET cleared_at = clock_timestamp(), "
    "cleared_by_id = {officer}, cleared_because = 'x', source = 'words'",
    "a helper that reads along": "INSERT INTO suggestions_cohandling (suggestion_id, unit_id) VALUES ({mute}, {other})",
    "a helper less": "DELETE FROM suggestions_cohandling",
    "an answer in other words": "UPDATE suggestions_reply SET public_text = 'x' WHERE suggestion_id = {case}",
    "an answer for everybody": "UPDATE suggestions_reply SET published_at = clock_timestamp(), public_text = 'x', "
    "public_read_at = clock_timestamp(), public_read_by_id = {officer} WHERE suggestion_id = {case}",
    "a draft": "UPDATE suggestions_reply SET text = 'x' WHERE state = 'draft'",
    "a draft of another case": "UPDATE suggestions_reply SET suggestion_id = {mute} WHERE state = 'draft'",
    "an answer that nobody signed": SIGNED.replace("{at}", "clock_timestamp()"),
    "a rating that nobody gave": RATED.replace("{at}", "clock_timestamp()"),
}


@pytest.fixture
def case(city) -> Suggestion:
    """An answered case; somebody opened its identity, somebody asked for it again, somebody was reminded."""
    case = factories.case(city, "assigned", contact_name="李秀英", contact_phone="19900007788")
    services.ask(case, by=city.officer, question="具体几点？")
    services.answer(
        case, text="每晚九点", files=files.clean_uploads([SimpleUploadedFile("a.jpg", picture(), "image/jpeg")])
    )
    case = factories.answer(city, case)
    now = timezone.now()
    opening = {"suggestion": case, "requested_by": city.inspector, "office": city.inspectorate, "reason": "核实"}
    IdentityOpening.objects.create(**opening, needs_second=False, opened_at=now)
    IdentityOpening.objects.create(**opening, needs_second=False)
    Reminder.objects.create(suggestion=case, kind="due", due_at=now - timedelta(days=1), sent_at=now, level=2)
    return case


@pytest.fixture
def others(city) -> dict[str, int]:
    """A case without a name, one of nobody known, a complaint, and one that is being worked on."""
    Category.objects.get_or_create(code="lost", defaults={"name": "失物"})
    late = factories.case(city, "assigned")
    services.request_extension(late, by=city.officer, days=3, reason="等检测")
    services.add_co_handler(late, by=city.leader, unit=city.lianshi)
    services.draft_reply(late, by=city.officer, text="您反映的问题我们已经核实处理。")
    services.ask(waiting := factories.case(city, "assigned"), by=city.officer, question="在哪里？")
    against = factories.say(
        city, contact_name="李秀英", category=city.conduct, subjects=[(city.chaoyang, None)]
    ).suggestion
    mute = factories.say(city, body="路灯坏了,晚上看不见。", anonymous=True).suggestion
    nobody = factories.say(city, body="路口的红灯时间太长了。").suggestion
    made = {"late": late, "waiting": waiting, "against": against, "mute": mute, "nobody": nobody}
    return {name: one.pk for name, one in made.items()}


def write(city, case, sql: str, **others: int) -> int:
    """As the portal, to the end of a transaction; how many rows the last statement met."""
    ids = {"case": case.pk, "officer": city.officer.pk, "leader": city.leader.pk, "unit": city.yuehe.pk}
    ids |= {"citizen": city.citizen.pk, "named": city.officer.officer.pk}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.format(other=city.chaoyang.pk, **ids, **others))
        met = cursor.rowcount
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return met


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


@pytest.mark.parametrize("note", ["", f"{STEP.replace('{at}', 'clock_timestamp()')}; "], ids=["alone", "with a note"])
def test_nothing_changes_behind_the_story_and_no_note_excuses_it(city, case, others, note):
    """One world for all of them: nothing of it changes."""
    before = CASE.digest(case.pk) if not note else None
    for what, sql in UNTOLD.items():
        with pytest.raises(DatabaseError), as_portal():
            met = write(city, case, note + sql, **others)
            pytest.fail(f"{what}: {met} rows")
    assert before is None or CASE.digest(case.pk) == before


def test_without_the_triggers_each_of_them_is_a_change(city, case, others):
    """Negative control: what refuses is the story, and each statement meets a row."""
    for what, sql in UNTOLD.items():
        with transaction.atomic():
            for model in apps.get_app_config("suggestions").get_models():
                raw(f"ALTER TABLE {model._meta.db_table} DISABLE TRIGGER USER")
            assert write(city, case, sql, **others), what
            transaction.set_rollback(True)


def test_with_a_step_that_says_so_it_is_a_change_like_any_other(city, case):
    said = STEP.replace("{at}", "clock_timestamp()").replace("note", "published")
    with as_portal():
        write(city, case, f"{said}; {PUBLISHED.replace('WHERE', READ)}")


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
