"""The demo city: everything a visitor wants to see, by the rules, and never a real telephone number."""

import json
import re
from collections import Counter
from datetime import datetime, timedelta
from io import StringIO
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, models, transaction
from django.test import override_settings
from django.utils import timezone

from accounts import notifications
from accounts.models import Notification, User
from core import audit, outbox, policy, promises, workdays
from core.models import AuditEntry, OutboxEvent
from core.workdays import SHANGHAI
from demo_city import context as demo
from demo_city.context import Context
from demo_city.suggestions import load as voices
from demo_city.suggestions.city import City
from demo_city.suggestions.verbs import OFFICE_NUMBERS
from demo_city.suggestions.write import write
from directory.models import Area, Membership, Officer, Unit
from plaza.models import ActivityDay
from suggestions import redaction, services, states
from suggestions.models import (
    Attachment,
    Category,
    Extension,
    FollowUp,
    Identity,
    IdentityOpening,
    Reminder,
    Reply,
    Step,
    Suggestion,
)
from suggestions.queries import desk, figures, me
from suggestions.services import knowing, routing
from suggestions.states import ExtensionState, ReplyState, State

pytestmark = pytest.mark.django_db
VOICES = 120
MOBILE = re.compile(r"(?<![0-9A-Za-z])(?:\+?86)?(1[3-9]\d{9})(?![0-9A-Za-z])")  # digests hold digits too


def run(*options: str) -> tuple[dict, str]:
    """The command's JSON and what it said meanwhile."""
    out, err = StringIO(), StringIO()
    call_command("demo", "--json", *options, stdout=out, stderr=err)
    return json.loads(out.getvalue()), err.getvalue()


@pytest.fixture(scope="module")
def city(django_db_setup, django_db_blocker, tmp_path_factory):
    """A small demo city, loaded once for all tests here and taken back at the end."""
    with (
        django_db_blocker.unblock(),
        override_settings(DEMO=True, MEDIA_ROOT=tmp_path_factory.mktemp("media")),
        transaction.atomic(),
    ):
        report, said = run("--voices", str(VOICES))
        yield {**report, "said": said}
        transaction.set_rollback(True)


@pytest.fixture
def account(city):
    """The demo account of a role, as a user."""

    def find(role: str) -> User:
        shown = next(one for one in city["accounts"] if one["role"] == role)
        if shown["password"]:
            return User.objects.get(username=shown["login"])
        return next(user for user in User.objects.exclude(phone_sealed=None) if user.phone == f"+86{shown['phone']}")

    return find


def rows() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


def test_every_voice_is_there_in_every_state(city):
    cases = Suggestion.objects.filter(is_demo=True)
    assert cases.count() == VOICES + 2
    assert set(cases.values_list("state", flat=True)) == set(State.values)
    assert cases.earliest("created_at").created_at < timezone.now() - timedelta(days=600)
    assert cases.latest("created_at").created_at <= timezone.now()


def test_no_promise_is_broken(city):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    assert list(promises.violations()) == []


def test_a_second_run_changes_nothing_and_says_the_same(city):
    before = rows()
    again, _said = run("--voices", str(VOICES))
    assert rows() == before
    assert again == {key: city[key] for key in again}


def test_progress_is_said_beside_the_json(city):
    assert "voices over 3 years" in city["said"]
    assert "done" in city["said"]


def test_nothing_is_loaded_into_a_real_portal(city):
    with override_settings(DEMO=False, DEBUG=False), pytest.raises(CommandError, match="real portal"):
        call_command("demo")


def test_steps_move_by_the_table_and_by_who_may(city):
    """Negative control: were a story to skip acceptance, its steps would not be in the table."""
    moves = [step for step in Step.objects.all() if step.from_state != step.to_state]
    assert len(moves) > VOICES
    allowed = {(a, b): who for a, row in states.TRANSITIONS.items() for b, who in row.items()}
    for step in moves:
        assert step.who in allowed[step.from_state, step.to_state], (step.kind, step.from_state, step.to_state)


def test_steps_follow_each_other(city):
    for case in Suggestion.objects.prefetch_related("steps"):
        steps = list(case.steps.all())
        assert steps[0].kind == "submitted"
        assert [step.at for step in steps] == sorted(step.at for step in steps)
        assert steps[-1].to_state == case.state
        assert steps[0].at - case.created_at < timedelta(seconds=1)
        assert steps[-1].at <= timezone.now()


def test_deadlines_are_those_of_the_services(city):
    for case in Suggestion.objects.filter(extensions=None, questions=None, reopened_times=0).select_related("category"):
        if case.accepted_at:
            assert case.due_at == workdays.add_workdays(case.accepted_at, case.category.reply_days)
        else:
            assert case.due_at == workdays.add_workdays(case.created_at, 1)


def test_even_a_story_cannot_skip_acceptance(city):
    teller = voices.Teller(Context(now=timezone.now(), say=str, voices=40), City())
    voice = teller.voices()[0]
    story = teller.begin(10_000_000, voice, voices.Random(1), None)
    story.case.state = State.ASSIGNED
    with pytest.raises(IntegrityError, match="cannot move from received to assigned"), transaction.atomic():
        write([story], [])


def test_even_a_story_cannot_be_answered_without_a_signed_reply(city):
    teller = voices.Teller(Context(now=timezone.now(), say=str, voices=40), City())
    story = teller.begin(10_000_001, teller.voices()[0], voices.Random(1), None)
    story.case.state = State.DECLINED
    with pytest.raises(IntegrityError, match="signed reply"), transaction.atomic():
        write([story], [])


def test_most_is_on_time_and_liked_and_a_few_are_not(city):
    shown = figures.open_figures()
    assert 0.93 <= shown.on_time_rate < 1
    assert 0.8 < shown.satisfaction < 1
    assert Reminder.objects.filter(kind="overdue", sent_at__isnull=False).exists()
    assert Suggestion.objects.filter(state=State.CLOSED, escalation__gte=3).exists()


def test_household_is_more_than_a_third_of_administrative_requests(city):
    requests = Suggestion.objects.filter(category__kind="administrative")
    assert requests.filter(category="household").count() / requests.count() > 1 / 3


def test_the_desk_has_something_in_every_folder(account):
    counts = {folder.key: folder.count for folder in desk.folders(account("triage"))}
    if not any(workdays.is_workday((timezone.now() + timedelta(days=n)).astimezone(SHANGHAI).date()) for n in (0, 1)):
        counts.pop("due_soon")  # in a long holiday nothing can be due within two days
    assert all(counts.values()), counts


def test_the_leader_has_a_draft_to_sign_time_to_grant_and_somebody_to_call_back(account):
    leader = account("leader")
    seen = Suggestion.objects.visible_to(leader)
    assert Reply.objects.filter(state=ReplyState.DRAFT, suggestion__in=seen).exists()
    assert desk.extensions_to_decide(leader)
    assert desk.follow_ups(leader).exists()
    assert seen.filter(state=State.WAITING).exists()
    assert seen.filter(state__in=states.RUNNING, due_at__lt=timezone.now()).exists()


def test_the_officer_has_cases_in_hand(account):
    officer = account("officer")
    assert Suggestion.objects.filter(state=State.ASSIGNED, handler__user=officer).exists()


def test_an_administrator_has_time_to_grant_a_second_time_and_an_identity_to_decide_on(account):
    assert desk.extensions_to_decide(account("admin"))[0].state == ExtensionState.APPROVED
    waiting = IdentityOpening.objects.get(needs_second=True, approved_at=None)
    assert waiting.opened_at is None
    assert waiting.suggestion.subjects.exists()


def test_citizens_find_their_own_cases_and_who_opened_their_identity(account):
    assert me.my_cases(account("citizen")).filter(state=State.WAITING).exists()
    assert me.my_cases(account("verified")).filter(state=State.REPLIED).exists()
    assert me.openings_of(account("citizen")).exists()
    for opening in IdentityOpening.objects.filter(opened_at__isnull=False):
        assert opening.suggestion.steps.filter(kind="identity_opened", is_public=True).exists()


def test_those_who_can_sign_in_have_something_unread(account):
    for role in ("citizen", "officer", "leader", "triage"):
        assert Notification.objects.inbox(account(role)).unread().exists(), role


def test_nobody_is_told_twice_or_by_text_message_after_loading(city):
    assert services.send_due_reminders() == 0
    assert services.close_confirmed_by_silence() == 0
    assert services.resume_unanswered() == 0
    assert not OutboxEvent.objects.filter(delivered_at=None).exists()
    assert outbox.deliver() == 0
    assert not Notification.objects.exclude(channel=Notification.Channel.SITE).exists()
    assert notifications.send_due() == 0


def test_every_account_can_sign_in_with_its_role(city, account):
    expected = {"inspectorate": "leader"}
    for one in city["accounts"]:
        user = account(one["role"])
        assert user.is_active
        assert user.is_demo
        if one["password"]:
            assert user.check_password(settings.DEMO_PASSWORD)
        if one["role"] != "technician":
            assert expected.get(one["role"], one["role"]) in policy.roles_of(user)
    roles = Counter(one["role"] for one in city["accounts"])
    assert roles["admin"] == 2
    assert set(roles) >= {role.value for role in policy.STAFF} | {"citizen", "verified", "inspectorate", "technician"}


def test_the_technician_reads_no_case(account):
    assert account("technician").is_superuser
    assert not Suggestion.objects.visible_to(account("technician")).exists()


def test_the_report_names_one_object_of_each_kind(city):
    shown = city["objects"]
    assert Suggestion.objects.get(number=shown["suggestion"]).state == State.ASSIGNED
    assert Suggestion.objects.published().filter(number=shown["published_suggestion"]).exists()
    for state, number in shown["suggestions_by_state"].items():
        assert Suggestion.objects.get(number=number).state == state
    keys = {
        "category": Category,
        "area": Area,
        "reply": Reply,
        "draft": Reply,
        "attachment": Attachment,
        "extension": Extension,
        "follow_up": FollowUp,
        "identity_opening": IdentityOpening,
    }
    for name, model in keys.items():
        assert model.objects.filter(pk=shown[name]).exists(), name
    assert Unit.objects.filter(code=shown["unit"]).exists()
    assert Officer.objects.filter(badge_number=shown["officer"]).exists()
    assert ActivityDay.objects.filter(date=shown["activity_day"]).exists()
    assert city["counts"]["suggestions"] == VOICES + 2


def test_the_tracking_code_opens_its_case(city):
    tracking = city["objects"]["tracking"]
    case = services.find_by_code(tracking["code"], tracking["phone_tail"])
    assert (case.number, case.state) == (tracking["number"], State.RECEIVED)


def test_no_telephone_number_is_real(city):
    """Negative control: the pattern finds a real one."""
    assert MOBILE.search("请打13905720001")
    found = set()
    for model in apps.get_models():
        names = [one.name for one in model._meta.fields if isinstance(one, models.CharField | models.TextField)]
        if names and model._meta.app_label in ("accounts", "directory", "plaza", "suggestions", "core"):
            for values in model._default_manager.values_list(*names):
                found |= set(MOBILE.findall(" ".join(map(str, values))))
    found |= {user.phone.removeprefix("+86") for user in User.objects.exclude(phone_sealed=None)}
    found |= {
        services.listen.seals.unseal(one.phone_sealed, context=f"phone:{one.pk}").removeprefix("+86")
        for one in Identity.objects.exclude(phone_sealed=None)
    }
    assert found
    assert [number for number in found if not number.startswith("1990000")] == []


def test_everything_is_marked_as_demo(city):
    for model in (Suggestion, User, Unit, Officer, ActivityDay):
        assert not model.objects.filter(is_demo=False).exists(), model


def test_what_is_public_was_agreed_to_and_can_be_searched(city):
    public = Suggestion.objects.published()
    assert public.count() > VOICES / 3
    assert not public.filter(search=None).exists()
    assert not public.filter(publish=False).exists()
    assert not public.filter(state__in=[State.WITHDRAWN, State.DECLINED, State.RECEIVED]).exists()


def test_what_is_public_was_read_and_tells_nobody_who_spoke(city):
    public = Suggestion.objects.published()
    assert not public.filter(public_read_by=None).exists()
    known = {identity.pk: knowing.of(identity) for identity in Identity.objects.select_related("user")}
    answers = Reply.objects.published()
    assert answers.count() > VOICES / 4
    said = {words for case in public for words in (case.public_title, case.public_body)}
    said |= {reply.public_text for reply in answers}
    told = [words[mark.start : mark.end] for words in said for mark in redaction.marks(words)]
    assert [one for one in told if not one.startswith(OFFICE_NUMBERS)] == []
    for reply in answers.select_related("suggestion"):
        about = known.get(reply.suggestion_id)
        words = (reply.public_text, reply.suggestion.public_title, reply.suggestion.public_body)
        assert about is None or not any(about.is_in(one) for one in words)
    assert "您好" in "".join(said)


def test_the_last_day_waits_to_be_published(city):
    waiting = Suggestion.objects.filter(desk.TO_PUBLISH)
    assert waiting.exists()


def test_plaza_voices_were_said_on_their_day(city):
    said = Suggestion.objects.filter(channel="plaza")
    assert said.exists()
    assert all(case.plaza_day and case.plaza_day.date == case.created_at.astimezone(SHANGHAI).date() for case in said)


def test_officers_hold_their_roles_since_years(city):
    assert Membership.objects.filter(role="officer").count() > 500
    assert not Membership.objects.filter(starts__gt=timezone.now() - timedelta(days=3 * 365)).exists()
    assert not Membership.objects.filter(role__in=["pollster", "auditor"], ends=None).exists()


def test_the_ledger_says_when_a_case_was_loaded_and_still_chains(city):
    loaded = AuditEntry.objects.filter(action="demo.loaded")
    assert loaded.count() == VOICES
    assert loaded.earliest("at").at > timezone.now() - timedelta(minutes=10)
    audit.seal()
    assert list(audit.verify()) == []


def test_cases_went_where_the_rules_send_them(city):
    here = City()
    areas = [Area.objects.filter(level="community", code__startswith=town).first() for town in ("330502008", "330523")]
    station = here.station(areas[0].code)
    for category in here.categories.values():
        for area in areas:
            assert here.route(category, area) == routing.route(category, area).unit
        away = routing.route(category, areas[0], [(station, None)]).unit
        assert here.route(category, areas[0], station) == away


def test_apps_load_in_the_order_of_the_arrows_and_only_those_with_something_to_show(monkeypatch):
    everything = ["directory", "suggestions", "annual_projects", "voting", "evaluations"]
    assert [app for app, _load in demo.loaders()] == everything
    monkeypatch.setattr(demo, "apps", SimpleNamespace(app_configs=dict.fromkeys(["core", "nowhere", *everything[:2]])))
    assert [app for app, _load in demo.loaders()] == everything[:2]


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2025, 10, 4, 3, 12, tzinfo=SHANGHAI),  # in a holiday week, at night
        datetime(2026, 3, 2, 9, 1, tzinfo=SHANGHAI),  # a Monday morning
        datetime(2024, 2, 29, 23, 58, tzinfo=SHANGHAI),
    ],
)
def test_it_can_be_told_at_any_moment(city, moment):
    known = set(Suggestion.objects.values_list("pk", flat=True))
    voices.Teller(Context(now=moment, say=str, voices=90), City()).tell_all()
    told = Suggestion.objects.exclude(pk__in=known)
    assert told.count() == 90
    assert set(told.values_list("state", flat=True)) >= set(State.values) - {State.MERGED}
    assert not Step.objects.filter(suggestion__in=told, at__gt=moment).exists()
    assert not Reminder.objects.filter(suggestion__in=told, sent_at__gt=moment).exists()
