"""What a superuser does to a case with every trigger asleep is noticed, and the case is named (P1, P12)."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import files, promises
from core.models import AuditEntry
from suggestions import on_the_ledger, services
from suggestions.kept import CASE
from suggestions.models import Suggestion
from tests import factories
from tests.core.broken_promises import asleep, raw
from tests.core.test_files import picture

CHANGES = {
    "what was said": "UPDATE suggestions_suggestion SET body = body || '。' WHERE id = %s",
    "words moved to the body": "UPDATE suggestions_suggestion SET title = '', body = title || body WHERE id = %s",
    "the deadline": "UPDATE suggestions_suggestion SET due_at = due_at + interval '100 days' WHERE id = %s",
    "the unit": "UPDATE suggestions_suggestion SET unit_id = (SELECT min(id) FROM directory_unit) WHERE id = %s",
    "when it was received": "UPDATE suggestions_suggestion SET created_at = created_at - interval '1 s' WHERE id = %s",
    "the published words": "UPDATE suggestions_suggestion SET public_body = 'fine' WHERE id = %s",
    "a signed reply": "UPDATE suggestions_reply SET text = 'All is well now.' WHERE suggestion_id = %s",
    "who signed": "UPDATE suggestions_reply SET signed_by_id = drafted_by_id + 100 WHERE suggestion_id = %s",
    "a signed reply deleted": "DELETE FROM suggestions_reply WHERE suggestion_id = %s",
    "a rating raised": "UPDATE suggestions_rating SET level = 5 WHERE suggestion_id = %s",
    "a rating forged": (
        "INSERT INTO suggestions_rating (suggestion_id, reply_id, level, reasons, comment)"
        " SELECT suggestion_id, reply_id + 1000, 5, '{}', '' FROM suggestions_rating WHERE suggestion_id = %s"
    ),
    "a rating deleted": "DELETE FROM suggestions_rating WHERE suggestion_id = %s",
    "the accused deleted": "DELETE FROM suggestions_subject WHERE suggestion_id = %s",
    "the accused exchanged": (
        "UPDATE suggestions_subject SET unit_id = (SELECT min(id) FROM directory_unit) WHERE suggestion_id = %s"
    ),
    "an attachment deleted": "DELETE FROM suggestions_attachment WHERE suggestion_id = %s",
    "a picture exchanged": "UPDATE suggestions_attachment SET sha256 = 'x' WHERE suggestion_id = %s",
    "a step deleted": (
        "DELETE FROM suggestions_step WHERE id = (SELECT max(id) FROM suggestions_step WHERE suggestion_id = %s)"
    ),
    "a step reworded": "UPDATE suggestions_step SET text = 'x' WHERE suggestion_id = %s AND kind = 'replied'",
    "the sealed identity deleted": "DELETE FROM suggestions_identity WHERE suggestion_id = %s",
    "a reminder deleted": "DELETE FROM suggestions_reminder WHERE suggestion_id = %s",
    "an extension lengthened": "UPDATE suggestions_extension SET days = 15 WHERE suggestion_id = %s",
    "an answer to a question": "UPDATE suggestions_question SET answer = 'x' WHERE suggestion_id = %s",
}


@pytest.fixture
def whole(city) -> Suggestion:
    """A case that has something of everything."""
    sent = files.clean_uploads([SimpleUploadedFile("a.jpg", picture(), "image/jpeg")])
    case = factories.say(
        city,
        files=sent,
        category=city.conduct,
        subjects=[(city.chaoyang, None)],
        contact_name="李秀英",
        contact_phone="19900007788",
    ).suggestion
    services.accept_and_assign(case, by=city.triage, unit=city.yuehe)
    services.ask(case, by=city.officer, question="请问是哪一天的事?")
    services.answer(case, text="上周三下午。")
    extension = services.request_extension(case, by=city.officer, days=3, reason="需要调取当天的监控录像。")
    services.decide_extension(extension, by=city.leader, grant=True)
    case = factories.answer(city, case)
    services.rate(case, level=1)
    return case


def named() -> list[str]:
    return list(on_the_ledger.cases_are_as_the_last_act_left_them())


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_changed_behind_the_ledger_is_noticed(whole, change):
    assert named() == []
    with asleep():
        raw(CHANGES[change], whole.pk)
    assert named() == [whole.number]


def test_it_is_not_the_check_that_hides_it_from_the_next_act(whole, city):
    """An act on what was changed would make a new digest; so it first says what it found."""
    with asleep():
        raw("UPDATE suggestions_suggestion SET body = 'All is well.' WHERE id = %s", whole.pk)
    services.reopen(whole, reason="没有解决。")
    assert named() == []
    (found,) = on_the_ledger.acts_found_cases_as_they_were_left()
    assert f"case {whole.pk}" in str(found)


def test_an_honest_life_leaves_nothing_to_find(whole, city):
    services.reopen(whole, reason="没有解决。")
    services.add_information(whole, text="又发生了一次。")
    services.name_subject(whole, by=city.triage, unit=city.yuehe)
    assert [violation for violation in promises.violations() if violation.promise in ("P1", "P12")] == []


def test_an_opening_taken_back_is_noticed(city):
    case = factories.case(city, "accepted", contact_name="李秀英", contact_phone="19900007788")
    opening = services.request_opening(case, by=city.triage, reason="需要电话联系当事人核实地点。")
    with asleep():
        raw("UPDATE suggestions_identityopening SET reason = 'none' WHERE id = %s", opening.pk)
    assert named() == [f"opening {opening.pk}"]


@pytest.mark.parametrize("column", ["created_at", "accepted_at", "replied_at", "reopened_at"])
def test_a_time_to_come_is_noticed(city, column):
    case = factories.case(city, "replied")
    with asleep():
        raw(f"UPDATE suggestions_suggestion SET {column} = now() + interval '2 days' WHERE id = %s", case.pk)  # noqa: S608
    assert [number for number, _what in on_the_ledger.times_follow_each_other()][:1] == [case.number]


def test_an_answer_before_the_question_is_noticed(city):
    case = factories.case(city, "replied")
    with asleep():
        raw("UPDATE suggestions_suggestion SET replied_at = created_at - interval '1 day' WHERE id = %s", case.pk)
    assert (case.number, "case") in on_the_ledger.times_follow_each_other()


def test_a_first_approval_of_more_time_is_an_act(city):
    case = factories.case(city, "assigned")
    extension = services.request_extension(case, by=city.officer, days=10, reason="需要等待第三方的鉴定结果。")
    services.decide_extension(extension, by=city.leader, grant=True)
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.data["extension"]) == ("suggestion.extension_approved", extension.pk)
    assert named() == []


def test_a_part_split_off_is_whole_on_the_ledger(city):
    case = factories.case(city, "accepted", contact_name="李秀英", contact_phone="19900007788")
    services.split(case, by=city.triage, body="另外路灯也坏了。", category=city.other, area=None)
    assert named() == []
    assert CASE.unknown() == []


def test_asking_takes_as_many_statements_for_many_as_for_one(city):
    factories.case(city, "replied")
    with CaptureQueriesContext(connection) as one:
        named()
    for _n in range(3):
        factories.case(city, "replied")
    with CaptureQueriesContext(connection) as many:
        named()
    assert len(one) == len(many)


def test_many_are_asked_in_pieces_and_none_is_left_out(city, monkeypatch):
    cases = [factories.case(city) for _n in range(5)]
    monkeypatch.setattr(CASE, "batch", 2)
    with asleep():
        raw("UPDATE suggestions_suggestion SET body = 'x'")
    assert named() == [case.number for case in cases]
    assert len(CASE.digests([case.pk for case in cases])) == 5
