"""Each guard of a promise by itself: what it refuses passes once it is taken away, and nothing else refuses it."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from types import SimpleNamespace
from typing import Any

import pgtrigger
import pytest
from django.db import DatabaseError, connection, transaction

from core import clock
from core.models import AuditEntry
from suggestions import services
from suggestions.models import CoHandling, IdentityOpening, Step, Subject, Suggestion
from tests import factories
from tests.core.broken_promises import raw

Break = Callable[[SimpleNamespace], object]


def write(row: Any, **values: Any) -> None:
    """Straight into the table, and every check that waits for the end at once."""
    type(row).objects.filter(pk=row.pk).update(**values)
    raw("SET CONSTRAINTS ALL IMMEDIATE")


def one_key_has_two_cases(city):
    first, second = factories.case(city), factories.case(city)
    write(second, idempotency_key=first.idempotency_key)


def a_case_is_removed(city):
    factories.case(city)
    raw("DELETE FROM suggestions_suggestion")


def an_answer_is_claimed(city):
    write(factories.case(city, "assigned"), state="replied")


def a_case_jumps(city):
    write(factories.case(city, "replied"), state="received")


def a_signed_reply_is_rewritten(city):
    write(factories.case(city, "replied").replies.get(), text="改过的答复。")


def an_open_case_has_no_deadline(city):
    write(factories.case(city), due_at=None)


def an_open_case_has_no_unit(city):
    write(factories.case(city), unit=None)


def settled(case: Suggestion) -> Suggestion:
    """The case, after the checks that were waiting for the end: what comes next is judged by itself."""
    raw("SET CONSTRAINTS ALL IMMEDIATE")
    raw("SET CONSTRAINTS ALL DEFERRED")
    return case


def complaint(city) -> Suggestion:
    case = factories.say(city, category=city.conduct, subjects=[(city.yuehe, None)], publish=False).suggestion
    return settled(services.accept_and_assign(case, by=city.triage, unit=city.wuxing))


def the_subject_handles_it(city):
    write(complaint(city), unit=city.yuehe)


def the_subject_helps(city):
    CoHandling.objects.create(suggestion=complaint(city), unit=city.yuehe)
    raw("SET CONSTRAINTS ALL IMMEDIATE")


def the_handler_is_named(city):
    Subject.objects.create(suggestion=settled(factories.case(city, "assigned", publish=False)), unit=city.yuehe)
    raw("SET CONSTRAINTS ALL IMMEDIATE")


def a_station_is_given_what_may_accuse_it(city):
    write(factories.case(city, "assigned", publish=False), seems_complaint=True)


def who_the_citizen_named_becomes_a_suspect(city):
    write(complaint(city).subjects.get(), source="words")


def a_suspect_is_cleared_without_a_reason(city):
    case = factories.say(city, "月河派出所民警骂人", subjects=()).suggestion
    write(case.subjects.get(), cleared_at=clock.now(), cleared_by=city.triage)


def merged(city) -> Suggestion:
    """A case that another one follows."""
    leader, follower = factories.case(city, "assigned", publish=False), factories.case(city, publish=False)
    services.merge(follower, into=leader, by=city.triage)
    return settled(leader)


def a_complaint_follows_what_its_subject_reads(city):
    write(complaint(city), state="merged", merged_into=factories.case(city, "assigned"))


def a_follower_is_left_to_who_is_named(city):
    Subject.objects.create(suggestion=merged(city), unit=city.chaoyang)
    raw("SET CONSTRAINTS ALL IMMEDIATE")


def a_follower_is_taken_along(city):
    write(merged(city), state="withdrawn")


def a_follower_is_merged_into_what_is_gone(city):
    gone = factories.case(city, publish=False)
    services.withdraw(gone)
    write(factories.case(city, publish=False), state="merged", merged_into=gone)


def a_step_names_the_citizen(city):
    case = factories.case(city, user=city.citizen)
    Step.objects.create(suggestion=case, kind="added", who="citizen", actor=city.citizen)


def opening(city, **kind: Any) -> IdentityOpening:
    case = factories.say(city, contact_name="李秀英", contact_phone="19900007788", **kind).suggestion
    return services.request_opening(case, by=city.triage, reason="需要电话联系当事人核实地点。")


def an_opening_is_approved_by_who_asked(city):
    write(opening(city), approved_by=city.triage)


def a_complainant_is_opened_without_a_second_person(city):
    write(opening(city, category=city.conduct, subjects=[(city.yuehe, None)]), opened_at=clock.now())


def a_refused_opening_is_opened(city):
    write(opening(city), refused_at=clock.now(), opened_at=clock.now())


def it_is_published_without_consent(city):
    write(factories.case(city, "accepted", publish=False), **read_by(city))


def read_by(city) -> dict[str, Any]:
    now = clock.now()
    words = {"public_title": "路灯", "public_body": "路灯不亮。"}
    return words | {"published_at": now, "public_read_by": city.triage, "public_read_at": now}


def it_is_published_unread(city):
    write(factories.case(city, "accepted", published=False), **read_by(city) | {"public_read_by": None})


def it_is_published_without_words(city):
    write(factories.case(city, "accepted", published=False), **read_by(city) | {"public_body": ""})


def an_answer_is_published_unread(city):
    reply = factories.case(city, "replied", published=False).replies.get()
    write(reply, published_at=clock.now(), public_read_at=clock.now())


def published_words_are_changed_by_nobody(city):
    write(factories.case(city, "accepted"), public_body="别的话。")


def a_reading_of_long_ago_is_used_again(city):
    case = factories.case(city, "accepted", published=False)
    services.keep_back(case, by=city.triage, reason="认得出是谁。")
    words = {"public_title": "路灯", "public_body": "路灯不亮。"}
    write(case, **words, published_at=clock.now())


def a_published_answer_is_changed_by_nobody(city):
    write(factories.case(city, "replied").replies.get(), public_text="别的话。")


def an_entry_is_rewritten(city):
    factories.case(city, "assigned")
    write(AuditEntry.objects.first(), reason="x")


def an_entry_is_removed(city):
    factories.case(city, "assigned")
    raw("DELETE FROM core_auditentry")


def the_ledger_is_emptied(city):
    raw("TRUNCATE core_auditentry CASCADE")


def a_step_is_rewritten(city):
    write(factories.case(city).steps.first(), text="x")


def a_step_is_removed(city):
    factories.case(city)
    raw("DELETE FROM suggestions_step")


GUARDS: list[tuple[str, str, Break]] = [
    ("P1", "unique suggestions_suggestion.idempotency_key", one_key_has_two_cases),
    ("P1", "trigger suggestions.Suggestion:never_deleted", a_case_is_removed),
    ("P1", "trigger suggestions.Suggestion:follower_has_a_leader", a_follower_is_taken_along),
    ("P1", "trigger suggestions.Suggestion:follower_has_a_leader", a_follower_is_merged_into_what_is_gone),
    ("P2", "trigger suggestions.Suggestion:answered_means_signed", an_answer_is_claimed),
    ("P2", "trigger suggestions.Suggestion:moves_by_the_table", a_case_jumps),
    ("P2", "trigger suggestions.Reply:signed_reply_stands", a_signed_reply_is_rewritten),
    ("P3", "check suggestions_suggestion.open_case_has_a_deadline", an_open_case_has_no_deadline),
    ("P3", "not null suggestions_suggestion.unit_id", an_open_case_has_no_unit),
    ("P3", "trigger suggestions.Suggestion:not_judged_by_its_subject", the_subject_handles_it),
    ("P3", "trigger suggestions.Suggestion:not_judged_by_its_subject", a_station_is_given_what_may_accuse_it),
    ("P3", "trigger suggestions.Subject:named_subject_stands", who_the_citizen_named_becomes_a_suspect),
    (
        "P3",
        "check suggestions_subject.only_suspects_are_cleared_with_a_reason",
        a_suspect_is_cleared_without_a_reason,
    ),
    ("P3", "trigger suggestions.CoHandling:co_handler_is_no_subject", the_subject_helps),
    ("P3", "trigger suggestions.Subject:subject_does_not_judge", the_handler_is_named),
    (
        "P11",
        "trigger suggestions.Suggestion:follower_complains_of_the_same",
        a_complaint_follows_what_its_subject_reads,
    ),
    ("P11", "trigger suggestions.Subject:subject_of_all_that_follow", a_follower_is_left_to_who_is_named),
    ("P11", "check suggestions_step.step_never_names_the_citizen", a_step_names_the_citizen),
    ("P11", "check suggestions_identityopening.identity_second_person", an_opening_is_approved_by_who_asked),
    (
        "P11",
        "check suggestions_identityopening.identity_opened_after_approval",
        a_complainant_is_opened_without_a_second_person,
    ),
    ("P11", "check suggestions_identityopening.identity_refused_is_not_opened", a_refused_opening_is_opened),
    ("P11", "check suggestions_suggestion.published_with_consent_only", it_is_published_without_consent),
    ("P23", "check suggestions_suggestion.published_case_has_a_reader", it_is_published_unread),
    ("P23", "check suggestions_suggestion.published_case_has_a_reader", it_is_published_without_words),
    ("P23", "check suggestions_reply.published_reply_has_a_reader", an_answer_is_published_unread),
    ("P23", "trigger suggestions.Suggestion:published_words_are_read", published_words_are_changed_by_nobody),
    ("P23", "trigger suggestions.Suggestion:published_words_are_read", a_reading_of_long_ago_is_used_again),
    ("P23", "trigger suggestions.Reply:published_words_are_read", a_published_answer_is_changed_by_nobody),
    ("P12", "trigger core.AuditEntry:never_changed", an_entry_is_rewritten),
    ("P12", "trigger core.AuditEntry:never_deleted", an_entry_is_removed),
    ("P12", "trigger core.AuditEntry:never_emptied core.AuditLink:never_emptied", the_ledger_is_emptied),
    ("P12", "trigger suggestions.Step:never_changed", a_step_is_rewritten),
    ("P12", "trigger suggestions.Step:never_deleted", a_step_is_removed),
]
EACH = pytest.mark.parametrize(
    ("guard", "breaks"),
    [pytest.param(guard, breaks, id=f"{number}-{breaks.__name__}") for number, guard, breaks in GUARDS],
)


def without(guard: str) -> AbstractContextManager[object]:
    """Take the guard away until the end of the test."""
    kind, names = guard.rsplit(" ", 1) if not guard.startswith("trigger") else guard.split(" ", 1)
    if kind == "trigger":
        return pgtrigger.ignore(*names.split())
    table, name = names.split(".")
    if kind == "not null":
        raw(f"ALTER TABLE {table} ALTER {name} DROP NOT NULL")
    else:
        raw(f"ALTER TABLE {table} DROP CONSTRAINT {_unique_on(table, name) if kind == 'unique' else name}")
    return nullcontext()


def _unique_on(table: str, column: str) -> str:
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, table)
    return next(name for name, one in found.items() if one["unique"] and one["columns"] == [column])


@EACH
def test_the_database_refuses_it(city, guard, breaks):
    with pytest.raises(DatabaseError), transaction.atomic():
        breaks(city)


@EACH
def test_without_the_guard_it_passes(city, guard, breaks):
    raw("SET CONSTRAINTS ALL IMMEDIATE")  # nothing may be pending where a constraint goes
    with without(guard), transaction.atomic():
        raw("SET CONSTRAINTS ALL DEFERRED")
        breaks(city)
        transaction.set_rollback(True)
