"""The back office: technicians keep reference data right, and nothing of the business is there to read or to bend."""

import io
from datetime import date, timedelta

import pgtrigger
import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, ProgrammingError, connection, transaction
from django.test import Client
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import admission
from accounts.models import User
from core import calendar
from core.errors import Invalid, NotAllowed, WrongState
from core.models import AuditEntry, CalendarDay
from core.policy import Role, roles_of
from directory import services
from directory.models import Membership, Posting, Unit
from plaza.models import ActivityDay
from suggestions import deadlines
from suggestions.models import Category, SameMeaning, Suggestion
from tests import factories
from tests.core.broken_promises import raw
from tests.pages import page_of
from tests.portal_role import as_portal

LAST = "Voices that fit nowhere else go here, so this category stays in use."


@pytest.fixture(autouse=True)
def _in_chinese():
    with translation.override("zh-hans"):
        yield


@pytest.fixture
def technician(city):
    return User.objects.create_superuser("root1", factories.PASSWORD, display_name="技术员")


@pytest.fixture
def office(client, technician):
    client.force_login(technician)
    return client


def recorded(action):
    return list(AuditEntry.objects.filter(action=action).order_by("pk").values_list("actor", "object_id", "data"))


# --- who, and what is there -------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["officer", "triage", "leader", "admin", "auditor", "pollster", "citizen"])
def test_no_business_role_opens_the_back_office(city, client, who):
    client.force_login(getattr(city, who))
    for path in ("/admin/", "/admin/directory/membership/", "/admin/suggestions/category/"):
        assert client.get(path).status_code in (302, 403)


def test_a_technician_opens_every_table_and_every_row(office, city):
    CalendarDay.objects.create(date=date(2026, 12, 31), is_workday=False)
    ActivityDay.objects.create(date=timezone.localdate(), title="宪法日")
    for model in admin.site._registry:
        home = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        assert office.get(home).status_code == 200, model
        row = model.objects.first()
        if row is not None:
            assert office.get(f"{home}{row.pk}/change/").status_code == 200, model


def test_every_table_of_the_back_office_is_ours():
    """A package brings its own forms past the ledger and the second person: none is let in unseen."""
    rooms = {config.name for config in apps.get_app_configs() if (settings.BASE_DIR / config.name).is_dir()}
    for model, options in admin.site._registry.items():
        for what in (model, type(options)):
            assert what.__module__.split(".")[0] in rooms, what


def test_a_table_of_a_package_would_be_seen(monkeypatch):
    monkeypatch.setitem(admin.site._registry, Group, GroupAdmin(Group, admin.site))
    with pytest.raises(AssertionError, match="Group"):
        test_every_table_of_the_back_office_is_ours()


def test_of_what_was_said_and_answered_only_the_categories_and_words_are_there():
    registered = {model for model in admin.site._registry if model._meta.app_label == "suggestions"}
    assert registered == {Category, SameMeaning}


@pytest.mark.parametrize(
    "name",
    ["suggestion", "identity", "identityopening", "reply", "step", "attachment", "rating", "subject", "question",
     "followup", "extension", "routingrule", "replytemplate", "supporter", "reminder", "cohandling"],
)  # fmt: skip
def test_tables_of_cases_have_no_address(office, name):
    assert apps.get_model("suggestions", name) not in admin.site._registry
    assert office.get(f"/admin/suggestions/{name}/").status_code == 404


@pytest.mark.parametrize("name", ["auditentry", "auditlink", "outboxevent", "heartbeat"])
def test_nor_have_the_ledger_and_the_outbox(office, name):
    assert office.get(f"/admin/core/{name}/").status_code == 404


def test_the_technician_reads_no_case_on_any_page(office, city):
    case = factories.case(city, "assigned", user=city.citizen)
    pages = ["/admin/", "/admin/suggestions/category/noise/change/", f"/admin/directory/unit/{city.yuehe.pk}/change/"]
    pages += [
        f"/admin/plaza/activityday/{ActivityDay.objects.create(date=date(2026, 1, 10), title='警察节').pk}/change/"
    ]
    for path in pages:
        assert case.number not in page_of(office.get(path))
    assert office.get(case.get_absolute_url()).status_code == 403
    assert office.get("/desk/").status_code == 403


# --- roles in time boxes ----------------------------------------------------------------------------------------


def start(client, **fields):
    local = timezone.localtime()
    given = {"starts_0": local.date().isoformat(), "starts_1": local.strftime("%H:%M:%S"), "ends_0": "", "ends_1": ""}
    return client.post("/admin/directory/membership/add/", {**given, **fields})


def end(client, membership, moment):
    local = timezone.localtime(moment)
    at = {"ends_0": local.date().isoformat(), "ends_1": local.strftime("%H:%M:%S")}
    return client.post(f"/admin/directory/membership/{membership.pk}/change/", at)


def test_a_role_acts_once_a_second_person_has_confirmed_it(office, city, technician):
    person = User.objects.create_staff("778899", factories.PASSWORD)
    theirs, admins = Client(), Client()
    theirs.force_login(person)
    admins.force_login(city.admin)
    assert start(office, user=person.pk, role="triage", unit=city.desk.pk).status_code == 302
    made = Membership.objects.get(user=person)
    assert (made.proposed_by, made.confirmed_by) == (technician, None)
    assert theirs.get("/desk/rules/").status_code == 403
    assert "778899" in page_of(admins.get("/desk/people/"))
    assert admins.post(f"/desk/people/role/{made.pk}/", {"confirm": ""}).status_code == 302
    assert theirs.get("/desk/rules/").status_code == 200
    said = {"user": person.pk, "role": "triage", "unit": city.desk.pk}
    assert recorded("membership.proposed") == [(f"user:{technician.pk}", str(made.pk), said)]
    assert recorded("membership.started") == [(f"user:{city.admin.pk}", str(made.pk), said)]
    assert person.notifications.filter(channel="site").count() == 1


def test_no_sock_puppet_confirms_a_role(office, city, technician):
    """A second account of the technician's, a technician who is a second technician, and the person themselves."""
    puppet = User.objects.create_staff("evil001", factories.PASSWORD)
    second = User.objects.create_superuser("technician2", factories.PASSWORD)
    made = services.propose_membership(user=puppet, role="triage", unit=city.desk, by=technician)
    for by in (technician, puppet, second, city.triage, city.leader, city.auditor):
        with pytest.raises(NotAllowed):
            services.confirm_membership(made, by=by)
    assert roles_of(User.objects.get(pk=puppet.pk)) == {Role.CITIZEN}
    with pytest.raises(NotAllowed):  # who proposes is a technician, nobody else
        services.propose_membership(user=puppet, role="triage", unit=city.desk, by=city.admin)


def test_an_administrator_confirms_no_role_of_their_own(city, technician):
    made = services.propose_membership(user=city.admin, role="triage", unit=city.desk, by=technician)
    with pytest.raises(NotAllowed):
        services.confirm_membership(made, by=city.admin)
    services.confirm_membership(made, by=city.admin2)
    with pytest.raises(WrongState):
        services.refuse_membership(made, by=city.admin2)


def test_a_refused_role_never_acts_and_may_be_proposed_again(city, technician):
    person = User.objects.create_staff("778899", factories.PASSWORD)
    made = services.propose_membership(user=person, role="triage", unit=city.desk, by=technician)
    services.refuse_membership(made, by=city.admin)
    assert roles_of(User.objects.get(pk=person.pk)) == {Role.CITIZEN}
    services.confirm_membership(
        services.propose_membership(user=person, role="triage", unit=city.desk, by=technician), by=city.admin
    )
    assert Role.TRIAGE in roles_of(User.objects.get(pk=person.pk))


@pytest.mark.parametrize(
    "change",
    [
        "confirmed_by_id = proposed_by_id, confirmed_at = now()",
        "confirmed_by_id = user_id, confirmed_at = now()",
        "confirmed_at = now()",
        "proposed_by_id = NULL",
        "role = 'admin'",
        "user_id = proposed_by_id",
    ],
)
def test_raw_sql_makes_no_role_of_one_person(city, technician, change):
    person = User.objects.create_staff("778899", factories.PASSWORD)
    made = services.propose_membership(user=person, role="triage", unit=city.desk, by=technician)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE directory_membership SET {change} WHERE id = %s", [made.pk])  # noqa: S608
    assert roles_of(User.objects.get(pk=person.pk)) == {Role.CITIZEN}


def test_what_was_confirmed_stays_confirmed_by_whom(city, technician):
    person = User.objects.create_staff("778899", factories.PASSWORD)
    made = services.propose_membership(user=person, role="triage", unit=city.desk, by=technician)
    services.confirm_membership(made, by=city.admin)
    blame = f"UPDATE directory_membership SET confirmed_by_id = {city.admin2.pk} WHERE id = {made.pk}"  # noqa: S608
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(blame)
    with pgtrigger.ignore("directory.Membership:decided_stands"), connection.cursor() as cursor:
        cursor.execute(blame)
    made.refresh_from_db()
    assert made.confirmed_by == city.admin2


def test_the_first_administrators_come_from_the_shell_and_are_on_the_ledger(city, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("Long-enough-2026\n"))
    call_command("appoint", "330001", "admin", name="周明", password_stdin=True, stdout=io.StringIO())
    person = User.objects.get(username="330001")
    assert roles_of(person) == {Role.CITIZEN, Role.ADMIN}
    assert [row[0] for row in recorded("membership.appointed")] == ["system"]
    monkeypatch.setattr("sys.stdin", io.StringIO("Long-enough-2026\n"))
    call_command("appoint", "tech9", "technician", password_stdin=True, stdout=io.StringIO())
    assert User.objects.get(username="tech9").is_superuser
    assert len(recorded("account.appointed")) == 1
    for wrong in (["330001", "technician"], ["330001", "officer"], ["330001", "officer", "--unit", "nowhere"]):
        with pytest.raises(CommandError):
            call_command("appoint", *wrong, stdout=io.StringIO())


def test_a_role_that_is_ended_stops_at_its_moment_and_is_in_the_ledger(office, city, technician):
    membership = city.triage.memberships.get()
    moment = timezone.now() + timedelta(days=3)
    assert end(office, membership, moment).status_code == 302
    membership.refresh_from_db()
    assert abs(membership.ends - moment) < timedelta(seconds=1)
    assert Role.TRIAGE in roles_of(User.objects.get(pk=city.triage.pk))
    assert [row[:2] for row in recorded("membership.ended")] == [(f"user:{technician.pk}", str(membership.pk))]


def test_many_roles_are_ended_at_once(office, city):
    both = [user.memberships.get() for user in (city.triage, city.officer)]
    chosen = {"action": "end_now", "_selected_action": [one.pk for one in both]}
    page = page_of(office.post("/admin/directory/membership/", chosen, follow=True))
    assert ngettext("%(n)s role ended.", "%(n)s roles ended.", 2) % {"n": 2} in page
    assert roles_of(User.objects.get(pk=city.triage.pk)) == {Role.CITIZEN}
    assert len(recorded("membership.ended")) == 2
    office.post("/admin/directory/membership/", chosen)
    assert len(recorded("membership.ended")) == 2, "what is over stays as it was"


def test_of_a_role_only_the_end_can_be_changed(office, city):
    membership = city.officer.memberships.get()
    sent = {"user": city.admin.pk, "role": "admin", "unit": city.bureau.pk}
    at = {"ends_0": "2027-01-01", "ends_1": "00:00:00"}
    office.post(f"/admin/directory/membership/{membership.pk}/change/", {**sent, **at})
    membership.refresh_from_db()
    assert (membership.user, membership.role, membership.unit) == (city.officer, "officer", city.yuehe)


def test_a_role_that_is_over_cannot_be_revived(office, city):
    membership = city.officer.memberships.get()
    services.end_membership(membership, by=None)
    assert end(office, membership, timezone.now() + timedelta(days=99)).status_code == 403
    with pytest.raises(WrongState):
        services.end_membership(membership, by=None, ends=timezone.now() + timedelta(days=99))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"user": ""}, "This field is required."),
        ({"role": "king"}, ""),
        ({"unit": ""}, "This role belongs to a unit. Please choose one."),
        ({"ends_0": "2020-01-01", "ends_1": "00:00:00"}, "The end must be after the beginning."),
        ({"user": "same"}, "This person has this role there at that time already."),
        ({"user": "me"}, "Nobody gives a role to themselves."),
    ],
)
def test_a_wrong_role_is_told_and_not_given(office, city, technician, fields, message):
    before = Membership.objects.count()
    people = {"same": city.officer.pk, "me": technician.pk}
    fields = {name: people.get(value, value) for name, value in fields.items()}
    answer = start(office, **{"user": city.triage.pk, "role": "officer", "unit": city.yuehe.pk, **fields})
    assert answer.status_code == 200
    assert (_(message) if message else "") in page_of(answer)
    assert Membership.objects.count() == before


def test_nobody_gives_a_role_to_themselves_by_the_service_or_in_raw_sql(city, technician):
    with pytest.raises(NotAllowed):
        services.propose_membership(user=technician, role=Role.ADMIN, unit=None, by=technician)
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(user=technician, role=Role.ADMIN, proposed_by=technician)


@pytest.mark.parametrize(
    ("given", "field"),
    [({"role": "officer", "unit": None}, "unit"), ({"ends": timezone.now() - timedelta(days=1)}, "ends")],
)
def test_the_service_tells_by_field(city, technician, given, field):
    asked = {"user": city.admin, "role": "officer", "unit": city.yuehe, "by": technician}
    with pytest.raises(Invalid) as refused:
        services.propose_membership(**asked | given)
    assert list(refused.value.fields) == [field]


def test_the_same_role_twice_at_a_time_is_told_by_the_service(city, technician):
    with pytest.raises(Invalid):
        services.propose_membership(user=city.officer, role="officer", unit=city.yuehe, by=technician)


@pytest.mark.parametrize("sql", ["DELETE FROM directory_membership", "TRUNCATE directory_membership CASCADE"])
def test_a_membership_is_never_removed(office, city, sql):
    membership = city.officer.memberships.get()
    assert office.post(f"/admin/directory/membership/{membership.pk}/delete/", {"post": "yes"}).status_code == 403
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    with pytest.raises(DatabaseError), transaction.atomic():
        membership.delete()
    assert Membership.objects.filter(user=city.officer).exists()


def test_without_the_trigger_it_would_be_gone(city):
    with pgtrigger.ignore("directory.Membership:never_deleted"):
        city.officer.memberships.get().delete()
    assert not Membership.objects.filter(user=city.officer).exists()


# --- areas, units, officers, days, categories -------------------------------------------------------------------


def test_areas_are_to_look_up_only(office, city):
    change = f"/admin/directory/area/{city.yuehe_area.pk}/change/"
    assert office.get("/admin/directory/area/add/").status_code == 403
    assert office.post(change, {"name": "别的名字"}).status_code == 403
    city.yuehe_area.refresh_from_db()
    assert city.yuehe_area.name == "月河街道"


def unit_form(unit, **fields):
    return {"name": unit.name, **fields}


def test_a_changed_unit_is_in_the_ledger_by_its_fields(office, city, technician):
    path = f"/admin/directory/unit/{city.yuehe.pk}/change/"
    assert office.post(path, unit_form(city.yuehe, phone="0572-2199000", code="other")).status_code == 302
    city.yuehe.refresh_from_db()
    assert (city.yuehe.phone, city.yuehe.code) == ("0572-2199000", "wuxing-yuehe")
    ((actor, object_id, data),) = recorded("office.changed")
    assert (actor, object_id) == (f"user:{technician.pk}", str(city.yuehe.pk))
    assert "phone" in data["fields"]
    assert "0572" not in str(data)


def test_the_ledger_holds_what_was_and_what_is(office, city):
    path = f"/admin/directory/unit/{city.yuehe.pk}/change/"
    office.post(path, unit_form(city.yuehe, hours="9:00–17:00", phone="0572-2199000"))
    office.post(path, unit_form(city.yuehe, hours="8:30–17:00"))
    _first, (_actor, _pk, data) = recorded("office.changed")
    assert data["values"] == {"hours": ["9:00–17:00", "8:30–17:00"]}
    assert data["fields"] == ["hours", "phone"]
    office.post("/admin/suggestions/category/noise/change/", category_form(city.noise, reply_days=9, keywords="吵"))
    values = recorded("office.changed")[-1][2]["values"]
    assert values["reply_days"] == [5, 9]
    assert values["keywords"][1] == ["吵"]
    officer = city.officer.officer
    sent = {"name": "别的名字", "position": officer.position, "is_active": "on"}
    office.post(f"/admin/directory/officer/{officer.pk}/change/", sent)
    assert recorded("office.changed")[-1][2] == {"fields": ["name"], "values": {}}


def test_what_a_unit_is_comes_from_the_shell_alone(office, city):
    path = f"/admin/directory/unit/{city.yuehe.pk}/change/"
    wanted = {"kind": "bureau", "function": "inspectorate", "parent": "", "areas": [city.lianshi_area.pk]}
    assert office.post(path, unit_form(city.yuehe, **wanted)).status_code == 302
    unit = Unit.objects.get(pk=city.yuehe.pk)
    assert (unit.kind, unit.function, unit.parent, unit.is_active) == ("station", "general", city.wuxing, True)
    assert list(unit.areas.all()) == [city.yuehe_area]
    assert office.get("/admin/directory/unit/add/").status_code == 403
    category = "/admin/suggestions/category/conduct/change/"
    office.post(category, category_form(city.conduct, kind="other", is_active=""))
    assert Category.objects.filter(pk="conduct", kind="complaint", is_active=True).exists()
    assert (
        office.post(
            "/admin/suggestions/category/add/", category_form(city.noise, kind="complaint", code="c2")
        ).status_code
        == 200
    )


# --- who an officer is, takes two -------------------------------------------------------------------------------------


def post(officer, **fields):
    return {"officer": officer.pk, "unit": officer.unit_id, "user": officer.user_id or "", **fields}


def test_one_technician_moves_no_officer_and_two_do(office, city, technician):
    officer, second = city.officer.officer, Client()
    sent = {"name": officer.name, "position": officer.position, "is_active": "on"}
    path = f"/admin/directory/officer/{officer.pk}/change/"
    office.post(path, {**sent, "unit": city.chaoyang.pk, "user": city.citizen.pk, "badge_number": "000000"})
    officer.refresh_from_db()
    assert (officer.unit, officer.user) == (city.yuehe, city.officer)
    asked = office.post("/admin/directory/posting/add/", post(officer, unit=city.chaoyang.pk))
    assert asked.status_code == 302
    officer.refresh_from_db()
    assert officer.unit == city.yuehe
    second.force_login(city.admin)
    assert "朝阳派出所" in page_of(second.get("/desk/people/"))
    second.post(f"/desk/people/post/{Posting.objects.get().pk}/", {"confirm": ""})
    officer.refresh_from_db()
    assert officer.unit == city.chaoyang
    ((actor, _pk, data),) = recorded("posting.confirmed")
    assert actor == f"user:{city.admin.pk}"
    assert data["unit"] == [city.yuehe.pk, city.chaoyang.pk]


@pytest.mark.parametrize(
    ("wanted", "field"),
    [({}, "unit"), ({"user": "citizen"}, "user"), ({"user": "officer2"}, "user")],
)
def test_a_posting_that_does_not_fit_is_told_by_field(office, city, wanted, field):
    given = {name: getattr(city, who).pk for name, who in wanted.items()}
    answer = office.post("/admin/directory/posting/add/", post(city.officer.officer, **given))
    assert answer.status_code == 200
    assert field in answer.context["adminform"].form.errors


def test_neither_who_is_moved_nor_who_proposed_it_confirms(city, technician):
    officer = city.officer.officer
    asked = services.propose_posting(officer, unit=city.chaoyang, user=None, by=technician)
    Membership.objects.create(user=city.officer, role=Role.ADMIN)
    Membership.objects.create(user=technician, role=Role.ADMIN)
    for who in (city.officer, technician):
        with pytest.raises(NotAllowed):
            services.confirm_posting(asked, by=who)
    with pytest.raises(WrongState):
        services.propose_posting(officer, unit=city.chaoyang, user=None, by=technician)
    services.refuse_posting(asked, by=city.admin)
    officer.refresh_from_db()
    assert officer.user == city.officer


DECIDES = {
    "what a unit does": "UPDATE directory_unit SET function = 'inspectorate' WHERE code = 'wuxing-yuehe'",
    "what kind it is": "UPDATE directory_unit SET kind = 'bureau' WHERE code = 'wuxing-yuehe'",
    "whom it stands under": "UPDATE directory_unit SET parent_id = NULL WHERE code = 'wuxing-yuehe'",
    "where it stands": "UPDATE directory_unit SET path = '/x/' WHERE code = 'wuxing-yuehe'",
    "a unit out of use": "UPDATE directory_unit SET is_active = false WHERE code = 'huzhou-inspectorate'",
    "a seat": "UPDATE directory_unit SET area_id = '330503' WHERE code = 'wuxing'",
    "a unit of one's own": "INSERT INTO directory_unit (code, name, name_en, kind, function, path, address, phone, "
    "hours, hours_en, intro, service_zone, is_active, is_demo) VALUES "
    "('x', 'x', '', 'department', 'inspectorate', '/x/', '', '', '', '', '', false, true, false)",
    "who an officer is": "UPDATE directory_officer SET user_id = NULL WHERE user_id IS NOT NULL",
    "where an officer serves": "UPDATE directory_officer SET unit_id = (SELECT min(id) FROM directory_unit)",
    "a number of another officer": "UPDATE directory_officer SET badge_number = 'x' WHERE id = "
    "(SELECT min(id) FROM directory_officer)",
    "what is a complaint": "UPDATE suggestions_category SET kind = 'other' WHERE code = 'conduct'",
    "no complaints any more": "UPDATE suggestions_category SET is_active = false WHERE code = 'conduct'",
}


@pytest.mark.parametrize("sql", DECIDES.values(), ids=DECIDES)
def test_the_running_portal_changes_nothing_that_decides(city, sql):
    with as_portal(), pytest.raises(IntegrityError, match="shell of the server"), transaction.atomic():
        raw(sql)


@pytest.mark.parametrize("sql", DECIDES.values(), ids=DECIDES)
def test_without_those_guards_it_would(city, sql):
    connection.check_constraints()
    for guard in ("directory.Unit:built_from_the_shell", "directory.Officer:posted_by_two",
                  "suggestions.Category:conduct_from_the_shell"):  # fmt: skip
        pgtrigger.disable(guard)
    with as_portal(), connection.cursor() as cursor:
        cursor.execute(sql)
        assert cursor.rowcount


@pytest.mark.parametrize("change", ["DELETE FROM", "INSERT INTO"])
def test_nor_which_station_a_place_belongs_to(city, change):
    columns = "(unit_id, area_id) SELECT id, '330502' FROM directory_unit" if change.startswith("INSERT") else ""
    with as_portal(), pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        raw(f"{change} directory_unit_areas {columns}")


@pytest.mark.parametrize("model", ["unit", "officer", "area"])
def test_what_cases_point_at_is_never_deleted(office, city, model):
    row = {"unit": city.yuehe, "officer": city.officer.officer, "area": city.yuehe_area}[model]
    assert office.post(f"/admin/directory/{model}/{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert type(row).objects.filter(pk=row.pk).exists()


def test_a_new_plaza_day_is_chosen_at_intake_by_itself(office, city):
    place = {"name": "爱山广场", "area": city.yuehe_area.pk}
    assert office.post("/admin/plaza/place/add/", place).status_code == 302
    day = {"date": timezone.localdate().isoformat(), "title": "宪法日", "hours": "9:00–16:00", "places": ["1"]}
    from plaza.models import Place

    day["places"] = [Place.objects.get().pk]
    assert office.post("/admin/plaza/activityday/add/", day).status_code == 302
    clerk = Client()
    clerk.force_login(city.officer)
    assert "宪法日" in page_of(clerk.get("/desk/intake/"))
    assert len(recorded("office.added")) == 2


def category_form(category, **fields):
    kept = {"name": category.name, "kind": category.kind, "complexity": category.complexity, "order": category.order}
    kept |= {"reply_days": category.reply_days, "keywords": ",".join(category.keywords), "is_active": "on"}
    return {**kept, **fields}


def test_a_category_gives_new_cases_its_days_and_leaves_old_promises(office, city):
    old = factories.case(city, "accepted")
    path = "/admin/suggestions/category/noise/change/"
    assert office.post(path, category_form(city.noise, reply_days=9)).status_code == 302
    new = factories.case(city, "accepted", category=Category.objects.get(pk="noise"))
    assert calendar.workdays_between(old.accepted_at, old.due_at) == 5
    assert calendar.workdays_between(new.accepted_at, new.due_at) == 9
    old.refresh_from_db()
    assert calendar.workdays_between(old.accepted_at, old.due_at) == 5


@pytest.mark.parametrize("days", [0, 61, -1, "x"])
def test_a_category_always_allows_some_time(office, city, days):
    answer = office.post("/admin/suggestions/category/noise/change/", category_form(city.noise, reply_days=days))
    assert answer.status_code == 200
    assert Category.objects.get(pk="noise").reply_days == 5


def test_the_last_resort_stays_in_use(office, city):
    sent = category_form(city.other)
    del sent["is_active"]
    assert _(LAST) in page_of(office.post("/admin/suggestions/category/other/change/", sent))
    assert Category.objects.get(pk="other").is_active


# --- the calendar -----------------------------------------------------------------------------------------------


def test_a_calendar_correction_changes_the_deadlines_that_follow(office, city, technician):
    now = timezone.now()
    before = deadlines.to_accept(now)
    assert (
        office.post("/admin/core/calendarday/add/", {"date": before.date().isoformat(), "note": "台风停工"}).status_code
        == 302
    )
    after = deadlines.to_accept(now)
    assert after.date() > before.date()
    case = factories.say(city).suggestion
    assert timezone.localtime(Suggestion.objects.get(pk=case.pk).due_at).date() == after.date()
    assert CalendarDay.objects.get().changed_by == technician
    assert recorded("office.added")[0][0] == f"user:{technician.pk}"


def test_a_correction_can_be_taken_back_and_that_is_recorded_too(office, city):
    now = timezone.now()
    before = deadlines.to_accept(now)
    wrong = CalendarDay.objects.create(date=before.date(), is_workday=False)
    assert office.post(f"/admin/core/calendarday/{wrong.pk}/delete/", {"post": "yes"}).status_code == 302
    assert deadlines.to_accept(now) == before
    assert [data for _actor, _pk, data in recorded("office.deleted")] == [{"date": before.date().isoformat()}]


def test_a_day_is_corrected_once(office):
    CalendarDay.objects.create(date=date(2026, 12, 31), is_workday=False)
    assert office.post("/admin/core/calendarday/add/", {"date": "2026-12-31"}).status_code == 200
    assert CalendarDay.objects.count() == 1


@pytest.mark.parametrize("path", ["directory/membership", "directory/unit", "directory/officer", "plaza/place"])
def test_a_table_takes_a_fixed_number_of_statements(office, city, django_assert_max_num_queries, path):
    office.get(f"/admin/{path}/")
    with django_assert_max_num_queries(13):
        office.get(f"/admin/{path}/")


# --- what only the shell of the server does ---------------------------------------------------------------------------


def _superuser(person):
    User.objects.filter(pk=person.pk).update(is_superuser=True)


def _staff(person):
    User.objects.filter(pk=person.pk).update(is_staff=True)


def _demo(person):
    User.objects.filter(pk=person.pk).update(is_demo=True)


def _new_superuser(person):
    User.objects.create_staff("770009", None, is_superuser=True)


def _role_from_nobody(person):
    Membership.objects.create(user=person, role=Role.ADMIN)


ALONE = {
    _superuser: "accounts.User:technicians_are_made_by_two",
    _staff: "accounts.User:technicians_are_made_by_two",
    _new_superuser: "accounts.User:technicians_are_made_by_two",
    _demo: "accounts.User:demo_people_are_made_up",
    _role_from_nobody: "directory.Membership:proposed_by_somebody",
}


@pytest.mark.parametrize("act", ALONE, ids=lambda act: act.__name__)
def test_the_running_portal_gives_no_power_that_nobody_proposed(city, act):
    person = User.objects.create_staff("778899", None)
    with as_portal(), pytest.raises(IntegrityError, match="shell of the server"), transaction.atomic():
        act(person)


@pytest.mark.parametrize("act", ALONE, ids=lambda act: act.__name__)
def test_without_its_guard_it_would(city, act):
    person = User.objects.create_staff("778899", None)
    connection.check_constraints()  # a table with pending events cannot be altered
    pgtrigger.disable(ALONE[act])
    with as_portal():
        act(person)


def test_the_running_portal_makes_the_technician_whom_two_agreed_on(city, technician):
    person = User.objects.create_staff("778899", None)
    with as_portal():
        asked = admission.propose(person, "technician", reason="替补值班人员", by=technician)
        admission.confirm(asked, by=city.admin)
    assert User.objects.get(pk=person.pk).is_superuser
