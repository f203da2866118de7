"""The open files of a wave are worked out once and stand: everybody downloads the same bytes."""

import gzip

import pgtrigger
import pytest
from django.db import IntegrityError, transaction

from core import outbox, promises
from evaluations import services
from evaluations.models import OpenFile, ScoringRun
from evaluations.queries import published
from tests.evaluations import polls


@pytest.fixture
def wave(city):
    return polls.scored_wave(city, state="published", count=150)


def test_they_are_there_before_anybody_asks(client, wave, monkeypatch):
    outbox.deliver()
    assert set(wave.open_files.values_list("name", flat=True)) == {"inputs", "scores"}
    made = published.files(wave)
    monkeypatch.setattr(published, "observations", None)  # nothing is worked out any more
    for name, content in made.items():
        answer = client.get(f"/open/polls/{wave.code}/{name}.csv")
        assert answer.content == content
        packed = client.get(f"/open/polls/{wave.code}/{name}.csv", headers={"Accept-Encoding": "gzip, br"})
        assert (packed.headers["Content-Encoding"], gzip.decompress(packed.content)) == ("gzip", content)
        assert packed.headers["ETag"] != answer.headers["ETag"]
        assert "immutable" in answer.headers["Cache-Control"]
        again = client.get(f"/open/polls/{wave.code}/{name}.csv", headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
    run = ScoringRun.objects.get(wave=wave, is_current=True, without_flagged=False)
    assert wave.open_files.get(name="inputs").sha256 == run.inputs_sha256


def test_who_comes_earlier_gets_the_very_same(client, wave, django_assert_max_num_queries):
    first = client.get(f"/open/polls/{wave.code}/scores.csv").content
    assert first == published.files(wave)["scores"]
    assert services.keep_open_files(wave.pk) == 0  # the event that comes late finds them
    with django_assert_max_num_queries(4):
        assert client.get(f"/open/polls/{wave.code}/scores.csv").content == first
    assert OpenFile.objects.count() == 2


def test_there_is_nothing_of_another_name_or_wave(client, city):
    wave = polls.scored_wave(city, state="frozen", count=60)
    assert client.get(f"/open/polls/{wave.code}/inputs.csv").status_code == 404
    assert services.keep_open_files(wave.pk) == 0
    services.publish(wave, by=city.admin2)
    for name in ("pooled-inputs", "other"):
        assert client.get(f"/open/polls/{wave.code}/{name}.csv").status_code == 404


def test_nobody_opens_a_file_before_its_wave_is_published_and_without_the_guard_one_could(city):
    wave = polls.scored_wave(city, state="frozen", count=60)
    with pytest.raises(IntegrityError, match="once it is published"), transaction.atomic():
        OpenFile.objects.create(wave=wave, name="inputs", gzipped=b"x")
    with pgtrigger.ignore("evaluations.OpenFile:opened_once_published"):
        assert OpenFile.objects.create(wave=wave, name="inputs", gzipped=b"x").pk


def test_what_stands_is_never_changed_and_another_content_is_found(wave):
    services.keep_open_files(wave.pk)
    assert not [v for v in promises.violations() if v.promise == "P8"]
    with pytest.raises(Exception, match="Cannot update"), transaction.atomic():
        wave.open_files.update(sha256="0")
    with pgtrigger.ignore():
        wave.open_files.filter(name="scores").update(gzipped=gzip.compress(b"x"))
    assert [v.row for v in promises.violations() if v.promise == "P8"] == [f"{wave.code}: scores.csv"]
