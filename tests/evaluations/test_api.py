"""Programs read what is published and may be shown, and nothing else."""

from evaluations.models import PooledScore, Score
from evaluations.public_names import public_name
from tests.evaluations import polls
from tests.pages import page_of


def test_only_what_is_published_and_shown(client, city, django_assert_max_num_queries):
    wave = polls.scored_wave(city, state="frozen", count=600)
    assert client.get("/api/v1/waves/").json()["results"] == []
    assert client.get("/api/v1/scores/").json()["results"] == []
    polls.services.publish(wave, by=city.admin2)
    assert [row["code"] for row in client.get("/api/v1/waves/").json()["results"]] == [wave.code]
    with django_assert_max_num_queries(6):
        rows = client.get("/api/v1/scores/", {"indicator": "satisfaction"}).json()["results"]
    shown = Score.objects.filter(is_shown=True, indicator="satisfaction", run__without_flagged=False)
    assert len(rows) == shown.count() > 6
    assert {row["kind"] for row in rows} == {"officer", "unit"}
    assert all(row["wave"] == wave.code and row["inputs_sha256"] for row in rows)


def test_an_officer_is_found_by_nobody_who_knows_the_badge_number(client, city):
    wave = polls.scored_wave(city, state="published", count=600)
    shown = Score.objects.filter(is_shown=True, subject__kind="officer", run__without_flagged=False)
    badges = set(shown.values_list("subject__code", flat=True))
    answer = client.get("/api/v1/scores/")
    assert badges
    assert not [badge for badge in badges if badge in page_of(answer)]
    names = {row["subject"] for row in answer.json()["results"] if row["kind"] == "officer"}
    told = {public_name("officer", code, wave=wave.code, indicator=of) for code, of in shown.values_list(
        "subject__code", "indicator"
    )}  # fmt: skip
    assert names == told
    assert len(told) > len(badges)  # another one for every figure
    assert {(row["n"], row["dont_know"]) for row in answer.json()["results"] if row["kind"] == "officer"} == {
        (None, None)
    }
    assert client.get("/api/v1/scores/", {"unit": badges.pop()}).json()["results"] == []


def test_a_unit_is_found_by_its_code(client, city):
    polls.scored_wave(city, state="published", count=600)
    rows = client.get("/api/v1/scores/", {"unit": city.yuehe.code}).json()["results"]
    assert {(row["kind"], row["subject"]) for row in rows} == {("unit", city.yuehe.code)}
    assert client.get("/api/v1/scores/", {"indicator": "x"}).status_code == 422


def test_figures_over_several_waves_name_their_waves_and_nobody(client, city, django_assert_max_num_queries):
    polls.half_year(city, 0, officers=6)
    wave = polls.half_year(city, 1, to="frozen")
    assert client.get("/api/v1/scores/pooled/").json()["results"] == []
    polls.services.publish(wave, by=city.admin2)
    with django_assert_max_num_queries(6):
        answer = client.get("/api/v1/scores/pooled/", {"indicator": "satisfaction"})
    told = PooledScore.objects.filter(run__wave=wave, indicator="satisfaction", run__without_flagged=False)
    rows = {row["subject"]: row for row in answer.json()["results"]}
    assert len(rows) == 6
    for one in told.select_related("subject", "run"):
        row = rows[public_name("officer", one.subject.code, wave="w1", indicator="satisfaction", pooled=True)]
        assert (row["points"], row["n"], row["waves"]) == (str(one.points), None, ["w1", "w0"])
        assert (row["wave"], row["inputs_sha256"]) == ("w1", one.run.pool_sha256)
        assert "signal" not in row
        assert one.subject.code not in page_of(answer)
    assert client.get("/api/v1/scores/pooled/", {"wave": "w0"}).json()["results"] == []
    assert client.get("/api/v1/scores/pooled/", {"without_flagged": "true"}).json()["results"]
