"""The dashboards: figures as they stand in the rollups, hidden ones nowhere, officers only for who may see them."""

import io
import re
from datetime import date, timedelta

import pgtrigger
import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from core import pdf
from demo_city.evaluations.outcomes import load as load_outcomes
from evaluations.access.figures import visible_officers
from evaluations.models import Score, Wave
from evaluations.queries import dashboard
from evaluations.queries.dashboard import by_county, of_county, overview, units
from evaluations.scoring.together import together
from tests.evaluations import polls, rollups
from tests.evaluations.rollups import published, score, subject, write
from tests.pages import page_of

HIDDEN = "样本不足，不予公布"


def text(response):
    assert response.status_code == 200, response.status_code
    return page_of(response)


def city_page(client, **asked):
    return text(client.get(reverse("evaluations:city"), asked))


@pytest.fixture
def run(city):
    """A round with three stations: two shown with 90 and 80, one hidden with 12.34; the city is safe to 95.4."""
    run = published(city)
    write(
        score(run, None, "safety", 95.4, 2000),
        score(run, None, "visibility", 81.2, 2000),
        score(run, subject(run, unit=city.yuehe), "satisfaction", 90, 300),
        score(run, subject(run, unit=city.lianshi), "satisfaction", 80, 100),
        score(run, subject(run, unit=city.chaoyang), "satisfaction", 12.34, 20, shown=False),
    )
    return run


# --- what is shown -------------------------------------------------------------------------------------------------


def test_the_city_shows_its_figures_with_interval_n_and_what_counts_as_good(client, run):
    page = city_page(client)
    assert "95.4%" in page
    assert "n = 2,000" in page
    assert "95% 区间 94.4% – 96.2%" in page
    assert "4、5 档算好" in page
    assert "演示民调公司访问了 3,000 人" in page


def test_stations_together_are_weighed_by_their_answers(city, run):
    figure = overview([run])[run.pk, "satisfaction", "unit", "unit-station"]
    assert figure.points == pytest.approx((90 * 300 + 80 * 100) / 400)
    assert (figure.n, figure.of) == (400, 2)
    assert figure.low < figure.points < figure.high


def test_what_is_too_little_is_nowhere_on_any_page(client, city, run):
    pages = [
        city_page(client),
        text(client.get(reverse("evaluations:county", args=[330502]))),
        text(client.get(reverse("evaluations:unit", args=["wuxing-chaoyang"]))),
        text(client.get("/units/wuxing-chaoyang/")),
        city_page(client, wall=1),
    ]
    assert all("12.3" not in page for page in pages)
    assert HIDDEN in pages[1]
    assert HIDDEN in pages[2]
    with pgtrigger.ignore():
        Score.objects.filter(is_shown=False).update(is_shown=True, n=200, n_eff=200)  # without the floor it would be
    assert "12.3" in text(client.get(reverse("evaluations:county", args=[330502])))


def test_a_unit_without_figures_is_told_why(client, city):
    later = published(city)
    write(score(later, subject(later, unit=city.yuehe), "satisfaction", 90, 300))
    station, sub_bureau = (text(client.get(f"/evaluations/units/{code}/")) for code in ("nanxun-lianshi", "nanxun"))
    assert "这一次没有抽到这个派出所" in station
    assert "只调查派出所" not in station
    assert "民调只调查派出所" in sub_bureau


def test_a_hidden_figure_is_not_read_from_the_database(city, run):
    hidden = next(one for one in units(run) if one.code == "wuxing-chaoyang")
    assert hidden.figure("satisfaction") == dashboard.HIDDEN


def test_a_hidden_station_cannot_be_worked_out_from_its_county(city, run):
    [wuxing] = [one for code, one in by_county(units(run), "satisfaction").items() if code == "330502"]
    assert (wuxing.points, wuxing.n) == (pytest.approx(90), 300)  # the one shown station alone
    over = of_county([run], city.wuxing_area)[run.pk, "satisfaction"]
    assert (over.points, over.n) == (pytest.approx(90), 300)


def test_residents_and_people_with_business_are_never_put_together(client, city, run):
    contact = published(city, code="2026-2", kind="contact", ends=date(2026, 6, 30))
    write(score(contact, None, "safety", 61.7, 1000), score(contact, None, "visibility", 60, 1000))
    assert "61.7%" not in city_page(client)
    page = city_page(client, kind="contact")
    assert "61.7%" in page
    assert "95.4%" not in page
    assert dashboard.look(dashboard.Choice()).runs == [run]
    assert {key[0] for key in overview([run])} == {run.pk}


def test_nothing_is_shown_before_it_is_published(client, city):
    frozen = published(city, state="frozen")
    write(score(frozen, None, "safety", 95.4, 2000))
    page = city_page(client)
    assert "95.4%" not in page
    assert "还没有公布过结果" in page
    assert client.get(reverse("evaluations:report", args=[2026])).status_code == 404


def test_without_the_odd_interviews(client, city, run):
    clean = run.wave.runs.get(without_flagged=True)
    write(score(clean, None, "safety", 93.1, 1900))
    assert "93.1%" in city_page(client, flagged="without")
    assert "93.1%" not in city_page(client)


def test_unknown_choices_are_the_usual_ones(client, run):
    assert "95.4%" in city_page(client, kind="x'--", indicator="<script>", flagged="?")


def test_ranks_come_with_their_interval_or_not_at_all(client, run):
    page = text(client.get(reverse("evaluations:unit", args=["wuxing-yuehe"])))
    assert "第 1–7（共 9）" in page
    assert "第 3" not in page


def test_the_funnel_names_who_stands_out(client, city, run):
    with pgtrigger.ignore():
        Score.objects.filter(subject__code="nanxun-lianshi").update(signal=-1)
    assert "低于偶然波动范围的：练市派出所" in city_page(client)


@pytest.mark.parametrize("name", ["county", "unit"])
def test_what_is_not_there_is_not_found(client, run, name):
    assert client.get(reverse(f"evaluations:{name}", args=[999])).status_code == 404


def test_a_real_wave_from_interview_to_page(client, city):
    wave = polls.scored_wave(city, state="published", count=600)
    row = Score.objects.get(run__wave=wave, run__without_flagged=False, subject=None, indicator="safety")
    page = city_page(client)
    assert f"{row.points:.1f}%" in page
    assert f"n = {row.n:,}" in page


# --- together ------------------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(1, 1e5)), min_size=1, max_size=40))
def test_several_figures_together_lie_between_them(parts):
    made = together(parts)
    shares = [share for share, _size in parts]
    assert min(shares) - 1e-9 <= made.share <= max(shares) + 1e-9
    assert made.low <= made.share + 1e-9
    assert made.share <= made.high + 1e-9
    assert made.n_eff == pytest.approx(sum(size for _share, size in parts))


def test_nothing_together_is_nothing():
    assert together([]) is None
    assert together([(0.5, 0.0)]) is None


def test_sums_in_the_database_equal_sums_by_hand(city):
    run = rollups.large(city, units=30, officers=60, rounds=1)
    found = overview([run])
    for kind, group in (("unit", "unit-station"), ("officer", "community_officer-station")):
        shown = Score.objects.filter(run=run, subject__kind=kind, indicator="attitude", is_shown=True)
        by_hand = together([(float(s.points) / 100, float(s.n_eff)) for s in shown])
        figure = found[run.pk, "attitude", kind, group]
        assert figure.points == pytest.approx(by_hand.share * 100)
        assert figure.low == pytest.approx(by_hand.low * 100)
        assert figure.of == shown.count()


# --- officers ------------------------------------------------------------------------------------------------------


@pytest.fixture
def officers(city, run):
    mine, colleague, stranger = rollups.people_of(city)
    for person, points in ((mine, 88.8), (colleague, 77.7), (stranger, 66.6)):
        write(score(run, subject(run, unit=person.unit, officer=person), "satisfaction", points, 60))
    return mine, colleague, stranger


def test_who_sees_whose_figures(client, city, officers):
    mine, colleague, stranger = officers
    sees = {
        city.officer: {mine},
        city.leader: {mine, colleague},
        city.sub_leader: {mine, colleague, stranger},
        city.admin: {mine, colleague, stranger},
        city.auditor: {mine, colleague, stranger},
        city.citizen: set(), city.triage: set(), city.pollster: set(),
    }  # fmt: skip
    for who, whose in sees.items():
        client.force_login(who)
        assert set(visible_officers(who)) & set(officers) == whose
        for one in officers:
            status = client.get(reverse("evaluations:officer", args=[one.badge_number])).status_code
            assert status == (200 if one in whose else 404 if visible_officers(who).exists() else 403), (who, one)
    client.logout()
    assert client.get(reverse("evaluations:officer", args=[mine.badge_number])).status_code == 302


def test_the_public_sees_no_officer_on_any_page(client, city, officers):
    pages = city_page(client) + text(client.get(reverse("evaluations:unit", args=["wuxing-yuehe"])))
    assert not re.search(r"(88\.8|77\.7|66\.6)%", pages)
    assert officers[0].badge_number not in pages
    client.force_login(city.leader)
    assert "77.7%" in text(client.get(reverse("evaluations:unit", args=["wuxing-yuehe"])))


def test_a_leader_gone_is_a_leader_no_more(client, city, officers):
    city.leader.memberships.update(ends=timezone.now())
    client.force_login(city.leader)
    assert client.get(reverse("evaluations:officer", args=[officers[0].badge_number])).status_code == 403


def test_an_officers_page_says_how_the_figure_comes_about(client, city, officers):
    client.force_login(city.officer)
    page = text(client.get(reverse("evaluations:officer", args=[officers[0].badge_number])))
    for words in ("88.8%", "第 1–7（共 9）", "60 (60)", "0.80", "得分怎么算出来的", "不对外公开"):
        assert words in page
    assert "Interval" not in page


def test_an_officer_with_too_few_answers_sees_that(client, city, run):
    mine = city.officer.officer
    write(score(run, subject(run, unit=mine.unit, officer=mine), "satisfaction", 43.21, 12, shown=False))
    client.force_login(city.officer)
    page = text(client.get(reverse("evaluations:officer", args=[mine.badge_number])))
    assert HIDDEN in page
    assert "43.2" not in page


def test_kinds_of_work_show_people_only_from_five_on(client, city, officers):
    assert "社区民警" not in city_page(client)  # three officers are no group


def test_officers_are_paged_by_position(client, city):
    rollups.large(city, units=5, officers=60, rounds=1)
    client.force_login(city.admin)
    seen, address = [], reverse("evaluations:officers")
    while address:
        page = text(client.get(address))
        seen += re.findall(r"/evaluations/officers/(\d+)/", page)
        older = client.get(address).context["page"].older
        address = f"{reverse('evaluations:officers')}?cursor={older}" if older else ""
    assert len(seen) == len(set(seen)) == Score.objects.filter(
        subject__kind="officer", indicator="satisfaction", run__wave__kind="population", is_shown=True
    ).count()  # fmt: skip


# --- how much it takes -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(4, 12), (90, 400)])
def test_no_page_takes_more_than_twelve_statements(client, city, size, django_assert_max_num_queries):
    rollups.large(city, units=size[0], officers=size[1])
    load_outcomes(type("Context", (), {"seed": 2014}))
    client.force_login(city.admin)
    for address in (
        "/evaluations/", "/evaluations/?wall=1", "/evaluations/330502/", "/evaluations/units/s1/",
        "/evaluations/officers/", "/evaluations/officers/700001/", "/evaluations/2021.pdf",
    ):  # fmt: skip
        with django_assert_max_num_queries(13):  # twelve, and the session
            assert client.get(address).status_code == 200, address


# --- the wall, the report, the front door, open files -----------------------------------------------------------------


def test_the_wall_says_the_same_and_refreshes_without_scripts(client, city, run):
    load_outcomes(type("Context", (), {"seed": 2014}))
    page = city_page(client, wall=1)
    for words in ("95.4%", "吴兴区", "2009 年追赃率", "7%", "38%", "96.48%", "97.36%"):
        assert words in page
    assert '<noscript><meta http-equiv="refresh"' in page
    assert "site-nav" not in page


def test_external_assessments_and_recovery_stand_apart(client, city, run):
    load_outcomes(type("Context", (), {"seed": 2014}))
    page = city_page(client)
    polls_part, beside = page.split('id="beside"')
    for words in ("96.48%", "97.36%", "38.0%"):
        assert words not in polls_part
        assert words in beside
    assert "被盗被骗的钱，2009 年的案件追回 7.0%，2013 年的案件追回 38.0%。" in beside


def words_of(response):
    assert response["Content-Type"] == "application/pdf"
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(response.content)).pages)


def test_the_years_report_has_figures_intervals_and_sources(client, city, run):
    load_outcomes(type("Context", (), {"seed": 2014}))
    response = client.get(reverse("evaluations:report", args=[2026]))
    told = words_of(response).replace("\n", "")
    for words in (
        "95.4%",
        "94.4% – 96.2%",
        "月河派出所",
        "样本不足，不予公布：朝阳派出所",
        "ab" * 8,
        "96.48%",
        "38.0%",
        "2026.1",
    ):
        assert words in told, words
    assert "12.34" not in told
    assert client.get(reverse("evaluations:report", args=[2026])).content == response.content
    assert client.get(reverse("evaluations:report", args=[2019])).status_code == 404


def test_the_report_keeps_the_polls_apart(client, city, run):
    contact = published(city, code="2026-2", kind="contact", ends=date(2026, 6, 30))
    write(score(contact, None, "safety", 61.7, 1000))
    told = words_of(client.get(reverse("evaluations:report", args=[2026])))
    assert "95.4%" in told
    assert "61.7%" in told


def test_the_newest_poll_is_on_the_front_door_for_a_month(client, city, run):
    assert "群众怎么评价公安" in text(client.get("/"))
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert not [one for one in client.get("/").context["on_now"] if one.url == "/evaluations/"]


def test_a_stations_card_shows_its_newest_figures(client, city, run):
    page = text(client.get("/units/wuxing-yuehe/"))
    assert "90.0%" in page
    assert "/evaluations/units/wuxing-yuehe/" in page
    assert HIDDEN in text(client.get("/units/wuxing-chaoyang/"))


def test_the_open_files(client, city):
    load_outcomes(type("Context", (), {"seed": 2014}))
    for address in ("/open/recovery.csv", "/open/data/recovery.csv"):
        lines = b"".join(client.get(address)).decode("utf-8-sig").splitlines()
        assert lines[0].startswith("year,cases,loss,recovered,recovery_rate")
        assert lines[1].split(",")[4] == "7.0"
        assert lines[5].split(",")[4] == "38.0"
    external = b"".join(client.get("/open/external.csv")).decode()
    assert "96.48" in external
    assert "97.36" in external


def test_a_year_of_few_cases_is_hidden_in_the_open_file_too(client, city):
    from tests.evaluations.test_outcomes import take

    take("a,2013,wuxing-yuehe,100,77,1")
    line = b"".join(client.get("/open/recovery.csv")).decode().splitlines()[1]
    assert line.startswith("2013,<10,,")
    assert "77" not in line


def test_the_pdf_template_draws(city, run):
    from evaluations.report import report_data

    data = report_data(2026)
    data.pop("at")
    assert len(pdf.render_png("evaluations", data, ppi=30)) >= 2
    assert Wave.objects.count() == 1
