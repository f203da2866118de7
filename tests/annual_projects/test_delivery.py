"""The ten are carried out: steps with owners and dates, reminders, figures by month, ratings, and everybody is told."""

import io
from datetime import date, timedelta

import pytest
from django.db import connection
from django.utils import timezone
from PIL import Image

from accounts.models import Notification, User
from annual_projects import services
from annual_projects.errors import NotNow
from annual_projects.events import open_the_projects
from annual_projects.models import CandidateVoice, MilestoneReminder, Project, Telling
from annual_projects.queries import delivery, editions
from core.errors import Invalid, NotAllowed
from core.files import clean_upload
from core.models import OutboxEvent
from tests import factories, papers
from tests.annual_projects import worlds


@pytest.fixture
def edition(city):
    return worlds.edition(city, "delivering")


@pytest.fixture
def project(edition):
    return edition.projects.select_related("candidate", "edition").first()


def verified() -> User:
    person = factories.citizen()
    person.id_fingerprint, person.id_verified_at = f"fp-{person.pk}", timezone.now()
    person.save()
    return person


def sent_back(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


# --- steps --------------------------------------------------------------------------------------------------------


def test_the_first_step_done_begins_the_project(city, project):
    step = worlds.milestone(city, project)
    assert Project.objects.get(pk=project.pk).state == "planned"
    services.finish_milestone(step, by=city.leader, done_on=timezone.localdate())
    assert Project.objects.get(pk=project.pk).state == "underway"


@pytest.mark.parametrize("who", ["officer", "leader", "sub_leader", "admin"])
def test_those_responsible_report(city, project, who):
    assert services.report_progress(project, by=getattr(city, who), words="第一批已装好。").pk


@pytest.mark.parametrize("who", ["chaoyang_officer", "chaoyang_leader", "triage", "auditor", "citizen", "pollster"])
def test_others_do_not(city, project, who):
    with pytest.raises(NotAllowed):
        services.report_progress(project, by=getattr(city, who), words="第一批已装好。")


def test_a_unit_with_a_step_reports_too(city, project):
    services.add_milestone(project, by=city.admin, title="朝阳先试", unit=city.chaoyang, due_on=date(2030, 1, 1))
    assert services.report_progress(project, by=city.chaoyang_leader, words="试点开始。").unit == city.chaoyang


def test_no_step_is_done_tomorrow(city, project):
    step = worlds.milestone(city, project)
    with pytest.raises(Invalid):
        services.finish_milestone(step, by=city.admin, done_on=timezone.localdate() + timedelta(days=1))


def test_a_moved_or_dropped_step_says_why(city, project):
    step = worlds.milestone(city, project)
    with pytest.raises(NotAllowed):
        services.move_milestone(step, by=city.leader, due_on=date(2030, 1, 1), reason="设备晚到。")
    with pytest.raises(Invalid):
        services.move_milestone(step, by=city.admin, due_on=date(2030, 1, 1), reason="")
    dropped = services.drop_milestone(step, by=city.admin, reason="并到下一步。")
    assert (dropped.state, dropped.note) == ("dropped", "并到下一步。")
    with pytest.raises(NotNow):
        services.finish_milestone(step, by=city.admin, done_on=date(2026, 1, 1))


# --- reminders ----------------------------------------------------------------------------------------------------


def told(person: User) -> list[str]:
    return list(Notification.objects.filter(user=person, channel="site").values_list("subject", flat=True))


def test_a_late_step_is_reminded_of_once_and_again_a_week_later(city, project):
    step = worlds.milestone(city, project, days=-3)
    assert services.send_milestone_reminders() == 1
    assert services.send_milestone_reminders() == 0
    assert len(told(city.leader)) == len(told(city.admin)) == 1
    following = step.reminders.get(sent_at=None, cancelled_at=None)
    assert timedelta(days=5) < following.due_at - timezone.now() <= timedelta(days=8)


def test_before_its_date_only_the_unit_is_reminded(city, project):
    worlds.milestone(city, project, days=30)
    sent_back("UPDATE annual_projects_milestonereminder SET due_at = now() - interval '1 minute' WHERE kind = 'soon'")
    assert services.send_milestone_reminders() == 1
    assert (len(told(city.leader)), len(told(city.admin)), len(told(city.chaoyang_leader))) == (1, 0, 0)


def test_a_step_that_is_done_or_moved_needs_none(city, project):
    step, moved = worlds.milestone(city, project), worlds.milestone(city, project)
    services.finish_milestone(step, by=city.admin, done_on=timezone.localdate())
    services.move_milestone(moved, by=city.admin, due_on=timezone.localdate() + timedelta(days=60), reason="等设备。")
    assert not step.reminders.filter(cancelled_at=None).exists()
    assert {reminder.due_at.astimezone().date() for reminder in moved.reminders.filter(cancelled_at=None)} >= {
        timezone.localdate() + timedelta(days=53)
    }


def test_a_reminder_that_outlived_its_step_is_cancelled(city, project):
    step = worlds.milestone(city, project, days=-3)
    MilestoneReminder.objects.filter(milestone=step).update(cancelled_at=None)
    sent_back("UPDATE annual_projects_milestone SET state = 'done', settled_on = now(), settled_by_id = 1 WHERE false")
    services.finish_milestone(step, by=city.admin, done_on=timezone.localdate())
    MilestoneReminder.objects.filter(milestone=step).update(cancelled_at=None)
    assert services.send_milestone_reminders() == 0
    assert told(city.leader) == []


# --- figures ------------------------------------------------------------------------------------------------------


def count(city, project, number, month=date(2026, 5, 1), **said):
    said = {"definition": "办理户口迁移的群众", "source": "户政系统"} | said
    return services.count_beneficiaries(project, by=city.admin, month=month, number=number, **said)


def test_people_served_add_up_by_definition(city, project):
    for month, number in ((4, 30_000), (5, 52_000)):
        count(city, project, number, date(2026, month, 15))
    count(city, project, 2_847, definition="落上户口的无户口人员")
    found = delivery.served(project.beneficiaries.all())
    assert [(one.definition, one.people, len(one.months)) for one in found] == [
        ("办理户口迁移的群众", 82_000, 2),
        ("落上户口的无户口人员", 2_847, 1),
    ]


def test_a_month_recorded_again_is_corrected(city, project):
    count(city, project, 100)
    count(city, project, 90)
    assert [row.number for row in project.beneficiaries.all()] == [90]


@pytest.mark.parametrize("number", [-1, 3_000_001])
def test_impossible_numbers_are_refused(city, project, number):
    with pytest.raises(Invalid):
        count(city, project, number)


def test_months_to_come_are_refused(city, project):
    with pytest.raises(Invalid):
        count(city, project, 1, timezone.localdate() + timedelta(days=40))


def test_a_rule_is_recorded_once(city, project):
    rule = {"title": "一窗通办规定", "document_number": "演公户1号", "issued_on": date(2026, 2, 10)}
    services.issue_measure(project, by=city.admin, **rule)
    with pytest.raises(Invalid) as refused:
        services.issue_measure(project, by=city.admin, **rule)
    assert list(refused.value.fields) == ["document_number"]


def test_photos_are_made_anew_and_other_files_refused(city, project, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "navy").save(picture, "PNG")
    from django.core.files.uploadedfile import SimpleUploadedFile

    photo = clean_upload(SimpleUploadedFile("a.png", picture.getvalue()))
    report = services.report_progress(project, by=city.admin, words="装好了。", photos=[photo, photo])
    assert [(one.mime, one.width) for one in report.photos.all()] == [("image/jpeg", 40)]
    pdf = clean_upload(SimpleUploadedFile("a.pdf", papers.paper()))
    with pytest.raises(Invalid):
        services.report_progress(project, by=city.admin, words="装好了。", photos=[pdf])


def test_a_hidden_report_is_gone_from_the_page_and_stays_on_record(city, project):
    report = services.report_progress(project, by=city.admin, words="照片里有个孩子。")
    services.hide_report(report, by=city.admin, reason="家长不同意。")
    assert delivery.delivery(project).reports == []
    assert [one.pk for one in delivery.delivery(project, hidden=True).reports] == [report.pk]


def test_progress_counts_steps_and_late_ones(city, edition, project):
    services.finish_milestone(worlds.milestone(city, project), by=city.admin, done_on=timezone.localdate())
    worlds.milestone(city, project, days=-2)
    services.drop_milestone(worlds.milestone(city, project), by=city.admin, reason="不用了。")
    line = editions.ten(edition)[0]
    assert (line.done, line.steps, line.late, line.share) == (1, 2, 1, 0.5)


# --- the result, and everybody is told ----------------------------------------------------------------------------


def test_the_result_of_the_vote_opens_the_projects(city):
    made = worlds.edition(city, "result")
    ids = list(made.candidates.on_the_ballot().values_list("pk", flat=True))
    ranked = [ids[2], ids[0], ids[3]]
    event = {"edition": made.pk, "ranked": ranked, "votes": [900, 800, 700]}
    open_the_projects(**event)
    open_the_projects(**event)
    assert list(made.projects.values_list("rank", "candidate", "votes")) == [
        (1, ids[2], 900), (2, ids[0], 800), (3, ids[3], 700),
    ]  # fmt: skip


def behind(city, candidate, many=3):
    """Voices of citizens who can be told, behind a candidate, as the desk would have linked them."""
    import pgtrigger

    people = [factories.citizen() for _ in range(many)]
    voices = [factories.say(city, user=person).suggestion for person in people]
    with pgtrigger.ignore("annual_projects.CandidateVoice:frozen_list_stands"):
        for voice in voices:
            CandidateVoice.objects.create(candidate=candidate, suggestion=voice)
    return people


def test_everybody_behind_a_candidate_is_told_once(city):
    made = worlds.edition(city, "reviewing")
    worlds.freeze(city, made)
    people = behind(city, made.candidates.first())
    assert Telling.objects.count() == 4
    assert services.tell_voices() == 3
    assert services.tell_voices() == 0
    heads = [
        Notification.objects.filter(user=p, channel="site", subject__startswith="您说的事成了候选").count()
        for p in people
    ]
    assert heads == [1, 1, 1]


def test_telling_goes_on_where_it_stopped(city, monkeypatch):
    from annual_projects.services import telling

    monkeypatch.setattr(telling, "AT_ONCE", 2)
    made = worlds.edition(city, "reviewing")
    worlds.freeze(city, made)
    behind(city, made.candidates.first(), many=3)
    assert services.tell_voices(batch=2) == 2
    assert Telling.objects.filter(done_at=None, told_to__gt=0).count() == 1
    assert services.tell_voices() == 1
    assert not Telling.objects.filter(done_at=None).exists()


def test_what_a_project_changed_is_told_and_leads_to_its_page(city, edition, project):
    person = behind(city, project.candidate, many=1)[0]
    worlds.settle(city, project)
    services.tell_voices()
    word = Notification.objects.get(user=person, channel="site", subject__startswith="办成了")
    assert word.link == project.get_absolute_url()
    assert str(edition.year) in word.body


def test_a_percent_sign_in_a_title_harms_nothing(city):
    made = worlds.edition(city, "collecting")
    for title in ("追赃率到50%", "%(number)s", "甲", "乙"):
        one = worlds.candidate(city, made, "under_review", title=title)
        services.review(one, services.Verdict(True, "能办。"), by=city.admin)
    import pgtrigger

    with pgtrigger.ignore("annual_projects.Edition:phase_keeps_the_hour"):
        sent_back("UPDATE annual_projects_edition SET phase = 'reviewing'")
    worlds.freeze(city, made)
    with pgtrigger.ignore("annual_projects.CandidateVoice:frozen_list_stands"):
        for one in made.candidates.all():
            voice = factories.say(city, user=factories.citizen()).suggestion
            CandidateVoice.objects.create(candidate=one, suggestion=voice)
    assert services.tell_voices() == 4
    assert Notification.objects.filter(subject="您说的事成了候选项目：追赃率到50%").exists()


def test_settling_says_whether_it_was_delivered(city, project):
    services.settle_project(project, by=city.admin, delivered=False, achieved=79, words="人手不够,没有做到。")
    project.refresh_from_db()
    assert (project.state, project.achieved) == ("not_delivered", 79)
    assert OutboxEvent.objects.filter(topic="annual_projects.settled").exists()
    with pytest.raises(NotNow):
        services.settle_project(project, by=city.admin, delivered=True, achieved=80, words="又做到了。")


# --- ratings ------------------------------------------------------------------------------------------------------


def test_a_verified_citizen_rates_once_while_the_year_is_judged(city):
    project = worlds.edition(city, "judged").projects.first()
    person = verified()
    services.rate_project(project, user=person, level=5, comment="真办事。")
    with pytest.raises(Invalid):
        services.rate_project(project, user=person, level=1)
    with pytest.raises(NotAllowed):
        services.rate_project(project, user=city.citizen, level=5)
    with pytest.raises(Invalid):
        services.rate_project(project, user=verified(), level=6)


def test_not_before(city, project):
    with pytest.raises(NotNow):
        services.rate_project(project, user=verified(), level=5)


def test_fewer_than_ten_ratings_are_no_figure(city):
    project = worlds.edition(city, "judged").projects.first()
    for _ in range(9):
        services.rate_project(project, user=verified(), level=5)
    assert (delivery.ratings(project).count, delivery.ratings(project).average) == (9, None)
    services.rate_project(project, user=verified(), level=1)
    seen = delivery.ratings(project)
    assert (seen.count, seen.average, seen.satisfied) == (10, 4.6, 0.9)


def test_a_finished_year_takes_no_more_figures(city):
    project = worlds.edition(city, "archived").projects.first()
    with pytest.raises(NotNow):
        count(city, project, 1)


# --- too long is refused by its field, and nothing is cut -------------------------------------------------------------

LONG = "长" * 3000
TODAY = date(2026, 11, 1)
WRITES = {
    "title": lambda c, one: services.add_milestone(one, by=c.admin, title=LONG, unit=c.yuehe, due_on=TODAY),
    "reason": lambda c, one: services.move_milestone(worlds.milestone(c, one), by=c.admin, due_on=TODAY, reason=LONG),
    "note": lambda c, one: services.finish_milestone(worlds.milestone(c, one), by=c.admin, done_on=TODAY, note=LONG),
    "closing_words": lambda c, one: services.settle_project(one, by=c.admin, delivered=False, achieved=1, words=LONG),
    "text": lambda c, one: services.report_progress(one, by=c.admin, words=LONG),
    "document_number": lambda c, one: services.issue_measure(
        one, by=c.admin, title="x", document_number=LONG, issued_on=TODAY
    ),
    "summary": lambda c, one: services.issue_measure(
        one, by=c.admin, title="x", document_number="1", issued_on=TODAY, summary=LONG
    ),
    "definition": lambda c, one: services.count_beneficiaries(
        one, by=c.admin, month=TODAY, definition=LONG, source="x", number=1
    ),
    "source": lambda c, one: services.count_beneficiaries(
        one, by=c.admin, month=TODAY, definition="x", source=LONG, number=1
    ),
}


@pytest.mark.parametrize("field", WRITES)
def test_what_is_too_long_is_refused_by_its_field(city, project, field):
    with pytest.raises(Invalid) as refused:
        WRITES[field](city, project)
    assert list(refused.value.fields) == [field]
