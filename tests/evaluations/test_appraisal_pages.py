"""The pages of schemes, appraisals and appeals: who sees which, what they say, and how many questions they ask."""

import pytest
from django.urls import reverse

from evaluations import services
from evaluations.access.figures import visible_appraisals
from evaluations.explaining import percent
from evaluations.models import Appeal, AppraisalRun, Scheme
from tests.evaluations import appraisals
from tests.evaluations.appraisals import WEIGHTS, person
from tests.pages import page_of


def address(name, *args):
    return reverse(f"evaluations:{name}", args=args)


def text(response):
    return page_of(response)


@pytest.fixture
def year(city):
    return appraisals.appraised_year(city)


def weights(**given):
    return {f"w_{key}": value for key, value in given.items()}


ABOUT = {"year": "2026", "about": "officer", "role": "community_officer", "title": "社区民警考评"}


# --- who sees what ----------------------------------------------------------------------------------------------------


def test_rows_are_seen_by_the_table(city, year):
    one, everything = year.complete[0], year.run.appraisals.count()
    assert visible_appraisals(city.admin).count() == visible_appraisals(city.auditor).count() == everything
    assert list(visible_appraisals(person(one))) == [one]
    assert visible_appraisals(city.leader).count() == everything
    assert visible_appraisals(city.sub_leader).count() == everything
    for nobody in (city.chaoyang_leader, city.chaoyang_officer, city.triage, city.pollster, city.citizen):
        assert not visible_appraisals(nobody).exists()
    for action in ("own", "appeal", "export"):
        assert list(visible_appraisals(person(one), action)) == [one]
        assert not visible_appraisals(city.leader, action).exists()
    assert visible_appraisals(city.auditor, "export").count() == everything
    assert not visible_appraisals(city.admin, "export").exists()


def test_a_leader_sees_the_units_and_their_own_only_as_the_appraised(city, year):
    one = year.complete[0]
    leader = person(one)
    appraisals.leads(leader, city.yuehe)
    assert one not in visible_appraisals(person(one), "read").exclude(officer__user=leader)
    leader.memberships.filter(role="officer").update(ends=appraisals.MARCH)
    assert one not in visible_appraisals(person(one), "read")
    assert visible_appraisals(person(one), "read").count() == year.run.appraisals.count() - 1
    assert list(visible_appraisals(person(one), "own")) == [one]


def test_before_it_is_made_known_only_who_works_on_it_sees_it(city):
    year = appraisals.appraised_year(city, state="frozen")
    one = year.complete[0]
    for who in (person(one), city.leader):
        assert not visible_appraisals(who, "read").exists()
        assert not visible_appraisals(who, "own").exists()
    assert visible_appraisals(city.admin).exists()


def test_everybody_opens_their_own(client, city, year):
    one, other = year.complete[:2]
    for who, page, status in (
        (person(one), address("appraisal", one.pk), 200),
        (person(one), address("appraisal", other.pk), 404),
        (person(one), address("appraisals"), 200),
        (person(one), address("run", year.run.pk), 403),
        (person(one), address("appraisal_file", one.pk, "inputs"), 200),
        (person(one), address("appraisal_file", other.pk, "inputs"), 404),
        (person(one), address("run_file", year.run.pk, "inputs"), 404),
        (person(one), address("schemes"), 403),
        (person(one), address("appeals"), 403),
        (city.leader, address("appraisal", one.pk), 200),
        (city.leader, address("appraisal_file", one.pk, "inputs"), 404),
        (city.chaoyang_leader, address("appraisal", one.pk), 404),
        (city.triage, address("appraisal", one.pk), 403),
        (city.pollster, address("appraisals"), 403),
        (city.citizen, address("appraisals"), 403),
        (city.auditor, address("run", year.run.pk), 200),
        (city.auditor, address("run_file", year.run.pk, "inputs"), 200),
        (city.auditor, address("run_file", year.run.pk, "other"), 404),
        (city.auditor, address("scheme_new"), 403),
        (city.admin, address("run_file", year.run.pk, "inputs"), 403),
        (city.admin, address("appraisal", one.pk), 200),
        (city.admin, address("scheme", 999_999_999), 404),
    ):
        client.force_login(who)
        assert client.get(page).status_code == status, (who.pk, page)


def test_the_rail_leads_an_officer_to_their_own(client, year):
    client.force_login(person(year.complete[0]))
    assert address("appraisals") in text(client.get("/desk/"))
    assert address("appraisal", year.complete[0].pk) in text(client.get(address("appraisals")))


def test_a_leader_looks_somebody_up(client, city, year):
    one, other = year.complete[:2]
    client.force_login(city.leader)
    page = text(client.get(address("appraisals"), {"q": one.officer.badge_number}))
    assert address("appraisal", one.pk) in page
    assert address("appraisal", other.pk) not in page
    assert "没有查到" in text(client.get(address("appraisals"), {"q": "%_\x00'"}))


# --- schemes ----------------------------------------------------------------------------------------------------------


def test_a_scheme_on_the_pages(client, city):
    client.force_login(city.admin)
    assert "还没有考评方案" in text(client.get(address("schemes")))
    page = text(client.get(address("scheme_new")))
    assert 'data-weight="public"' in page
    sent = client.post(address("scheme_new"), ABOUT | weights(**WEIGHTS))
    scheme = Scheme.objects.get()
    assert sent.headers["Location"] == address("scheme", scheme.pk)
    assert "要由另一人锁定" in text(client.get(address("scheme", scheme.pk)))
    assert client.post(address("scheme_lock", scheme.pk)).status_code == 403
    client.force_login(city.admin2)
    assert client.post(address("scheme_lock", scheme.pk)).status_code == 303
    scheme.refresh_from_db()
    assert scheme.locked_by == city.admin2
    refused = client.post(address("scheme_work_out", scheme.pk), follow=True)
    assert "当年还没有冻结或公布的民调" in text(refused)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (weights(satisfaction=5099, on_time=4901), "现在是 5099"),
        (weights(satisfaction=5100, on_time=4901), "现在是 10001"),
        (weights(satisfaction="x", on_time=4900), "w_satisfaction"),
        (weights(satisfaction=-1, on_time=4900), "w_satisfaction"),
        ({"year": "99999"} | weights(**WEIGHTS), "2011"),
        ({"about": "unit", "role": ""} | weights(satisfaction=5100, unit_on_time=4900), "unit_on_time"),
        ({"title": ""} | weights(**WEIGHTS), "id_title"),
    ],
)
def test_a_scheme_that_does_not_come_out_keeps_what_was_typed(client, city, given, says):
    client.force_login(city.admin)
    page = client.post(address("scheme_new"), ABOUT | given)
    assert page.status_code == 422
    assert says in text(page)
    assert 'value="社区民警考评"' in text(page) or given.get("title") == ""
    assert not Scheme.objects.exists()


# --- a run ------------------------------------------------------------------------------------------------------------


def test_a_run_is_frozen_by_a_second_person_and_made_known(client, city):
    year = appraisals.appraised_year(city, state="draft")
    client.force_login(city.admin)
    assert "要由另一人冻结" in text(client.get(address("run", year.run.pk)))
    assert client.post(address("run_step", year.run.pk, "freeze")).status_code == 403
    client.force_login(city.admin2)
    for name, state in (("freeze", "frozen"), ("publish", "published")):
        assert f"/steps/{name}/" in text(client.get(address("run", year.run.pk)))
        assert client.post(address("run_step", year.run.pk, name)).status_code == 303
        assert AppraisalRun.objects.get(pk=year.run.pk).state == state
    assert client.post(address("run_step", year.run.pk, "x")).status_code == 404
    page = text(client.get(address("run", year.run.pk)))
    assert address("run_file", year.run.pk, "inputs") not in page
    city.admin2.memberships.create(role="officer", unit=city.yuehe, starts=appraisals.MARCH)
    assert address("run_file", year.run.pk, "inputs") not in text(client.get(address("run", year.run.pk)))
    assert client.get(address("run_file", year.run.pk, "inputs")).status_code == 404
    assert str(year.complete[0].total) in page
    assert year.run.inputs_sha256 in page


def test_the_alarm_is_said(client, city):
    year = appraisals.appraised_year(city, state="draft")
    client.force_login(city.admin2)
    assert "实际作用不够" not in text(client.get(address("run", year.run.pk)))
    AppraisalRun.objects.update(effective_public="0.5099")
    assert "实际作用不够" in text(client.get(address("run", year.run.pk)))
    AppraisalRun.objects.update(effective_public="0.5100")
    assert "实际作用不够" not in text(client.get(address("run", year.run.pk)))


# --- one appraisal ----------------------------------------------------------------------------------------------------


def test_the_page_says_how_it_came_about(client, year):
    one = year.complete[0]
    client.force_login(person(one))
    page = text(client.get(address("appraisal", one.pk)))
    line = one.lines.get(component__key="satisfaction")
    assert f"问卷 {line.inputs['n']} 份，得分 {line.inputs['points']}" in page
    assert f"{line.score} × 31% = {line.points}" in page
    assert f"在 {line.inputs['low']} 到 {line.inputs['high']} 之间" in page
    assert "/open/polls/2026-1/scores.csv" in page
    house = one.lines.get(component__key="on_time").inputs
    assert f"到期 {house['cases']} 件，按时答复 {house['good']} 件" in page
    assert f"<strong>{one.total}</strong>" in page
    assert year.run.inputs_sha256 in page


@pytest.mark.parametrize(
    ("weight", "says"), [(2000, "20%"), (3100, "31%"), (5125, "51.25%"), (10, "0.1%"), (10_000, "100%")]
)
def test_basis_points_in_percent(weight, says):
    assert percent(weight) == says


def test_without_enough_answers_the_page_says_so_and_shows_no_figure(client, city):
    year = appraisals.appraised_year(city, count=120)
    one = year.appraisals[0]
    client.force_login(person(one))
    page = text(client.get(address("appraisal", one.pk)))
    assert "样本不足，不予公布" in page
    assert "问卷 " not in page.split('id="main"')[1]
    assert "不分摊给别的项" in page


def test_an_appeal_and_its_answer(client, city, year):
    one = year.complete[0]
    officer, here = person(one), address("appraisal", one.pk)
    client.force_login(officer)
    assert client.post(here, {"text": "  "}).status_code == 422
    long = client.post(here, {"text": "长" * 2001})
    assert (long.status_code, "长" * 2001 in text(long)) == (422, True)
    assert client.post(here, {"text": "有一件是别人的。<script>"}).status_code == 303
    page = text(client.get(here))
    assert "&lt;script&gt;" in page
    assert "提交申诉" not in page
    assert client.post(here, {"text": "再来"}).status_code == 409
    made = Appeal.objects.get()
    client.force_login(city.admin)
    assert "要由别人处理" in text(client.get(address("appeal", made.pk)))
    assert client.post(address("appeal", made.pk), {"outcome": "upheld", "reasons": "对。"}).status_code == 403
    client.force_login(city.admin2)
    assert address("appeal", made.pk) in text(client.get(address("appeals")))
    decide = address("appeal", made.pk)
    for wrong in ({}, {"outcome": "upheld"}, {"outcome": "upheld", "reasons": "对。", "not_counted": "2026-000000"}):
        refused = client.post(decide, wrong)
        assert refused.status_code == 422
    assert "2026-000000" in text(refused)
    late = one.officer.suggestions.order_by("-number").first().number
    assert client.post(
        decide, {"outcome": "upheld", "reasons": "该件先派错了所。", "not_counted": f" {late}，"}
    ).status_code == 303  # fmt: skip
    assert late in text(client.get(decide))
    assert client.post(decide, {"outcome": "rejected", "reasons": "改"}).status_code == 409
    again = AppraisalRun.objects.get(number=2)
    services.work_out_appraisals(again.pk)
    client.force_login(city.admin)
    client.post(address("run_step", again.pk, "freeze"))
    client.post(address("run_step", again.pk, "publish"))
    client.force_login(officer)
    page = text(client.get(here))
    assert "该件先派错了所。" in page
    new = again.appraisals.get(officer=one.officer)
    assert address("appraisal", new.pk) in page
    assert client.get(address("appraisal", new.pk)).status_code == 200
    assert address("appraisal", one.pk) not in text(client.get(address("appraisals")))


def test_who_leads_appeals_for_nobody_else(client, city, year):
    client.force_login(city.leader)
    here = address("appraisal", year.complete[0].pk)
    assert "提交申诉" not in text(client.get(here))
    assert client.post(here, {"text": "替他说。"}).status_code == 403
    client.force_login(city.admin)
    assert client.post(here, {"text": "替他说。"}).status_code == 403


def test_who_leads_a_unit_appeals_for_the_unit(client, city):
    wave = appraisals.polls.scored_wave(city, state="published")
    appraisals.voices(city, city.officer.officer)
    scheme = appraisals.locked_scheme(
        city, {"satisfaction": 5100, "on_time": 4900}, about="unit", role="", title="派出所考评"
    )  # fmt: skip
    run = appraisals.advance(city, services.run_appraisals(scheme, by=city.admin), "published")
    one = run.appraisals.get(unit=city.yuehe)
    assert wave.year == 2026
    client.force_login(city.leader)
    assert client.post(address("appraisal", one.pk), {"text": "不对。"}).status_code == 303
    client.force_login(city.sub_leader)
    assert "提交申诉" not in text(client.get(address("appraisal", one.pk)))


# --- how many questions -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("officers", [6, 14])
def test_pages_ask_a_fixed_number_of_questions(client, city, django_assert_max_num_queries, officers):
    year = appraisals.appraised_year(city, officers=officers, count=100 * officers)
    one = year.complete[0]
    for appraised in year.complete[1:4]:
        services.appeal(appraised, text="不对。", by=person(appraised))
    made = Appeal.objects.first()
    pages = [
        (city.admin, address("schemes"), 8), (city.admin, address("scheme", year.scheme.pk), 9),
        (city.admin, address("scheme_new"), 6), (city.admin, address("appraisals"), 8),
        (city.admin, address("run", year.run.pk), 11), (city.admin, address("appeals"), 8),
        (city.admin, address("appeal", made.pk), 11), (city.admin, address("appraisal", one.pk), 18),
        (city.leader, address("appraisals"), 10), (person(one), address("appraisals"), 10),
        (person(one), address("appraisal", one.pk), 18), (city.auditor, address("run_file", year.run.pk, "inputs"), 12),
    ]  # fmt: skip
    for who, page, most in pages:
        client.force_login(who)
        with django_assert_max_num_queries(most + 1):  # the session
            assert client.get(page).status_code == 200


# --- programs ---------------------------------------------------------------------------------------------------------


def test_programs_read_what_their_person_may_see(client, city, year, django_assert_max_num_queries):
    one = year.complete[0]
    assert client.get("/api/v1/appraisals/").status_code == 401
    for who, count in ((person(one), 1), (city.leader, len(year.appraisals)), (city.auditor, len(year.appraisals))):
        client.force_login(who)
        with django_assert_max_num_queries(9):
            rows = client.get("/api/v1/appraisals/").json()["results"]
        assert len(rows) == count
    client.force_login(person(one))
    row = client.get("/api/v1/appraisals/").json()["results"][0]
    assert row["total"] == str(one.total)
    assert [line["weight"] for line in row["lines"]] == [2000, 3100, 2900, 2000]
    assert row["inputs_sha256"] == year.run.inputs_sha256
    assert client.get(f"/api/v1/appraisals/{one.pk}/").json() == row
    assert client.get(f"/api/v1/appraisals/{year.complete[1].pk}/").status_code == 404
    assert client.get("/api/v1/appraisals/", {"year": 2025}).json()["results"] == []
    assert len(client.get("/api/v1/appraisals/", {"is_current": "true"}).json()["results"]) == 1
    assert client.get("/api/v1/appraisals/", {"year": "x"}).status_code == 422
    client.force_login(city.triage)
    assert client.get("/api/v1/appraisals/").status_code == 403
