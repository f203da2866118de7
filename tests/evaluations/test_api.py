"""Programs read what is published and may be shown, and nothing else."""

from evaluations.models import Score
from tests.evaluations import polls


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


def test_hidden_scores_are_not_read_by_name(client, city):
    polls.scored_wave(city, state="published", count=60)
    hidden = Score.objects.filter(is_shown=False, subject__kind="officer").first()
    assert client.get("/api/v1/scores/", {"subject": hidden.subject.code}).json()["results"] == []
    assert client.get("/api/v1/scores/", {"indicator": "x"}).status_code == 422
