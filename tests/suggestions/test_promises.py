"""The promises P1, P2, P3, P6, P11 and P12: kept by the database, shown to break where its guard is taken away."""

import json
import threading
from datetime import timedelta
from io import StringIO

import pgtrigger
import pytest
from django.core.management import call_command
from django.db import IntegrityError, InternalError, connection, connections, transaction
from django.db.utils import DatabaseError

from accounts.models import Notification
from accounts.queries import unread_count
from accounts.services import export_person
from core import audit, promises
from core.errors import Invalid, NotAllowed, WrongState
from core.models import AuditEntry
from suggestions import services
from suggestions.models import CoHandling, Identity, IdentityOpening, Reminder, Reply, Step, Subject, Suggestion
from suggestions.models.case import SuggestionQuerySet
from suggestions.queries import desk
from suggestions.services.listen import normal_code
from suggestions.states import State
from tests import factories


def raw(sql: str, *params: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def check_deferred() -> None:
    raw("SET CONSTRAINTS ALL IMMEDIATE")


def broken(number: str) -> list[str]:
    return [violation.row for violation in promises.violations() if violation.promise == number]


# --- P1 nothing said is lost --------------------------------------------------------------------------------------


def test_the_same_form_twice_is_one_case_with_one_code(city):
    first = factories.say(city, key="form-1")
    second = factories.say(city, key="form-1")
    assert (second.again, second.tracking_code) == (True, first.tracking_code)
    assert Suggestion.objects.count() == 1


def test_the_same_form_with_other_words_is_refused(city):
    factories.say(city, key="form-1")
    with pytest.raises(Invalid) as refused:
        factories.say(city, key="form-1", body="完全不同的一件事情。")
    assert list(refused.value.fields) == ["idempotency_key"]


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_by_eight_lines_at_once_is_one_case():
    city, codes = factories.city(), []

    def send() -> None:
        codes.append(factories.say(city, key="storm").tracking_code)
        connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(8)]
    [thread.start() for thread in threads]
    [thread.join(300) for thread in threads]
    assert len(codes) == 8
    assert len(set(codes)) == 1
    assert Suggestion.objects.count() == 1


def test_the_tracking_code_is_kept_nowhere(city):
    receipt = factories.say(city)
    plain = normal_code(receipt.tracking_code)
    assert len(plain) == 13
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(s)::text FROM suggestions_suggestion s")
        assert plain not in cursor.fetchone()[0]
    assert services.find_by_code(receipt.tracking_code.lower().replace("0", "o")) == receipt.suggestion


def test_what_broke_off_half_way_left_neither_a_case_nor_a_receipt(client, city, monkeypatch):
    def fail(*args: object, **kind: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("suggestions.services.listen.attach", fail)
    client.raise_request_exception = False
    assert client.post("/suggestions/new/", {"body": "路灯坏了", "idempotency_key": "form-1"}).status_code == 500
    assert client.get("/suggestions/receipt/").status_code == 404
    assert not Suggestion.objects.exists()
    monkeypatch.undo()
    assert client.post("/suggestions/new/", {"body": "路灯坏了", "idempotency_key": "form-1"}).status_code == 303
    assert Suggestion.objects.count() == 1


@pytest.mark.parametrize("sql", ["DELETE FROM suggestions_suggestion", "TRUNCATE suggestions_suggestion CASCADE"])
def test_a_case_is_never_removed(city, sql):
    factories.say(city)
    with pytest.raises(DatabaseError), transaction.atomic():
        raw(sql)
    assert Suggestion.objects.count() == 1


# --- P2 nothing closes without a signed reply ---------------------------------------------------------------------

CLOSE_BY_FORCE = "UPDATE suggestions_suggestion SET state = %s WHERE id = %s"


def test_a_case_cannot_be_answered_without_a_reply(city):
    case = factories.case(city, "assigned")
    with pytest.raises(WrongState):
        services.sign_reply(case, by=city.leader)


def test_even_raw_sql_cannot_answer_it(city):
    case = factories.case(city, "assigned")
    with pytest.raises(IntegrityError, match="signed reply"), transaction.atomic():
        raw(CLOSE_BY_FORCE, "replied", case.pk)


def test_an_old_reply_does_not_close_a_reopened_case(city):
    case = factories.case(city, "closed")
    services.reopen(case, reason="又坏了。")
    with pytest.raises(IntegrityError, match="signed reply"), transaction.atomic():
        raw(CLOSE_BY_FORCE, "replied", case.pk)


def test_without_the_trigger_it_would_and_the_check_would_say_so(city):
    case = factories.case(city, "assigned")
    with pgtrigger.ignore("suggestions.Suggestion:answered_means_signed"):
        raw(CLOSE_BY_FORCE, "replied", case.pk)
    assert broken("P2") == [case.number]


def test_a_signed_reply_stands(city):
    factories.case(city, "replied")
    with pytest.raises(DatabaseError), transaction.atomic():
        Reply.objects.update(text="改过的答复。")


def test_a_decline_is_a_signed_reply_with_a_reason(city):
    case = factories.case(city)
    with pytest.raises(Invalid):
        services.decline(case, by=city.triage, reason=" ")
    services.decline(case, by=city.triage, reason="这件事属于城管,请拨打12345。")
    assert case.replies.get().kind == "decline"


# --- P3 nobody judges themselves ----------------------------------------------------------------------------------


def complaint(city, unit, officer=None):
    return factories.say(city, category=city.conduct, subjects=[(unit, officer)], publish=False).suggestion


def test_a_complaint_never_reaches_the_complained_of(city):
    case = complaint(city, city.yuehe)
    services.accept(case, by=city.triage)
    with pytest.raises(Invalid):
        services.assign(case, by=city.triage, unit=city.yuehe)
    services.assign(case, by=city.triage)
    case.refresh_from_db()
    assert case.unit == city.inspectorate


def test_nor_a_unit_under_it(city):
    case = complaint(city, city.wuxing)
    services.accept(case, by=city.triage)
    with pytest.raises(IntegrityError, match="nobody handles"), transaction.atomic():
        raw("UPDATE suggestions_suggestion SET unit_id = %s WHERE id = %s", city.yuehe.pk, case.pk)
        check_deferred()


def test_a_complaint_about_the_whole_bureau_goes_to_its_inspectorate(city):
    case = complaint(city, city.bureau)
    assert case.unit == city.inspectorate
    assert not Suggestion.objects.visible_to(city.triage).filter(pk=case.pk).exists()
    assert Suggestion.objects.visible_to(city.inspector).filter(pk=case.pk).exists()


def test_naming_a_subject_later_moves_the_case_in_the_same_transaction(city):
    case = factories.case(city, "assigned")
    officer = city.officer.officer
    services.name_subject(case, by=city.triage, unit=city.yuehe, officer=officer)
    case.refresh_from_db()
    assert case.unit == city.wuxing
    assert case.published_at is None
    check_deferred()


def test_naming_without_moving_is_refused_at_commit(city):
    case = factories.case(city, "assigned")
    with pytest.raises(IntegrityError, match="nobody handles"), transaction.atomic():
        Subject.objects.create(suggestion=case, unit=city.yuehe)
        check_deferred()


def test_the_complained_of_may_not_help_either(city):
    case = complaint(city, city.chaoyang)
    with pytest.raises(IntegrityError, match="nobody handles"), transaction.atomic():
        CoHandling.objects.create(suggestion=case, unit=city.chaoyang)
        check_deferred()


def test_without_the_trigger_it_would_be_judged_by_its_subject(city):
    case = factories.case(city, "assigned")
    with pgtrigger.ignore():
        Subject.objects.create(suggestion=case, unit=city.yuehe)
        check_deferred()
    assert case.number in broken("P3")


def test_a_conflicted_person_sees_nothing_at_all(city):
    case = complaint(city, city.yuehe, city.officer.officer)
    services.accept_and_assign(case, by=city.triage, unit=city.wuxing)
    services.add_co_handler(case, by=city.triage, unit=city.chaoyang)
    for user in (city.officer, city.officer2, city.leader):
        assert not Suggestion.objects.visible_to(user).filter(pk=case.pk).exists()
        assert {folder.count for folder in desk.folders(user)} == {0}
        assert not user.notifications.filter(link__contains=case.number).exists()
    assert Suggestion.objects.visible_to(city.sub_leader).filter(pk=case.pk).exists()
    assert Suggestion.objects.visible_to(city.chaoyang_officer).filter(pk=case.pk).exists()


def test_without_the_filter_the_complained_of_would_see_it(city, monkeypatch):
    case = complaint(city, city.desk)
    assert case not in Suggestion.objects.visible_to(city.triage)
    monkeypatch.setattr(SuggestionQuerySet, "without_conflict", lambda cases, user: cases)
    assert case in Suggestion.objects.visible_to(city.triage)


def one_matter(city, state="assigned"):
    """Two public cases of Yuehe, the second follows the first."""
    leader, follower = factories.case(city, "assigned"), factories.case(city, state)
    services.merge(follower, into=leader, by=city.triage)
    return leader, follower


def fresh(case):
    return Suggestion.objects.select_related("unit").get(pk=case.pk)


def test_naming_somebody_reaches_all_that_follow(city):
    leader, follower = one_matter(city)
    assert follower in Suggestion.objects.visible_to(city.officer)
    assert follower in Suggestion.objects.published()
    services.name_subject(leader, by=city.triage, unit=city.yuehe, officer=city.officer.officer)
    check_deferred()
    for case in (fresh(leader), fresh(follower)):
        assert (case.unit, case.published_at) == (city.wuxing, None)
        assert [(s.unit, s.officer) for s in case.subjects.all()] == [(city.yuehe, city.officer.officer)]
        for user in (city.officer, city.officer2, city.leader):
            assert case not in Suggestion.objects.visible_to(user)
    services.unmerge(follower, by=city.triage)
    check_deferred()
    assert (fresh(follower).state, fresh(follower).unit) == (State.ASSIGNED, city.wuxing)


def test_a_follower_is_taken_out_before_somebody_is_named(city):
    leader, follower = one_matter(city)
    with pytest.raises(WrongState):
        services.name_subject(follower, by=city.triage, unit=city.yuehe)
    services.unmerge(follower, by=city.triage)
    services.name_subject(follower, by=city.triage, unit=city.yuehe)
    check_deferred()
    assert (fresh(leader).unit, fresh(follower).unit) == (city.yuehe, city.wuxing)
    for case, other in ((leader, follower), (follower, leader)):
        with pytest.raises(Invalid):
            services.merge(case, into=other, by=city.triage)


def test_a_follower_named_by_itself_is_taken_out_away_from_who_is_named(city):
    _leader, follower = one_matter(city)
    check_deferred()
    with pgtrigger.ignore("suggestions.Subject:subject_of_all_that_follow"):
        Subject.objects.create(suggestion=follower, unit=city.yuehe)
    raw("SET CONSTRAINTS ALL DEFERRED")
    services.unmerge(follower, by=city.triage)
    check_deferred()
    assert (fresh(follower).state, fresh(follower).unit) == (State.ASSIGNED, city.wuxing)


@pytest.mark.parametrize("state", ["replied", "closed"])
def test_an_answered_case_is_reopened_away_from_who_was_named_meanwhile(city, state):
    case = factories.case(city, state)
    services.name_subject(case, by=city.triage, unit=city.yuehe)
    assert fresh(case).unit == city.yuehe  # who answered, answered
    services.reopen(case, reason="回复的人就是我说的那位民警。")
    check_deferred()
    assert (fresh(case).state, fresh(case).unit) == (State.ASSIGNED, city.wuxing)
    told = city.sub_leader.notifications.filter(link__contains=case.number)
    assert told.filter(dedupe_key__startswith="case:#:reopened").exists()


def test_a_named_handler_from_elsewhere_loses_the_case(city):
    case = factories.case(city, "assigned")
    officer = city.officer.officer
    services.take(case, by=city.officer)
    officer.unit = city.lianshi
    officer.save()
    services.name_subject(case, by=city.triage, unit=city.lianshi, officer=officer)
    check_deferred()
    assert (fresh(case).unit, fresh(case).handler) == (city.yuehe, None)


def test_nobody_is_named_where_nobody_would_be_left_to_answer(city):
    case = factories.case(city, "closed")
    services.name_subject(case, by=city.triage, unit=city.inspectorate)
    with pytest.raises(Invalid), transaction.atomic():
        services.name_subject(case, by=city.triage, unit=city.bureau)
    services.reopen(case, reason="又坏了。")
    check_deferred()


def test_what_the_complained_of_were_told_is_not_shown_any_more(city):
    leader, follower = one_matter(city)
    own = factories.case(city, user=city.officer, subjects=[(city.yuehe, None)], publish=False)

    def told(user):
        return {note.link for note in Notification.objects.inbox(user)}

    pages = {leader.get_absolute_url(), follower.get_absolute_url()}
    assert pages <= told(city.officer)
    before = unread_count(city.officer)
    services.name_subject(leader, by=city.triage, unit=city.yuehe)
    assert pages.isdisjoint(told(city.officer))
    assert unread_count(city.officer) == before - 2
    assert leader.number not in str(export_person(city.officer)["notifications"])
    assert f"/track/{own.number}/" in told(city.officer)  # what they said themselves, as a citizen


def test_without_the_rule_they_would_read_the_numbers(city, monkeypatch):
    leader, _follower = one_matter(city)
    services.name_subject(leader, by=city.triage, unit=city.yuehe)
    monkeypatch.setattr("accounts.models._kept_back", [])
    assert Notification.objects.inbox(city.officer).filter(link=leader.get_absolute_url()).exists()


def test_every_open_case_has_a_deadline(city):
    case = factories.case(city)
    with pytest.raises(IntegrityError), transaction.atomic():
        raw("UPDATE suggestions_suggestion SET due_at = NULL WHERE id = %s", case.pk)


# --- P6 reminders go out, once --------------------------------------------------------------------------------------


def pending(case: Suggestion):
    return case.reminders.filter(sent_at=None, cancelled_at=None)


def make_due(case: Suggestion, days: int = 1) -> None:
    pending(case).update(due_at=models_now() - timedelta(days=days))


def models_now():
    from core import clock

    return clock.now()


def test_each_reminder_is_sent_once_however_often_the_sweep_runs(city):
    case = factories.case(city, "assigned")
    pending(case).filter(kind="half").update(due_at=models_now() - timedelta(hours=1))
    assert services.send_due_reminders() == 1
    assert services.send_due_reminders() == 0
    told = city.officer.notifications.filter(dedupe_key__contains="reminder")
    assert told.count() == 1


def test_a_scheduler_that_was_down_for_a_month_still_finds_it(city):
    case = factories.case(city, "assigned")
    make_due(case, days=31)
    assert services.send_due_reminders() == 3
    case.refresh_from_db()
    assert case.escalation == 2
    assert city.leader.notifications.filter(dedupe_key__contains="reminder").exists()
    assert case.reminders.filter(kind="overdue", sent_at=None).count() == 1


def test_supervision_rises_day_by_day_to_the_inspectorate(city):
    case = factories.case(city, "assigned")
    pending(case).exclude(kind="due").update(cancelled_at=models_now())
    now = models_now()
    raw(
        "UPDATE suggestions_suggestion SET due_at = %s WHERE id = %s",
        now - timedelta(days=5),
        case.pk,
    )
    pending(case).filter(kind="due").update(due_at=now - timedelta(days=5))
    levels = []
    for day in range(4, 0, -1):
        services.send_due_reminders()
        case.refresh_from_db()
        levels.append(case.escalation)
        case.reminders.filter(kind="overdue", sent_at=None).update(due_at=now - timedelta(days=day))
    assert levels == [2, 3, 4, 4]
    assert Suggestion.objects.visible_to(city.inspector).filter(pk=case.pk).exists()


def test_an_answered_case_is_not_reminded_of(city):
    case = factories.case(city, "assigned")
    make_due(case)
    factories.answer(city, case)
    assert services.send_due_reminders() == 0


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_send_each_reminder_once():
    city = factories.city()
    cases = [factories.case(city, "assigned") for _ in range(6)]
    Reminder.objects.filter(kind="half", cancelled_at=None).update(due_at=models_now() - timedelta(hours=1))
    barrier = threading.Barrier(4)

    def sweep() -> None:
        barrier.wait(10)
        for _ in range(12):
            services.send_due_reminders()
        connections.close_all()

    threads = [threading.Thread(target=sweep) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join(300) for thread in threads]
    services.send_due_reminders()
    assert Reminder.objects.filter(kind="half", sent_at__isnull=False).count() == len(cases)
    reminded = Step.objects.filter(kind="reminded")
    assert reminded.count() == len(cases)


def test_a_reminder_is_recorded_once_in_the_table(city):
    case = factories.case(city, "assigned")
    one = case.reminders.first()
    with pytest.raises(IntegrityError), transaction.atomic():
        Reminder.objects.create(suggestion=case, kind=one.kind, due_at=one.due_at)


def test_a_late_reminder_is_a_violation(city):
    case = factories.case(city, "assigned")
    pending(case).filter(kind="half").update(due_at=models_now() - timedelta(hours=2))
    assert broken("P6") == [str((case.number, "half"))]


def test_silence_confirms_and_only_after_the_time(city):
    early, late = factories.case(city, "replied"), factories.case(city, "replied")
    raw("UPDATE suggestions_suggestion SET replied_at = now() - interval '40 days' WHERE id = %s", late.pk)
    assert services.close_confirmed_by_silence() == 1
    early.refresh_from_db()
    late.refresh_from_db()
    assert (early.state, late.state) == (State.REPLIED, State.CLOSED)


def test_an_unanswered_question_does_not_stop_the_clock_for_ever(city):
    case = factories.case(city, "waiting")
    raw("UPDATE suggestions_suggestion SET due_at = now() - interval '1 day' WHERE id = %s", case.pk)
    assert services.resume_unanswered() == 1
    case.refresh_from_db()
    assert case.state == State.ASSIGNED


# --- P11 who complained is hidden from the complained-of -----------------------------------------------------------


def named_complaint(city):
    receipt = factories.say(
        city,
        category=city.conduct,
        subjects=[(city.yuehe, city.officer.officer)],
        contact_name="李秀英",
        contact_phone="19900007788",
    )
    return receipt.suggestion


def test_an_identity_is_sealed(city):
    case = named_complaint(city)
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(i)::text FROM suggestions_identity i WHERE suggestion_id = %s", [case.pk])
        row = cursor.fetchone()[0]
    assert "李秀英" not in row
    assert "7788" not in bytes.fromhex(json.loads(row)["phone_sealed"][2:]).decode("latin1")


def test_opening_needs_a_reason_and_a_second_person_and_is_seen(city):
    case = named_complaint(city)
    with pytest.raises(Invalid):
        services.request_opening(case, by=city.triage, reason="看看")
    opening = services.request_opening(case, by=city.triage, reason="需要电话联系投诉人核实时间和地点。")
    with pytest.raises(NotAllowed):
        open_in_test(opening, city.triage)
    with pytest.raises(NotAllowed):
        services.approve_opening(opening, by=city.triage2)
    services.approve_opening(opening, by=city.admin)
    opened = open_in_test(opening, city.triage)
    assert (opened.name, opened.phone) == ("李秀英", "+8619900007788")
    assert case.steps.filter(kind="identity_opened", is_public=True).count() == 1
    with pytest.raises(WrongState):
        open_in_test(opening, city.triage)


def open_in_test(opening, user):
    """The opening is durable; a test wraps everything in a transaction, which Django must be told."""
    opening.refresh_from_db()
    return services.open_identity(opening, by=user)


@pytest.mark.django_db(transaction=True)
def test_the_opening_is_logged_even_when_showing_fails(monkeypatch):
    city = factories.city()
    case = factories.say(city, contact_name="李秀英", contact_phone="19900007788").suggestion
    opening = services.request_opening(case, by=city.triage, reason="需要电话联系当事人核实地点。")

    def fail(*args: object) -> None:
        raise RuntimeError("the line broke")

    monkeypatch.setattr("suggestions.services.identity.OpenedIdentity", fail)
    with pytest.raises(RuntimeError):
        services.open_identity(opening, by=city.triage)
    assert IdentityOpening.objects.get().opened_at is not None
    assert AuditEntry.objects.filter(action="identity.opened").count() == 1


def test_the_complained_of_can_open_nothing(city):
    case = named_complaint(city)
    from core.policy import Role

    factories.Membership.objects.create(user=city.officer, role=Role.TRIAGE, unit=city.desk)
    with pytest.raises(NotAllowed):
        services.request_opening(case, by=city.officer, reason="我想知道是谁投诉了我本人。")


def test_no_step_names_the_citizen(city):
    case = factories.case(city, user=city.citizen)
    with pytest.raises(IntegrityError), transaction.atomic():
        Step.objects.create(suggestion=case, kind="added", who="citizen", actor=city.citizen)


def test_nothing_about_the_citizen_is_in_ledger_outbox_or_staff_notifications(city):
    case = factories.case(city, "replied", user=city.citizen, contact_name="李秀英", contact_phone="19900007788")
    services.rate(case, level=1, comment="没有解决")
    tables = ["core_auditentry", "core_outboxevent", "suggestions_step", "accounts_notification"]
    for table in tables:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT COALESCE(string_agg(row_to_json(t)::text, ''), '') FROM {table} t")  # noqa: S608
            rows = cursor.fetchone()[0]
        assert "李秀英" not in rows, table
        assert "19900007788" not in rows, table


def test_an_anonymous_voice_leaves_no_identity_even_signed_in(city):
    factories.say(city, user=city.citizen, anonymous=True, contact_name="李秀英", contact_phone="19900007788")
    assert not Identity.objects.exists()


def test_a_seal_cannot_be_moved_to_another_case(city):
    from cryptography.exceptions import InvalidTag

    first = factories.say(city, contact_name="李秀英").suggestion
    second = factories.say(city, contact_name="王小明").suggestion
    moved = Identity.objects.get(pk=first.pk).name_sealed
    Identity.objects.filter(pk=second.pk).update(name_sealed=moved)
    opening = services.request_opening(second, by=city.triage, reason="需要电话联系当事人核实地点。")
    with pytest.raises(InvalidTag):
        open_in_test(opening, city.triage)


# --- P12 the ledger only grows ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE core_auditentry SET reason = 'x'",
        "DELETE FROM core_auditentry",
        "TRUNCATE core_auditentry CASCADE",
        "UPDATE suggestions_step SET text = 'x'",
        "DELETE FROM suggestions_step",
    ],
)
def test_the_ledger_and_the_timeline_only_grow(city, sql):
    factories.case(city)
    with pytest.raises((InternalError, IntegrityError)), transaction.atomic():
        raw(sql)


def test_a_changed_entry_breaks_the_chain(city):
    factories.case(city, "assigned")
    assert audit.seal() > 0
    assert broken("P12") == []
    with pgtrigger.ignore("core.AuditEntry:never_changed"):
        AuditEntry.objects.filter(pk=AuditEntry.objects.first().pk).update(reason="nothing happened")
    assert len(broken("P12")) == 1


def test_sealing_twice_links_nothing_twice(city):
    factories.case(city)
    first = audit.seal()
    assert audit.seal() == 0
    assert first == AuditEntry.objects.count()


# --- the command -----------------------------------------------------------------------------------------------------


def test_the_command_is_silent_on_a_sound_house_and_exits_1_on_a_broken_one(city):
    case = factories.case(city, "assigned")
    out = StringIO()
    call_command("check_invariants", "--json", stdout=out)
    report = json.loads(out.getvalue())
    assert report["violations"] == []
    assert {row["promise"] for row in report["checked"]} >= {"P1", "P2", "P3", "P6", "P11", "P12"}
    with pgtrigger.ignore():
        raw(CLOSE_BY_FORCE, "closed", case.pk)
    with pytest.raises(SystemExit) as exit_:
        call_command("check_invariants", stdout=StringIO())
    assert exit_.value.code == 1
