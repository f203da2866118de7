"""A file is whole on the disk or not there; a full disk is told, and the words stay."""

import errno
import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import OperationalError

from core import storage
from core.errors import Unavailable
from core.storage import WholeFileStorage
from suggestions.models import Attachment, Suggestion
from tests.pages import page_of
from tests.suggestions.speaking import NEW, WORDS, photo, send


@pytest.fixture
def place(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def full_disk(monkeypatch):
    def fsync(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fsync)


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_file_is_kept_under_its_name(place):
    kept = WholeFileStorage()
    assert kept.save("attachments/2026/a.jpg", ContentFile(b"abc")) == "attachments/2026/a.jpg"
    assert kept.open("attachments/2026/a.jpg").read() == b"abc"
    assert [path.name for path in files_in(place)] == ["a.jpg"]


def test_a_full_disk_leaves_no_torn_file(place, full_disk):
    with pytest.raises(Unavailable):
        WholeFileStorage().save("attachments/a.jpg", ContentFile(b"x" * 100_000))
    assert files_in(place) == []


def test_another_fault_of_the_disk_is_no_full_one(place, monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda handle: (_ for _ in ()).throw(OSError(errno.EIO, "broken")))
    with pytest.raises(OSError, match="broken"):
        WholeFileStorage().save("attachments/a.jpg", ContentFile(b"x"))
    assert files_in(place) == []


def test_a_form_whose_photo_finds_no_room_comes_back_with_its_words(client, city, place, full_disk):
    answer = send(client, attachments=[photo()])
    assert answer.status_code == 503
    assert WORDS in page_of(answer)
    assert "请先不带文件发送" in page_of(answer)
    assert answer["Retry-After"]
    assert not Suggestion.objects.exists()
    assert files_in(place) == []
    assert send(client).status_code == 303


def test_a_database_without_room_is_a_503_that_gives_the_words_back(client, city, monkeypatch):
    def no_room(*args, **options):
        raise OperationalError("could not extend file: No space left on device")

    monkeypatch.setattr("suggestions.views.speak.services.submit", no_room)
    client.raise_request_exception = False
    answer = client.post(NEW, {"body": WORDS, "idempotency_key": "f" * 32, "contact_phone": "13900012345"})
    assert answer.status_code == 503
    assert WORDS in page_of(answer)
    assert "13900012345" not in page_of(answer)
    monkeypatch.undo()
    assert client.post(NEW, {"body": WORDS, "idempotency_key": "f" * 32}).status_code == 303


def test_a_mistake_of_ours_stays_a_500(client, city, monkeypatch):
    monkeypatch.setattr("suggestions.views.speak.services.submit", lambda *args, **options: 1 / 0)
    client.raise_request_exception = False
    assert client.post(NEW, {"body": WORDS, "idempotency_key": "f" * 32}).status_code == 500


def test_programs_are_told_in_their_own_way_wherever_it_breaks(client, monkeypatch):
    def away(request):
        raise OperationalError

    monkeypatch.setattr("django.contrib.sessions.middleware.SessionMiddleware.process_request", lambda *_: away(None))
    client.raise_request_exception = False
    answer = client.get("/api/v1/categories/")
    assert answer.status_code == 503
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.django_db
def test_files_that_no_row_names_are_removed_after_a_day(city, place, client):
    send(client, attachments=[photo()])
    kept = Path(default_storage.path(Attachment.objects.get().file.name))
    orphan, fresh, foreign = kept.with_name("orphan.jpg"), kept.with_name("fresh.jpg"), place / "else.txt"
    for path in (orphan, fresh, foreign):
        path.write_bytes(b"x")
    old = time.time() - (storage.OLD_ENOUGH + timedelta(minutes=1)).total_seconds()
    for path in (kept, orphan, foreign):
        os.utime(path, (old, old))
    assert storage.sweep_orphans() == 1
    assert [path.exists() for path in (kept, orphan, fresh, foreign)] == [True, False, True, True]
